"""The one command for a machine with a GPU, ``python tests/speed/gpu.py``: a rehearsal."""

from tests.speed import gpu


def test_it_finds_its_tests_and_they_run():
    for name in gpu.TESTS:
        path, _, test = name.partition("::")
        assert f"def {test or 'test_'}" in (gpu.ROOT / path).read_text(encoding="utf-8")
    masks = "tests/device/test_philox.py::test_the_same_masks_on_both"
    assert "1 passed" in gpu.run_tests(True, [masks])[-1]
