"""The widget on the kernel's side: what it takes, what it says, what it draws."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.widgets import BroadcastView


def test_what_it_takes():
    x, y = torch.tensor([[1.0], [2.0]], requires_grad=True), np.array([10, 20, 30])
    data = BroadcastView(x, y).data
    assert data["a"] == {"name": "x", "shape": [2, 1], "values": [1, 2]}
    assert data["b"] == {"name": "y", "shape": [3], "values": [10, 20, 30]}
    assert BroadcastView((2, 3), 5).data["b"] == {"name": "b", "shape": [], "values": [5]}
    assert BroadcastView(x.shape, [[1, 2]]).data["a"]["shape"] == [2, 1]
    assert BroadcastView([math.nan, math.inf], ()).data["a"]["values"] == ["nan", "inf"]
    assert BroadcastView(np.zeros(5000), ()).data["a"]["values"] is None


@pytest.mark.parametrize(("a", "error", "words"), [
    ("text", TypeError, "not a str"), (None, TypeError, "not a NoneType"),
    ([[1], [1, 2]], ValueError, "different lengths"), ((1.5,), TypeError, "whole numbers"),
    ((-1,), ValueError, "not -1"), (np.array([1j]), TypeError, "real numbers"),
])  # fmt: skip
def test_what_it_refuses(a, error, words):
    with pytest.raises(error, match=words):
        BroadcastView(a, (3,))


def test_bad_options():
    with pytest.raises(ValueError, match="op is one of add, sub"):
        BroadcastView((1,), (2,), op="matmul")
    with pytest.raises(ValueError, match="three words"):
        BroadcastView((1,), (2,), names=("a", "b"))


@pytest.mark.parametrize(("a", "b", "words"), [
    ((3, 1), (4,), "give (3, 4); a is stretched along axis −1, b along axis −2"),
    ((3, 4), (3, 4), "nothing is stretched"),
    ((2, 3), (4,), "do not go together: 3 and 4 clash at axis −1"),
    ((5, 2, 3), (4, 1, 3), "5 and 4 clash at axis −3"),
])  # fmt: skip
def test_it_says_what_is_seen(a, b, words):
    assert words in repr(BroadcastView(a, b))


@pytest.mark.parametrize("op", ["add", "div", "pow", "gt"])
@pytest.mark.parametrize(("a", "b"), [
    ((3, 1), (4,)), ((), ()), ((), (3,)), ((2, 3, 4), (3, 1)), ((4, 3), (4,)), ((0, 3), (3,)),
    ((64, 10), (10,)), ((1000, 1000), (1000,)), ((2, 2, 2, 2), (2,)), (((1,) * 6), (3,)),
    ([math.nan, 1.0], [[math.inf], [0.0]]),
])  # fmt: skip
def test_the_still_picture_is_whole(a, b, op):
    view = BroadcastView(a, b, op, names=("<a>", "b&", "\x00c"))
    text = view.to_svg()
    root = ElementTree.fromstring(text)
    assert next(root.iter("{http://www.w3.org/2000/svg}desc")).text == repr(view)
    assert len(text) < 60_000


def test_the_picture_tells_the_sum():
    text = BroadcastView([[1], [2]], [10, 20], op="mul").to_svg()
    assert "c[1, 1] = a[1, 0] · b[1] = 2 · 20 = 40" in text
