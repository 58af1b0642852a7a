"""Samples of ops/least_squares.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f
from tests.ops.samples.solving import FLOATS, NEAR, definite, square

TABLE = {
    "linalg.cond": [S(square(3, 3), **NEAR), S(f(3, 2), -2, **NEAR),
                    S(square(3, 3), 1, torch=None, **NEAR),
                    R(f(3, 2), "fro")],
    "linalg.lstsq": [S(f(4, 2), f(4, 3), smooth=False, **NEAR),
                     S(f(4, 2), f(4, 3), driver="gelsd", smooth=False, **NEAR),
                     R(f(3, 2), f(4, 1)), R(f(3, 2), f(3, 1), driver="x")],
    "linalg.matrix_rank": [S(f(3, 2), **NEAR), S(np.array([[1.0, 2], [2, 4]]), only=FLOATS),
                           S(definite(2), hermitian=True, only=FLOATS),
                           S(f(3, 3), atol=100.0, only=FLOATS), R(f(3))],
    "linalg.pinv": [S(f(3, 2), **NEAR), S(f(2, 3), **NEAR), S(f(2, 3, 2), rtol=0.1, **NEAR),
                    S(definite(3), hermitian=True, smooth=False, **NEAR), R(f(3))],
    "pinverse": [S(f(3, 2), **NEAR)],
    "pseudo_inverse": [S(f(3, 2), 1e-9, torch=lambda x, least: torch.pinverse(x), **NEAR),
                       S(f(2, 4), 1e-9, torch=lambda x, least: torch.pinverse(x), **NEAR)],
}  # fmt: skip
SAMPLES = answered(TABLE)
