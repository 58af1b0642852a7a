"""Bessel's functions: J and Y, which swing like a drum, I and K, which grow and fade; and Airy's.

NumPy has none of them but ``i0``. They are computed from their integrals, by adding the integrand
up at evenly spaced points, which is exact to the last digit for periodic functions, and for those
that fade like a bell at both ends (L. N. Trefethen and J. A. C. Weideman, The exponentially
convergent trapezoidal rule, SIAM Review 56, 2014). Where that fails, near 0 or far out, series
stand in: Hankel's and the power series (M. Abramowitz and I. Stegun, Handbook of Mathematical
Functions, 1964, 9.1.13, 9.2.5, 9.6.11, 9.7.1 and 9.7.2).
"""

import cmath
import math

from ..core import Array, Pointwise
from ..dispatch import op
from .compare import where
from .complex_numbers import sgn
from .gamma import EULER
from .special import wide

FAR, NODES = 30.0, 48
AIRY = 3 ** (-2 / 3) / math.gamma(2 / 3)  # Airy's function at 0
AIRY_SLOPE = 3 ** (-1 / 3) / math.gamma(1 / 3)  # and its slope there, downwards


def mean(function):
    """Average a function over a quarter of a turn."""
    angles = [(k + 0.5) * math.pi / (2 * NODES) for k in range(NODES)]
    total = 0
    for t in angles:
        total = total + function(t)
    return total / NODES


def hankel(order, x):
    """Add up Hankel's series: the even terms, and the odd ones."""
    even, odd, term = x * 0 + 1, x * 0, x * 0 + 1
    for k in range(1, 26):
        term = term * ((4 * order * order - (2 * k - 1) ** 2) / (8 * k)) / x
        even, odd = (even, odd + term) if k % 2 else (even + term, odd)
    return even, odd


def i_scaled(xp, order, x):
    """Compute I(x) exp(-|x|) of order 0 or 1."""
    size = xp.absolute(x)
    near, far = xp.minimum(size, FAR), xp.clip(size, FAR, 1e300)

    def both_ways(t):
        return xp.exp(near * (math.cos(t) - 1)) + xp.exp(-near * (math.cos(t) + 1))

    if order == 0:
        low = mean(both_ways) / 2
    else:
        low = near * mean(lambda t: math.sin(t) ** 2 * both_ways(t)) / 2
    even, odd = hankel(order, far)
    high = (even - odd) / xp.sqrt(2 * math.pi * far)
    y = xp.where(size <= FAR, low, high)
    y = xp.where(size == math.inf, 0.0, xp.where(x != x, x, y))
    return xp.copysign(y, x) if order else y


def bell(step, last, function):
    """Integrate a function from 0 on, which is even and fades like a bell: exp(-u * u)."""
    total = function(0.0) * (step / 2)
    for k in range(1, round(last / step) + 1):
        total = total + function(k * step) * step
    return total


def beyond(xp, low, x):
    """Give numbers that are fit for what holds from ``low`` on: others, and nan, count as the end.

    Their own powers must not overflow.
    """
    return xp.fmin(xp.fmax(x, low), 1e200)


def wave(xp, order, x):
    """Compute J(x) + i Y(x) of order 0 or 1 from 2 on: Hankel's function, by its integral."""

    def height(u):
        tilt = xp.sqrt(1 + 1j * (u * u / 2 / x))
        return math.exp(-u * u) * (2 * u * u * tilt if order else 1 / tilt)

    turn = x - (2 * order + 1) * math.pi / 4
    size = xp.sqrt(2 / (math.pi * x)) * 2 / math.sqrt(math.pi)
    return size * bell(0.2, 6.4, height) * (xp.cos(turn) + 1j * xp.sin(turn))


def j_of(xp, order, x):
    """Compute J(x) of order 0 or 1."""
    size = xp.absolute(x)
    near, far = xp.minimum(size, 2.0), beyond(xp, 2.0, size)
    if order == 0:
        low = mean(lambda t: xp.cos(near * math.sin(t)))
    else:
        low = mean(lambda t: xp.sin(near * math.sin(t)) * math.sin(t))
    y = xp.where(size <= 2, low, wave(xp, order, far).real)
    y = xp.where(size == math.inf, math.nan, xp.where(x != x, x, y))  # PyTorch's answer there
    return xp.where(x < 0, -y, y) if order else y


def i_of(xp, order, x):
    """Compute I(x) of order 0 or 1."""
    y = i_scaled(xp, order, x)
    grown = xp.exp(xp.absolute(x) / 2)  # in two steps: the product may exist where exp(x) does not
    y = y * grown * grown
    return xp.where(xp.absolute(x) == math.inf, math.nan, y)  # PyTorch's answer at infinity


def with_logarithm(xp, order, quarter):
    """Add up the series that stands beside the logarithm in K, and in Y where ``quarter`` < 0."""
    total, term, harmonic = 0, xp.ones_like(quarter), 0.0
    for k in range(16):
        if order == 0:
            total = total + term * (harmonic - EULER)
        else:
            total = total + term * (2 * harmonic + 1 / (k + 1) - 2 * EULER)
        term = term * quarter / ((k + 1) * (k + 1 + order))
        harmonic += 1 / (k + 1)
    return total


def y_of(xp, order, x):
    """Compute Y(x) of order 0 or 1: by its series up to 2, by its integral beyond."""
    small, large = xp.clip(x, 1e-300, 2.0), beyond(xp, 2.0, x)
    log, total = xp.log(small / 2), with_logarithm(xp, order, -small * small / 4)
    if order == 0:
        low = log * j_of(xp, 0, small) - total
    else:
        low = log * j_of(xp, 1, small) - 1 / small - total * small / 4
    y = xp.where(x <= 2, 2 / math.pi * low, wave(xp, order, large).imag)
    y = xp.where((x < 0) | (x == math.inf), math.nan, xp.where(x != x, x, y))
    return xp.where(x == 0, -math.inf, y)


def airy_of(xp, x):
    """Compute Airy's function: by its power series from -1 to 1, by its integral beyond."""
    small, size = xp.clip(x, -1.0, 1.0), beyond(xp, 1.0, xp.absolute(x))
    one, two, cube = xp.ones_like(small), small, small * small * small
    low = AIRY * one - AIRY_SLOPE * two
    for k in range(3, 30, 3):
        one, two = one * cube / (k * (k - 1)), two * cube / (k * (k + 1))
        low = low + AIRY * one - AIRY_SLOPE * two
    root, grown = size**0.25, 2 / 3 * size**1.5

    def integral(turn):
        def height(u):
            return xp.exp(-turn * u * u) * xp.cos(u**3 / (3 * root**3))

        return bell(0.1, 6.9, height) / (math.pi * root)

    turn = cmath.exp(1j * math.pi / 6)  # what swings is what fades, along a turned path
    swings = 2 * (turn * turn * xp.exp(-1j * grown) * integral(turn)).real
    y = xp.where(x > 0, xp.exp(-grown) * integral(1.0), swings)
    y = xp.where(xp.absolute(x) <= 1, low, y)
    return xp.where(xp.absolute(x) == math.inf, math.nan, xp.where(x != x, x, y))


def k_scaled(xp, order, x):
    """Compute K(x) exp(x) of order 0 or 1."""
    small, middle = xp.clip(x, 1e-300, 2.0), xp.clip(x, 2.0, FAR)
    log, total = xp.log(small / 2), with_logarithm(xp, order, small * small / 4)
    if order == 0:
        low = total - log * i_of(xp, 0, small)
    else:
        low = 1 / small + log * i_of(xp, 1, small) - total * small / 4
    low = low * xp.exp(small)
    high = 0.05 * xp.ones_like(middle)
    for k in range(1, 50):
        t = 0.1 * k
        high = high + 0.1 * math.cosh(order * t) * xp.exp(-middle * (math.cosh(t) - 1))
    even, odd = hankel(order, xp.clip(x, FAR, 1e300))
    far = (even + odd) * xp.sqrt(math.pi / 2 / xp.clip(x, FAR, 1e300))
    y = xp.where(x <= 2, low, xp.where(x <= FAR, high, far))
    y = xp.where(x == math.inf, 0.0, y)
    return xp.where(x == 0, math.inf, xp.where(x < 0, math.nan, xp.where(x != x, x, y)))


def k_of(xp, order, x):
    """Compute K(x) of order 0 or 1."""
    return k_scaled(xp, order, x) * xp.exp(-xp.maximum(x, 0))


# --- the operations


@op
class i0(Pointwise):
    r"""Give Bessel's $I_0$: it grows like $e^x$.

    >>> torch.i0(torch.tensor([0., 1.]))
    tensor([1.0000, 1.2661])
    """

    formula, gradient = r"y = I_0(x)", r"\bar x = \bar y \odot I_1(x)"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: i_of(xp, 0, a), x)

    def backward(self, g, x):
        return g * i1(x)


@op
class i0e(Pointwise):
    r"""Give $I_0(x) e^{-|x|}$: no overflow.

    >>> torch.special.i0e(torch.tensor([0., 1.]))
    tensor([1.0000, 0.4658])
    """

    formula = r"y = I_0(x) e^{-|x|}"
    gradient = r"\bar x = \bar y \odot (I_1(x) e^{-|x|} - \mathrm{sgn}(x)\, y)"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: i_scaled(xp, 0, a), x)

    def backward(self, g, x, y):
        return g * (i1e(x) - sgn(x) * y)


@op
class i1(Pointwise):
    r"""Give Bessel's $I_1$, the slope of $I_0$.

    >>> torch.special.i1(torch.tensor([0., 1.]))
    tensor([0.0000, 0.5652])
    """

    formula, gradient = r"y = I_1(x)", r"\bar x = \bar y \odot (I_0(x) - y / x)"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: i_of(xp, 1, a), x)

    def backward(self, g, x, y):
        large = abs(x) > 2.3e-16
        return g * where(large, i0(x) - y / where(large, x, 1.0), 0.5)


@op
class i1e(Pointwise):
    r"""Give $I_1(x) e^{-|x|}$: no overflow.

    >>> torch.special.i1e(torch.tensor([0., 1.]))
    tensor([0.0000, 0.2079])
    """

    formula = r"y = I_1(x) e^{-|x|}"
    gradient = r"\bar x = \bar y \odot (I_0(x) e^{-|x|} - y (\mathrm{sgn}\, x + 1/x))"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: i_scaled(xp, 1, a), x)

    def backward(self, g, x, y):
        large = abs(x) > 2.3e-16
        safe = where(large, x, 1.0)
        return g * where(large, i0e(x) - y * (sgn(safe) + 1 / safe), 0.5)


class Plain(Pointwise):
    """A function without a gradient rule: PyTorch has none either."""

    __slots__ = ()
    result = "float"


class OfOrder(Plain):
    """One of Bessel's functions of whole order: ``function(xp, order, x)`` computes it."""

    __slots__ = ()
    function, order = staticmethod(j_of), 0

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: self.function(xp, self.order, a), x)


@op
class bessel_j0(OfOrder):
    r"""Give Bessel's $J_0$: it swings like a cosine that dies away.

    >>> torch.special.bessel_j0(torch.tensor([0., 1.]))
    tensor([1.0000, 0.7652])
    """

    formula, function, order = r"y = J_0(x)", staticmethod(j_of), 0


@op
class bessel_j1(OfOrder):
    r"""Give Bessel's $J_1$, the slope of $J_0$ with its sign turned.

    >>> torch.special.bessel_j1(torch.tensor([0., 1.]))
    tensor([0.0000, 0.4401])
    """

    formula, function, order = r"y = J_1(x)", staticmethod(j_of), 1


@op
class bessel_y0(OfOrder):
    r"""Give Bessel's $Y_0$: it swings like $J_0$, a quarter of a turn behind.

    >>> torch.special.bessel_y0(torch.tensor([0., 1.]))
    tensor([  -inf, 0.0883])
    """

    formula, function, order = r"y = Y_0(x)", staticmethod(y_of), 0


@op
class bessel_y1(OfOrder):
    r"""Give Bessel's $Y_1$, the slope of $Y_0$ with its sign turned.

    >>> torch.special.bessel_y1(torch.tensor([0., 1.]))
    tensor([   -inf, -0.7812])
    """

    formula, function, order = r"y = Y_1(x)", staticmethod(y_of), 1


@op
class modified_bessel_i0(OfOrder):
    r"""Give Bessel's $I_0$.

    >>> torch.special.modified_bessel_i0(torch.tensor([1.]))
    tensor([1.2661])
    """

    formula, function, order = r"y = I_0(x)", staticmethod(i_of), 0


@op
class modified_bessel_i1(OfOrder):
    r"""Give Bessel's $I_1$.

    >>> torch.special.modified_bessel_i1(torch.tensor([1.]))
    tensor([0.5652])
    """

    formula, function, order = r"y = I_1(x)", staticmethod(i_of), 1


@op
class modified_bessel_k0(OfOrder):
    r"""Give Bessel's $K_0$: it fades like $e^{-x}$.

    >>> torch.special.modified_bessel_k0(torch.tensor([1.]))
    tensor([0.4210])
    """

    formula, function, order = r"y = K_0(x)", staticmethod(k_of), 0


@op
class modified_bessel_k1(OfOrder):
    r"""Give Bessel's $K_1$: it fades like $e^{-x}$.

    >>> torch.special.modified_bessel_k1(torch.tensor([1.]))
    tensor([0.6019])
    """

    formula, function, order = r"y = K_1(x)", staticmethod(k_of), 1


@op
class scaled_modified_bessel_k0(OfOrder):
    r"""Give $K_0(x) e^x$: no underflow.

    >>> torch.special.scaled_modified_bessel_k0(torch.tensor([1.]))
    tensor([1.1445])
    """

    formula, function, order = r"y = K_0(x) e^x", staticmethod(k_scaled), 0


@op
class scaled_modified_bessel_k1(OfOrder):
    r"""Give $K_1(x) e^x$: no underflow.

    >>> torch.special.scaled_modified_bessel_k1(torch.tensor([1.]))
    tensor([1.6362])
    """

    formula, function, order = r"y = K_1(x) e^x", staticmethod(k_scaled), 1


@op
class airy_ai(Plain):
    r"""Give Airy's $\mathrm{Ai}$: it swings left of 0, and fades right of it.

    >>> torch.special.airy_ai(torch.tensor([-1., 0., 1.]))
    tensor([0.5356, 0.3550, 0.1353])
    """

    formula = r"y = \mathrm{Ai}(x)"

    def forward(self, x: Array):
        return wide(self.xp, airy_of, x)


@op
class spherical_bessel_j0(Plain):
    r"""Give $\sin(x) / x$, which is 1 at 0.

    >>> torch.special.spherical_bessel_j0(torch.tensor([0., 1.]))
    tensor([1.0000, 0.8415])
    """

    formula = r"y = \sin(x) / x"

    def forward(self, x: Array):
        def compute(xp, a):
            y = xp.sin(a) / xp.where(a == 0, 1, a)
            y = xp.where(xp.absolute(a) == math.inf, 0.0, y)
            return xp.where(a == 0, 1.0, y)

        return wide(self.xp, compute, x)
