"""Samples of ops/norms.py."""

import math

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i

FLOATS = ("float32",)


def matrix(x, *settings, **named):
    """Measure a matrix with PyTorch, where it lives in linalg."""
    return torch.linalg.matrix_norm(x, *settings, **named)


def either(x, *settings, **named):
    """Measure with PyTorch's linalg.norm."""
    return torch.linalg.norm(x, *settings, **named)


ORDERS = (1, -1, 2, -2, math.inf, -math.inf, "fro", "nuc")
NEAR = {"special": False, "near": 1e-7}  # LAPACK refuses nan and inf, and signs are its own
TABLE = {
    "dist": [S(f(2, 3), f(3)), S(f(3), f(3), 1), S(f(3), f(3), math.inf)],
    "linalg_norm": [
        S(f(2, 3), torch=either), S(f(2, 3, 2), torch=either), S(f(4), 3, torch=either),
        S(f(2, 3), 1, torch=either), S(f(2, 3), 1, 0, True, torch=either),
        S(f(2, 3, 4), "nuc", (0, 2), torch=either, only=FLOATS, **NEAR),
        S(f(2, 3, 2), None, None, True, torch=either),
        R(f(2, 3, 4), 2, torch=either), R(i(3), torch=either),
    ],
    "matrix_norm": [
        *[S(f(3, 4), p, torch=matrix, only=FLOATS, **NEAR) for p in ORDERS],
        *[S(f(2, 3, 4), p, (2, 0), True, torch=matrix, only=FLOATS, **NEAR) for p in ORDERS],
        S(np.ones((0, 4)), 1, torch=matrix, smooth=False, special=False, only=()),
        S(c(3, 2), "nuc", torch=matrix, only=(), **NEAR),
        R(np.ones((0, 4)), -2, torch=matrix), R(f(3), torch=matrix), R(f(2, 3), 3, torch=matrix),
        R(f(2, 3), 1, (0, 0), torch=matrix), R(i(2, 2), torch=matrix),
        R(f(2, 3), 1, 0, torch=matrix),
    ],
    "norm": [
        S(f(2, 3)), S(f(2, 3), 1, 0), S(f(2, 3), 2, dim=1, keepdim=True),
        S(f(3, low=0.1), math.inf),
        S(f(2, 3), "nuc", only=FLOATS, **NEAR), R(f(2, 3, 4), "fro", (0, 1, 2)), R(i(3)),
    ],
    "renorm": [S(f(2, 3), 2, 0, 1.0, only=FLOATS), S(f(2, 3, 2), 1, 1, 2.5, only=FLOATS),
               R(f(3), 2, 0, 1.0), R(f(2, 2), 0, 0, 1.0)],
    "svd": [S(f(3, 4), torch=None, only=FLOATS, **NEAR), R(f(3))],
    "svd_parts": [S(f(3, 4), torch=None, only=FLOATS, **NEAR),
                  S(f(2, 4, 3), torch=None, only=FLOATS, **NEAR)],
    "svdvals": [
        S(f(3, 4), torch="linalg.svdvals", only=FLOATS, **NEAR),
        S(f(2, 4, 3), torch="linalg.svdvals", only=FLOATS, **NEAR),
        R(f(3), torch="linalg.svdvals"), R(i(2, 2), torch="linalg.svdvals"),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
