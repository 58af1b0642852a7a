"""A cell that is run again and again leaves nothing behind; what is shown again lives."""

import pytest

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
