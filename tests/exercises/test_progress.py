"""The progress file: nothing torn, nothing private, the learner's own."""

import json
import os
import subprocess
import sys

import pytest

from autograd_lab.exercises import check, grade, hint, progress, solution
from autograd_lab.exercises.progress import FILE, _unwritten, headless, path, read, record, states
from tests.conftest import ROOT


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file in which progress is kept, though a test runs."""
    file = tmp_path / "mine.jsonl"
    monkeypatch.setenv("LAB_PROGRESS", str(file))
    return file


def test_what_one_line_says(file):
    def standardise(x):
        return (x - x.mean(0)) / x.std(0)

    check("ch1.standardise", standardise)
    line = json.loads(file.read_text())
    assert set(line) == {"v", "at", "run", "n", "exercise", "state", "mistake"}
    assert (line["exercise"], line["state"]) == ("ch1.standardise", "wrong")
    assert line["mistake"] == "ddof"
    assert line["at"].endswith("Z") and len(line["at"]) == len("2026-11-21T11:45Z")


def test_no_name_and_no_code(file, monkeypatch):
    monkeypatch.setenv("USER", "zorro")

    def secret_function_name(x):
        return x * 12321

    check("ch1.standardise", secret_function_name)
    text = file.read_text()
    assert not any(word in text for word in ("secret", "12321", "zorro", str(file.parent)))


@pytest.mark.skipif("os.name == 'nt'", reason="Windows has no such modes")
def test_only_the_learner_may_read_it(file):
    record("ch1.shapes", "right")
    assert file.stat().st_mode & 0o777 == 0o600


def test_not_attempted_is_not_written(file):
    check("ch1.standardise", ...)
    assert not file.exists()


def test_hints_and_solutions_are_written(file):
    hint("ch4.size")
    solution("ch4.size")
    assert [event["state"] for event in read(file)] == ["hint", "solution"]
    assert states(read(file)) == {}


def test_grading_writes_nothing(file):
    with pytest.raises(AssertionError):
        grade("ch1.shapes", None)
    assert not file.exists()


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no"])
def test_off(tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_PROGRESS", value)
    record("ch1.shapes", "right")
    assert path() is None and not list(tmp_path.iterdir())
    assert "Nothing is kept" in repr(progress())


def test_beside_the_notebook(tmp_path, root):
    program = ("import os; from autograd_lab.exercises.progress import record; os.mkdir('x');"
               "os.chdir('x'); record('ch1.shapes', 'right')")
    known = {k: v for k, v in os.environ.items() if k not in {"CI", "PYTEST_VERSION"}}
    env = {**known, "PYTHONPATH": str(root), "LAB_HEADLESS": "0"}
    env.pop("LAB_PROGRESS", None)
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=env, check=True, timeout=60)
    assert states(read(tmp_path / FILE)) == {"ch1.shapes": "right"}


@pytest.mark.parametrize(("name", "value", "found"), [
    ("LAB_HEADLESS", "1", True), ("LAB_HEADLESS", "0", False), ("CI", "true", True),
    ("NBGRADER_EXECUTION", "autograde", True), ("PYTEST_VERSION", "9", True), ("OTHER", "1", False),
])
def test_is_anybody_there(monkeypatch, name, value, found):
    for known in ("LAB_HEADLESS", "CI", "NBGRADER_EXECUTION", "PYTEST_VERSION"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, value)
    assert headless() is found


@pytest.mark.parametrize("place", ["no/such/folder/x.jsonl", "folder"])
def test_a_file_that_cannot_be_written_is_no_reason_to_fail(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_PROGRESS", place)
    _unwritten.clear()
    (tmp_path / "folder").mkdir()
    first, second = (check("ch1.standardise", lambda x: x) for _ in range(2))
    assert "Not yet" in repr(first) and "Chapter 1" in repr(progress())
    for drawn in (repr(first), first._repr_html_()):
        assert "Your progress is not kept: " in drawn and "cannot be written" in drawn
    assert "Your progress" not in repr(second) + second._repr_html_()       # told once


def test_an_editor_may_leave_the_last_line_open_and_mark_the_first(file):
    record("ch1.shapes", "right")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().rstrip())
    record("ch1.one_hot", "right")
    assert states(read(file)) == {"ch1.shapes": "right", "ch1.one_hot": "right"}


@pytest.mark.skipif("not hasattr(os, 'O_NOFOLLOW')", reason="no O_NOFOLLOW here")
def test_a_link_is_not_followed(file, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    file.symlink_to(outside)
    record("ch1.shapes", "right")
    assert outside.read_text() == "precious"


WRITER = """
from autograd_lab.exercises.progress import record
for n in range(400):
    record(f"ch1.{n}" + "x" * 120, "wrong", "y" * 3000 if n % 7 == 0 else "")
"""


def test_three_processes_tear_no_line(file, root):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], cwd=root,
                                env={**os.environ, "LAB_PROGRESS": str(file)}) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = file.read_text().splitlines()
    assert len(lines) == 1200
    assert len({json.loads(line)["run"] for line in lines}) == 3
    assert len(read(file)) == 1200


def test_torn_and_foreign_lines_are_skipped(file):
    record("ch1.shapes", "right")
    good = file.read_text()
    bad = ['{"v":1,"at":"2026', "", "null", "[]", "3", '{"at":1,"run":"a","n":1}', "\x00\xff",
           '{"at":"a","run":[],"n":1,"exercise":"e","state":"right"}', "[" * 5000,
           '{"at":"a","run":"b","n":"x","exercise":"e","state":"right"}',
           '{"at":"a","run":"b","n":1e999,"exercise":"e","state":"right"}',
           '{"at":"a","run":"b","n":1,"exercise":"%s","state":"right"}' % ("e" * 500)]
    file.write_text("\n".join([*bad, good.strip(), good.strip(), good[:40]]), errors="replace")
    assert [event["exercise"] for event in read(file)] == ["ch1.shapes"]


def test_chapters_are_listed_in_order_whichever_was_asked_for_first():
    code = ("from autograd_lab.exercises import every, find; find('ch3.snapshot')\n"
            "print(*dict.fromkeys(name.partition('.')[0] for name in every()))")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["ch1", "ch2", "ch3", "ch4", "ch5"], done.stderr


def test_progress_shows_where_one_is(file):
    record("ch1.shapes", "wrong")
    record("ch1.standardise", "right")
    record("ch1.one_hot", "hint")
    first = repr(progress()).splitlines()[0]
    assert first.startswith("Chapter 1  ◐○●○○○  1 of 6  shapes, is_view")
    assert "●" in progress()._repr_html_()


def test_right_shows_the_chapter(file):
    def one_hot(labels, classes):
        import autograd_lab as torch
        return torch.eye(classes)[labels]

    drawn = check("ch1.one_hot", one_hot)._repr_html_()
    assert "1 of 6 in this chapter" in drawn and "○○○○●○" in drawn
