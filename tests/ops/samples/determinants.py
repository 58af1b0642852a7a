"""Samples of ops/determinants.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i
from tests.ops.samples.solving import FLOATS, NEAR, definite, square

TABLE = {
    "det": [S(square(3, 3), **NEAR), S(square(2, 3, 3), **NEAR), S(c(2, 2), special=False, only=()),
            S(np.array([[1.0, 2], [2, 4]]), torch=None, smooth=False, only=()), R(f(2, 3)),
            R(i(2, 2))],
    "logdet": [S(definite(3), **NEAR), S(-np.eye(3), smooth=False, only=FLOATS)],
    "sign_and_log_det": [S(square(3, 3), torch=lambda x: tuple(torch.slogdet(x)), **NEAR),
                         S(c(2, 2), torch=lambda x: tuple(torch.slogdet(x)), special=False,
                         only=())],
    "slogdet": [S(square(2, 3, 3), **NEAR)],
}  # fmt: skip
SAMPLES = answered(TABLE)
