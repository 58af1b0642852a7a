"""Samples of ops/extremes.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, b, f, i

TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
ALONG_ALL = [
    S(f(2, 3)), S(f(2, 3), 1), S(f(2, 3, 4), (0, 2)), S(f(2, 3), 0, True), S(f()), S(f(), 0),
    S(i(4)), S(b(4)), S(TIES, smooth=False), S(TIES, 1, smooth=False), R(f(0)), R(f(2, 0), 1),
    S(f(0, 2), 1), R(f(2, 3), 2),
]  # fmt: skip
PLACES = [
    S(f(2, 3)), S(f(2, 3), 1), S(f(2, 3), 0, True), S(f(2, 3), keepdim=True), S(f()), R(b(4)),
    R(f(0)),
    R(f(2, 0), 1), S(np.array([1.0, np.nan, 3.0])),
]  # fmt: skip
WITH_PLACE = [
    S(f(2, 3), 1), S(f(2, 3), 0, True), S(f(), 0), S(b(2, 3), 0), R(f(2, 0), 1), R(f(3), 1),
]  # fmt: skip


def both(call):
    """Make PyTorch's max or min give a plain tuple."""
    return lambda *args: tuple(call(*args))


TABLE = {
    "amax": ALONG_ALL,
    "amin": ALONG_ALL,
    "aminmax": [S(f(2, 3)), S(f(2, 3), dim=1, keepdim=True)],
    "argmax": PLACES,
    "argmin": PLACES,
    "max": [
        S(f(2, 3)), S(TIES, smooth=False), S(f(2, 3), 1), S(f(2, 3), f(3)), S(f(2, 3),
        dim=0, keepdim=True),
        R(f(0)), S(f()), S(i(4)),
    ],
    "max_along": [type(s)(*s.args, torch=both(torch.max)) for s in WITH_PLACE],
    "min": [
        S(f(2, 3)), S(TIES, smooth=False), S(f(2, 3), 1), S(f(2, 3), f(3)), S(f(2, 3),
        dim=0, keepdim=True),
        R(f(0)), S(f()), S(i(4)),
    ],
    "min_along": [type(s)(*s.args, torch=both(torch.min)) for s in WITH_PLACE],
}  # fmt: skip
SAMPLES = answered(TABLE)
