"""Samples of ops/arithmetic.py."""

from tests.ops.samples import S, f, i

SAMPLES = {
    "add": [S(f(2, 3), f(2, 3)), S(f(2, 3), f(3)), S(f(2, 1), f(3)), S(f(2, 3), 2.5)],
    "mul": [S(f(2, 3), f(2, 3)), S(f(2, 3), f(3)), S(f(2, 1), f(3)), S(f(2, 3), 2.5)],
}
