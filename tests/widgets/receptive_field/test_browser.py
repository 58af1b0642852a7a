"""A unit is chosen with pointer, keys and buttons in a real JupyterLab; the kernel answers."""

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SHOW = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets import ReceptiveField
torch.manual_seed(0)
first = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
model = nn.Sequential(*first, nn.Conv2d(4, 12, 3), nn.Flatten(), nn.Linear(432, 3))
view = ReceptiveField(model, torch.rand(1, 16, 16), layer="3", unit=(2, 3, 1))
view
"""
TELL = "print(view)"
ROOT = ".agl-field"


def until(page, words, css):
    page.wait_for_function(
        "([css, words]) => document.querySelector(css)?.innerText.includes(words)", arg=[css, words]
    )


def test_pointer_keys_maps_and_themes(notebook):
    book = notebook(SHOW, TELL)
    page, told, name = book.page, f"{ROOT} .told", f"{ROOT} .name"
    book.run(0)
    until(page, "It can be moved by 8 × 8 pixels: rows 5 to 12, columns 1 to 8.", told)
    assert "[2, 3, 1]" in page.locator(name).inner_text()
    rows = page.locator(f"{ROOT} tbody tr").all_inner_texts()
    assert [row.split("\t")[2] for row in rows] == ["3 × 3", "3 × 3", "4 × 4", "8 × 8", "–", "–"]

    stage = page.locator(f"{ROOT} figure").nth(2).locator(".stage")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 5.5 / 6, box["y"] + box["height"] * 0.5 / 6)
    until(page, "rows 0 to 6, columns 9 to 15", told)
    page.mouse.move(0, 0)
    stage.focus()
    page.keyboard.press("ArrowDown")
    until(page, "[2, 1, 5]", name)
    until(page, "rows 1 to 8, columns 9 to 15", told)

    page.get_by_role("button", name="0, map 3", exact=True).click()
    until(page, "It can be moved by 3 × 3 pixels", told)
    assert "0 Conv2d, unit [3, 4, 14]" in page.locator(name).inner_text()
    number = page.get_by_label("3, number of a map")
    number.fill("10")
    number.press("Enter")
    until(page, "3 Conv2d, unit [10, 1, 5]", name)
    page.get_by_role("button", name="5, map 1", exact=True).click()
    until(page, "It can be moved by 16 × 16 pixels", told)
    book.run(1)
    outputs = book.save()["cells"][1]["outputs"]
    assert "ReceptiveField: 5[1, 0, 0]" in "".join("".join(o.get("text", "")) for o in outputs)
    saved = book.save()["cells"][0]["outputs"][0]["data"]
    assert "5[1, 0, 0]" in "".join(saved["text/plain"])  # the picture is renewed with the cell

    for dark in (False, True):
        book.theme(dark)
        assert serious(page, ROOT) == []
    book.theme(False)
