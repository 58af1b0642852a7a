"""Images are moved with slider, pad and button in a real JupyterLab; the kernel measures."""

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SHOW = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets import ShiftView
torch.manual_seed(0)
mlp = nn.Sequential(nn.Flatten(), nn.Linear(144, 3))
first = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
conv = nn.Sequential(*first, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 3))
images = torch.nn.functional.pad(torch.rand(8, 1, 4, 4), (4, 4, 4, 4))
view = ShiftView({"MLP": mlp, "conv": conv}, images, torch.arange(8) % 3, farthest=2)
view
"""
TELL = """
same = view.scores["1,0"] == list(view.accuracy(1).values())
print(view.seen["dx"], view.seen["dy"], view.seen["layer"], len(view.scores), same)
"""
ROOT = ".agl-shift"


def until(page, words, css):
    page.wait_for_function(
        "([css, words]) => document.querySelector(css)?.innerText.includes(words)", arg=[css, words]
    )


def test_slider_pad_measures_maps_and_themes(notebook):
    book = notebook(SHOW, TELL)
    page, name, said, now = book.page, f"{ROOT} .name", f"{ROOT} .verdict", f"{ROOT} .now"
    book.run(0)
    until(page, "not moved: MLP ", now)
    page.wait_for_function(f"() => document.querySelectorAll('{ROOT} .chart .dot').length === 10")

    right = page.get_by_label("right", exact=True)
    right.focus()
    page.keyboard.press("ArrowRight")
    until(page, "1 right", name)
    until(page, "conv, 0: the map moves along exactly: the layer is equivariant.", said)
    page.get_by_label("layer").select_option("2")
    until(page, "one place of this map is 2 pixels wide", said)

    stage = page.locator(f"{ROOT} .pad .stage")
    cell = stage.locator("svg").bounding_box()
    stage.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    until(page, "2 right, 2 up", name)
    until(page, "2 right, 2 up: MLP ", now)
    box = stage.bounding_box()
    x, y = box["x"] + box["width"] - 27, box["y"] + box["height"] - 9
    page.mouse.move(x, y)
    page.mouse.down()
    until(page, "2 right, 2 up", name)
    page.mouse.move(x - 18, y)
    page.mouse.up()
    until(page, "2 down", name)
    assert cell["width"] > 50
    page.get_by_role("button", name="measure all 25 moves").click()
    page.wait_for_selector(f"{ROOT} section button", state="hidden")
    page.get_by_role("button", name="back to 0, 0").click()
    until(page, "not moved", name)
    page.get_by_label("down", exact=True).fill("1")
    until(page, "1 down", name)
    page.wait_for_function(f"() => document.querySelectorAll('{ROOT} .chart .dot').length === 10")
    book.run(1)
    outputs = book.save()["cells"][1]["outputs"]
    told = "".join("".join(output.get("text", "")) for output in outputs).split()
    assert told[:3] == ["0", "1", "2"] and int(told[3]) >= 9 and told[4] == "True"

    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)
