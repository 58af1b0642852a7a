"""The page's modules and styles: readable, as they run in the browser."""

import pytest

from tests.house.test_top_level import files

WIDEST = 110  # columns; ruff looks at Python only


def too_wide(name, text):
    lines = enumerate(text.splitlines(), 1)
    return [f"{name}:{n} has {len(line)} columns" for n, line in lines if len(line) > WIDEST]


@pytest.mark.parametrize("ending", [".js", ".css"])
def test_no_line_is_too_wide(root, ending):
    paths = [path for path in files(root) if path.suffix == ending]
    assert len(paths) > 10
    found = [line for path in paths
             for line in too_wide(path.relative_to(root).as_posix(), path.read_text("utf-8"))]
    assert not found, "\n".join(found)


def test_the_check_counts_letters_not_bytes():
    assert not too_wide("a.js", "∂" * WIDEST)
    assert too_wide("a.js", "x\n" + "x" * (WIDEST + 1)) == ["a.js:2 has 111 columns"]
