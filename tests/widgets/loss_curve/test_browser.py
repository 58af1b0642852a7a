"""The curve in a real JupyterLab: it moves while the cell runs, and nothing is lost at the end."""

import json
import re

import pytest

from tests.widgets.lab import READY

pytestmark = pytest.mark.e2e

SHOW = """
import time
from autograd_lab.widgets.loss_curve import LossCurve
curve = LossCurve()
curve
"""
TRAIN = """
times, send = [], curve.send
curve.send = lambda *message: (times.append(time.monotonic()), send(*message))
for step in range(800):
    curve.add(loss=2 / (1 + step / 50))
    if step % 100 == 99:
        curve.add(val=2.2 / (1 + step / 55))
    time.sleep(0.005)
curve.mark("done")
"""
RATE = "print('most', max(sum(t <= x < t + 1 for x in times) for t in times))"
FOREVER = """
other = LossCurve()
display(other)
while True:
    other.add(loss=float("nan") if 50 < len(times) else 1.0)
    time.sleep(0.002)
"""
CHART = ".agl-curve .chart"
RUNS = "() => window.ran === false"


def label(notebook, which=0):
    return notebook.page.locator(CHART).nth(which).get_attribute("aria-label")


def steps(notebook, which=0):
    found = re.search(r"Curve of (\d+) steps", label(notebook, which) or "")
    return int(found[1]) if found else 0


def until(notebook, text, which=0):
    """Wait until a chart's words contain ``text`` (they follow at most once a second)."""
    notebook.page.wait_for_function(
        f"""([which, text]) => [...document.querySelectorAll("{CHART}")][which]
        ?.getAttribute("aria-label")?.includes(text)""",
        arg=[which, text], timeout=15_000,
    )  # fmt: skip


def colours(notebook, which=0):
    """The most frequent opaque colours of a canvas."""
    return notebook.page.locator(f"{CHART} canvas").nth(which).evaluate("""(canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Map();
      for (let k = 0; k < data.length; k += 4) if (data[k + 3] === 255) {
        const key = `${data[k]},${data[k + 1]},${data[k + 2]}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
      return [...seen].sort((a, b) => b[1] - a[1]).slice(0, 12).map(([key]) => key);
    }""")


def until_colour(notebook, colour):
    """Wait until the canvas is drawn in a colour: a theme's new colours come with a new frame."""
    notebook.page.wait_for_function("""([css, colour]) => {
      const canvas = document.querySelector(css);
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let k = 0; k < data.length; k += 4)
        if (`${data.slice(k, k + 4)}` === `${colour},255`) return true;
    }""", arg=[f"{CHART} canvas", colour])


def text_of(notebook, cell):
    outputs = notebook.save()["cells"][cell]["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def test_a_run_from_the_first_step_to_the_saved_file(notebook):
    notebook = notebook(SHOW, TRAIN, RATE, "curve")
    page = notebook.page
    notebook.run(0)
    page.wait_for_selector(".agl-curve .empty:visible")
    assert "waiting for the first loss" in page.locator(".agl-curve .empty").inner_text()
    assert "waiting for the first loss" in label(notebook)

    notebook.run(1, wait=False)
    page.wait_for_function(READY, arg="busy")
    seen = []
    while page.evaluate(RUNS):
        seen.append(steps(notebook))
        page.wait_for_timeout(150)
    moving = sorted({n for n in seen if 0 < n < 800})
    assert len(moving) >= 3, seen                       # it moved while the loop ran
    notebook.wait()
    until(notebook, "Curve of 800 steps")
    rows = page.locator(".agl-curve tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows] == [["loss", "800"], ["val", "8"]]

    notebook.run(2)
    most = int(re.search(r"most (\d+)", text_of(notebook, 2))[1])
    assert 10 <= most <= 21

    notebook.run(3)                                     # a second view of the same run
    until(notebook, "Curve of 800 steps", which=1)
    assert colours(notebook, 0)[:3] == colours(notebook, 1)[:3]

    saved = notebook.save()
    (output,) = saved["cells"][0]["outputs"]
    assert "".join(output["data"]["text/plain"]).startswith("LossCurve: 800 steps, loss 0.118")
    assert "LossCurve: 800 steps" in "".join(output["data"]["image/svg+xml"])
    assert page.locator(".jp-RenderedSVG").count() == 0     # the widget alone is shown live

    page.reload()                                       # the kernel lives: the curve comes back
    page.wait_for_selector(CHART, timeout=60_000)
    until(notebook, "Curve of 800 steps")


def test_an_interrupt_leaves_all_points_in_the_page(notebook):
    notebook = notebook(SHOW, TRAIN, FOREVER, "print(other)")
    notebook.run(0)
    notebook.run(1)
    notebook.run(2, wait=False)
    until(notebook, "last NaN", which=1)
    notebook.command("notebook:interrupt-kernel")
    notebook.wait()
    notebook.run(3)
    total = int(re.search(r"LossCurve: (\d+) steps", text_of(notebook, 3))[1])
    until(notebook, f"Curve of {total} steps", which=1)
    saved = json.dumps(notebook.save()["cells"][2]["outputs"])
    assert f"LossCurve: {total} steps" in saved
    assert "NaN from step 1 on" in saved


SAY = """
end = time.monotonic() + 20             # what the page changes comes by a way of its own
while not curve.hidden and time.monotonic() < end:
    time.sleep(0.02)
print(curve.log_scale, curve.hidden, curve.smoothing)
"""


def test_keys_pointer_legend_and_theme(notebook):
    notebook = notebook(SHOW, TRAIN.replace("0.005", "0"), SAY)
    page = notebook.page
    notebook.run(0)
    notebook.run(1)
    until(notebook, "Curve of 800 steps")
    chart, readout = page.locator(CHART), page.locator(".agl-curve .readout")
    spoken = page.locator(".agl-curve [role=status]")
    cells = page.locator(".jp-Notebook .jp-Cell").count()

    chart.focus()
    page.keyboard.press("Home")
    readout.wait_for()
    assert "step 1" in readout.inner_text()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert re.match(r"step \d: loss (1\.\d+|2)", spoken.inner_text())
    page.keyboard.press("End")
    assert spoken.inner_text().startswith("step 800: loss 0.1178, val 0.1417")
    page.keyboard.press("Escape")
    readout.wait_for(state="hidden")
    page.keyboard.press("l")
    page.wait_for_selector(".agl-curve .controls button[aria-pressed=true]")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells    # no key reached the notebook

    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    readout.wait_for()
    assert re.search(r"step [34]\d\d\s+loss\s+0\.\d+\s+val\s+0\.\d+", readout.inner_text())

    page.locator(".agl-curve .legend button", has_text="val").click()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 120)
    page.wait_for_function("""() =>
      !document.querySelector(".agl-curve .readout").innerText.includes("val")""")
    notebook.run(2)
    assert "True ['val'] 0.0" in text_of(notebook, 2)

    until_colour(notebook, "42,102,170")                 # the blue for white paper
    notebook.theme(dark=True)
    until_colour(notebook, "127,176,234")                # the blue for dark paper
    notebook.theme(dark=False)
