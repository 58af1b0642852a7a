"""Broadcasting and strides in a real JupyterLab: pointed at, stepped, walked by keys."""

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SETUP = """
import autograd_lab as torch
from autograd_lab.widgets import BroadcastView, StrideView
"""
B, S = ".agl-broadcast", ".agl-stride"


def until(page, css, words):
    page.wait_for_function(
        "([css, words]) => document.querySelector(css)?.innerText.includes(words)", arg=[css, words]
    )


def test_broadcasting(notebook):
    book = notebook(SETUP + "BroadcastView((3, 1), (4,))")
    book.run(0)
    page = book.page
    page.wait_for_selector(f"{B} figure.c .cell")
    stage = page.locator(f"{B} figure.c .stage")
    stage.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    until(page, f"{B} .formula", "c[1, 1] = a[1, 0] + b[1] = 2 + 20 = 22")
    assert page.locator(f"{B} figure.a .mark.a").count() == 1
    box = page.locator(f"{B} figure.b .stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8)
    until(page, f"{B} .formula", "b[3] = 40 feeds 3 cells of c")
    assert page.locator(f"{B} figure.c .mark.c").count() == 3
    page.get_by_role("button", name="show what is repeated").click()
    assert page.locator(f"{B} .mark.ghost").count() == 2
    page.get_by_role("button", name="a, axis -1: larger").press("Enter")
    until(page, f"{B} .trouble", "The size of a (2) must match the size of b (4)")
    assert page.evaluate("() => document.activeElement.ariaLabel") == "a, axis -1: larger"
    assert serious(page, B) == []
    page.locator(f"{B} .repairs button").first.click()
    page.wait_for_selector(f"{B} .trouble", state="hidden")
    page.get_by_role("button", name="back to your shapes").click()
    page.get_by_role("button", name="b: one axis more").click()
    page.get_by_role("button", name="b: one axis more").click()
    page.get_by_role("button", name="b, axis -3: larger").click()
    until(page, f"{B} .facets", "[0] of 2")
    page.get_by_label("operation").select_option("mul")
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, B) == []
    book.theme(False)


def test_strides(notebook):
    book = notebook(SETUP + "x = torch.arange(6.0).reshape(2, 3)\nStrideView(x)")
    book.run(0)
    page = book.page
    page.wait_for_selector(f"{S} .own")
    page.locator(f"{S} svg").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    until(page, f"{S} .formula", "x[1, 1] = 4 lies at 0 + 1·3 + 1·1 = 4")
    page.get_by_role("button", name=".t()").press("Enter")
    until(page, f"{S} .facts", "stride (1, 3)")
    until(page, f"{S} .verdict", "a view: nothing was copied")
    page.get_by_role("button", name=".reshape(-1)").click()
    until(page, f"{S} .verdict", "copied: 6 numbers")
    assert page.locator(f"{S} .mem text").all_text_contents()[:3] == ["0", "3", "1"]
    page.get_by_role("button", name="back to x").click()
    page.get_by_role("button", name="[:, 1]").click()
    page.locator(f"{S} .mem").nth(2).hover()
    until(page, f"{S} .formula", "nobody reads it now")
    page.get_by_role("button", name=".expand(3, -1)").click()
    page.locator(f"{S} .mem").nth(1).hover()
    until(page, f"{S} .formula", "read by [0, 0], [1, 0], [2, 0]")
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, S) == []
    book.theme(False)
