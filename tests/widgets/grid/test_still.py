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
    piece, wide, high = grid.drawn(values, width=340, height=240)
    how = grid.fit(values, 340, 240)
    assert how.rows * how.down >= shape[0]
    assert how.columns * how.across >= shape[1]
    assert wide <= 340
    assert high <= 240
    svg(piece)
    assert len(piece) < 60_000


def test_numbers_colours_and_signs():
    piece, *_ = grid.drawn(np.array([[1.0, -2.0, 0.0], [math.nan, math.inf, -math.inf]]))
    texts = [text.text for text in svg(piece).iter() if text.tag.endswith("text")]
    assert texts == ["1", "−2", "0", "NaN", "∞", "−∞"]
    small, *_ = grid.drawn(np.array([[1.0, -2.0], [math.nan, 0.0]]), numbers=False)
    assert grid.shade(4) in small
    assert grid.shade(-8) in small
    assert grid.SIGNS["NaN"] in small
    assert small.count("h") - small.count("height") >= 3, "zero is empty: three cells have ink"


def test_means_are_means():
    values = np.random.default_rng(1).normal(size=(7, 10))
    found = grid.means(values, 3, 4)
    assert found.shape == (3, 3)
    assert np.isclose(found[0, 0], values[:3, :4].mean())
    assert np.isclose(found[2, 2], values[6:, 8:].mean())
    values[0, 0] = math.nan
    assert math.isnan(grid.means(values, 3, 4)[0, 0])


def test_nothing_is_drawn_of_nothing():
    piece, wide, high = grid.drawn(np.zeros((0, 3)))
    assert (wide, high) == (0, 0)
    svg(piece)


def test_an_image_is_a_whole_png():
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 0] = 255, 0, 0
    element = svg(grid.picture(pixels, 0, 0, 30, 20))[0]
    data = re.sub(r"^data:image/png;base64,", "", element.attrib["href"])

    raw = base64.b64decode(data)
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    image = pytest.importorskip("PIL.Image").open(BytesIO(raw))
    assert np.array_equal(np.asarray(image), pixels)
