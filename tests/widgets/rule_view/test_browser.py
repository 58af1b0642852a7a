"""Repairing a rule in a real JupyterLab: red first, then green after a change in the cell."""

import pytest

from autograd_lab.exercises import find
from tests.widgets.access import serious

pytestmark = pytest.mark.e2e
ROOT = ".agl-graph"
SABOTAGE = find("ch2.sabotage")
SHOW = """
from autograd_lab.widgets import RuleView
RuleView("ch2.sabotage", sabotage)
"""


def test_red_turns_green(notebook):
    start = "import autograd_lab as torch\n" + SABOTAGE.code("starter")
    book = notebook(start, SHOW)
    page = book.page
    book.run_all()
    page.wait_for_function(f"() => document.querySelectorAll('{ROOT} .edge.wrong').length === 3")
    assert "≠" in page.locator(f"{ROOT} .edge.wrong .check").first.text_content()
    assert "0 of 3 rules agree" in page.locator(f"{ROOT} .bar").inner_text()
    assert not page.locator(f"{ROOT} .bar button:text('Step')").is_visible()  # from two numbers
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)
    tanh = page.locator(f"{ROOT} .node", has_text="tanh")
    assert "Its rule for x: wrong" in tanh.get_attribute("aria-label")

    cell = page.locator(".jp-Notebook .jp-Cell .cm-content").first
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("import autograd_lab as torch\n" + SABOTAGE.code("solution"))
    page.keyboard.press("Shift+Enter")
    book.run(1)
    page.wait_for_function(f"() => document.querySelectorAll('{ROOT} .edge.agrees').length === 3")
    assert page.locator(f"{ROOT} .edge.wrong").count() == 0
    assert "3 of 3 rules agree" in page.locator(f"{ROOT} .bar").inner_text()
