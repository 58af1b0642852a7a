"""The page's own tests: each file by itself, so that none counts for another."""

import re
from pathlib import Path

import pytest

from tests.widgets.run_node import run

HERE = Path(__file__).parent
FILES = sorted(file.relative_to(HERE).as_posix() for file in HERE.glob("*/*.test.mjs"))


@pytest.mark.parametrize("file", FILES)
def test_the_javascript_tests_pass(javascript, file):
    report = run((javascript / file).parent, Path(file).name)
    assert re.search(r"\btests [1-9]", report)
    assert "fail 0" in report
