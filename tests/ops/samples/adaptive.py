"""Samples of ops/adaptive.py."""

import numpy as np
import torch

from tests.ops.samples import S, bare, f

FLOATS = ("float32",)
PLACES = [bare(np.array([[0, 1, 2], [1, 2, 3], [3, 4, 4]])), bare(np.array([[0, 1], [1, 2]]))]


def adapted(x, sizes):
    """Take adaptive means with PyTorch."""
    return getattr(torch.nn.functional, f"adaptive_avg_pool{len(sizes)}d")(x, sizes)


SAMPLES = {
    "adaptive_avg_pool": [
        S(f(2, 3, 5, 7), (3, 2), torch=adapted, only=FLOATS),
        S(f(3, 6, 4), (2, 4), torch=adapted, only=FLOATS),
        S(f(2, 3, 4), (6,), torch=adapted, only=FLOATS),
        S(f(0, 3, 4, 4, 4), (2, 1, 4), torch=adapted, only=FLOATS),
    ],
    "adaptive_spread_mean": [
        S(f(2, 3, 2), (5, 7), torch=None, only=FLOATS), S(f(2, 6), (4,), torch=None, only=FLOATS),
    ],
    "chosen_max_pool": [
        S(f(2, 3, 5, 3), PLACES, torch=None, only=FLOATS),
        S(f(2, 5, 3), PLACES, torch=None, only=FLOATS),
    ],
}  # fmt: skip
