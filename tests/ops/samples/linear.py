"""Samples of ops/linear.py."""

from tests.ops.samples import S, c, f

LINEAR = {"torch": "nn.functional.linear"}

SAMPLES = {
    "linear": [
        S(f(2, 3), f(4, 3), f(4), **LINEAR), S(f(2, 3), f(4, 3), **LINEAR),
        S(f(2, 2, 3), f(4, 3), f(4), **LINEAR), S(f(3), f(4, 3), f(4), **LINEAR),
        S(f(2, 3), f(3), **LINEAR), S(f(0, 3), f(4, 3), f(4), **LINEAR),
        S(f(2, 0), f(4, 0), f(4), **LINEAR), S(f(2, 3), f(4, 3), f(2, 4), **LINEAR),
        S(c(2, 3), c(4, 3), c(4), only=(), **LINEAR),
        S(f(5, 2, 3), f(4, 3), f(2, 4), **LINEAR), S(f(5, 2, 3), f(4, 3), f(5, 1, 4), **LINEAR),
        S(f(3), f(4, 3), f(1, 4), **LINEAR), S(f(2, 2, 3), f(3), f(), **LINEAR),
    ],
}  # fmt: skip
