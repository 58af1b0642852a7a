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
shown = 0
"""


# Run a cell again and again, each time until its widget stands there.
AGAIN = """async ([place, times]) => {
  const book = window.jupyterapp.shell.currentWidget.content;
  const drawn = () => book.widgets[place].node.querySelector(".agl-graph .node");
  for (let time = 0; time < times; time++) {
    book.activeCellIndex = place;
    book.deselectAll();
    await window.jupyterapp.commands.execute("notebook:run-cell");
    const late = performance.now() + 30000;
    while (!drawn()) {
      if (performance.now() > late) throw new Error(`run ${time + 1}: no widget was drawn`);
      await new Promise(requestAnimationFrame);
    }
  }
}"""


@pytest.mark.e2e
def test_two_hundred_runs_leave_one_widget(notebook):
    book = notebook(SETUP, "GraphView(y)", "display(kept)", "print(len(_instances))")
    book.run_all()
    alive = book.page.locator(".jp-Cell").nth(3).locator(".jp-OutputArea-output")
    before = int(alive.inner_text())
    book.page.evaluate(AGAIN, [1, 200])
    book.run(3)
    assert int(alive.inner_text()) == before
    assert book.page.locator(".agl-graph").count() == 2


@pytest.mark.e2e
def test_a_cell_runs_again_before_its_first_widget_has_begun(lab):
    book = lab.open([SETUP, "GraphView(y)", "print(sum(isinstance(w, GraphView) for w in "
                     "_instances.values()) - 1)"])  # fmt: skip
    book.run(0)
    book.run(1, wait=False)
    book.run(1)
    book.page.locator(".agl-graph .node").first.wait_for()
    book.page.wait_for_timeout(2500)  # what has not begun by then is given up, noisily
    book.run(2)
    assert book.page.locator(".jp-OutputArea-output").last.inner_text().strip() == "1"
    assert book.page.locator(".agl-graph").count() == 1
    assert book.trouble == []
    book.close()


def test_a_widget_is_closed_once_its_page_has_begun():
    begun, late = (widgets.LossCurve([1.0]) for _ in "ab")
    begun._handle_custom_msg({"begun": True}, [])
    begun.retire()
    late.retire()
    assert begun.comm is None and late.comm is not None
    late._handle_custom_msg({"begun": True}, [])
    assert late.comm is None


@pytest.mark.e2e
def test_what_is_shown_again_lives(notebook):
    book = notebook(SETUP, "display(kept)", "shown += 1\nif shown != 2: display(kept)")
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
    book = notebook(SETUP, "shown += 1\nif shown == 1: display(kept)", "kept.comm is None",
                    "display(kept)")  # fmt: skip
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
RUNS = 5


def held(book, tools):
    """Count the elements and listeners of a page after the rubbish is gone."""
    for _ in range(2):
        tools.send("HeapProfiler.collectGarbage")
    found = tools.send("Performance.getMetrics")["metrics"]
    found = {metric["name"]: metric["value"] for metric in found}
    return found["Nodes"], found["JSEventListeners"]


def left_by_a_run(book, tools, *names):
    """Count what each further run of a cell that shows these widgets leaves behind."""
    book.fill(SAMPLES, f"display(*(SAMPLES[name]() for name in {names}), 'words')")
    book.run(0)
    shown = "n => document.querySelectorAll('.jp-OutputArea-output .agl').length >= n"
    counts = []
    for run in range(2 + RUNS):
        book.run(1)
        book.page.wait_for_function(shown, arg=len(names))
        if run in (1, 1 + RUNS):
            counts.append(held(book, tools))
    return [(new - old) / RUNS for old, new in zip(*counts)]


@pytest.mark.e2e
def test_a_cell_that_runs_again_leaves_no_element_and_no_listener(notebook):
    book = notebook()
    tools = book.page.context.new_cdp_session(book.page)
    tools.send("Performance.enable")
    usual = left_by_a_run(book, tools)  # JupyterLab itself keeps some
    every = sorted(widgets.__all__)
    for names in (every[:7], every[7:]):
        left = left_by_a_run(book, tools, *names)
        assert left[0] - usual[0] < 6 * len(names), f"{left[0]} elements left by one of {names}"
        assert left[1] - usual[1] < 3 * len(names), f"{left[1]} listeners left by one of {names}"
