"""Samples of ops/powers.py."""

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i
from tests.ops.samples.solving import NEAR, square

TABLE = {
    "matrix_exp": [S(f(3, 3), **NEAR), S(f(2, 2, 2), **NEAR),
                   S(f(3, 3, low=-9, high=9), smooth=False,
                   special=False, only=()), S(c(2, 2), special=False, only=()), R(f(3)),
                   R(i(2, 2))],
    "matrix_power": [S(f(3, 3), 3, **NEAR), S(square(2, 3, 3), -2, **NEAR), S(f(2, 2), 0, **NEAR),
                     S(f(2, 2), 1, **NEAR), R(f(2, 3), 2)],
}  # fmt: skip
SAMPLES = answered(TABLE)
