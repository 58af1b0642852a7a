"""The first notebook keeps its promises: one cell shows it all, and the links lead on."""

import re

import nbformat

from tests.conftest import ROOT

START = nbformat.read(ROOT / "notebooks/00_start.ipynb", 4)
PROSE = "\n".join(cell.source for cell in START.cells if cell.cell_type == "markdown")
CODE = [cell for cell in START.cells if cell.cell_type == "code"]


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


def test_each_picture_is_told_in_words():
    drawn = [output.data["image/svg+xml"] for cell in CODE for output in cell.outputs
             if "image/svg+xml" in output.get("data", {})]
    assert len(drawn) == 2
    for picture in drawn:
        assert 'role="img"' in picture[:400] and re.search(r'aria-label|<title', picture)


def test_all_chapters_are_linked_and_no_other_file():
    linked = re.findall(r"\]\((\w+\.ipynb)\)", PROSE)
    there = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(linked) == [name for name in there if name != "00_start.ipynb"]
    assert there[0] == "00_start.ipynb"     # `autograd-lab` opens the first by name
