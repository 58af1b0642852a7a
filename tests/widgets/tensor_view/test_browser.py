"""TensorView in a real JupyterLab: read, stepped, walked by keys, followed, in the dark."""

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

ROOT = ".agl-tensor"
SETUP = """
import numpy as np
import autograd_lab as torch
from autograd_lab.widgets import GraphView, TensorView
torch.manual_seed(0)
weight = torch.arange(12.0).reshape(3, 4).sub(5).requires_grad_()
(weight**2).sum().backward()
"""


def until(page, css, words):
    page.wait_for_function(
        "([css, words]) => document.querySelector(css)?.innerText.includes(words)", arg=[css, words]
    )


def readout(page):
    return page.locator(f"{ROOT} .readout").first.inner_text()


def test_value_and_gradient_are_read_together(notebook):
    book = notebook(SETUP + "view = TensorView(weight)\nview", "print(view.at)")
    book.run(0)
    page = book.page
    page.wait_for_selector(f"{ROOT} .cell")
    assert page.locator(f"{ROOT} .value .cell").count() == 12
    stage = page.locator(f"{ROOT} .value .stage")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
    until(page, f"{ROOT} .readout", "[1, 2] = 1, gradient 2")
    assert page.locator(f"{ROOT} .gradient .mark.linked").count() == 1
    page.mouse.move(0, 0)
    stage.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    until(page, f"{ROOT} .readout", "[2, 3] = 6, gradient 12")
    until(page, f"{ROOT} > .unseen", "[2, 3] = 6, gradient 12")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{ROOT} .gradient .mark.a", state="attached")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.gradient') !== null")
    assert readout(page).startswith("[2, 3]"), "what was chosen stays to be read"
    book.run(1)
    assert "[2, 3]" in page.locator(".jp-OutputArea-output").last.inner_text()
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)


def test_slices_walls_looks(notebook):
    book = notebook(SETUP + "TensorView(torch.randn(6, 3, 5, 5), names=('out', 'in', 'y', 'x'))")
    book.run(0)
    page = book.page
    page.wait_for_selector(f"{ROOT} .tile")
    assert page.locator(f"{ROOT} .tile").count() == 18
    page.locator(f"{ROOT} .tile").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{ROOT} .stepper")
    assert page.locator(f"{ROOT} .stepper output").all_inner_texts() == ["[0] of 6", "[1] of 3"]
    page.get_by_role("button", name="out on").press("Enter")
    until(page, f"{ROOT} .stepper output", "[1] of 6")
    assert page.evaluate("() => document.activeElement.ariaLabel") == "out on", "focus stays"
    page.get_by_role("slider", name="out").press("End")
    until(page, f"{ROOT} .stepper output", "[5] of 6")
    page.get_by_role("button", name="Histogram").click()
    bars = page.locator(f"{ROOT} .histogram svg")
    bars.focus()
    page.keyboard.press("End")
    until(page, f"{ROOT} .readout", "of 450 numbers")
    page.get_by_role("button", name="Image").click()
    page.wait_for_selector(f"{ROOT} .tile canvas")
    assert page.locator(f"{ROOT} .tile").count() == 6, "three channels are one image"
    assert serious(page, ROOT) == []


def test_a_large_tensor_travels_in_parts_and_says_when_nobody_answers(notebook, end_kernel):
    book = notebook(SETUP + "TensorView(np.arange(400 * 50 * 50.0).reshape(400, 50, 50))")
    page, before = book.page, book.received
    book.run_all()
    page.wait_for_selector(f"{ROOT} canvas")
    assert book.received - before < 1_500_000
    page.get_by_role("slider").press("End")
    until(page, f"{ROOT} .stepper output", "[399] of 400")
    page.locator(f"{ROOT} .stage").press("Home")
    until(page, f"{ROOT} .readout", "[399, 0, 0] = 997500")
    end_kernel()
    until(page, ".agl-gone", "The kernel is gone")
    page.get_by_role("slider").press("Home")
    until(page, f"{ROOT} .stepper output", "[0] of 400")
    assert page.locator(f"{ROOT} .note").inner_text() == ""  # it is said once


def test_it_follows_the_graph_and_training(notebook):
    book = notebook(
        SETUP + "torch.remember_lines()\nnet = torch.nn.Linear(4, 3)\nx = torch.randn(5, 4)\n"
        "loss = (net(x) ** 2).mean()\nloss.backward()\n"
        "graph = GraphView(loss)\ndisplay(graph, TensorView(graph))",
        "for _ in range(200):\n"
        "    with torch.no_grad():\n"
        "        net.weight.fill_(2.0)\n"
        "    loss = (net(x) ** 2).mean()\n"
        "    net.zero_grad()\n"
        "    loss.backward()\n"
        "    graph.update(loss)",
    )
    book.run(0)
    page = book.page
    page.wait_for_selector(".agl-graph .node.root")
    until(page, f"{ROOT} .empty", "click a card")
    page.locator(".agl-graph .node", has_text="linear").click()
    until(page, f"{ROOT} .title", "5 × 3")
    page.get_by_role("button", name="net.weight").click()
    until(page, f"{ROOT} .title", "3 × 4")
    book.run(1)
    page.wait_for_function(
        f"() => [...document.querySelectorAll('{ROOT} .value .stage text')]"
        ".filter((text) => text.textContent === '2').length === 12"
    )


def test_what_is_hostile_or_strange_is_only_drawn(notebook):
    book = notebook(
        SETUP
        + """
evil = "</svg><script>document.title='broken'</script>"
display(TensorView([[1.0, float("nan")]], name=evil, names=(evil, "<b>")))
display(TensorView(np.zeros((0, 3))), TensorView(torch.tensor(2.5)), TensorView())
display(TensorView(np.array([[3 + 4j]])), TensorView([[True]]))""",
    )
    book.run(0)
    page = book.page
    page.wait_for_function(f"() => document.querySelectorAll('{ROOT}').length === 6")
    until(page, f"{ROOT} .warn", "1 NaN (50 %)")
    assert "</svg><script>" in page.locator(f"{ROOT} .title").first.inner_text()
    assert page.title() != "broken"
    text = page.locator(".jp-Notebook").inner_text()
    assert "no elements" in text
    assert "waiting for a tensor" in text
    page.locator(f"{ROOT} .stage").nth(1).press("Home")
    until(page, "body", "size 5, angle 53.13°")
