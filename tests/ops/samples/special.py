"""Samples of ops/special.py."""

from tests.ops.samples import S, f, i

SAMPLES = {
    "erf": [S(f(4, 5, low=-7.0, high=7.0)), S(f()), S(i(4))],
    "erfc": [S(f(4, 5, low=-7.0, high=7.0)), S(f()), S(i(4))],
    "erfinv": [S(f(4, 5, low=-0.99, high=0.99)), S(f(low=-0.9, high=0.9))],
}
