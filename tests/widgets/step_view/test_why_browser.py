"""Why is this number what it is, and what if it were another: in a real JupyterLab."""

import re

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

CELL = """
import autograd_lab as torch
from autograd_lab.nn import functional as F
from autograd_lab.widgets.step_view import step
torch.remember_lines(); torch.manual_seed(0)
x, w = torch.randn(8, 3), torch.randn(3, 2, requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
h = F.relu(x @ w + b)
loss = (h * h).mean()
step(loss)
"""


@pytest.fixture
def book(notebook):
    return notebook(CELL)


@pytest.fixture
def deck(book):
    book.run_all()
    root = book.page.locator(".agl-step")
    root.locator(".node").first.wait_for()
    root.focus()
    book.page.keyboard.press("End")
    root.locator(".node.root .grad").wait_for()
    return root


def choose(part, words):
    select = part.locator("select")
    label = next(t for t in select.locator("option").all_text_contents() if t.startswith(words))
    select.select_option(label=label)


def amount(text):
    return float(text.replace("−", "-"))


def test_the_paths_to_a_number(deck):
    page = deck.page
    deck.get_by_role("tab", name="Why this number?").click()
    why = deck.locator(".why")
    choose(why, "b")
    why.get_by_text("Why is ∂L/∂b").wait_for()
    why.locator(".closing .ok").wait_for()
    whole = amount(re.search(r"gradient (\S+)", why.locator(".closing").inner_text())[1])
    parts = [amount(t) for t in why.locator(".way .brings").all_inner_texts()]
    assert len(parts) == 2 and sum(parts) == pytest.approx(whole, rel=0.01)
    way = why.locator(".way .row").first
    way.hover()
    deck.locator(".node.lit").nth(4).wait_for()
    assert deck.locator(".edge.lit").count() >= 4
    way.click()
    assert way.get_attribute("aria-expanded") == "true"
    why.locator(".part").first.wait_for()
    assert "stopped at relu" not in why.inner_text()  # h * h is 0 where relu is shut
    why.get_by_role("button", name="by single numbers").click()
    why.get_by_text(re.compile("all other paths")).wait_for()

    choose(why, "w")
    why.get_by_text("∂L/∂w[0, 0]").wait_for()
    why.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    why.get_by_text("∂L/∂w[0, 1]").wait_for()
    assert serious(page, ".agl-step .why") == []


def test_a_number_is_changed(deck):
    page = deck.page
    deck.get_by_role("tab", name="Change it").click()
    scrub = deck.locator(".scrub")
    choose(scrub, "b")
    dial = scrub.get_by_role("slider", name="b")
    dial.wait_for()
    loss = deck.locator(".node.root .value text.one")
    before = loss.text_content()
    dial.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    said = scrub.locator(".say")
    said.get_by_text(re.compile("b up by .*gradient predicted.*really")).wait_for()
    deck.locator(".node.root.moved").wait_for()
    assert loss.text_content() != before
    steps = amount(dial.get_attribute("aria-valuenow"))
    bars = [amount(t) for t in scrub.locator(".bars b").all_inner_texts()]
    assert steps > 0.5 and len(bars) == 2 and bars[0] > 0 and bars[1] > bars[0]

    box = dial.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] - 70, box["y"] + 10, steps=8)
    page.mouse.up()
    said.get_by_text(re.compile("b down by")).wait_for()
    assert amount(dial.get_attribute("aria-valuenow")) < 0.5

    dial.focus()
    page.keyboard.press("2")
    page.keyboard.type(".25")
    page.keyboard.press("Enter")
    said.get_by_text(re.compile("b up by 1.75")).wait_for()
    assert serious(page, ".agl-step .scrub") == []
    scrub.get_by_role("button", name="Reset").click()
    said.get_by_text(re.compile("^Drag b")).wait_for()
    assert loss.text_content() == before and deck.locator(".node.moved").count() == 0

    choose(scrub, "x")
    scrub.get_by_text("does not require grad").wait_for()
    deck.page.locator(".agl-step .scrub .dial").focus()
    page.keyboard.press("Shift+ArrowRight")
    said.get_by_text(re.compile(r"x\[0, 0\] up by")).wait_for()


def test_dark(book, deck):
    book.theme(True)
    try:
        for name, part in [("Why this number?", ".why .way"), ("Change it", ".scrub .dial")]:
            deck.get_by_role("tab", name=name).click()
            deck.locator(part).first.wait_for()
            assert serious(book.page, ".agl-step " + part.split()[0]) == []
    finally:
        book.theme(False)
