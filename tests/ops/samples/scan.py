"""Samples of ops/scan.py."""

import numpy as np

from tests.ops.refusals import R, answered
from tests.ops.samples import S, b, c, f, i

RUNS = [S(f(2, 4), 1), S(f(4, 2), 0), S(f(), 0), S(f(0), 0), S(i(4), 0), R(f(3), 1), S(f(2, 3), -1)]
TABLE = {
    "cummax": [*RUNS, S(np.array([1.0, 3, 3, np.nan, 2]), 0, smooth=False)],
    "cummin": [*RUNS, S(np.array([4.0, 3, 3, np.nan, 2]), 0, smooth=False)],
    "cumprod": [
        *RUNS, S(np.array([2.0, 0, 3, 4]), 0), S(np.array([[0.0, 2, 0, 4]]), 1), S(c(4), 0, only=()),
        S(b(3), 0),
    ],
    "cumsum": [*RUNS, S(c(4), 0, only=()), S(b(3), 0)],
    "diff": [
        S(f(5)), S(f(2, 4), 2), S(f(4, 2), 1, 0), S(f(3), prepend=f(1), append=f(2)), S(b(4)), S(f(3), 5),
        R(f()),
    ],
    "logcumsumexp": [
        S(f(2, 4), 1, only=("float32",)), S(f(), 0, only=("float32",)),
        S(np.array([1000.0, 1000, 0]), 0, only=()), S(c(4), 0, only=()), R(i(3), 0),
        S(np.array([-np.inf, 0, 1]), 0, only=(), smooth=False),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
