"""Samples of ops/pointwise.py."""

from tests.ops.samples import S, c, f, i

ABOVE = {"low": 0.5, "high": 3.0}
INSIDE = {"low": -0.9, "high": 0.9}


def plain(*domain, **limits):
    """One operand: a matrix, a number, whole numbers, complex numbers."""
    return [S(f(2, 3, **limits)), S(f(**limits)), S(i(4, low=1)), S(c(3), only=())]


def rounding(*more):
    """One operand that is not rounded at a kink."""
    return [S(f(2, 3)), S(f()), S(i(4)), *more]


SAMPLES = {
    "acos": plain(**INSIDE),
    "acosh": plain(low=1.5, high=3.0),
    "asin": plain(**INSIDE),
    "asinh": plain(),
    "atan": plain(),
    "atan2": [S(f(2, 3), f(3)), S(i(4), i(4, low=1))],
    "atanh": [S(f(2, 3, **INSIDE)), S(c(3), only=())],
    "ceil": rounding(),
    "cos": plain(),
    "cosh": plain(),
    "deg2rad": [S(f(2, 3)), S(i(4))],
    "exp": plain(),
    "exp2": plain(),
    "expm1": plain(),
    "floor": rounding(),
    "frac": [S(f(2, 3))],
    "log": plain(**ABOVE),
    "log10": plain(**ABOVE),
    "log1p": plain(**ABOVE),
    "log2": plain(**ABOVE),
    "logaddexp": [S(f(2, 3), f(3), only=("float32",)), S(c(3), c(3), only=())],
    "logit": [
        S(f(2, 3, low=0.1, high=0.9), special=False),
        S(f(2, 3, low=-0.5, high=1.5), eps=0.2, special=False),
        S(f(2, 3, low=-0.5, high=1.5), smooth=False, special=False),
    ],
    "nan_to_num": [S(f(2, 3)), S(f(2, 3), nan=7.0, posinf=8.0, neginf=-9.0), S(i(3))],
    "polar": [S(f(2, 3, **ABOVE), f(3), only=("float32",))],
    "rad2deg": [S(f(2, 3)), S(i(4))],
    "round": rounding(S(f(2, 3), decimals=1, only=("float32",)), S(f(2, 3, high=90.0), decimals=-1,
                                                                  only=("float32",))),
    "sigmoid": [*plain(), S(f(2, 3, low=-90.0, high=90.0))],
    "sign": [S(f(2, 3)), S(f()), S(i(4))],
    "sin": plain(),
    "sinc": plain(**ABOVE),
    "sinh": plain(),
    "tan": plain(low=-1.2, high=1.2),
    "tanh": plain(),
    "trunc": rounding(),
    "xlogy": [
        S(f(2, 3), f(3, **ABOVE)), S(f(2, 3), 2.5), S(2.5, f(3, **ABOVE)),
        S(f(2, 3), 0.0, smooth=False), S(f(2, 3), -1.0, smooth=False),
    ],
}  # fmt: skip
