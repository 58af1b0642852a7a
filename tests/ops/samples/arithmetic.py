"""Samples of ops/arithmetic.py."""

from tests.ops.samples import S, c, f, i

ABOVE = {"low": 0.5, "high": 3.0}  # where a logarithm, a root, a quotient is smooth

PAIRS = [S(f(2, 3), f(2, 3)), S(f(2, 3), f(3)), S(f(2, 1), f(3)), S(f(2, 3), 2.5)]
COMPLEX_PAIRS = [S(c(2, 3), c(3), only=()), S(c(2), f(2), only=())]
QUOTIENTS = [
    S(f(2, 3), f(2, 3, **ABOVE)), S(f(2, 3), f(3, **ABOVE)), S(f(2, 3), 2.5),
]  # fmt: skip

SAMPLES = {
    "add": [*PAIRS, *COMPLEX_PAIRS, S(f(2, 3), f(3), alpha=2), S(i(3), i(3), alpha=2)],
    "addcdiv": [
        S(f(2, 3), f(3), f(2, 1, **ABOVE), value=0.5), S(c(2), c(2), c(2), only=()),
        S(f(2), f(2), f(2, **ABOVE)),
    ],
    "addcmul": [
        S(f(2, 3), f(3), f(2, 1), value=2), S(f(2), f(2), f(2)), S(c(2), c(2), c(2), only=()),
    ],
    "copy": [S(f(2, 3), f(3), torch=lambda x, source: x.clone().copy_(source))],
    "copysign": [S(f(2, 3), f(3)), S(f(2, 3), -1.5)],
    "div": [
        *QUOTIENTS, *COMPLEX_PAIRS, S(i(4), i(4, low=1)),
        S(f(4), f(4, **ABOVE), rounding_mode="trunc"),
        S(f(4), f(4, **ABOVE), rounding_mode="floor"),
        S(i(20), i(20, low=1), rounding_mode="trunc"), S(i(20), -3, rounding_mode="floor"),
    ],
    "div_rounded": [
        S(f(4), f(4, **ABOVE), mode, torch=lambda a, b, mode: a.div(b, rounding_mode=mode),
          special=False)
        for mode in ("floor", "trunc")
    ],
    "fill": [S(f(2, 3), 2.5), S(f(2, 3), f(), special=False)],
    "float_power": [S(f(2, 3, **ABOVE), 2.5, only=()), S(i(3), 2, only=()), S(c(2), 2, only=())],
    "floor_divide": [*QUOTIENTS, S(i(20), i(20, low=1)), S(i(20), -3)],
    "fmod": [*QUOTIENTS, S(i(20), -3)],
    "hypot": [S(f(2, 3), f(3))],
    "lerp": [
        S(f(2, 3), f(3), 0.25), S(f(2, 3), f(3), 0.75), S(f(2, 3), f(3), f(2, 1)),
        S(c(2), c(2), c(2), only=()),
    ],
    "mul": [*PAIRS, *COMPLEX_PAIRS],
    "neg": [S(f(2, 3)), S(f()), S(i(3))],
    "positive": [S(f(2, 3)), S(i(3))],
    "pow": [
        S(f(2, 3), 2), S(f(2, 3), 3), S(f(2, 3), 0), S(f(2, 3), 1), S(f(2, 3), -1),
        S(f(2, 3, **ABOVE), 2.5), S(f(2, 3, **ABOVE), f(3)), S(2.5, f(3)), S(i(3), 2),
        S(f(3, **ABOVE), i(3)), S(c(3), c(3), only=()), S(0.0, f(3), smooth=False),
        S(i(8), i(8), only=()),
    ],
    "reciprocal": [S(f(2, 3, **ABOVE)), S(i(4, low=1)), S(c(3), only=())],
    "remainder": [*QUOTIENTS, S(i(20), -3), S(7.5, f(3, **ABOVE))],
    "rsqrt": [S(f(2, 3, **ABOVE)), S(i(4, low=1)), S(c(3), only=())],
    "rsub": [*PAIRS, S(f(2, 3), f(3), alpha=2)],
    "sqrt": [S(f(2, 3, **ABOVE)), S(i(4, low=0)), S(c(3), only=())],
    "square": [S(f(2, 3)), S(i(4)), S(c(3), only=())],
    "sub": [*PAIRS, S(f(2, 3), f(3), alpha=2)],
}  # fmt: skip
