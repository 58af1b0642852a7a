"""A saved notebook that is opened without its kernel shows the pictures of its widgets."""

import pytest

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
