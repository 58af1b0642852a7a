"""Samples of ops/gamma.py and ops/bessel.py."""

import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f, i

ONLY = ("float32",)
WIDE = {"low": -4.9, "high": 12.0}
POSITIVE = {"low": 0.2, "high": 45.0}


def slope(x, n):
    """Ask PyTorch for a slope of digamma, in its order of arguments."""
    return torch.polygamma(n, x)


SPECIAL = "special."
TABLE = {
    "lgamma": [S(f(4, 5, **WIDE)), S(i(4))],
    "digamma": [S(f(4, 5, **WIDE), near=2e-8, only=ONLY)],
    "polygamma": [S(0, f(4), only=ONLY), S(1, f(3, 4, low=0.3), near=2e-8, only=ONLY),
                  S(3, f(4, low=0.3), only=ONLY), R(-1, f(3))],
    "slope_of_digamma": [S(f(3, 4, low=0.3), 1, torch=slope, near=2e-8, waits=True, only=ONLY),
                         S(f(3, 4, low=0.3), 2, torch=slope, special=False, waits=True, only=ONLY)],
    "zeta": [S(f(4, low=1.5, high=6.0), f(4, low=0.5, high=9.0), torch="special.zeta", smooth=False,
               special=False, waits=True, only=ONLY)],
    "mvlgamma": [S(f(2, 3, low=2.0, high=9.0), 1, only=ONLY), S(f(2, 3, low=2.0, high=9.0), 3,
                 special=False, only=ONLY), R(f(2), 0)],
    "i0": [S(f(4, 5, low=-40.0, high=40.0)), S(f(3)), S(i(4))],
    **{name: [S(f(4, 5, low=-40.0, high=40.0), torch=SPECIAL + name), S(f(3), torch=SPECIAL + name),
              S(i(4), torch=SPECIAL + name)] for name in ("i0e", "i1", "i1e")},
    **{name: [S(f(4, 5, low=-3.0, high=3.0), torch=SPECIAL + name, special=False)]
       for name in ("bessel_j0", "bessel_j1")},
    "airy_ai": [S(f(4, 5, low=-1.0, high=2.0), torch=SPECIAL + "airy_ai", special=False)],
    **{name: [S(f(4, 5, low=0.1, high=4.0), torch=SPECIAL + name, special=False)]
       for name in ("bessel_y0", "bessel_y1")},
    **{name: [S(f(4, 5, low=-9.0, high=40.0), torch=SPECIAL + name)]
       for name in ("modified_bessel_i0", "modified_bessel_i1", "spherical_bessel_j0")},
    **{name: [S(f(4, 5, **POSITIVE), torch=SPECIAL + name)] for name in (
        "modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0",
        "scaled_modified_bessel_k1")},
}  # fmt: skip
SAMPLES = answered(TABLE)
