"""Samples of ops/chains.py."""

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f, i
from tests.ops.samples.solving import FLOATS, NEAR

TABLE = {
    "chain_matmul": [S(f(2, 3), f(3, 4), f(4, 1), only=FLOATS)],
    "linalg.multi_dot": [S([f(2, 3), f(3, 4), f(4, 1)], only=FLOATS),
                         S([f(3), f(3, 4), f(4)], only=FLOATS), S([f(2, 3), f(3, 2)], only=FLOATS),
                         R([f(2)]), R([f(2, 3), f(2, 3)])],
    "linalg.vander": [S(f(3), **NEAR), S(f(2, 3), N=4, **NEAR), R(f(1))],
    "vander": [S(i(3)), S(i(3), 4, True), S(f(3), torch=None, only=FLOATS), R(f(2, 2))],
}  # fmt: skip
SAMPLES = answered(TABLE)
