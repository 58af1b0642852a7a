"""Bessel's functions: J, which swing like a drum, and I and K, which grow and fade.

NumPy has none of them but ``i0``. Near 0 they are computed from Bessel's own integrals, by adding
the integrand up at evenly spaced points, which is exact to the last digit for periodic functions
(L. N. Trefethen and J. A. C. Weideman, The exponentially convergent trapezoidal rule, SIAM Review
56, 2014); far out by Hankel's series (M. Abramowitz and I. Stegun, Handbook of Mathematical
Functions, 1964, 9.2.5, 9.7.1 and 9.7.2).
"""

import math

from ..core import Array, Pointwise
from ..dispatch import op
from .compare import where
from .complex_numbers import sgn
from .gamma import EULER
from .special import wide

FAR, NODES = 30.0, 48


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


def j_of(xp, order, x):
    """Compute J(x) of order 0 or 1."""
    size = xp.absolute(x)
    near, far = xp.minimum(size, FAR), xp.clip(size, FAR, 1e300)
    if order == 0:
        low = mean(lambda t: xp.cos(near * math.sin(t)))
    else:
        low = mean(lambda t: xp.sin(near * math.sin(t)) * math.sin(t))
    even, odd = hankel(order, far * 1j)  # the terms of J are those of I with signs in turn
    turn = far - (2 * order + 1) * math.pi / 4
    swing = xp.cos(turn) * even.real + xp.sin(turn) * odd.imag
    y = xp.where(size <= FAR, low, xp.sqrt(2 / (math.pi * far)) * swing)
    y = xp.where(size == math.inf, math.nan, xp.where(x != x, x, y))  # PyTorch's answer there
    return xp.where(x < 0, -y, y) if order else y


def i_of(xp, order, x):
    """Compute I(x) of order 0 or 1."""
    y = i_scaled(xp, order, x)
    grown = xp.exp(xp.absolute(x) / 2)  # in two steps: the product may exist where exp(x) does not
    y = y * grown * grown
    return xp.where(xp.absolute(x) == math.inf, math.nan, y)  # PyTorch's answer at infinity


def k_scaled(xp, order, x):
    """Compute K(x) exp(x) of order 0 or 1."""
    small, middle = xp.clip(x, 1e-300, 2.0), xp.clip(x, 2.0, FAR)
    quarter, log = small * small / 4, xp.log(small / 2)
    total, term, harmonic = 0, xp.ones_like(small), 0.0
    for k in range(16):
        if order == 0:
            total = total + term * (harmonic - EULER)
            term = term * quarter / ((k + 1) ** 2)
        else:
            total = total + term * (2 * harmonic + 1 / (k + 1) - 2 * EULER)
            term = term * quarter / ((k + 1) * (k + 2))
        harmonic += 1 / (k + 1)
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


@op
class bessel_j0(Plain):
    r"""Give Bessel's $J_0$: it swings like a cosine that dies away.

    >>> torch.special.bessel_j0(torch.tensor([0., 1.]))
    tensor([1.0000, 0.7652])
    """

    formula = r"y = J_0(x)"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: j_of(xp, 0, a), x)


@op
class bessel_j1(Plain):
    r"""Give Bessel's $J_1$, the slope of $J_0$ with its sign turned.

    >>> torch.special.bessel_j1(torch.tensor([0., 1.]))
    tensor([0.0000, 0.4401])
    """

    formula = r"y = J_1(x)"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: j_of(xp, 1, a), x)


@op
class modified_bessel_i0(Plain):
    r"""Give Bessel's $I_0$.

    >>> torch.special.modified_bessel_i0(torch.tensor([1.]))
    tensor([1.2661])
    """

    formula = r"y = I_0(x)"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: i_of(xp, 0, a), x)


@op
class modified_bessel_i1(Plain):
    r"""Give Bessel's $I_1$.

    >>> torch.special.modified_bessel_i1(torch.tensor([1.]))
    tensor([0.5652])
    """

    formula = r"y = I_1(x)"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: i_of(xp, 1, a), x)


@op
class modified_bessel_k0(Plain):
    r"""Give Bessel's $K_0$: it fades like $e^{-x}$.

    >>> torch.special.modified_bessel_k0(torch.tensor([1.]))
    tensor([0.4210])
    """

    formula = r"y = K_0(x)"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: k_of(xp, 0, a), x)


@op
class modified_bessel_k1(Plain):
    r"""Give Bessel's $K_1$: it fades like $e^{-x}$.

    >>> torch.special.modified_bessel_k1(torch.tensor([1.]))
    tensor([0.6019])
    """

    formula = r"y = K_1(x)"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: k_of(xp, 1, a), x)


@op
class scaled_modified_bessel_k0(Plain):
    r"""Give $K_0(x) e^x$: no underflow.

    >>> torch.special.scaled_modified_bessel_k0(torch.tensor([1.]))
    tensor([1.1445])
    """

    formula = r"y = K_0(x) e^x"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: k_scaled(xp, 0, a), x)


@op
class scaled_modified_bessel_k1(Plain):
    r"""Give $K_1(x) e^x$: no underflow.

    >>> torch.special.scaled_modified_bessel_k1(torch.tensor([1.]))
    tensor([1.6362])
    """

    formula = r"y = K_1(x) e^x"

    def forward(self, x: Array):
        return wide(self.xp, lambda xp, a: k_scaled(xp, 1, a), x)


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
