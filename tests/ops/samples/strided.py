"""Samples of ops/strided.py."""

import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f

windows = torch.Tensor.unfold


def folded(x, shape, dim, size, step):
    """Add windows up with PyTorch: as its gradient of sliding a window."""
    zeros = torch.zeros(shape, dtype=x.dtype, requires_grad=True)
    seen = zeros.unfold(dim, size, step)
    return torch.autograd.grad(seen, zeros, x, create_graph=True)[0]


TABLE = {
    "fold_windows": [
        S(f(3, 3), (5,), 0, 3, 1, torch=folded, only=("float32",)),
        S(f(2, 2, 2), (2, 5), 1, 2, 3, torch=folded, only=("float32",)),
    ],
    "unfold": [
        S(f(6), 0, 3, 1, torch=windows), S(f(2, 7), 1, 2, 3, torch=windows),
        S(f(5, 2), 0, 2, 2, torch=windows), S(f(), 0, 1, 1, torch=windows),
        R(f(3), 0, 4, 1, torch=windows), R(f(3), 0, 1, 0, torch=windows),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
