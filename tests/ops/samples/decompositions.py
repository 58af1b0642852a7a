"""Samples of ops/decompositions.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i
from tests.ops.samples.solving import FLOATS, LU, NEAR, PIVOTS, definite, square

PACKED, TAU = (x.numpy() for x in torch.geqrf(torch.from_numpy(f(4, 3))))
SIGNS = {"torch": None, **NEAR}  # signs of vectors are LAPACK's affair


def triangle(a, b, upper, unitriangular=False):
    return torch.linalg.solve_triangular(a, b, upper=upper, unitriangular=unitriangular)


def packed(x):
    return tuple(torch.linalg.lu_factor(x))


TABLE = {
    "cholesky": [S(definite(3), smooth=False, **NEAR), S(definite(3), True, smooth=False, **NEAR),
                 R(f(2, 3))],
    "cholesky_lower": [S(definite(3), torch="linalg.cholesky", smooth=False, **NEAR),
                       S(np.stack([definite(2), definite(2)]), torch="linalg.cholesky",
                       smooth=False,
                         **NEAR)],
    "linalg.cholesky_ex": [S(definite(3), smooth=False, **NEAR)],
    "eig_pair": [S(f(3, 3), smooth=False, **SIGNS)],  # the angles of vectors are LAPACK's, too
    "linalg.eig": [S(f(2, 2), smooth=False, **SIGNS)],
    "eigh_pair": [S(definite(3), smooth=False, **SIGNS)],
    "linalg.eigh": [S(definite(3), smooth=False, **SIGNS), R(f(2, 3)), R(f(2, 2), UPLO="X")],
    "linalg.eigvalsh": [S(definite(3), smooth=False, **NEAR),
                        S(f(2, 3, 3), UPLO="U", smooth=False, **NEAR)],
    "linalg.eigvals": [S(definite(2) + np.array([[0, 0.5], [0, 0]]), torch=lambda x: (
        torch.linalg.eigvals(x)), **NEAR), R(f(2, 3))],
    "geqrf": [S(f(3, 2), smooth=False, torch=None, **NEAR), R(f(3))],
    "linalg.householder_product": [S(PACKED, TAU, near=1e-6, special=False, only=FLOATS),
                                   R(f(2, 3), f(2)), R(f(3, 2), f(3))],
    "orgqr": [S(PACKED, TAU, near=1e-6, special=False, only=FLOATS)],
    "ormqr": [S(PACKED, TAU, f(4, 2), near=1e-6, special=False, only=FLOATS),
              S(PACKED, TAU, f(2, 4), False, True, near=1e-6, special=False, only=FLOATS)],
    "linalg.lu": [S(square(3, 3), **NEAR), S(f(4, 2), **NEAR), S(f(2, 4), **NEAR)],
    "linalg.lu_factor": [S(f(2, 3, 3), **NEAR), R(f(3))],
    "linalg.lu_factor_ex": [S(square(3, 3), **NEAR),
                            S(np.zeros((2, 2)), smooth=False, only=FLOATS)],
    "lu": [S(square(3, 3), **NEAR), S(square(3, 3), True, True, **NEAR)],
    "lu_packed": [S(square(3, 3), torch=packed, **NEAR), S(f(4, 2), torch=packed, **NEAR),
                  S(f(2, 4), torch=packed, **NEAR),
                  S(c(2, 2), torch=packed, special=False, only=())],
    "lu_unpack": [S(LU, PIVOTS, **NEAR)],
    "linalg.qr": [S(f(3, 2), **SIGNS), S(f(2, 3), **SIGNS), S(f(2, 2, 2), **SIGNS),
                  R(f(3)), R(f(2, 2), "x")],
    "qr": [S(f(3, 2), **SIGNS)],
    "qr_tall": [S(f(3, 2), **SIGNS), S(c(3, 2), torch=None, special=False, only=())],
    "linalg.solve_triangular": [
        S(square(3, 3), f(3, 2), upper=True, **NEAR),
        S(square(3, 3), f(2, 3), upper=False, left=False,
                                                        **NEAR),
        R(f(2, 3), f(2, 1), upper=True), R(f(2, 2), f(3, 1), upper=True),
    ],
    "triangle_solved": [
        S(square(5, 5), f(5, 2), True, torch=triangle, **NEAR),
        S(square(5, 5), f(2, 5, 2), False, torch=triangle, **NEAR),
        S(square(3, 3), f(3, 2), False, True, torch=triangle, **NEAR),
        S(c(2, 2) + 3 * np.eye(2), c(2, 1), True, torch=triangle, special=False, only=()),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
__all__ = ["SAMPLES", "TABLE", "i"]
