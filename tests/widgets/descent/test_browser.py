"""The bowl in a real JupyterLab: stepped, dragged, driven past 2/λmax; without a kernel too."""

import re

import pytest

from autograd_lab.widgets.descent import Descent
from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SHOW = """
import time
from autograd_lab.widgets.descent import Descent
bowl = Descent(lambda w, b: w ** 2 + 10 * b ** 2, 3.0, 1.0, lr=0.08, steps=20, compare=["Adam"])
bowl
"""
LINE = """
from autograd_lab.widgets.descent import Descent
line = Descent.line([20.0, 25.0, 30.0, 40.0], [100.0, 130.0, 160.0, 200.0], lr=0.0001)
line
"""
ROOT = ".agl-descent"
RULE = f"{ROOT} .rule"


def until(page, css, text):
    """Wait until an element's text contains ``text``."""
    page.wait_for_function(
        """([css, text]) => document.querySelector(css)?.innerText
        .replaceAll("\\u00a0", " ").includes(text)""",
        arg=[css, text], timeout=15_000,
    )  # fmt: skip


def printed(notebook, cell):
    outputs = notebook.save()["cells"][cell]["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def test_step_drag_and_leave(notebook):
    book = notebook(SHOW, "print(bowl.path[0], bowl.run['lr'], bowl.step)")
    page = book.page
    book.run(0)
    until(page, RULE, "before the first step")
    cells = page.locator(".jp-Notebook .jp-Cell").count()

    # One step, by key: the rule with its numbers. 3 − 0.08·6 = 2.52 and 1 − 0.08·20 = −0.6.
    bar = page.locator(f"{ROOT} .agl-transport input[type=range]")
    bar.focus()
    page.keyboard.press("ArrowRight")
    until(page, RULE, "3 − 0.08·6 = 2.52")
    until(page, RULE, "1 − 0.08·20 = −0.6")
    until(page, f"{ROOT} .fate", "1 − 0.08·20 = −0.6")
    page.keyboard.press("End")
    until(page, f"{ROOT} .agl-transport .where", "20 / 20")
    page.keyboard.press("Home")

    # Play runs to the end by itself and stops there.
    page.locator(f"{ROOT} .agl-transport select").select_option("4")
    bar.focus()
    page.keyboard.press(" ")
    page.wait_for_selector(f"{ROOT} .play[data-playing=true]")
    until(page, f"{ROOT} .agl-transport .where", "20 / 20")
    page.wait_for_selector(f"{ROOT} .play[data-playing=false]")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells    # no key reached the notebook

    # Past 2/λmax = 0.1: said at once, computed by the kernel, off the map.
    rate = page.locator(f"{ROOT} .rate input")
    rate.evaluate("""(slider) => { slider.value = 900;
      for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind)); }""")
    until(page, f"{ROOT} .fate", "it leaves")
    page.wait_for_selector(f"{ROOT} .away")
    until(page, RULE, "Off the map")
    assert "off the map" in page.locator(f"{ROOT} .agl-transport .ticks").inner_text()
    assert page.locator(f"{ROOT} .agl-transport .where").inner_text().endswith("off the map")

    # Drag the start to the middle of the map's left half.
    grip, inner = page.locator(f"{ROOT} .grip .start"), page.locator(f"{ROOT} .frame")
    here, room = grip.bounding_box(), inner.bounding_box()
    page.mouse.move(here["x"] + 6, here["y"] + 6)
    page.mouse.down()
    page.mouse.move(room["x"] + room["width"] / 4, room["y"] + room["height"] / 4, steps=5)
    page.mouse.up()
    page.wait_for_function(f"""() => {{ const root = document.querySelector("{ROOT}");
      return !root.classList.contains("old")
        && root.querySelector(".grip").getAttribute("aria-valuenow").startsWith("-"); }}""")
    grip_words = page.locator(f"{ROOT} .grip").get_attribute("aria-valuetext")
    # By key, a fiftieth of the map to the right.
    page.locator(f"{ROOT} .grip").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"""(before) => {{ const root = document.querySelector("{ROOT}");
      return !root.classList.contains("old")
        && root.querySelector(".grip").getAttribute("aria-valuetext") !== before; }}""",
        arg=grip_words)  # fmt: skip
    book.run(1)
    w, b, lr = map(float, re.findall(r"-?\d+\.\d+", printed(book, 1))[:3])
    like = Descent(lambda w, b: w**2 + 10 * b**2, 3.0, 1.0)
    left, right, bottom, top = like.scene["window"]
    assert w == pytest.approx(left + (right - left) * (1 / 4 + 1 / 50), abs=0.02 * (right - left))
    assert b == pytest.approx(bottom + (top - bottom) * 3 / 4, abs=0.02 * (top - bottom))
    assert lr > 0.1


def test_names_access_and_themes(notebook):
    book = notebook(SHOW, "1")
    page = book.page
    book.run(0)
    until(page, RULE, "before the first step")
    page.locator(f"{ROOT} .agl-transport .forward").click()
    until(page, RULE, "step 1, SGD")
    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)
    # Step along Adam, take SGD away.
    page.get_by_role("button", name="step along Adam").click()
    until(page, RULE, "step 1, Adam")
    until(page, RULE, "lr·m̂ / (√v̂ + ε)")
    page.locator(f"{ROOT} .show[data-name=SGD]").click()
    page.wait_for_selector(f"{ROOT} .show[data-name=SGD][aria-pressed=false]")
    words = page.locator(f"{ROOT} .map").get_attribute("aria-label")
    assert "Map of the loss over w and b. Step 1 of 20, Adam" in words


def test_scaling_a_busy_kernel_and_none(notebook, end_kernel):
    book = notebook(LINE, "import time; time.sleep(2.5); print('over')")
    page = book.page
    book.run(0)
    page.wait_for_selector(f"{ROOT} .ring")
    until(page, f"{ROOT} .worlds", "as measured")
    rings = page.locator(f"{ROOT} .ring").first.get_attribute("d")
    page.get_by_role("button", name="scaled").click()
    page.wait_for_selector(f"{ROOT} .worlds button:last-child[aria-pressed=true]")
    assert page.locator(f"{ROOT} .ring").first.get_attribute("d") != rings

    # Asked while a cell runs: answered there and then, or after it, with a word in between.
    book.run(1, wait=False)
    page.get_by_role("button", name="as measured").click()
    page.wait_for_function(f"""() => {{ const root = document.querySelector("{ROOT}");
      return /busy/.test(root.querySelector(".news").innerText)
        || root.querySelector(".worlds button").ariaPressed === "true"; }}""")
    book.wait()
    page.wait_for_selector(f"{ROOT} .worlds button:first-child[aria-pressed=true]")
    assert page.locator(f"{ROOT} .news").inner_text() == ""
    assert book.trouble == []

    # No kernel: the way stays and can be stepped; that it is gone is said once.
    end_kernel()
    page.locator(f"{ROOT} .rate input").focus()
    page.keyboard.press("ArrowRight")
    until(page, ".agl-gone", "The kernel is gone")
    assert page.locator(f"{ROOT} .news").inner_text() == ""
    page.locator(f"{ROOT} .agl-transport .forward").click()
    until(page, f"{ROOT} .agl-transport .where", "1 / 40")
    until(page, RULE, "step 1, SGD")


def test_a_page_without_a_kernel_can_be_stepped(lab, tmp_path):
    Descent(lambda w, b: w**2 + 10 * b**2, 3.0, 1.0, lr=0.08).save_html(tmp_path / "bowl.html")
    page, trouble = lab.context.new_page(), []
    page.on("console", lambda m: m.type == "error" and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(f"file://{tmp_path}/bowl.html")
    page.wait_for_selector(f"{ROOT} .ring", state="attached")
    page.locator(f"{ROOT} .agl-transport .forward").click()
    until(page, RULE, "3 − 0.08·6 = 2.52")
    page.locator(f"{ROOT} .rate input").focus()
    page.keyboard.press("ArrowRight")
    until(page, f"{ROOT} .news", "No kernel answers")
    assert trouble == []
    page.close()
