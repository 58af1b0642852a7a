"""The game of the learning rate in a real JupyterLab: too small, then right, by keyboard."""

import re

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e
ROOT, BOWL = ".agl-rate", ".agl-descent"
SHOW = """
from autograd_lab.widgets import RateGuess
guess = RateGuess("ch3.largest_rate")
guess
"""


def test_wrong_and_right_by_keyboard(notebook):
    book = notebook(SHOW, "print(guess._edge)")
    page, press = book.page, book.page.keyboard
    book.run(0)
    field = page.get_by_label("the largest stable learning rate")
    field.wait_for()
    page.wait_for_selector(f"{BOWL} .ring")
    assert page.locator(f"{BOWL} .limit").is_hidden() and "λ" not in page.locator(BOWL).inner_text()
    way = page.locator(f"{BOWL} .way").first.get_attribute("d")
    field.focus()
    press.type("0.1")
    press.press("Enter")
    page.locator(f"{ROOT}[data-state=wrong] .said", has_text="Below the edge").wait_for()
    page.wait_for_function(
        f"(way) => document.querySelector('{BOWL} .way').getAttribute('d') !== way", arg=way)
    assert page.locator(f"{BOWL} .rate output").inner_text() == "0.1"
    # By the slider, past the edge: the map tells, and no words do.
    page.locator(f"{BOWL} .rate input").focus()
    press.press("End")
    page.locator(f"{BOWL}:not(.old) .agl-transport .ticks", has_text="off the map").wait_for()
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == [] == serious(page, BOWL)
    book.theme(False)
    book.run(1)
    edge = re.search(r"0\.\d+", "".join(book.save()["cells"][1]["outputs"][0]["text"]))[0]
    field.fill(edge[:6])
    field.press("Enter")
    page.locator(f"{ROOT}[data-state=right] .said", has_text="At the edge").wait_for()
    page.get_by_role("button", name="Another bowl").click()
    page.wait_for_selector(f"{ROOT}[data-state='']")
    assert field.input_value() == ""
