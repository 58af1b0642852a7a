"""The page's own tests: ``node --test`` on the modules as they are."""

from pathlib import Path

import pytest

from tests.widgets.run_node import run

FOLDERS = sorted({file.parent.name for file in Path(__file__).parent.glob("*/*.test.mjs")})


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_javascript_tests_pass(javascript, folder):
    report = run(javascript / folder, "--test")
    assert "fail 0" in report
    assert "tests 0" not in report
