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
    "chain_matmul": [S(f(2, 3), f(3, 4), f(4, 1), only=FLOATS)],
    "cholesky_inverse": [S(LOWER, smooth=False, **NEAR),
                         S(LOWER.T.copy(), True, smooth=False, **NEAR)],
    "cholesky_solve": [S(f(3, 2), LOWER, smooth=False, **NEAR), R(f(2, 2), f(3, 3))],
    "root_solved": [S(f(3, 2), LOWER, torch=by_root, smooth=False, **NEAR)],
    "det": [S(square(3, 3), **NEAR), S(square(2, 3, 3), **NEAR), S(c(2, 2), special=False, only=()),
            S(np.array([[1.0, 2], [2, 4]]), torch=None, smooth=False, only=()), R(f(2, 3)),
            R(i(2, 2))],
    "inv": [S(square(3, 3), torch="linalg.inv", **NEAR),
            S(square(2, 2, 2), torch="linalg.inv", **NEAR),
            S(c(2, 2) + 3 * np.eye(2), torch="linalg.inv", special=False, only=()),
            R(f(2, 3), torch="linalg.inv"),
            R(f(2), torch="linalg.inv"), R(i(2, 2), torch="linalg.inv")],
    "linalg.inv_ex": [S(square(2, 2), **NEAR)],
    "linalg.solve_ex": [S(square(2, 2), f(2, 1), **NEAR)],
    "linalg.cond": [S(square(3, 3), **NEAR), S(f(3, 2), -2, **NEAR),
                    S(square(3, 3), 1, torch=None, **NEAR),
                    R(f(3, 2), "fro")],
    "linalg.lstsq": [S(f(4, 2), f(4, 3), smooth=False, **NEAR),
                     S(f(4, 2), f(4, 3), driver="gelsd", smooth=False, **NEAR),
                     R(f(3, 2), f(4, 1)), R(f(3, 2), f(3, 1), driver="x")],
    "linalg.matrix_rank": [S(f(3, 2), **NEAR), S(np.array([[1.0, 2], [2, 4]]), only=FLOATS),
                           S(definite(2), hermitian=True, only=FLOATS),
                           S(f(3, 3), atol=100.0, only=FLOATS), R(f(3))],
    "linalg.multi_dot": [S([f(2, 3), f(3, 4), f(4, 1)], only=FLOATS),
                         S([f(3), f(3, 4), f(4)], only=FLOATS), S([f(2, 3), f(3, 2)], only=FLOATS),
                         R([f(2)]), R([f(2, 3), f(2, 3)])],
    "linalg.pinv": [S(f(3, 2), **NEAR), S(f(2, 3), **NEAR), S(f(2, 3, 2), rtol=0.1, **NEAR),
                    S(definite(3), hermitian=True, smooth=False, **NEAR), R(f(3))],
    "pinverse": [S(f(3, 2), **NEAR)],
    "pseudo_inverse": [S(f(3, 2), 1e-9, torch=lambda x, least: torch.pinverse(x), **NEAR),
                       S(f(2, 4), 1e-9, torch=lambda x, least: torch.pinverse(x), **NEAR)],
    "linalg.solve": [S(square(3, 3), f(3), **NEAR), S(square(2, 3, 3), f(3, 2), **NEAR),
                     S(square(3, 3), f(2, 3), left=False, **NEAR),
                     R(f(2, 2), f(3)), R(f(2, 3), f(2))],
    "solved": [S(square(3, 3), f(3, 2), torch="linalg.solve", **NEAR),
               S(square(3, 3), f(2, 3, 2), torch="linalg.solve", **NEAR),
               S(c(2, 2) + 3 * np.eye(2), c(2, 1), torch="linalg.solve", special=False, only=())],
    "linalg.tensorinv": [S(square(4, 4).reshape(2, 2, 4), ind=2, **NEAR), R(f(3, 2))],
    "linalg.tensorsolve": [S(square(4, 4).reshape(2, 2, 4), f(2, 2), **NEAR),
                           R(f(3, 2), f(3))],
    "linalg.vander": [S(f(3), **NEAR), S(f(2, 3), N=4, **NEAR), R(f(1))],
    "vander": [S(i(3)), S(i(3), 4, True), S(f(3), torch=None, only=FLOATS), R(f(2, 2))],
    "logdet": [S(definite(3), **NEAR), S(-np.eye(3), smooth=False, only=FLOATS)],
    "sign_and_log_det": [S(square(3, 3), torch=lambda x: tuple(torch.slogdet(x)), **NEAR),
                         S(c(2, 2), torch=lambda x: tuple(torch.slogdet(x)), special=False,
                         only=())],
    "slogdet": [S(square(2, 3, 3), **NEAR)],
    "lu_solve": [S(f(3, 2), LU, PIVOTS, **NEAR)],
    "linalg.lu_solve": [S(LU, PIVOTS, f(3, 2), **NEAR), S(LU, PIVOTS, f(2, 3), left=False, **NEAR),
                        S(LU, PIVOTS, f(3, 2), adjoint=True, **NEAR)],
    "matrix_exp": [S(f(3, 3), **NEAR), S(f(2, 2, 2), **NEAR),
                   S(f(3, 3, low=-9, high=9), smooth=False,
                   special=False, only=()), S(c(2, 2), special=False, only=()), R(f(3)),
                   R(i(2, 2))],
    "matrix_power": [S(f(3, 3), 3, **NEAR), S(square(2, 3, 3), -2, **NEAR), S(f(2, 2), 0, **NEAR),
                     S(f(2, 2), 1, **NEAR), R(f(2, 3), 2)],
    "triangular_solve": [S(f(3, 2), square(3, 3), **NEAR),
                         S(f(3, 2), square(3, 3), False, True, **NEAR)],
}  # fmt: skip
SAMPLES = answered(TABLE)
