"""Samples of ops/reduce.py."""

import math

import numpy as np
import torch

import autograd_lab as lab
from tests.ops.refusals import R, answered
from tests.ops.samples import S, b, c, f, i

ALL_WAYS = [
    S(f(2, 3)), S(f(2, 3), 1), S(f(2, 3), 0, True), S(f(2, 3, 4), (0, 2)), S(f(2, 3), (0, -1),
    True),
    S(f()), S(f(), 0), R(f(2, 3), 2), R(f(2, 3), (0, 0)), S(f(2, 0), 1, smooth=False), S(f(0),
    smooth=False),
    S(c(2, 3), 1, only=()),
]  # fmt: skip
SPREAD = [
    S(f(2, 3)), S(f(2, 3), 1), S(f(2, 4), 0, keepdim=True), S(f(2, 3, 4), (0, 2), correction=0),
    S(f(2, 3), False), S(f(2, 3), 1, False), S(f(2, 3), 1, unbiased=False), S(f(2, 3),
    1, True, True),
    S(f(4), correction=2.5), S(f(1), smooth=False), S(f(), smooth=False), R(i(4)), S(c(2, 3),
    1, only=()),
]  # fmt: skip
WITH_NAN = np.array([[1.0, math.nan, 2.0], [3.0, 4.0, math.nan]])
NORMS = (2, 1, 0, 3, 2.5, 0.5, -1, math.inf, -math.inf)


def in_float32(x, dtype):
    """Add up in single precision with PyTorch."""
    return x.sum(dtype=torch.float32)


def length(x, *settings, **named):
    """Measure with PyTorch, where it lives in linalg."""
    return torch.linalg.vector_norm(x, *settings, **named)


ANSWERS = [
    S(b(2, 3)), S(b(2, 3), 1), S(f(2, 3), 0, True), S(b(2, 3, 2), (0, 2)), S(b()), S(b(0, 2)),
    S(np.array([0, 3], dtype="uint8"), only=()),
]  # fmt: skip
TABLE = {
    "all": ANSWERS,
    "any": ANSWERS,
    "count_nonzero": [S(i(3, 4, low=0, high=2)), S(b(2, 3), 1), S(f(2, 3), (0, 1))],
    "logsumexp": [
        S(f(2, 3), 1), S(f(2, 3), (0, 1)), S(f(2, 3), 0, True), S(f(), 0), S(c(2, 3), 1, only=()),
        S(np.array([1000.0, 1000.0]), 0), S(np.array([-math.inf, -math.inf]), 0, smooth=False),
    ],
    "mean": [*ALL_WAYS, R(i(4)), R(b(2, 3)), R(i(3), dtype=None)],
    "nanmean": [S(WITH_NAN, smooth=False), S(WITH_NAN, 1, True, smooth=False, only=("float32",))],
    "nansum": [S(WITH_NAN, smooth=False), S(WITH_NAN, 0, smooth=False, only=("float32",)), S(i(3))],
    "prod": [
        S(f(5)), S(f(2, 3), 1), S(f(2, 3), 0, True), S(f()), S(f(0)), S(i(4)), S(c(3), only=()),
        S(np.array([2.0, 0.0, 3.0])), S(np.array([[0.0, 0.0, 3.0], [0.0, 2.0, 3.0]]), 1),
        R(f(2, 3), 2),
    ],
    "std": [*SPREAD, S(np.ones(3), smooth=False)],
    "std_mean": [S(f(2, 3)), S(f(2, 3), 1), S(f(2, 3), 1, keepdim=True, correction=0)],
    "sum": [
        *ALL_WAYS, S(i(4)), S(b(2, 3)), S(f(4), dtype=lab.float32, torch=in_float32, smooth=False),
    ],
    "var": SPREAD,
    "var_mean": [S(f(2, 3)), S(f(2, 3), 1), S(f(2, 3), 1, keepdim=True, correction=0)],
    "vector_norm": [
        *[S(f(3, 4), p, 1, torch=length) for p in NORMS], S(f(2, 3), torch=length),
        S(c(2, 3), 2, 1, torch=length, only=()), S(f(2, 3), 2, (0, 1), True, torch=length),
        S(np.zeros((2, 3)), 2, 1, torch=length, smooth=False),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
