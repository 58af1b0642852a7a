"""The widget on the kernel's side: the learner's own strides, whatever the array is."""

from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.widgets import StrideView
from autograd_lab.widgets.stride_view.memory import memory_of
from autograd_lab.widgets.stride_view.picture import place

rng = np.random.default_rng(0)
X = torch.arange(12.0).reshape(3, 4)
VIEWS = {
    "whole": X, "turned": X.t(), "column": X[:, 1], "sparse": X[::2, 1:],
    "expanded": X.expand(2, 3, 4), "flipped": np.arange(6)[::-1],
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "corner": np.arange(10_000.0).reshape(100, 100)[3:6, 2:6], "scalar": torch.tensor(2.0),
    "corner turned": np.arange(10_000.0).reshape(100, 100).T[3:6, 2:6],
    "field": np.zeros(4, [("a", "f4"), ("b", "f4")])["b"],
    "cut bytes": np.frombuffer(b"\x01" * 9, np.uint8, 4, 3),
    "bool": torch.tensor([[True], [False]]), "complex": np.array([1 + 2j, 3]),
}  # fmt: skip


@pytest.mark.parametrize("name", VIEWS)
def test_every_element_is_found_at_its_place(name):
    array = VIEWS[name].array if hasattr(VIEWS[name], "array") else VIEWS[name]
    data = StrideView(VIEWS[name]).data
    assert data["shape"] == list(array.shape)
    assert data["strides"] == [stride // array.itemsize for stride in array.strides]
    values = dict(zip(data["at"], data["values"], strict=True))
    for index in np.ndindex(array.shape):
        assert values[place(data, index)] == pytest.approx(float(abs(array[index])))


def test_the_memory_is_the_learners_own():
    assert memory_of(X.t()[1:].array, 256)[:3] == ([1, 4], 1, 12)
    corner = memory_of(VIEWS["corner"], 256)
    assert (corner.offset, corner.total, corner.at[:5]) == (302, 10_000, [302, 303, 304, 305, 402])


def test_on_a_gpu(pretend_gpu):
    x = torch.arange(6.0).reshape(2, 3).to("cuda").t()
    data = StrideView(x).data
    assert (data["strides"], data["total"], data["values"]) == ([1, 3], 6, [0, 1, 2, 3, 4, 5])


def test_a_large_tensor_and_one_without_elements():
    big = rng.normal(size=(100, 100))
    assert "look at a corner: StrideView(big[:8, :8])" in StrideView(big).data["why"]
    assert "no elements" in StrideView(np.zeros((0, 3))).data["why"]


@pytest.mark.parametrize(("x", "error", "words"), [
    ("text", TypeError, "not a str"), (object(), TypeError, "not a object"),
    ([[1], [1, 2]], ValueError, "different lengths"), (np.zeros((1,) * 5), ValueError, "4 axes"),
])  # fmt: skip
def test_what_it_refuses(x, error, words):
    with pytest.raises(error, match=words):
        StrideView(x)


@pytest.mark.parametrize("name", VIEWS)
def test_the_still_picture_is_whole(name):
    view = StrideView(VIEWS[name], name="<x>&\x00")
    root = ElementTree.fromstring(view.to_svg())
    assert next(root.iter("{http://www.w3.org/2000/svg}desc")).text == repr(view)
    assert " lies at " in view.to_svg()
