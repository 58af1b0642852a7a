"""Samples of ops/pointwise.py."""

from tests.ops.samples import S, f

SAMPLES = {
    "exp": [S(f(2, 3)), S(f())],
    "tanh": [S(f(2, 3)), S(f())],
    "relu": [S(f(2, 3)), S(f())],
}
