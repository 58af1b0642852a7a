"""Paths and scrubbing in a page without a kernel, from what was recorded."""

import re

import pytest

import autograd_lab as torch
from autograd_lab.watching import remember_lines
from autograd_lab.widgets.step_view import StepView

pytestmark = pytest.mark.e2e


@pytest.fixture
def deck(lab, tmp_path):
    remember_lines()
    x, s = torch.tensor([[0.5, -1.0], [1.5, 0.3]]), torch.tensor(0.5, requires_grad=True)
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    h = (x @ w).relu() * s
    loss = (h * h + h).mean()
    StepView(loss, names={"x": x, "w": w, "s": s, "h": h, "loss": loss}).save_html(
        tmp_path / "step.html"
    )
    remember_lines(False)
    page = lab.browser.new_page(viewport={"width": 1100, "height": 1000})
    trouble = []
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto((tmp_path / "step.html").as_uri())
    deck = page.locator(".agl-step")
    deck.locator(".node").first.wait_for()
    deck.focus()
    page.keyboard.press("End")
    yield deck
    page.close()
    assert trouble == []


def test_what_was_recorded_is_told(deck):
    page = deck.page
    deck.get_by_role("tab", name="Why this number?").click()
    why = deck.locator(".why")
    why.locator("select").select_option(label="s · scalar")
    why.get_by_text("∂L/∂s").wait_for()
    why.locator(".closing .ok").wait_for()
    why.locator("select").select_option(label="w · 2")
    why.get_by_text("∂L/∂w[0]").wait_for()

    deck.get_by_role("tab", name="Change it").click()
    scrub = deck.locator(".scrub")
    scrub.locator("select").select_option(label="s · scalar")
    dial = scrub.get_by_role("slider", name="s")
    dial.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    scrub.get_by_text(re.compile("s up by .*gradient predicted.*really")).wait_for()
    deck.locator(".node.root.moved").wait_for()
    page.keyboard.press("9")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    scrub.get_by_text(re.compile("This page has no kernel: it knows the values from")).wait_for()
    page.keyboard.press("Escape")
    scrub.get_by_text(re.compile("^Drag s")).wait_for()
