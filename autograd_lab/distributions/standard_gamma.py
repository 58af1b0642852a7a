"""Draws from the standard gamma distribution that gradients flow through."""

import numpy as np

from ..autograd.function import Function
from ..device import cpu, move
from ..dtypes import finfo
from ..ops import xlogy
from ..ops.gamma import digamma_of, lgamma_of
from .draws import draw, placed
from .parameters import broadcast_all

LARGE = 200.0  # from here on the cube of a normal number is as exact as the series


def standard_gamma(concentration):
    r"""Draw from the gamma distribution with rate 1, one number for each concentration.

    A draw $x$ and its place $u = P(a, x)$ in the distribution: hold $u$ and change $a$, and $x$
    moves by $dx/da = -\frac{\partial P / \partial a}{\partial P / \partial x}$. That is the
    gradient (M. Figurnov and others, https://arxiv.org/abs/1805.08498).

    >>> standard_gamma(torch.tensor([1.0, 2.0], requires_grad=True)).requires_grad
    True
    """
    return _Draw.apply(concentration)


class _Draw(Function):
    """Draw, and lead gradients back to the concentration."""

    @staticmethod
    def forward(ctx, concentration):
        drawn = draw("standard_gamma", concentration.shape, concentration)
        drawn = drawn.clamp(min=finfo(drawn.dtype).tiny)
        ctx.save_for_backward(concentration, drawn)
        return drawn

    @staticmethod
    def backward(ctx, g):
        return g * _Slope.apply(*ctx.saved_tensors)


class _Slope(Function):
    """Tell how a draw moves with the concentration; how that changes in turn is not known."""

    @staticmethod
    def forward(ctx, concentration, drawn):
        return placed(slope_of_draw(*on_host(concentration, drawn)), drawn.array)

    @staticmethod
    def backward(ctx, g):
        raise NotImplementedError("the derivative for '_standard_gamma_grad' is not implemented.")


def standard_gamma_cdf(concentration, x):
    """Give the chance that a draw with rate 1 is at most x, and its gradients.

    >>> standard_gamma_cdf(torch.tensor([1.0]), torch.tensor([1.0]))
    tensor([0.6321])
    """
    return _Place.apply(*broadcast_all(concentration, x))


class _Place(Function):
    """Tell which part of all draws is at most x, and lead gradients back."""

    @staticmethod
    def forward(ctx, concentration, x):
        ctx.save_for_backward(concentration, x)
        return placed(place_of_draw(*on_host(concentration, x)), x.array)

    @staticmethod
    def backward(ctx, g):
        concentration, x = ctx.saved_tensors
        height = density(concentration.double(), x.double()).to(x.dtype) * g
        asked = ctx.needs_input_grad[0]
        return -height * _Slope.apply(concentration, x) if asked else None, height


def on_host(*tensors):
    """Give tensors as arrays of NumPy, in double precision."""
    return [np.asarray(move(t.array, cpu), np.float64) for t in tensors]


def density(a, x):
    """Tell how dense draws lie at x.

    >>> density(torch.tensor([1.0]), torch.tensor([0.0]))
    tensor([1.])
    """
    height = (xlogy(a - 1, x) - x - a.lgamma()).exp()
    return height.clamp(max=1e30)  # infinite at 0, and 0 times that is not 0


def place_of_draw(a, x):
    r"""Tell which part of all draws is at most x: $P(a, x) = p(x) \sum_n r_n$, as below.

    >>> place_of_draw(np.array([1.0]), np.array([1.0])).round(4)
    array([0.6321])
    """
    at = np.where(beyond(a, x), a, np.maximum(x, 0.0))
    ratio = np.ones_like(at)
    total = ratio / a
    for n in range(1, int(28 * np.sqrt(a.max(initial=0)) + 120)):
        ratio = ratio * at / (a + n)
        total = total + ratio / a
    with np.errstate(all="ignore"):
        size = np.exp(a * np.log(at) - at - lgamma_of(np, a))
    return np.where(beyond(a, x), 1.0, np.where(x <= 0, 0.0, size * total))


def beyond(a, x):
    """Say whether all but a part in 10^16 of the draws lie below x.

    >>> beyond(np.array([1.0, 1.0]), np.array([1.0, 100.0]))
    array([False,  True])
    """
    return x > a + 14 * np.sqrt(a) + 40


def slope_of_draw(a, x):
    r"""Tell how a draw moves with the concentration, its place in the distribution held.

    From the series $P(a, x) = e^{-x} \sum_n x^{a + n} / \Gamma(a + n + 1)$, term by term:
    $dx/da = \sum_n r_n\, (\psi(a + n + 1) - \log x)$ with
    $r_n = \frac{x^{n + 1}}{a (a + 1) \cdots (a + n)}$.

    >>> slope_of_draw(np.array([1.0]), np.array([1.0])).round(4)
    array([1.1736])
    """
    x = np.where(beyond(a, x), a, np.maximum(x, np.finfo(float).tiny))
    large = a > LARGE
    small, at = np.where(large, 1.0, a), np.where(large, 1.0, x)
    log = np.log(at)
    ratio, digamma, total = at / small, digamma_of(np, small + 1), 0.0
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
