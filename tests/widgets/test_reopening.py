"""A saved notebook that is opened without its kernel shows the pictures of its widgets."""

import pytest

from autograd_lab.reopening import without_dead_widgets

CELLS = [
    "import autograd_lab as torch\nfrom autograd_lab.widgets import GraphView\n"
    "x = torch.tensor(2.0, requires_grad=True)\ny = x * x\ny.backward()",
    "GraphView(y)",
]
PICTURE = ".jp-OutputArea-output.jp-RenderedSVG"


@pytest.mark.e2e
def test_a_widget_becomes_its_picture(lab):
    notebook = lab.open(CELLS)
    notebook.run_all()
    live = notebook.page.locator(".agl-graph .node")
    live.first.wait_for()
    assert notebook.page.locator(PICTURE).count() == 0
    notebook.save()

    notebook.page.reload()  # the kernel runs: the widget lives on
    live.first.wait_for()
    assert notebook.page.locator(PICTURE).count() == 0
    notebook.close()

    again = lab.reopen(notebook)
    again.page.locator(PICTURE).wait_for()
    assert "model not found" not in again.page.locator(".jp-Notebook").inner_text()
    assert again.trouble == []
    again.close()


@pytest.mark.parametrize("data", [None, [], "text"])
def test_what_is_no_proper_notebook_is_opened_as_it_is(data):
    notebook = {"cells": [{"outputs": [{"data": data}, {}]}, {}]}
    assert without_dead_widgets(notebook)["cells"][0]["outputs"][0]["data"] == data
