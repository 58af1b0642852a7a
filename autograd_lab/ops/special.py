"""The bell curve's functions: NumPy has none, so they are computed here, to the last digit."""

import math

from ..core import Array, Pointwise
from ..dispatch import op
from .pointwise import exp

# W. J. Cody, Rational Chebyshev approximations for the error function,
# Mathematics of Computation 23 (1969), 631-637: coefficients from the highest power down.
SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
     1.23033935480374942e3),
)  # fmt: skip
LARGE = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip
# For single precision one fraction does: fitted to erf(x) / x in x * x, for |x| < 4, by weighted
# least squares; the largest relative error is 2.5e-8.
SINGLE = (
    (1.986822785597102e-6, 2.845571194303865e-4, 3.883013850513029e-3, 5.310072578547948e-2,
     1.9353755911274761e-1, 1.1283791395205214),
    (3.742013336730644e-5, 1.1854884837761911e-3, 1.5206592338683583e-2, 1.1534687272568599e-1,
     5.048507538371784e-1, 1.0),
)  # fmt: skip


def ratio(polynomials, x):
    """Divide one polynomial by another."""
    above, below = polynomials
    top, bottom = above[0], below[0]
    for a, b in zip(above[1:], below[1:]):
        top, bottom = top * x + a, bottom * x + b
    return top / bottom


def erf_near_zero(x):
    """Compute erf for |x| below 0.5."""
    return x * ratio(SMALL, x * x)


def erfc_scaled(xp, x):
    """Compute exp(x * x) erfc(x) for x above 0.46875."""
    middle = ratio(MIDDLE, xp.minimum(x, 4.0))
    far = xp.clip(x, 4.0, 1e150)
    inverse = 1 / (far * far)
    large = (1 / math.sqrt(math.pi) - inverse * ratio(LARGE, inverse)) / far
    return xp.where(x <= 4.0, middle, large)


def gauss(xp, x):
    """Compute exp(-x * x) without losing digits: x is split into a short part and a rest."""
    short = xp.trunc(x * 16) / 16
    return xp.exp(-short * short) * xp.exp((short - x) * (short + x))


def tail(xp, size):
    """Compute erfc for numbers above 0.46875."""
    return gauss(xp, xp.minimum(size, 30.0)) * erfc_scaled(xp, xp.maximum(size, 0.46875))


def erf_of(xp, x):
    """Compute erf in the array's own precision."""
    if x.dtype != "float64":
        x = xp.clip(x, -4, 4)
        return xp.clip(x * ratio(SINGLE, x * x), -1, 1)
    size = xp.absolute(x)
    near, far = erf_near_zero(xp.clip(x, -0.5, 0.5)), xp.copysign(1 - tail(xp, size), x)
    return xp.where(size <= 0.46875, near, far)


def erfc_of(xp, x):
    """Compute 1 - erf(x), exact where that is tiny too."""
    kind, x = x.dtype, x.astype("float64")
    size = xp.absolute(x)
    far = tail(xp, size)
    near = 1 - erf_near_zero(xp.clip(x, -0.5, 0.5))
    y = xp.where(size <= 0.46875, near, xp.where(x < 0, 2 - far, far))
    return y.astype(kind) if kind.kind == "f" else y


@op
class erf(Pointwise):
    r"""Give the probability that a normal error stays within $x\sqrt{2}$ deviations.

    >>> torch.erf(torch.tensor([0., 0.5, -3.]))
    tensor([ 0.0000,  0.5205, -1.0000])
    """

    formula = r"y = \tfrac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt"
    gradient = r"\bar x = \tfrac{2}{\sqrt\pi} \bar y \odot e^{-x^2}"
    result = "float"

    def forward(self, x: Array):
        return erf_of(self.xp, x)

    def backward(self, g, x):
        return g * exp(-x * x) * (2 / math.sqrt(math.pi))


@op
class erfc(Pointwise):
    r"""Give $1 - \mathrm{erf}\, x$, exact where it is tiny too.

    >>> torch.erfc(torch.tensor([0., 0.5]))
    tensor([1.0000, 0.4795])
    """

    formula = r"y = 1 - \mathrm{erf}\, x"
    gradient = r"\bar x = -\tfrac{2}{\sqrt\pi} \bar y \odot e^{-x^2}"
    result = "float"

    def forward(self, x: Array):
        return erfc_of(self.xp, x)

    def backward(self, g, x):
        return g * exp(-x * x) * (-2 / math.sqrt(math.pi))


@op
class erfinv(Pointwise):
    r"""Give the number whose error function is $x$.

    >>> torch.erfinv(torch.tensor([0., 0.5205]))
    tensor([0.0000, 0.5000])
    """

    formula = r"\mathrm{erf}\, y = x"
    gradient = r"\bar x = \tfrac{\sqrt\pi}{2} \bar y \odot e^{y^2}"
    result = "float"

    def forward(self, x: Array):
        return erfinv_of(self.xp, x)

    def backward(self, g, y):
        return g * exp(y * y) * (math.sqrt(math.pi) / 2)


def erfinv_of(xp, x):
    """Start with S. Winitzki's approximation (2008); Newton's rule makes it exact in four steps."""
    kind, x = x.dtype, x.astype("float64")
    size = xp.absolute(x)
    inside = xp.clip(size, 0.0, 1 - 2.0**-53)
    log = xp.log1p(-inside * inside)
    half = 2 / (math.pi * 0.147) + log / 2
    y = xp.sqrt(xp.sqrt(half * half - log / 0.147) - half)
    for _ in range(4):
        miss = xp.where(y < 0.5, erf_of(xp, y) - inside, (1 - inside) - erfc_of(xp, y))
        y = y - miss * xp.exp(y * y) * (math.sqrt(math.pi) / 2)
    y = xp.copysign(xp.where(size == 1, math.inf, xp.where(size <= 1, y, math.nan)), x)
    return y.astype(kind) if kind.kind == "f" else y


def normal_cdf(x):
    """Give the probability that a standard normal number is less than x: arrays or tensors."""
    return erfc(x * -math.sqrt(0.5)) / 2
