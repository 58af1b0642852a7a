"""Every widget in a real JupyterLab: readable in both themes, for everybody, at any width."""

import pytest

from autograd_lab import widgets
from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

LEAKS = """() => [...document.querySelectorAll(".jp-OutputArea-output .agl")]
  .filter((el) => el.scrollWidth > el.clientWidth + 1).map((el) => el.className)"""
SCROLLS = """() => [...document.querySelectorAll(".jp-OutputArea-output:has(.agl)")]
  .filter((el) => el.scrollHeight > el.clientHeight || el.scrollWidth > el.clientWidth)
  .map((el) => el.querySelector(".agl").className)"""


@pytest.fixture(scope="module")
def book(every_widget):
    book = every_widget
    book.run_all()
    shown = "n => document.querySelectorAll('.jp-OutputArea-output .agl').length >= n"
    book.page.wait_for_function(shown, arg=len(widgets.__all__))
    book.command("application:toggle-left-area")
    yield book
    book.command("application:toggle-left-area")
    assert book.trouble == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_the_way_of_a_screen_reader(book, dark):
    book.theme(dark)
    assert serious(book.page, ".jp-OutputArea-output .agl") == []


SETTLED = """async () => {
  const width = () => document.querySelector(".agl").closest(".jp-OutputArea-output").clientWidth;
  for (let same = 0, last = -1; same < 6; same = width() === last ? same + 1 : 0, last = width())
    await new Promise((drawn) => requestAnimationFrame(drawn));
  return width();
}"""


@pytest.mark.parametrize("width", [480, 760, 1500])
def test_it_fits_any_width(book, width):
    for _ in range(5):  # JupyterLab's own margins depend on the width, too
        more = width - book.page.evaluate(SETTLED)
        if abs(more) < 8:
            break
        window = book.page.viewport_size["width"] + more
        book.page.set_viewport_size({"width": window, "height": 1000})
    assert abs(more) < 8
    assert book.page.evaluate(LEAKS) == []
    assert book.page.evaluate(SCROLLS) == []  # the notebook scrolls, never an output by itself


PLACE = """() => { const book = jupyterapp.shell.currentWidget.content;
  return [book.activeCellIndex, book.mode, book.widgets.length]; }"""
FOCUSABLE = "button:visible, select:visible, input[type=range]:visible, [tabindex='0']:visible"


@pytest.mark.parametrize("name", sorted(widgets.__all__))
def test_keys_in_a_widget_leave_the_notebook_alone(book, name):
    cell = book.page.locator(".jp-Cell").nth(1 + sorted(widgets.__all__).index(name))
    kinds = {}  # one of each kind of element
    for element in cell.locator(".agl").first.locator(FOCUSABLE).all()[:30]:
        kinds.setdefault(element.evaluate("e => e.tagName + e.getAttribute('role')"), element)
    for element in kinds.values():
        element.focus()
        before = book.page.evaluate(PLACE)
        for key in ("ArrowDown", "ArrowUp", "b", "x", "j"):
            book.page.keyboard.press(key)
            assert book.page.evaluate(PLACE) == before, key
