"""Samples of ops/scan.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, b, c, f, i

RUNS = [S(f(2, 4), 1), S(f(4, 2), 0), S(f(), 0), S(f(0), 0), S(i(4), 0), R(f(3), 1), S(f(2, 3), -1)]

WITH_NAN = np.array([1.0, 3, 3, 0, np.nan, 2])


def pairs(call):
    """Try the same with a function that gives values and indices."""
    return [type(s)(*s.args, torch=call) for s in RUNS]


TABLE = {
    "cummax": RUNS,
    "cummin": RUNS,
    "cummax_along": [
        *pairs(torch.cummax), S(WITH_NAN, 0, torch=torch.cummax, smooth=False),
    ],
    "cummin_along": [
        *pairs(torch.cummin), S(WITH_NAN, 0, torch=torch.cummin, smooth=False),
    ],
    "cumprod": [
        S(np.array([[2.0, 0.0, np.nan, 0.0, 3.0], [np.inf, 2.0, 0.0, -1.0, np.inf],
                    [0.0, np.nan, 1.0, 2.0, -np.inf], [1.0, 2.0, np.nan, 0.0, 0.0]]), 1,
          smooth=False, only=("float32",)),
        *RUNS, S(np.array([2.0, 0, 3, 4]), 0), S(np.array([[0.0, 2, 0, 4]]), 1), S(b(3), 0),
        S(c(4), 0, only=()),
    ],
    "cumsum": [*RUNS, S(c(4), 0, only=()), S(b(3), 0)],
    "diff": [
        S(f(5)), S(f(2, 4), 2), S(f(4, 2), 1, 0), S(f(3), prepend=f(1), append=f(2)), S(b(4)),
        S(f(3), 5),
        R(f()),
    ],
    "logcumsumexp": [
        S(f(2, 4), 1, only=("float32",)), S(f(), 0, only=("float32",)),
        S(np.array([1000.0, 1000, 0]), 0, only=()), S(c(4), 0, only=()), R(i(3), 0),
        S(np.array([-np.inf, 0, 1]), 0, only=(), smooth=False),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
