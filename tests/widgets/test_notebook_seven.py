"""Notebook 7 shows the same widgets, and hands them the same keys and clicks."""

import pytest

from tests.widgets.conftest import SETUP
from tests.widgets.lab import NotebookSeven

pytestmark = pytest.mark.e2e

LOOP = """
from autograd_lab import watch
from time import monotonic, sleep
end = monotonic() + 30
for batch in watch(range(100_000)):
    sleep(0.002)
    if monotonic() > end:
        raise TimeoutError("nobody pressed stop")
print("stopped at", batch)
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    pytest.importorskip("notebook")
    names = ["StepView", "GraphView", "TensorView"]
    with NotebookSeven(tmp_path_factory.mktemp("seven")) as seven:
        book = seven.open([SETUP, *(f"display(SAMPLES[{name!r}]())" for name in names), LOOP])
        book.page.get_by_text("Click to add a cell").wait_for()
        book.trouble.clear()  # Notebook 7's own, before anything ran
        for cell in range(4):
            book.run(cell)
        yield book
        assert book.trouble == []
        book.close()


def test_keys_step(book):
    deck = book.page.locator(".agl-step")
    slider = deck.get_by_role("slider")
    deck.get_by_role("button", name="play").focus()
    for _ in range(2):
        book.page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext").startswith("2 of")
    book.page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext").startswith("8 of")


def test_a_click_on_a_card_tells_about_it(book):
    graph = book.page.locator(".agl-graph")
    graph.locator(".node").first.click()
    graph.locator(".side").wait_for()
    book.page.keyboard.press("Escape")
    graph.locator(".side").wait_for(state="hidden")


def test_keys_walk_over_a_tensor(book):
    tensor = book.page.locator(".agl-tensor")
    tensor.locator(".agl-grid .stage").first.focus()
    book.page.keyboard.press("ArrowRight")
    book.page.keyboard.press("ArrowDown")
    tensor.locator(".agl-grid .cursor").first.wait_for(state="attached")


def test_stop_reaches_a_busy_loop(book):
    book.run(4, wait=False)
    stop = book.page.locator(".agl-monitor").get_by_role("button", name="stop")
    stop.click()
    book.wait(25)
    assert "stopped at" in book.page.locator(".jp-Cell").nth(4).inner_text()
