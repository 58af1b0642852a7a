"""Samples of ops/compare.py."""

from tests.ops.samples import S, b, c, f, i

ORDER = [
    S(f(2, 3), f(3)), S(f(2, 3), 0.5), S(i(2, 3), i(3)), S(i(3), 1.5), S(f(2), i(2)),
]  # fmt: skip
EQUAL = [*ORDER, S(c(2, 3), c(3), only=()), S(b(4), b(4))]
KIND = [S(f(2, 3)), S(i(3)), S(b(3))]
BITS = [S(i(6), i(6)), S(i(6), 3), S(b(6), b(6)), S(3, i(6)), S(i(2, 3), b(3))]
SHIFTS = [S(i(6), i(6, low=0)), S(i(6), 3), S(3, i(6, low=0))]
LOGIC = [S(b(2, 3), b(3)), S(i(6, low=0, high=2), b(6)), S(f(3), i(3))]
CHOICES = [S(f(2, 3), f(3)), S(f(2, 1), f(3)), S(i(4), f(4))]

SAMPLES = {
    "allclose": [S(f(3), f(3)), S(f(3) * 0 + 1, f(3) * 0 + 1)],
    "bitwise_and": BITS,
    "bitwise_left_shift": SHIFTS,
    "bitwise_not": [S(i(6)), S(b(6))],
    "bitwise_or": BITS,
    "bitwise_right_shift": SHIFTS,
    "bitwise_xor": BITS,
    "clamp": [
        S(f(2, 3), -0.5, 1.0), S(f(2, 3), -0.5), S(f(2, 3), max=0.5), S(f(2, 3), f(3), f(2, 1)),
        S(f(2, 3), f(3)), S(f(2, 3), max=f(3)), S(i(6), -1, 2), S(i(6), 0.5),
        S(f(2, 3), 1.0, -1.0),
    ],
    "clamp_max": [S(f(2, 3), 0.5), S(f(2, 3), f(3))],
    "clamp_min": [S(f(2, 3), 0.5), S(f(2, 3), f(3))],
    "eq": EQUAL,
    "equal": [S(f(2, 3), f(2, 3)), S(f(2), f(3)), S(i(3) * 0, i(3) * 0)],
    "fmax": CHOICES,
    "fmin": CHOICES,
    "ge": ORDER,
    "gt": ORDER,
    "heaviside": [S(f(2, 3), f(3)), S(i(6), i(6))],
    "isclose": [S(f(2, 3), f(2, 3)), S(f(3), f(3), equal_nan=True), S(i(3), i(3), rtol=0.1)],
    "isfinite": [*KIND, S(c(3), only=())],
    "isinf": [*KIND, S(c(3), only=())],
    "isnan": [*KIND, S(c(3), only=())],
    "isneginf": KIND,
    "isposinf": KIND,
    "isreal": [*KIND, S(c(3), only=())],
    "le": ORDER,
    "logical_and": LOGIC,
    "logical_not": [S(b(3)), S(i(6, low=0, high=2)), S(f(3))],
    "logical_or": LOGIC,
    "logical_xor": LOGIC,
    "lt": ORDER,
    "masked_fill": [
        S(f(2, 3), b(2, 3), 1.5), S(f(2, 3), b(3), 1.5), S(f(3), b(2, 3), f(), special=False),
        S(i(6), b(6), 7), S(c(3), b(3), 2.0, only=()),
    ],
    "maximum": CHOICES,
    "minimum": CHOICES,
    "ne": EQUAL,
    "signbit": [S(f(2, 3)), S(i(3))],
    "where": [
        S(b(2, 3), f(2, 3), f(3)), S(b(3), f(2, 3), 0.5), S(b(2, 3), 1.5, f(2, 1)),
        S(b(2, 3), i(3), f(3)), S(b(3), 1, 0), S(b(2, 3), waits=True), S(f(4), waits=True),
        S(b(3), c(3), c(3), only=()),
    ],
}  # fmt: skip
