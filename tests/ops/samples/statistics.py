"""Samples of ops/statistics.py, ops/integrate.py, ops/digits.py and ops/copies.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i

FLOATS = ("float32",)
HOLES = np.array([[1.0, np.nan, 3.0, 2.5], [4.0, 5.0, np.nan, 7.0]])
WAYS = ("linear", "lower", "higher", "midpoint", "nearest")
TABLE = {
    "quantile": [*[S(f(2, 5), 0.3, 1, interpolation=way, only=FLOATS) for way in WAYS],
                 S(f(2, 5), np.array([0.1, 0.6]), only=FLOATS),
                 S(f(5, 2), np.array([0.1, 0.6]), 0, True, only=FLOATS),
                 S(HOLES, 0.5, 1, smooth=False, only=FLOATS), S(f(), 0.5, only=FLOATS),
                 R(f(3), 2.0), R(f(0), 0.5), R(i(3), 0.5), R(f(3), 0.5, interpolation="x")],
    "nanquantile": [S(HOLES, 0.4, 1, smooth=False, only=FLOATS), S(f(3, 4), 0.7, only=FLOATS)],
    "cov": [S(f(3, 4), only=FLOATS), S(f(4)), S(f(2, 4), correction=0, only=FLOATS),
            S(f(2, 4), fweights=i(4, low=1, high=4), only=FLOATS),
            S(f(2, 4), aweights=f(4, low=0.1), only=FLOATS),
            S(f(2, 4), fweights=i(4, low=1, high=4), aweights=f(4, low=0.1), only=FLOATS),
            S(c(2, 4), only=()), R(f(2, 2, 2)), R(f(2, 4), fweights=f(4))],
    "corrcoef": [S(f(3, 4), only=FLOATS), S(f(4), smooth=False, only=FLOATS), R(f(2, 2, 2))],
    "histogram": [S(f(8), 3, smooth=False, only=FLOATS),
                  S(f(8), np.array([-1.0, 0, 0.5, 2]), smooth=False, only=FLOATS),
                  S(f(8), 3, range=(-1.0, 1.0), density=True, smooth=False, only=FLOATS),
                  S(f(2, 3), 4, weight=f(2, 3, low=0.0), smooth=False, only=FLOATS), R(f(3), 0)],
    "histogramdd": [S(f(6, 2), [2, 3], smooth=False, only=FLOATS),
                    S(f(6, 2), [2, 3], range=[-1.0, 1.0, -2.0, 2.0], density=True, smooth=False,
                      only=FLOATS)],
    "trapezoid": [S(f(5)), S(f(2, 5), f(5)), S(f(5, 2), dx=0.5, dim=0), R(f(5), f(4))],
    "trapz": [S(f(5)), S(f(2, 5), f(2, 5))],
    "cumulative_trapezoid": [S(f(2, 5)), S(f(2, 5), f(5)), S(f(5, 2), dx=0.5, dim=0)],
    "gradient": [S(f(5), only=FLOATS), S(f(3, 4), spacing=0.5, dim=1, only=FLOATS),
                 S(f(4, 3), edge_order=2, only=FLOATS),
                 S(f(5), spacing=[np.array([0.0, 1, 3, 4, 7])], only=FLOATS), R(f(1))],
    "gcd": [S(i(6), i(6)), S(i(2, 3), i(3)), R(f(2), f(2))],
    "lcm": [S(i(6), i(6)), R(f(2), f(2))],
    "ldexp": [S(f(3), f(3)), S(f(2, 3), i(3, low=0)), R(f(2), 2)],
    "frexp": [S(f(5), special=False, only=FLOATS), R(i(3))],
    "mantissa_and_exponent": [S(f(5), torch=lambda x: tuple(torch.frexp(x)), only=FLOATS)],
    "nextafter": [S(f(5), f(5), smooth=False, only=FLOATS), R(i(3), i(3))],
    "logaddexp2": [S(f(2, 3), f(3), only=FLOATS), S(f(4), f(4), only=FLOATS)],
    "index_reduce": [
        S(f(3, 2), 0, np.array([0, 2, 0]), f(3, 2), how, include_self=keep, only=FLOATS)
        for how in ("prod", "mean", "amax", "amin") for keep in (True, False)
    ] + [R(f(3), 0, np.array([0]), f(1), "sum")],
    "unravel_index": [S(i(4, low=0, high=6), (2, 3)), R(f(2), (2, 3))],
    "nonzero_static": [S(i(2, 3, low=0, high=2), size=4), S(i(5, low=0, high=2), size=1)],
    "as_strided": [S(f(6), (2, 2), (1, 2)), S(f(3, 2), (2, 3), (0, 1), 1), S(f(2, 3), (), (), 4),
                   R(f(3), (4,), (1,)), R(f(3), (2,), (-1,)), R(f(3), (2,), (1, 1))],
    "resize": [S(f(6), 2, 3)],
    "narrow_copy": [S(f(4, 2), 0, 1, 2), R(f(2), 3, 0, 1)],
    **{name + "_copy": [S(f(2, 3), *settings)] for name, settings in {
        "alias": (), "as_strided": ((2, 2), (1, 2)), "diagonal": (), "expand": ((4, 2, 3),),
        "permute": ((1, 0),), "split": (1,), "split_with_sizes": ((1, 1),), "squeeze": (),
        "t": (), "transpose": (0, 1), "unbind": (), "unsqueeze": (1,)}.items()},
    "view_copy": [S(f(6), (3, 2))],
    "unfold_copy": [S(f(5), 0, 3, 1)],
}  # fmt: skip
SAMPLES = answered(TABLE)
