"""A saved notebook that is opened without its kernel shows the pictures of its widgets."""

import pytest

from autograd_lab.reopening import LIVE, STILL, harmless, vouch, without_dead_widgets
from tests.widgets.samples import SAMPLES

CELLS = [
    "import autograd_lab as torch\nfrom autograd_lab.widgets import GraphView\n"
    "x = torch.tensor(2.0, requires_grad=True)\ny = x * x\ny.backward()",
    "GraphView(y)",
]
PICTURE = ".jp-OutputArea-output.jp-RenderedSVG"


@pytest.mark.e2e
def test_a_widget_becomes_its_picture(notebook, end_kernel):
    book = notebook(*CELLS)
    book.run_all()
    live = book.page.locator(".agl-graph .node")
    live.first.wait_for()
    assert book.page.locator(PICTURE).count() == 0
    book.save()

    book.load()  # the kernel runs: the widget lives on
    live.first.wait_for()
    assert book.page.locator(PICTURE).count() == 0

    end_kernel()
    book.load()  # with another kernel, which knows of no widget
    book.page.locator(PICTURE).wait_for()
    assert "model not found" not in book.page.locator(".jp-Notebook").inner_text()


@pytest.mark.parametrize("data", [None, [], "text", {LIVE: 3}, {LIVE: None, "text/plain": ""}])
def test_what_is_no_proper_notebook_is_opened_as_it_is(data):
    notebook = {"cells": [{"outputs": [{"data": data}, {}]}, {}]}
    opened = vouch(without_dead_widgets(notebook))["cells"][0]
    assert opened["outputs"][0]["data"] == data and "trusted" not in opened.get("metadata", {})


def test_what_lives_stays():
    output = {"data": {LIVE: {"model_id": "1"}, STILL: "<svg/>"}}
    without_dead_widgets({"cells": [{"outputs": [output]}]}, {"1"})
    assert LIVE in output["data"]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_our_pictures_are_harmless(name):
    assert harmless(SAMPLES[name]().to_svg())


OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'


@pytest.mark.parametrize("inside", [
    "<script>alert(1)</script>", "<rect onclick='alert(1)'/>", "<foreignObject/>", "<style/>",
    "<a x:href='javascript:alert(1)'/>", "<image x:href='https://example.com/a.png'/>",
    "<image href='data:image/svg+xml,evil'/>", "<rect fill='url(https://example.com)'/>",
    "<rect style='background: url( \"//a.b\")'/>", "<g xmlns='http://www.w3.org/1999/xhtml'/>",
    "<rect style='background: image-set(\"https://a.b\" 1x)'/>", "<g style='fill: u\\72l(//a.b)'/>",
    "<rect filter='URL(https://a.b)'/>", "<rect style='cursor: -webkit-image-set(\"//a.b\" 1x)'/>",
    "<rect style='background: src(\"//a.b\")'/>", "<rect style='fill: url(#a), url(//a.b)'/>",
    "<use href='#a'/>", "<!-- a -->", "<?xml-stylesheet href='a'?>", "<g>",
])  # fmt: skip
def test_what_a_stranger_draws_is_looked_at(inside):
    assert harmless(OPEN + "<rect fill='url(#a)'/></svg>")
    assert not harmless(OPEN + inside + "</svg>")
    shown = {"data": {STILL: OPEN + inside + "</svg>"}}
    cell = {"metadata": {"trusted": False}, "outputs": [shown]}
    assert not vouch({"cells": [cell]})["cells"][0]["metadata"]["trusted"]


def test_nothing_else_is_trusted():
    shown = {"data": {STILL: OPEN + "</svg>", "text/html": "<b>bold</b>"}}
    cell = {"metadata": {"trusted": False}, "outputs": [shown]}
    assert not vouch({"cells": [cell]})["cells"][0]["metadata"]["trusted"]
