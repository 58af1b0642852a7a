"""Samples of ops/solving.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i

FLOATS = ("float32",)
NEAR = {"special": False, "near": 1e-7, "only": FLOATS}


def square(*shape):
    """Give square matrices with an inverse."""
    n = shape[-1]
    return f(*shape) + 3 * np.eye(n)


def definite(n):
    """Give a positive-definite matrix."""
    a = f(n, n)
    return a @ a.T + np.eye(n)


LOWER = np.linalg.cholesky(definite(3))
LU, PIVOTS = (x.numpy() for x in torch.linalg.lu_factor(torch.from_numpy(square(3, 3))))


def by_root(b, a):
    return torch.cholesky_solve(b, a)


TABLE = {
    "cholesky_inverse": [S(LOWER, smooth=False, **NEAR),
                         S(LOWER.T.copy(), True, smooth=False, **NEAR)],
    "cholesky_solve": [S(f(3, 2), LOWER, smooth=False, **NEAR), R(f(2, 2), f(3, 3))],
    "root_solved": [S(f(3, 2), LOWER, torch=by_root, smooth=False, **NEAR)],
    "inv": [S(square(3, 3), torch="linalg.inv", **NEAR),
            S(square(2, 2, 2), torch="linalg.inv", **NEAR),
            S(c(2, 2) + 3 * np.eye(2), torch="linalg.inv", special=False, only=()),
            R(f(2, 3), torch="linalg.inv"),
            R(f(2), torch="linalg.inv"), R(i(2, 2), torch="linalg.inv")],
    "linalg.inv_ex": [S(square(2, 2), **NEAR)],
    "linalg.solve_ex": [S(square(2, 2), f(2, 1), **NEAR)],
    "linalg.solve": [S(square(3, 3), f(3), **NEAR), S(square(2, 3, 3), f(3, 2), **NEAR),
                     S(square(3, 3), f(2, 3), left=False, **NEAR),
                     R(f(2, 2), f(3)), R(f(2, 3), f(2))],
    "solved": [S(square(3, 3), f(3, 2), torch="linalg.solve", **NEAR),
               S(square(3, 3), f(2, 3, 2), torch="linalg.solve", **NEAR),
               S(c(2, 2) + 3 * np.eye(2), c(2, 1), torch="linalg.solve", special=False, only=())],
    "linalg.tensorinv": [S(square(4, 4).reshape(2, 2, 4), ind=2, **NEAR), R(f(3, 2))],
    "linalg.tensorsolve": [S(square(4, 4).reshape(2, 2, 4), f(2, 2), **NEAR),
                           R(f(3, 2), f(3))],
    "lu_solve": [S(f(3, 2), LU, PIVOTS, **NEAR)],
    "linalg.lu_solve": [S(LU, PIVOTS, f(3, 2), **NEAR), S(LU, PIVOTS, f(2, 3), left=False, **NEAR),
                        S(LU, PIVOTS, f(3, 2), adjoint=True, **NEAR)],
    "triangular_solve": [S(f(3, 2), square(3, 3), **NEAR),
                         S(f(3, 2), square(3, 3), False, True, **NEAR)],
}  # fmt: skip
SAMPLES = answered(TABLE)
