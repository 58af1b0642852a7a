"""The still heat map: what is drawn, and that nothing is lost or made up."""

import base64
import math
import re
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd_lab.widgets import grid


def svg(piece):
    return ElementTree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{piece}</svg>')


@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 4), (40, 60), (512, 512), (3, 5000), (5000, 3), (1, 9)]
)
def test_it_keeps_inside_its_room(shape):
    values = np.random.default_rng(0).normal(size=shape)
    table = grid.drawn(values, width=340, height=240)
    assert table.fit.rows * table.fit.down >= shape[0]
    assert table.fit.columns * table.fit.across >= shape[1]
    assert table.wide <= 340
    assert table.high <= 240
    svg(table.svg)
    assert len(table.svg) < 60_000


def test_numbers_colours_and_signs():
    piece = grid.drawn(np.array([[1.0, -2.0, 0.0], [math.nan, math.inf, -math.inf]])).svg
    texts = [text.text for text in svg(piece).iter() if text.tag.endswith("text")]
    assert texts == ["1", "−2", "0", "NaN", "∞", "−∞"]
    small = grid.drawn(np.array([[1.0, -2.0], [math.nan, 0.0]]), numbers=False).svg
    assert grid.shade(4) in small
    assert grid.shade(-8) in small
    assert grid.SIGNS["NaN"] in small
    inks = [path.get("stroke") for path in svg(small).iter() if path.get("d", "")[-1:].isdigit()]
    assert len(inks) == 4, "zero is empty: three cells have ink, and one a sign"


def test_many_cells_are_one_image_with_the_same_colours():
    values = np.arange(-600.0, 600.0).reshape(30, 40)
    values[0, 0], values[1, 1] = math.nan, 0
    table = grid.drawn(values, width=400, height=300, top=600)
    assert table.fit[2:4] == (1, 1) and "<image" in table.svg and table.svg.count("<path") == 2
    raw = base64.b64decode(re.search(r"base64,([^\"]+)", table.svg)[1])
    pixels = np.asarray(pytest.importorskip("PIL.Image").open(BytesIO(raw)))
    assert pixels.shape == (30, 40, 3)

    def ink(colour):
        return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]

    assert pixels[0, 0].tolist() == ink(grid.INK)
    assert pixels[1, 1].tolist() == [255, 255, 255]
    for i, j in ((0, 1), (29, 39), (15, 1), (7, 20)):
        assert pixels[i, j].tolist() == ink(grid.shade(grid.heat(values[i, j], 600)))


def test_a_box_stands_around_its_elements():
    table = grid.drawn(np.eye(4), 10, 20, numbers=False)
    assert table.box(0, 0) == (10, 20, 25, 25)
    assert table.box(1, 2, 2, 1) == (10 + 52, 20 + 26, 25, 51)
    blocks = grid.drawn(np.eye(480), width=240, height=240)
    assert blocks.box(100, 200, 80, 40) == (100, 50, 20, 40)


def test_means_are_means():
    values = np.random.default_rng(1).normal(size=(7, 10))
    found = grid.means(values, 3, 4)
    assert found.shape == (3, 3)
    assert np.isclose(found[0, 0], values[:3, :4].mean())
    assert np.isclose(found[2, 2], values[6:, 8:].mean())
    values[0, 0] = math.nan
    assert math.isnan(grid.means(values, 3, 4)[0, 0])


def test_nothing_is_drawn_of_nothing():
    table = grid.drawn(np.zeros((0, 3)))
    assert (table.wide, table.high) == (0, 0)
    svg(table.svg)


def test_an_image_is_a_whole_png():
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 0] = 255, 0, 0
    element = svg(grid.picture(pixels, 0, 0, 30, 20))[0]
    data = re.sub(r"^data:image/png;base64,", "", element.attrib["href"])

    raw = base64.b64decode(data)
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    image = pytest.importorskip("PIL.Image").open(BytesIO(raw))
    assert np.array_equal(np.asarray(image), pixels)
