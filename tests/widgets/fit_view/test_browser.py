"""The fit in a real JupyterLab: it moves while the cell runs; pointer and keys ask it."""

import pytest

from autograd_lab.widgets.fit_view import FitView
from tests.widgets.access import serious
from tests.widgets.lab import READY

pytestmark = pytest.mark.e2e

SHOW = """
import time
import autograd_lab as torch
from autograd_lab.widgets.fit_view import FitView
x = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
weight = torch.tensor([4., 0.])
view = FitView(lambda x: (x - 0.5) @ weight, x, [0, 0, 1, 0], classes=["<b>no", "yes"])
view
"""
TURN = """
for step in range(60):
    weight[1] = -step / 15
    view.update()
    time.sleep(0.02)
print(view.state["updates"])
"""
LINE = """
import autograd_lab as torch
from autograd_lab.widgets.fit_view import FitView
line = FitView(lambda x: 2 * x, [1., 2., 3.], [2., 5., 6.])
line
"""
ROOT = ".agl-fit"


def label(page):
    return page.locator(f"{ROOT} .chart").get_attribute("aria-label") or ""


def until(page, words):
    page.wait_for_function(
        """([css, words]) => document.querySelector(css)?.ariaLabel?.includes(words)""",
        arg=[f"{ROOT} .chart", words], timeout=15_000,
    )  # fmt: skip


def picture(page):
    return page.locator(f"{ROOT} canvas").evaluate("(canvas) => canvas.toDataURL().length")


def test_regions_move_while_the_cell_runs(notebook):
    book = notebook(SHOW, TURN)
    page = book.page
    book.run(0)
    until(page, "75 % right, 1 of 4 points wrong")
    book.run(1, wait=False)
    page.wait_for_function(READY, arg="busy")
    seen = set()
    while page.evaluate("() => window.ran === false"):
        seen.add(picture(page))
        page.wait_for_timeout(100)
    book.wait()
    assert len(seen) >= 4, seen
    until(page, "75 % right")
    saved = book.save()
    updates = int("".join(saved["cells"][1]["outputs"][0]["text"]))
    assert 15 <= updates <= 40
    still = "".join(saved["cells"][0]["outputs"][0]["data"]["image/svg+xml"])
    assert "75 % right" in still

    # Keys go from the worst point on; the pointer asks any place.
    chart = page.locator(f"{ROOT} .chart")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    chart.focus()
    page.keyboard.press("ArrowRight")
    spoken = page.locator(f"{ROOT} [role=status]")
    page.wait_for_function(f"""() => /wrong/.test(
      document.querySelector("{ROOT} [role=status]").textContent)""")
    assert "is <b>no, model: yes, " in spoken.inner_text()
    page.keyboard.press("End")
    assert "wrong" not in spoken.inner_text()
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 30, box["y"] + box["height"] - 60)
    page.wait_for_function(f"""() => /model: yes, (9\\d|100) %/.test(
      document.querySelector("{ROOT} .readout").innerText)""")
    for dark in (True, False):
        book.theme(dark)
        assert serious(page, ROOT) == []


def test_a_line_with_sticks_and_squares(notebook):
    book = notebook(LINE, "print(line.squares)")
    page = book.page
    book.run(0)
    until(page, "mean squared error 0.333")
    before = picture(page)
    button = page.get_by_role("button", name="squares")
    button.click()
    page.wait_for_selector(f"{ROOT} button[aria-pressed=true]")
    page.wait_for_function("""([css, before]) =>
      document.querySelector(css).toDataURL().length !== before""", arg=[f"{ROOT} canvas", before])
    page.locator(f"{ROOT} .chart").focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"""() => /residual 1, squared 1/.test(
      document.querySelector("{ROOT} .readout").innerText)""")
    assert serious(page, ROOT) == []


def test_a_page_without_a_kernel_shows_it(lab, tmp_path):
    corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    FitView(lambda x: x[:, 0] - 0.5, corners, [0, 0, 1, 0]).save_html(tmp_path / "fit.html")
    page, trouble = lab.context.new_page(), []
    page.on("console", lambda m: m.type == "error" and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(f"file://{tmp_path}/fit.html")
    until(page, "75 % right, 1 of 4 points wrong")
    page.locator(f"{ROOT} .chart").focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"""() => /is 0, model: 1, .* %, wrong/.test(
      document.querySelector("{ROOT} [role=status]").textContent)""")
    assert trouble == []
    page.close()
