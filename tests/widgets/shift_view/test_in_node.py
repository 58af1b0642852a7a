"""The page's own tests: ``node --test`` on the modules as they are."""


def test_the_javascript_tests_pass(node):
    report = node("--test")
    assert "fail 0" in report
    assert "tests 0" not in report
