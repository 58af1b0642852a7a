"""The view in a real JupyterLab: pointed at, clicked, typed into, dragged, played."""

import re

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SHOW = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets import ConvolutionView
x = torch.arange(36.).reshape(6, 6) % 7
edge = torch.tensor([[1., 0., -1.], [2., 0., -2.], [1., 0., -1.]])
view = ConvolutionView(x, edge, torch.tensor([0.5]), padding=1)
view
"""
TELL = """
import time
end = time.monotonic() + 20             # what the page changes comes by a way of its own
while not (HOPED) and time.monotonic() < end:
    time.sleep(0.02)
print(view.plan.stride, view.plan.padding, view.weight[0, 0].tolist(), view.output.shape)
"""
DRAGGED = "abs(view.weight[0, 0, 2, 2].item()) < 0.05"
RESET = "view.plan.stride == (1, 1)"
LARGE = """
big = ConvolutionView(torch.randn(3, 64, 64), nn.Conv2d(3, 8, 5, padding=2))
big
"""
ROOT = ".agl-convolution"


def text_of(notebook, cell):
    outputs = notebook.save()["cells"][cell]["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def sentence(page):
    return page.locator(f"{ROOT} .sentence").first.inner_text()


def until(page, words, css=f"{ROOT} .sentence"):
    page.wait_for_function(
        "([css, words]) => document.querySelector(css)?.innerText.includes(words)", arg=[css, words]
    )


def at_cell(page, which, row, column, rows, columns):
    box = page.locator(f"{ROOT} figure.{which} .stage").bounding_box()
    return (
        box["x"] + box["width"] * (column + 0.5) / columns,
        box["y"] + box["height"] * (row + 0.5) / rows,
    )


def test_pointer_keys_settings_and_numbers(notebook):
    book = notebook(SHOW, TELL.replace("HOPED", DRAGGED), TELL.replace("HOPED", RESET))
    page = book.page
    book.run(0)
    until(page, "= y[0, 0, 0]")
    # x[0, 1] · 0 … the patch at the corner: 0 0 0 / 0 0 1 / 0 6 0 times the filter, and the bias
    assert sentence(page).endswith("= −1.5 = y[0, 0, 0]")

    page.mouse.move(*at_cell(page, "out", 2, 3, 6, 6))
    until(page, "= y[0, 2, 3]")
    page.mouse.move(*at_cell(page, "in", 1, 1, 8, 8))  # the image leads, too
    until(page, "= y[0, 0, 0]")
    page.locator(f"{ROOT} figure.out .stage").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    until(page, "= y[0, 1, 5]")

    more = page.get_by_role("button", name="more stride")
    more.click()
    until(page, "⌊(6 + 2·1 − 3)/2⌋ + 1 = 3", f"{ROOT} .formula")
    page.get_by_role("button", name="less padding").press("Enter")
    until(page, "⌊(6 + 2·0 − 3)/2⌋ + 1 = 2", f"{ROOT} .formula")

    field = page.get_by_label("filter 0, channel 0, row 0, column 0")
    field.fill("-0,5")
    field.press("Enter")
    page.mouse.move(*at_cell(page, "out", 0, 0, 2, 2))
    until(page, "= y[0, 0, 0]")
    field.press("ArrowUp")
    assert page.evaluate("() => document.activeElement.value") == "−0.4"
    corner = page.get_by_label("filter 0, channel 0, row 2, column 2").bounding_box()
    page.mouse.move(corner["x"] + 20, corner["y"] + 10)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(corner["x"] + 20, corner["y"] + 10 - 2.5 * step)
    page.mouse.up()
    book.run(1)
    told = text_of(book, 1)
    assert told.startswith("(2, 2) (0, 0, 0, 0)")
    weight = [float(n) for n in re.findall(r"-?\d+\.\d+", told)]
    assert weight[0] == pytest.approx(-0.4)
    assert weight[8] == pytest.approx(0.0, abs=0.05)  # 25 pixels up: half of the largest
    assert "torch.Size([1, 1, 2, 2])" in told

    page.get_by_role("button", name="reset").click()
    until(page, "(6 + 2·1 − 3)/1 + 1 = 6", f"{ROOT} .formula")
    book.run(2)
    assert text_of(book, 2).startswith("(1, 1) (1, 1, 1, 1) [[1.0, 0.0, -1.0]")


def test_backward_playing_a_large_image_and_both_themes(notebook):
    book = notebook(SHOW, LARGE)
    page = book.page
    book.run(0)
    until(page, "= y[0, 0, 0]")
    page.get_by_role("button", name="backward").click()
    until(page, "∂L/∂y[0, 0, 0] = 1")
    bar = page.locator(f"{ROOT} .agl-transport")
    bar.locator(".first").click()
    bar.locator(".forward").click()
    until(page, "1 / 36", f"{ROOT} .agl-transport")
    assert page.locator(f"{ROOT} figure.out .mark.veil").count() == 2
    totals = page.locator(f"{ROOT} .products").nth(1).locator(".tiles").last
    assert totals.locator(".tile").all_inner_texts() == [
        "0",
        "0",
        "0",
        "0",
        "0",
        "1",
        "0",
        "6",
        "0",
    ]
    bar.locator("select").select_option("16")
    bar.locator(".play").click()
    until(page, "36 / 36", f"{ROOT} .agl-transport")
    assert page.locator(f"{ROOT} figure.out .mark.veil").count() == 0

    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)

    book.fill(SHOW, LARGE)
    book.run_all()
    page.wait_for_function(
        f"() => document.querySelectorAll('{ROOT} figure.out canvas').length === 2"
    )
    stage = page.locator(f"{ROOT} figure.out .stage").nth(1)
    stage.scroll_into_view_if_needed()
    spent = stage.evaluate("""async (stage) => {
      const box = stage.getBoundingClientRect(), start = performance.now();
      for (let k = 0; k < 60; k++) {
        stage.dispatchEvent(new PointerEvent("pointermove", { bubbles: true,
          clientX: box.x + 5 + 5 * k, clientY: box.y + 100 }));
        await new Promise(requestAnimationFrame);
      }
      return (performance.now() - start) / 60;
    }""")
    print("milliseconds a move", spent)
    assert spent < 100
