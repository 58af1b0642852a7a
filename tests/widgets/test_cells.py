"""A cell that is run again and again leaves nothing behind; what is shown again lives."""

import pytest

from autograd_lab import widgets
from tests.conftest import ROOT

SETUP = """
import autograd_lab as torch
from autograd_lab.widgets import GraphView
from ipywidgets.widgets.widget import _instances
x = torch.tensor(2.0, requires_grad=True)
y = x * x
kept = GraphView(y)
"""


@pytest.mark.e2e
def test_two_hundred_runs_leave_one_widget(notebook):
    book = notebook(SETUP, "GraphView(y)", "display(kept)", "print(len(_instances))")
    book.run_all()
    alive = book.page.locator(".jp-Cell").nth(3).locator(".jp-OutputArea-output")
    before = int(alive.inner_text())
    for _ in range(200):
        book.run(1)
    book.run(3)
    assert int(alive.inner_text()) == before
    assert book.page.locator(".agl-graph").count() == 2


@pytest.mark.e2e
def test_what_is_shown_again_lives(notebook):
    book = notebook(SETUP, "display(kept)", "flag = globals().get('flag', 0) + 1\n"
                    "if flag != 2: display(kept)")  # fmt: skip
    book.run_all()
    nodes = book.page.locator(".agl-graph .node")
    count = nodes.count()
    assert count > 0
    book.run(2)  # not shown there any more, but still in the cell above
    book.page.wait_for_function("n => document.querySelectorAll('.agl-graph .node').length < n",
                                arg=count)  # fmt: skip
    assert nodes.count() == count // 2
    book.run(1)
    assert nodes.count() == count // 2
    book.run(2)
    book.page.wait_for_function(
        "n => document.querySelectorAll('.agl-graph .node').length === n", arg=count
    )


@pytest.mark.e2e
def test_a_closed_widget_opens_again(notebook):
    book = notebook(SETUP, "first = globals().get('first') is None\nif first: display(kept)",
                    "kept.comm is None", "display(kept)")  # fmt: skip
    book.run(0)
    book.run(1)
    nodes = book.page.locator(".agl-graph .node")
    nodes.first.wait_for()
    book.run(1)
    nodes.first.wait_for(state="detached")
    book.run(2)
    assert book.page.locator(".jp-Cell").nth(2).inner_text().strip().endswith("True")
    book.run(3)
    nodes.first.wait_for()


SAMPLES = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.widgets.samples import SAMPLES
"""
RUNS = 8


class Weighed:
    """What a page holds after the rubbish is gone; JupyterLab itself keeps some for each run."""

    def __init__(self, book):
        self.book, self.tools = book, book.page.context.new_cdp_session(book.page)
        self.tools.send("Performance.enable")

    def held(self):
        self.tools.send("HeapProfiler.collectGarbage")
        found = self.tools.send("Performance.getMetrics")["metrics"]
        held = {metric["name"]: metric["value"] for metric in found}
        return held["Nodes"], held["JSEventListeners"]

    def per_run(self, cell):
        """Elements and listeners that each further run of the cell leaves behind."""
        self.book.fill(SAMPLES, cell)
        self.book.run(0)
        shown = self.book.page.locator(".jp-OutputArea-output .agl, .jp-OutputArea-output pre").first

        def run():
            self.book.run(1)
            shown.wait_for()

        for _ in range(3):
            run()
        before = self.held()
        for _ in range(RUNS):
            run()
        return [(new - old) / RUNS for new, old in zip(self.held(), before)]


@pytest.mark.e2e
def test_a_cell_that_runs_again_leaves_no_element_and_no_listener(notebook):
    weighed = Weighed(notebook())
    usual = weighed.per_run("'words'")
    for name in sorted(widgets.__all__):
        more = [new - old for new, old in zip(weighed.per_run(f"SAMPLES[{name!r}]()"), usual)]
        assert more[0] < 25 and more[1] < 8, f"{name}: {more} elements and listeners a run"
