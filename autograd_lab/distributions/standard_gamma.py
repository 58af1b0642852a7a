"""Draws from the standard gamma distribution that gradients flow through."""

import numpy as np

from ..device import cpu, move
from ..dtypes import finfo
from .draws import draw, placed

LARGE = 200.0  # from here on the cube of a normal number is as exact as the series


def standard_gamma(concentration):
    r"""Draw from the gamma distribution with rate 1, one number for each concentration.

    A draw $x$ and its place $u = P(a, x)$ in the distribution: hold $u$ and change $a$, and $x$
    moves by $dx/da = -\frac{\partial P / \partial a}{\partial P / \partial x}$. That is the
    gradient (M. Figurnov and others, https://arxiv.org/abs/1805.08498).

    >>> standard_gamma(torch.tensor([1.0, 2.0], requires_grad=True)).requires_grad
    True
    """
    drawn = draw("standard_gamma", concentration.shape, concentration.detach())
    drawn = drawn.clamp(min=finfo(drawn.dtype).tiny)
    if not concentration.requires_grad:
        return drawn
    a, x = (np.asarray(move(t.array, cpu), np.float64) for t in (concentration, drawn))
    slope = placed(slope_of_draw(a, x), drawn.array)
    return drawn + (concentration - concentration.detach()) * slope


def slope_of_draw(a, x):
    r"""Tell how a draw moves with the concentration, its place in the distribution held.

    From the series $P(a, x) = e^{-x} \sum_n x^{a + n} / \Gamma(a + n + 1)$, term by term:
    $dx/da = \sum_n r_n\, (\psi(a + n + 1) - \log x)$ with
    $r_n = \frac{x^{n + 1}}{a (a + 1) \cdots (a + n)}$.

    >>> slope_of_draw(np.array([1.0]), np.array([1.0])).round(4)
    array([1.1736])
    """
    large = a > LARGE
    small, at = np.where(large, 1.0, a), np.where(large, 1.0, x)
    log = np.log(at)
    ratio, digamma, total = at / small, digamma_of(small + 1), 0.0
    terms = int(at.max(initial=0) + 12 * np.sqrt(at.max(initial=0)) + 40)
    for n in range(1, terms):
        total = total + ratio * (digamma - log)
        ratio = ratio * at / (small + n)
        digamma = digamma + 1 / (small + n)
    return np.where(large, _slope_of_cube(np.where(large, a, 1.0), x), total)


def _slope_of_cube(a, x):
    """For a large concentration the cube root of a draw is normal (Wilson and Hilferty, 1931)."""
    root = np.cbrt(x / a)
    z = 3 * np.sqrt(a) * (root - 1 + 1 / (9 * a))
    return root**3 + 3 * a * root**2 * (1 / (9 * a**2) - z / (6 * a**1.5))


def digamma_of(x):
    r"""Give $\psi(x)$ of positive numbers: go up to where the asymptotic series is exact.

    >>> digamma_of(np.array([1.0])).round(6)
    array([-0.577216])
    """
    below, top = 0.0, x
    for _ in range(8):
        below = below + 1 / top
        top = top + 1
    s = 1 / (top * top)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s / 132))))
    return np.log(top) - 0.5 / top - series - below
