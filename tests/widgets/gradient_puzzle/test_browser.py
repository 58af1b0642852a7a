"""Gradients by hand in a real JupyterLab: by keyboard alone, wrong first and then right."""

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e
ROOT = ".agl-puzzle"
SHOW = """
import os; os.environ.update(LAB_HEADLESS="0", LAB_PROGRESS="puzzle.jsonl")
from autograd_lab.widgets import GradientPuzzle
from autograd_lab.exercises import check
answers = {"q": ..., "p": ..., "y": ..., "x": ...}
GradientPuzzle("ch2.fill_gradients", answers)
"""


# Fields with their focus rings that cover a value or leave their card: none.
COVERED = """() => [...document.querySelectorAll(".agl-puzzle .field")].filter((field) => {
  const { top, bottom, left } = field.querySelector("input").getBoundingClientRect(), ring = 2;
  const boxes = (css) => [...document.querySelectorAll(`.agl-puzzle svg ${css}`)]
    .map((el) => el.getBoundingClientRect()).filter((r) => r.left < left + 9 && r.right > left);
  const over = (r) => r.bottom > top - ring && r.top < bottom + ring;
  const inside = (r) => r.top < top - ring && r.bottom > bottom + ring + 2;
  return boxes(".value text").some(over) || !boxes(".face").some(inside);
}).map((field) => field.dataset.name)"""


def until(page, name, state):
    page.wait_for_selector(f"{ROOT} .field[data-name={name}][data-state={state}]")


def test_solved_by_keyboard(notebook):
    book = notebook(SHOW, "check('ch2.fill_gradients', answers)")
    page, press = book.page, book.page.keyboard
    book.run(0)
    page.locator(f"{ROOT} .field input").first.wait_for()
    first = page.get_by_label("gradient of q")
    first.focus()
    assert first.evaluate("(field) => getComputedStyle(field).outlineOffset") == "0px"
    assert page.evaluate(COVERED) == []
    place = page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")

    press.type("−6")
    press.press("Enter")
    until(page, "q", "right")
    press.press("Tab")
    press.type("4")
    press.press("Enter")
    until(page, "p", "wrong")
    said = page.locator(f"{ROOT} .said li.wrong")
    assert "you kept one message" in said.inner_text().lower() and "✗" in said.inner_text()
    wrong = page.get_by_label("gradient of p")
    assert wrong.get_attribute("aria-invalid") == "true"
    described = page.locator(f"#{wrong.get_attribute('aria-describedby')}")
    assert "not yet" in described.text_content() and "p" in described.text_content()
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)

    wrong.focus()
    press.press("Control+a")
    press.type("10")
    press.press("Tab")                  # to leave a field checks it, too
    until(page, "p", "right")
    assert page.evaluate("document.activeElement.ariaLabel") == "gradient of y"
    press.type("-20")
    press.press("Tab")
    press.type("24")
    press.press("Enter")
    until(page, "x", "right")
    page.locator(f"{ROOT} .news", has_text="4 of 4").wait_for()
    assert page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex") == place
    book.run(1)
    page.locator(".jp-OutputArea-output", has_text="in this chapter").wait_for()
    saved = book.save()["cells"][0]["outputs"][0]["data"]
    assert "4 of 4 gradients found" in "".join(saved["text/plain"])     # renewed by then


def test_another_one_and_back_and_no_kernel(notebook, end_kernel):
    book = notebook(SHOW)
    page = book.page
    book.run(0)
    page.locator(f"{ROOT} .field input").first.wait_for()
    lines = page.locator(f"{ROOT} .lines")
    before = lines.inner_text()
    page.get_by_role("button", name="Another one").click()
    page.wait_for_function(
        f"(before) => document.querySelector('{ROOT} .lines').innerText !== before", arg=before)
    page.get_by_role("button", name="First one").click()
    page.wait_for_function(
        f"(before) => document.querySelector('{ROOT} .lines').innerText === before", arg=before)
    end_kernel()
    page.get_by_label("gradient of q").fill("6")
    page.keyboard.press("Enter")
    page.locator(".agl-gone", has_text="The kernel is gone").wait_for()
