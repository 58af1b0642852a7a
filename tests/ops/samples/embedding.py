"""Samples of ops/embedding.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f, i


def rows_added(x, index, rows, padding=None):
    """Add rows up with PyTorch: the gradient of its embedding."""
    table = torch.zeros(rows, x.shape[-1], dtype=x.dtype, requires_grad=True)
    seen = torch.nn.functional.embedding(index, table, padding)
    return torch.autograd.grad(seen, table, x, create_graph=True)[0]


def places(*numbers):
    """Make an array of whole numbers."""
    return np.array(numbers)


rows_of = torch.nn.functional.embedding
FLOATS = ("float32",)
MANY = i(150, low=0, high=40)
TABLE = {
    "add_rows": [
        S(f(3, 2), places(1, 0, 1), 4, torch=rows_added, only=FLOATS),
        S(f(2, 2, 3), i(2, 2, low=0, high=3), 3, 1, torch=rows_added, only=FLOATS),
        S(f(150, 2), MANY, 40, torch=rows_added, only=FLOATS),
        S(f(150, 2), MANY, 40, 7, torch=rows_added, only=FLOATS),
    ],
    "embedding": [
        S(i(2, 3, low=0, high=4), f(4, 2), torch=rows_of, only=FLOATS),
        S(i(5, low=0, high=4), f(4, 2), 1, torch=rows_of, only=FLOATS, smooth=False),
        S(i(5, low=0, high=4), f(4, 2), None, None, 2.0, True, torch=rows_of, only=(),
        smooth=False),
        R(i(2, low=0, high=2), f(4, 2), 4, torch=rows_of),
        R(i(5, low=4, high=6), f(4, 2), torch=rows_of), R(i(2, low=0, high=2), f(4), torch=rows_of),
        R(f(2), f(4, 2), torch=rows_of),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
