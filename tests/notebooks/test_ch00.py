"""The first notebook keeps its promises: one cell shows it all, and the links lead on."""

import re

from tests.conftest import ROOT
from tests.notebooks.chapter import Chapter

START = Chapter("00")
PROSE, CODE = START.prose, START.code


def test_one_cell_gives_the_picture():
    assert START.cells[1] is CODE[0] and CODE[0].source.endswith("\nstep(loss)")
    data = CODE[0].outputs[0].data
    assert "∂L/∂apple = -6; ∂L/∂pear = -24" in data["text/plain"]
    for shown in ("apple", "pear", "guess", "error", "loss", "−24"):
        assert shown in data["image/svg+xml"], shown
    assert "`apple` gets −6" in PROSE and "`pear` gets −24" in PROSE


def test_the_text_speaks_the_words_of_the_widget():
    widget = (ROOT / "widgets/step_view/panels.js").read_text(encoding="utf-8")
    assert "*Change it*" in PROSE and '"Change it"' in widget
    scrub = "".join(path.read_text(encoding="utf-8")
                    for path in (ROOT / "widgets/step_view").glob("*.js"))
    assert "*a number of*" in PROSE and "a number of" in scrub
    bar = (ROOT / "widgets/monitor/bar.js").read_text(encoding="utf-8")
    for word in ("pause", "step", "resume"):
        assert f"*{word}*" in PROSE and word in bar


def test_it_learns_the_prices():
    monitor, printed = CODE[1].outputs
    assert "finished after 150 steps" in monitor.data["text/plain"]
    assert printed.text == "an apple 2.00, a pear 3.00\n"
    assert "An apple is 2, a pear is 3." in PROSE


def test_both_pictures_are_kept():
    assert len(START.shown("StepView")) == len(START.shown("Monitor")) == 1


def test_all_chapters_are_linked_and_no_other_file():
    linked = re.findall(r"\]\((\w+\.ipynb)\)", PROSE)
    there = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(linked) == [name for name in there if name != "00_start.ipynb"]
    assert there[0] == "00_start.ipynb"     # `autograd-lab` opens the first by name
