"""Samples of ops/triangle.py."""

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f

TABLE = {
    "diag": [S(f(3)), S(f(2, 3), 1), S(f(3), -1), R(f(2, 2, 2))],
    "diag_embed": [S(f(3)), S(f(2, 3), 1), S(f(2, 3), -1, 0, 2), R(f(2), 0, 1, 1)],
    "diagflat": [S(f(2, 2)), S(f(), 1)],
    "diagonal": [
        S(f(3, 3)), S(f(2, 3), 1), S(f(3, 2), -1), S(f(2, 3, 4), 0, 2, 0), S(f(2, 3), 7),
        R(f(2, 3), 0, 1, 1),
    ],
    "diagonal_scatter": [S(f(3, 3), f(3)), S(f(3, 3), f(2), 1), R(f(3, 3), f(2))],
    "tril": [S(f(3, 3)), S(f(2, 3, 4), 1), S(f(3, 3), -1), R(f(3))],
    "triu": [S(f(3, 3)), S(f(2, 3, 4), 1), S(f(3, 3), -1), R(f(3))],
}
SAMPLES = answered(TABLE)
