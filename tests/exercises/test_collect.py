"""A class in one table: merged from files, tolerant, discreet, escaped."""

import json
import os
import subprocess
import sys

import pytest

from autograd_lab import cli
from autograd_lab.classroom import collect
from autograd_lab.classroom.collect import LEAST, options, page, text, title
from autograd_lab.exercises import every
from autograd_lab.exercises.progress import FILE


def line(n, exercise, state, mistake=None, run="r"):
    event = {"v": 1, "at": "2026-11-21T11:45Z", "run": run, "n": n, "exercise": exercise,
             "state": state}
    return json.dumps(event | ({"mistake": mistake} if mistake else {}))


@pytest.fixture
def folder(tmp_path):
    """Five learners: three averaged along the wrong axis, two forgot the root."""
    for number, name in enumerate(["ann", "bob", "cem", "dora", "eve"]):
        lines = [line(1, "ch1.standardise", "wrong", "axis" if number < 3 else None),
                 line(2, "ch1.standardise", "right" if number % 2 else "wrong"),
                 line(3, "ch1.distances", "wrong", "squared" if number > 2 else None),
                 line(4, "ch2.order", "hint", "1")]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n{torn")
    return tmp_path


def test_who_stands_where(folder):
    found = collect([folder])
    assert list(found.learners) == ["ann", "bob", "cem", "dora", "eve"]
    assert found.learners["bob"]["ch1.standardise"] == "right"
    assert found.learners["ann"]["ch1.standardise"] == "wrong"
    assert found.done("ch1.standardise") == ["bob", "dora"]
    assert list(found.chapters()) == ["ch1"]
    marks = {"ch1.standardise": "●", "ch1.distances": "◐"}
    assert "bob" in text(found)
    assert "".join(marks.get(name, "○") for name in every("ch1")) in text(found)


def test_what_three_have_met_is_shown(folder):
    found = collect([folder])
    assert found.mistakes("ch1.standardise") == [("axis", 3, 0.6)]
    assert found.mistakes("ch1.distances") == []        # two: nobody's business
    for said in (text(found), page(found)):
        assert "60%" in said and "you averaged over the features of each sample" in said
        assert "squares of the distances" not in said and "squared" not in said


def test_what_was_predicted_is_told_in_its_words(tmp_path):
    for n in range(3):
        (tmp_path / f"{n}.jsonl").write_text(
            line(1, "ch1.mean", "wrong", "said c") + "\n" + line(2, "ch1.mine", "wrong", "said b"))
    found = collect([tmp_path])
    assert "100%  ch1.mean: said c, (1, 8, 8) (3)" in text(found)
    assert "100%  ch1.mine: said b (3)" in text(found)        # a teacher's own question
    assert "said c, (1, 8, 8)" in page(found)
    assert all(title(name, f"said {letter}").endswith(said)
               for name, known in options().items() for letter, said in known.items())


def test_below_three_learners_nothing_is_said(folder):
    found = collect([folder / "ann.jsonl", folder / "bob.jsonl"])
    assert LEAST == 3 and "No mistake was met by 3 learners" in text(found)
    assert "averaged" not in page(found)


def test_one_learner_counts_once(folder):
    ann = folder / "ann.jsonl"
    ann.write_text("\n".join(line(n, "ch1.standardise", "wrong", "ddof") for n in range(9)))
    assert collect([ann]).met["ch1.standardise", "ddof"] == {"ann"}


def test_a_file_given_twice_counts_once(folder):
    found = collect([folder, folder / "ann.jsonl", folder])
    assert len(found.learners) == 5


def test_folders_name_learners_where_files_do_not(tmp_path):
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
        (tmp_path / name / FILE).write_text(line(1, "ch1.shapes", "right"))
    assert list(collect([tmp_path]).learners) == ["ann", "bob"]


def test_equal_names_stay_apart(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "ann.jsonl").write_text(line(1, "ch1.shapes", "right"))
    assert list(collect([tmp_path]).learners) == ["ann", "ann (2)"]


def test_a_large_class_is_read_whole(tmp_path):
    for number in range(502):
        (tmp_path / f"{number:03}.jsonl").write_text(line(1, "ch1.shapes", "right"))
    assert len(collect([tmp_path]).done("ch1.shapes")) == 502


def test_a_file_without_events_is_no_learner(folder, capsys):
    (folder / "notes.txt").write_text("Bring chalk.")
    found = collect([folder, folder / "notes.txt"])
    assert len(found.learners) == 5 and found.empty == ["notes.txt"]
    assert cli.main(["collect", str(folder), str(folder / "notes.txt")]) == 0
    assert "no events, left out: 'notes.txt'" in capsys.readouterr().err
    assert cli.main(["collect", str(folder / "notes.txt")]) == 2


def test_homes_name_learners_on_a_hub(tmp_path):
    for name in ("ann", "bob"):
        (tmp_path / name / cli.FOLDER).mkdir(parents=True)
        (tmp_path / name / cli.FOLDER / FILE).write_text(line(1, "ch1.shapes", "right"))
    places = sorted(str(place) for place in tmp_path.glob(f"*/{cli.FOLDER}"))
    assert list(collect(places).learners) == ["ann", "bob"]


@pytest.mark.skipif("os.name == 'nt'", reason="links need a permission there")
def test_links_are_not_followed(folder, tmp_path):
    secret = tmp_path.parent / f"secret{os.getpid()}"
    secret.write_text(line(1, "ch1.shapes", "right"))
    (folder / "x.jsonl").symlink_to(secret)
    assert "x" not in collect([folder]).learners
    secret.unlink()


def test_strangers_names_are_escaped(tmp_path):
    for n in range(3):
        (tmp_path / f"<b>{n}\u202e.jsonl").write_text(
            line(1, "<img src=x>", "wrong", "<script>") + "\n"
            + line(2, "ch1.shapes", "wrong", "<i>"))
    drawn = page(collect([tmp_path]))
    assert "<script>" not in drawn and "<img" not in drawn and "<i>" not in drawn
    assert "<b>0" not in drawn and "\u202e" not in drawn and "&lt;script&gt;" in drawn
    assert "\u202e" not in text(collect([tmp_path]))


def test_a_file_cannot_command_the_terminal(tmp_path):
    for n in range(3):
        (tmp_path / f"{n}.jsonl").write_text(
            line(1, "ch1.shapes", "wrong", "\x1b[2J") + "\n" + line(2, "x\x1b]0;y\x07", "right"))
    assert text(collect([tmp_path])).replace("\n", "").isprintable()


def test_the_page_stands_alone(folder):
    drawn = page(collect([folder]))
    assert drawn.startswith("<!doctype html>") and "<script" not in drawn
    assert "http" not in drawn and "5 learners" in drawn
    assert "aria-label='1 of 6'" in drawn


def run(*arguments, cwd):
    command = [sys.executable, "-m", "autograd_lab", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"})


def test_the_command_collect(folder):
    done = run("collect", ".", "--html", "class.html", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "ann" in done.stdout and "60%" in done.stdout
    assert "Progress of a class" in (folder / "class.html").read_text(encoding="utf-8")


def test_the_command_assign(tmp_path, capsys):
    assert cli.main(["assign", "--out", str(tmp_path / "out")]) == 0
    assert "03_linear_regression" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["collect", "nowhere"], "There is no nowhere."),
    (["collect", "."], "No progress file was found"),
    (["collect", ""], "The name of a file or folder is empty."),
    (["collect", "mine.jsonl", "--html", "no/x.html"], "'no/x.html' cannot be written: No such"),
    (["assign", "17"], "There is no chapter '17'."),
    (["assign", ""], "The chapter is empty: write 3, ch3, 03_lin or all."),
    (["assign", "0"], "There is nothing to assign: 00_start has no exercises."),
    (["assign", "--out", "no/parent"], "There is no folder"),
])
def test_what_goes_wrong_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    if "mine.jsonl" in arguments:
        (tmp_path / "mine.jsonl").write_text(line(1, "ch1.shapes", "right"))
    before = [*tmp_path.iterdir()]
    assert cli.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("autograd-lab: ") and sentence in said and said.count("\n") == 1
    assert [*tmp_path.iterdir()] == before      # and no empty folder is left behind


def test_no_arguments_mean_what_they_meant(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    opened = []
    monkeypatch.setattr(cli, "open_lab", lambda *arguments: opened.append(arguments))
    monkeypatch.setattr(cli, "trust", lambda chapters: None)
    monkeypatch.setattr(sys, "argv", ["autograd-lab"])
    assert cli.main() == 0 and opened[0][0] == tmp_path / cli.FOLDER
