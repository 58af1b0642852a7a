"""Samples of ops/table.py and ops/index.py."""

import numpy as np
import torch

from autograd_lab.ops import pick
from tests.ops.refusals import R, answered
from tests.ops.samples import S, b, bare, f, i


def put_added(x, shape, places):
    """Add values into zeros with PyTorch."""
    zeros = torch.zeros(shape, dtype=x.dtype)
    return zeros.index_put(places, x, accumulate=True)


def replaced(x, value, places):
    """Replace with PyTorch."""
    if not isinstance(value, torch.Tensor):
        value = torch.tensor(value, dtype=x.dtype)
    return x.index_put(places, value)


def written(x, value, view):
    """Write through a view with PyTorch."""
    y = x.clone()
    y[1:] = value
    return y


def picked(x, index):
    """Index with PyTorch."""
    return x[index]


def places(*numbers):
    """Make an array of whole numbers."""
    return np.array(numbers)


FLOATS = ("float32",)
TABLE = {
    "argwhere": [S(b(2, 3)), S(b())],
    "combinations": [S(f(4)), S(f(3), 3), S(f(3), 2, True), R(f(2, 2))],
    "index_add": [
        S(f(3, 2), 0, places(0, 0, 2), f(3, 2)), S(f(2, 3), 1, places(2, 1), f(2, 2), alpha=2),
        R(f(), 0, places(0), f(1)), R(f(3), 0, places(3), f(1)), R(f(3), 0, places(0), f(2)),
    ],
    "index_copy": [
        S(f(3, 2), 0, places(2, 0), f(2, 2)), S(f(2, 3), 1, places(1), f(2, 1)),
        R(f(3), 0, places(0), f(2)),
    ],
    "index_fill": [
        S(f(3, 2), 0, places(0, 2), 7.0, only=FLOATS), S(f(3), 0, places(1), f(), only=FLOATS),
        S(f(2, 3), 1, places(-1), 0.5, only=FLOATS), R(f(3), 0, places(4), 1.0, only=()),
    ],
    "index_put": [S(f(3), [places(0, 2)], f(2)), S(f(3), [places(0, 0)], f(2), accumulate=True)],
    "index_select": [
        S(f(3, 2), 0, places(2, 0, 2)), S(f(2, 3), -1, places(1)), S(f(), 0, places(0)),
        R(f(3), 0, places(3)), R(f(3), 0, i(2, 2, low=0, high=2)), R(f(3), 0, f(2)),
    ],
    "look_up": [
        S(f(3, 2), (bare(places(2, 0, 2)),), torch=picked),
        S(f(3, 4), (bare(places(2, -1)), bare(places(0, 0))), torch=picked),
        S(f(2, 3, 4), (slice(None), bare(places(1, 1, 0)),), torch=picked),
        S(f(2, 3, 4), (bare(places(1, 1)), slice(None), bare(places(3, 0))), torch=picked),
        S(f(2, 3), (bare(np.array([[True, False, True], [False, False, True]])),), torch=picked),
        R(f(3), (bare(np.array([True, False])),), torch=picked, only=()),
    ],
    "masked_scatter": [
        S(f(2, 3), b(2, 3), f(6)), S(f(2, 3), b(3), f(6)), R(f(3), np.ones(3) > 0, f(2)),
    ],
    "masked_select": [S(f(2, 3), b(2, 3)), S(f(2, 1), b(3)), R(f(2), f(2))],
    "narrow": [S(f(5, 2), 0, 1, 3), S(f(2, 5), 1, -2, 2), R(f(3), 0, 2, 2), R(f(), 0, 0, 0)],
    "nonzero": [S(b(2, 3)), S(f(3), as_tuple=True), S(b())],
    "pick": [
        S(f(3, 4), 1, torch=picked), S(f(3, 4), (slice(None), -1), torch=picked),
        S(f(3, 4), (None, slice(0, 3, 2), ...), torch=picked), S(f(), (), torch=picked),
        S(f(3, 4), (1, 2), torch=picked), R(f(3), 3, torch=picked), R(f(3), (0, 0), torch=picked),
    ],
    "put": [
        S(f(2, 3), places(0, 4), f(2)), S(f(2, 3), places(1, 1), f(2), True), R(f(3), places(3),
        f(1)),
    ],
    "put_add": [
        S(f(3), (4,), (bare(places(0, 0, 2)),), torch=put_added),
        S(f(2, 3), (4, 3), (bare(places(1, 1)),), torch=put_added),
        S(f(2), (3, 3), (bare(places(1, -1)), bare(places(0, 0))), torch=put_added),
        S(f(2), (3,), (bare(np.array([True, False, True])),), torch=put_added),
        S(f(2, 2, 3), (2, 4, 3), (slice(None), bare(places(1, 1))), torch=None),
    ],
    "repeat_interleave": [
        S(f(2, 3), 2), S(f(2, 3), 2, 1), S(f(3), places(2, 0, 1)), S(f(2, 3), places(1, 3), 0),
        S(places(1, 2)), R(f(3), places(1, 2)), R(f(3), -1),
    ],
    "replace": [
        S(f(3), f(2), (bare(places(2, 0)),), torch=replaced),
        S(f(3, 2), f(2), (bare(places(2, 0)),), torch=replaced),
        S(f(3), 1.5, (bare(places(2)),), torch=replaced, only=FLOATS),
        S(f(2, 2), f(3), (bare(np.array([[True, True], [False, True]])),), torch=replaced),
    ],
    "select": [S(f(3, 4), 0, 1), S(f(3, 4), -1, -2), R(f(3), 0, 3), R(f(), 0, 0)],
    "select_scatter": [S(f(3, 2), f(2), 0, 1), R(f(3, 2), f(3), 0, 1)],
    "slice_scatter": [S(f(4, 2), f(2, 2), 0, 1, 3), S(f(2, 4), f(2, 2), 1, 0, 4, 2)],
    "take": [S(f(2, 3), places(0, 4, -1)), R(f(2, 3), places(6))],
    "tril_indices": [R(-1, 2)],
    "triu_indices": [R(2, -1)],
    "write_view": [
        S(f(3, 2), f(2, 2), lambda x: pick(x, slice(1, None)), torch=written),
        S(f(3, 2), 5.0, lambda x: pick(x, slice(1, None)), torch=written, only=FLOATS),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
