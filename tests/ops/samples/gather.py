"""Samples of ops/gather.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f, i


def added(x, dim, index, shape):
    """Add into zeros with PyTorch."""
    return torch.zeros(shape, dtype=x.dtype).scatter_add(dim, index, x)


def reduced(reduce):
    """Make PyTorch's scatter_reduce of one kind."""
    return lambda x, dim, index, src, *rest: x.scatter_reduce(dim, index, src, reduce)


def smallest(x, dim, index, src, largest):
    """Take the smallest with PyTorch."""
    return x.scatter_reduce(dim, index, src, "amin")


def places(*shape, below):
    """Make an index array."""
    return i(*shape, low=0, high=below)


APART = np.array([[2, 0], [1, 2]])  # no place twice in a row
FLOATS = ("float32",)
TABLE = {
    "add_along": [
        S(f(2, 3), 1, places(2, 3, below=4), (2, 4), torch=added),
        S(f(2, 2), 0, places(2, 2, below=3), (3, 4), torch=added),
        S(f(), 0, np.array(0), (), torch=added), S(f(3), 0, places(3, below=2), (2,), torch=added),
    ],
    "gather": [
        S(f(2, 4), 1, places(2, 3, below=4)), S(f(3, 4), 0, places(2, 2, below=3)),
        S(f(), 0, np.array(0)), R(f(3), 0, np.array([3])), R(f(3), 0, places(2, 2, below=3)),
        R(f(2, 2), 1, places(3, 1, below=2)), R(f(2, 2), 0, np.array([[-1]])),
    ],
    "scatter": [
        S(f(2, 3), 1, APART, f(2, 2)), S(f(2, 3), 1, APART, 5.0, only=FLOATS), S(f(),
        0, np.array(0), f()),
        S(f(2, 3), 1, APART, f(2, 3), smooth=False, torch=None), R(f(3), 0, np.array([3]), f(1)),
        S(f(2, 3), 1, APART, value=2.0, only=FLOATS),
    ],
    "scatter_add": [
        S(f(2, 3), 1, places(2, 4, below=3), f(2, 4)), S(f(3), 0, np.array([0, 0]), f(2)),
        S(f(), 0, np.array(0), f()), R(f(3), 0, np.array([0, 0]), f(1)),
    ],
    "scatter_extreme": [
        S(f(2, 3), 1, places(2, 4, below=3), f(2, 4), torch=reduced("amax")),
        S(f(2, 3), 1, places(2, 4, below=3), f(2, 4), False, torch=smallest),
    ],
    "scatter_reduce": [
        S(f(2, 3), 1, places(2, 4, below=3), f(2, 4), reduce=kind, include_self=with_self)
        for kind in ("sum", "prod", "mean", "amax", "amin") for with_self in (True, False)
    ],
    "take_along_dim": [
        S(f(2, 4), places(2, 3, below=4), 1), S(f(2, 4), places(1, 3, below=4), 1),
        S(f(8), places(3, below=8)), S(f(2, 4), np.array([[-1]]), 1),
    ],
}  # fmt: skip
TABLE["scatter_prod"] = [
    S(f(2, 3), 1, np.array([[0, 0], [1, 2]]), f(2, 2), torch=reduced("prod")),
    S(np.array([0.0, 2, 3]), 0, np.array([0, 1, 1]), np.array([2.0, 0, 3]), torch=reduced("prod"),
      smooth=False),
]  # fmt: skip
SAMPLES = answered(TABLE)
