"""What of a tensor travels: the right numbers, the right facts, never too many."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.widgets.tensor_view.content import (
    ROOM,
    arrays_of,
    facts_of,
    guess,
    part_of,
    sides,
)

rng = np.random.default_rng(0)


def test_a_small_tensor_travels_whole_and_exact():
    x = rng.normal(size=(4, 3, 5, 6)).astype(np.float32)
    part = part_of(x)
    assert (part.first, part.count, part.per) == (0, 12, (1, 1))
    assert part.numbers.dtype == np.float32
    assert np.array_equal(part.numbers, x.reshape(-1))


@pytest.mark.parametrize("first", [0, 100, 40_000, 10**9])
def test_of_a_large_one_whole_slices_come_near_the_place_asked_for(first):
    x = np.arange(50_000 * 49, dtype=np.float64).reshape(500, 100, 7, 7)
    part = part_of(x, first)
    assert part.numbers.size <= ROOM
    assert part.first <= min(first, 49_999) < part.first + part.count
    whole = x.reshape(-1, 49)[part.first : part.first + part.count]
    assert np.array_equal(part.numbers, whole.reshape(-1))


def test_colours_stay_together():
    part = part_of(np.zeros((100, 3, 100, 100), np.uint8), 17)
    assert part.first % 3 == 0
    assert part.count % 3 == 0


@pytest.mark.parametrize(
    "shape", [(1000, 500), (3, 100_000), (100_000, 3), (70_000,), (2, 999, 777)]
)
def test_too_large_a_slice_comes_as_means(shape):
    x = rng.normal(size=shape)
    part = part_of(x)
    assert part.numbers.size <= ROOM
    assert part.count == 1
    down, across = part.per
    assert down * across > 1
    first = x.reshape(-1, *sides(shape)[1:])[0][:down, :across].mean()
    assert math.isclose(part.numbers[0], first, rel_tol=1e-6)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0, 4), (2, 2, 0)])
def test_without_axes_or_elements(shape):
    part = part_of(np.zeros(shape))
    assert part.numbers.size == math.prod(shape)
    assert facts_of(np.zeros(shape))["nans"] == 0


def test_whole_numbers_keep_their_digits():
    assert part_of(np.array([2**24 + 1])).numbers.tolist() == [2**24 + 1]
    assert part_of(np.array([1, 2, 3])).numbers.dtype == np.float32
    assert part_of(np.array([True, False])).numbers.tolist() == [1, 0]


def test_complex_numbers_travel_as_size_and_angle():
    part = part_of(np.array([3 + 4j, -1j]))
    assert part.numbers.tolist() == [5, 1]
    assert np.allclose(part.phases, [math.atan2(4, 3), -math.pi / 2])


def test_facts():
    x = np.array([0, 0, 1, -3, math.nan, math.inf, -math.inf, 2], np.float32)
    facts = facts_of(x)
    assert (facts["low"], facts["high"], facts["nans"], facts["infinities"]) == (-3, 2, 1, 2)
    assert (facts["zero"], facts["nan"], facts["infinite"]) == (0.25, 0.125, 0.25)
    assert facts["mean"] == 0
    assert math.isclose(facts["std"], np.array([0, 0, 1, -3, 2]).std())
    assert sum(facts["counts"]) == 5
    assert len(facts["edges"]) == len(facts["counts"]) + 1


def test_facts_of_whole_numbers_count_each():
    facts = facts_of(np.array([3, 5, 5, 9]))
    assert facts["edges"] == [3, 4, 5, 6, 7, 8, 9]
    assert facts["counts"] == [1, 0, 2, 0, 0, 0, 1]


def test_facts_of_extremes():
    assert facts_of(np.full(3, math.nan))["counts"] == []
    assert facts_of(np.array([-1e308, 1e308]))["counts"][0] == 1
    assert all(map(math.isfinite, facts_of(np.full(2, 1.6e308))["edges"]))
    assert sum(facts_of(np.full(5, 2.0))["counts"]) == 5
    assert sum(facts_of(np.full(5, 5e-324))["counts"]) == 5
    assert facts_of(np.array([-128, 127], np.int8))["counts"][-1] == 1
    assert facts_of(np.array([0, 2**63 - 1]))["high"] == 2.0**63


def test_what_is_looked_at_as_an_image():
    looks = {
        (8, 3, 32, 32): "image",
        (1, 28, 28): "image",
        (16, 3, 5, 5): "map",
        (30, 8, 64): "map",
    }
    assert {shape: guess(np.zeros(shape)) for shape in looks} == looks
    assert guess(np.zeros((20, 30, 3), np.uint8)) == "image"
    assert guess(np.zeros(10, np.uint8)) == "map"


def test_any_kind_of_numbers():
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    assert arrays_of(x)[0] is x.array
    assert arrays_of(x)[1] is None
    (x * x).sum().backward()
    assert arrays_of(x)[1].tolist() == [[2, 4]]
    assert arrays_of(x, grad=False)[1] is None
    assert arrays_of(x, grad=[[5.0, 6.0]])[1].tolist() == [[5, 6]]
    assert arrays_of(3)[0].shape == ()
    assert arrays_of(np.float32(2))[0].shape == ()
    assert arrays_of([x[0], x[0]])[0].shape == (2, 2)


def test_a_tensor_of_pytorch():
    torch = pytest.importorskip("torch")
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    value, grad = arrays_of(x)
    assert value.tolist() == [1, 2]
    assert grad.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("text", TypeError, "not a str"),
        (None, TypeError, "not a NoneType"),
        ({"a": 1}, TypeError, "not a dict"),
        ([[1], [2, 3]], ValueError, "different lengths"),
        (np.array(["a"]), TypeError, "draws numbers"),
        (torch.nn.Linear(2, 3), TypeError, r"choose one, for instance TensorView\(model.weight\)"),
        (SimpleNamespace(), TypeError, "not a SimpleNamespace"),
    ],
)
def test_what_is_no_tensor(given, error, words):
    with pytest.raises(error, match=words):
        arrays_of(given)


def test_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"\(3,\) is not \(2,\)"):
        arrays_of(np.zeros(2), np.zeros(3))
