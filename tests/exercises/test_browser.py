"""What a learner sees in JupyterLab: readable in light and dark, open to keyboard and reader."""

import pytest

from tests.widgets.access import serious
from tests.widgets.lab import Lab

pytestmark = pytest.mark.e2e
BLOCK = ".jp-OutputArea-output div[role=status]"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        book = lab.open([
            "import os; os.environ.update(LAB_HEADLESS='0', LAB_PROGRESS='mine.jsonl')\n"
            "import autograd_lab as torch\n"
            "from autograd_lab.exercises import check, hint, predict, progress",
            "def standardise(x):\n    ...",
            "check('ch1.standardise', standardise)",
            "predicted = predict('ch1.mean', ['up', 'down'])\npredicted.choose(...)",
            "predicted.reveal(lambda: 'down')",
            "progress()",
        ])
        yield book
        assert book.trouble == []
        book.close()


def put(notebook, index, source):
    notebook.page.evaluate(
        """([i, source]) => window.jupyterapp.shell.currentWidget.content.model.sharedModel
        .cells[i].setSource(source)""", [index, source])


def test_from_the_first_try_to_the_last(notebook):
    page, block = notebook.page, notebook.page.locator(BLOCK)
    notebook.run_all()
    assert "Not attempted" in block.nth(0).inner_text()
    assert "Choose first" in block.nth(2).inner_text()
    put(notebook, 1, "def standardise(x):\n    return (x - x.mean(0)) / x.std(0)")
    put(notebook, 3, "predicted = predict('ch1.mean', ['up', 'down'])\npredicted.choose('a')")
    notebook.run_all()
    assert "Your standard deviation divides by n − 1" in block.nth(0).inner_text()
    assert "It is b: down" in block.nth(2).inner_text()
    fold = block.nth(0).locator("summary").first
    fold.focus()
    page.keyboard.press("Enter")
    block.nth(0).get_by_text("correction=0").first.wait_for()
    for dark in (False, True):
        notebook.theme(dark)
        assert serious(page, BLOCK) == []
    put(notebook, 1, "def standardise(x):\n    return (x - x.mean(0)) / x.std(0, correction=0)")
    notebook.run_all()
    assert "Right" in block.nth(0).inner_text() and "1 of 6" in block.nth(0).inner_text()
    assert "●" in block.nth(3).inner_text()


def test_an_endless_loop_costs_only_its_cell(notebook):
    put(notebook, 1, "def standardise(x):\n    while True:\n        pass")
    put(notebook, 5, "'alive'")
    notebook.run_all()
    assert "Stopped after 2 seconds" in notebook.page.locator(BLOCK).nth(0).inner_text()
    notebook.page.locator(".jp-OutputArea-output", has_text="'alive'").wait_for()
