"""The text of the repository: plain, in UTF-8, and about the project only."""

import re

import pytest

from tests.house.test_top_level import files

PICTURES = {".png", ".npz", ".gz", ".ico", ".woff2"}
PRIVATE = {
    "a path of somebody's machine": r"(?<![\w.])/(work/(main|shared|venv|notes)|root/|home/\w+/)",
    "a private package source": r"/opt/wheels|pypi-more|find-links",
    "how the project is organised": r"\bissue #?\d+\b|\bissues show\b|\bthe lead\b|\bhelper session"
                                    r"|\bthis session\b|\bhouse\.md\b",
    "a marker of a merge": r"^(<{7}|>{7}) ",
    "unfinished work": r"\b(TODO|FIXME|XXX)\b",
}


def texts(root):
    for path in files(root):
        if path.suffix not in PICTURES and path.name != "test_text.py":
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("what", PRIVATE)
def test_says_nothing_of(root, what):
    pattern = re.compile(PRIVATE[what], re.MULTILINE)
    found = [f"{name}: {match[0]!r}" for name, text in texts(root)
             for match in pattern.finditer(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("sample", [
    ("a path of somebody's machine", "see /root/x and /home/ann/lab"),
    ("how the project is organised", "as issue 12 asks"),
    ("unfinished work", "# TODO: later"),
])
def test_the_patterns_bite(sample):
    assert re.search(PRIVATE[sample[0]], sample[1])


def test_lines_end_cleanly(root):
    for name, text in texts(root):
        if name.endswith((".py", ".js", ".css", ".md", ".toml", ".yml")):
            assert "\r" not in text and "\t" not in text, name
            assert not re.search(r"[ ]$", text, re.MULTILINE), f"{name}: trailing space"
            assert not text or text.endswith("\n"), f"{name}: no newline at its end"
