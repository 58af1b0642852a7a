"""Samples of ops/complex_numbers.py."""

from tests.ops.samples import S, c, f, i

SAMPLES = {
    "abs": [S(f(2, 3)), S(f()), S(i(4)), S(c(2, 3), only=())],
    "angle": [S(f(2, 3)), S(i(4)), S(c(2, 3), only=())],
    "complex": [S(f(2, 3), f(3), only=("float32",))],
    "conj": [S(f(2, 3)), S(c(2, 3), only=())],
    "conj_physical": [S(f(2, 3)), S(i(3)), S(c(2, 3), only=())],
    "imag": [S(c(2, 3), only=())],
    "real": [S(f(2, 3)), S(c(2, 3), only=())],
    "resolve_conj": [S(f(2, 3)), S(c(2, 3), only=())],
    "sgn": [S(f(2, 3)), S(i(4)), S(c(2, 3), only=())],
    "view_as_complex": [S(f(3, 2), only=("float32",))],
    "view_as_real": [S(c(2, 3), only=())],
}
