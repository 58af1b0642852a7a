"""The bell curve's functions: NumPy has none, so they are computed here, to the last digit."""

import math

from ..core import NUMBERS, Array, Pointwise
from ..dispatch import op
from ..dtypes import legacy_name
from .compare import where
from .pointwise import exp, log

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


def wide(xp, call, *operands):
    """Compute in double precision, and give the answer in the operands' own."""
    kind = xp.result_type(*operands)
    only_real(kind)
    y = call(xp, *[xp.asarray(x, "float64") for x in operands])
    return y.astype(kind) if kind.kind == "f" else y


def only_real(kind):
    """Raise PyTorch's error for a function that knows no complex numbers."""
    if kind.kind == "c":
        raise NotImplementedError(
            f"not implemented for '{legacy_name(kind)}': this function knows real numbers only. "
            "Take x.real, or x.abs(), first"
        )


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
    only_real(x.dtype)
    if x.dtype != "float64":
        x = xp.clip(x, -4, 4)
        return xp.clip(x * ratio(SINGLE, x * x), -1, 1)
    size = xp.absolute(x)
    near, far = erf_near_zero(xp.clip(x, -0.5, 0.5)), xp.copysign(1 - tail(xp, size), x)
    return xp.where(size <= 0.46875, near, far)


def erfc_of(xp, x):
    """Compute 1 - erf(x) in double precision, exact where that is tiny too."""
    size = xp.absolute(x)
    far = tail(xp, size)
    near = 1 - erf_near_zero(xp.clip(x, -0.5, 0.5))
    return xp.where(size <= 0.46875, near, xp.where(x < 0, 2 - far, far))


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
        return wide(self.xp, erfc_of, x)

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
        return wide(self.xp, erfinv_of, x)

    def backward(self, g, y):
        return g * exp(y * y) * (math.sqrt(math.pi) / 2)


def erfinv_of(xp, x):
    """Start with S. Winitzki's approximation (2008); Newton's rule makes it exact in four steps."""
    size = xp.absolute(x)
    inside = xp.clip(size, 0.0, 1 - 2.0**-53)
    log = xp.log1p(-inside * inside)
    half = 2 / (math.pi * 0.147) + log / 2
    y = xp.sqrt(xp.sqrt(half * half - log / 0.147) - half)
    for _ in range(4):
        miss = xp.where(y < 0.5, erf_of(xp, y) - inside, (1 - inside) - erfc_of(xp, y))
        y = y - miss * xp.exp(y * y) * (math.sqrt(math.pi) / 2)
    return xp.copysign(xp.where(size == 1, math.inf, xp.where(size <= 1, y, math.nan)), x)


def normal_cdf(x):
    """Give the probability that a standard normal number is less than x: arrays or tensors."""
    return erfc(x * -math.sqrt(0.5)) / 2


# --- the normal distribution


def erfcx_of(xp, x):
    """Compute exp(x * x) erfc(x) in double precision: no overflow, no underflow, for positive x."""
    size = xp.absolute(x)
    near = xp.exp(xp.minimum(size, 0.5) ** 2) * erfc_of(xp, xp.minimum(size, 0.5))
    y = xp.where(size < 0.46875, near, erfc_scaled(xp, xp.maximum(size, 0.46875)))
    y = xp.where(size > 1e8, 1 / (math.sqrt(math.pi) * xp.maximum(size, 1)), y)
    return xp.where(x < 0, 2 * xp.exp(x * x) - y, y)


@op
class erfcx(Pointwise):
    r"""Give $e^{x^2} \mathrm{erfc}\, x$, without overflow.

    >>> torch.special.erfcx(torch.tensor([0., 10.]))
    tensor([1.0000, 0.0561])
    """

    formula = r"y = e^{x^2} \mathrm{erfc}\, x"
    gradient = r"\bar x = \bar y \odot (2 x y - 2 / \sqrt\pi)"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, erfcx_of, x)

    def backward(self, g, x, y):
        return g * (x * 2 * y - 2 / math.sqrt(math.pi))


@op
class ndtr(Pointwise):
    r"""Give the probability that a standard normal number is less than $x$.

    >>> torch.special.ndtr(torch.tensor([0., 1.96]))
    tensor([0.5000, 0.9750])
    """

    formula = r"y = \tfrac12 \mathrm{erfc}(-x / \sqrt2)"
    gradient = r"\bar x = \bar y \odot e^{-x^2/2} / \sqrt{2 \pi}"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, normal_below, x)

    def backward(self, g, x):
        return g * exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))


def normal_below(xp, x):
    """Compute the normal distribution in double precision."""
    return erfc_of(xp, x * -math.sqrt(0.5)) / 2


def log_normal_below(xp, x):
    """Compute the logarithm of the normal distribution: its tail needs erfcx."""
    low = x < -1
    t = x * math.sqrt(0.5)
    tail = xp.log(erfcx_of(xp, xp.where(low, -t, 1)) / 2) - t * t
    tail = xp.where(x == -math.inf, -math.inf, tail)
    return xp.where(low, tail, xp.log1p(-erfc_of(xp, xp.where(low, 0, t)) / 2))


@op
class log_ndtr(Pointwise):
    r"""Give the logarithm of ``ndtr``, exact where that is tiny too.

    >>> torch.special.log_ndtr(torch.tensor([0., -30.]))
    tensor([  -0.6931, -454.3213])
    """

    formula = r"y = \ln(\tfrac12 \mathrm{erfc}(-x / \sqrt2))"
    gradient = r"\bar x = \bar y \odot e^{-x^2/2 - y} / \sqrt{2\pi}"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, log_normal_below, x)

    def backward(self, g, x, y):
        return g * exp(x * x * -0.5 - y) * (1 / math.sqrt(2 * math.pi))


@op
class ndtri(Pointwise):
    r"""Give the number below which a standard normal number lies with probability $x$.

    >>> torch.special.ndtri(torch.tensor([0.5, 0.975]))
    tensor([0.0000, 1.9600])
    """

    formula = r"\tfrac12 \mathrm{erfc}(-y / \sqrt2) = x"
    gradient = r"\bar x = \bar y \odot \sqrt{2\pi}\, e^{y^2/2}"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, normal_quantile, x)

    def backward(self, g, y):
        return g * exp(y * y * 0.5) * math.sqrt(2 * math.pi)


def normal_quantile(xp, p):
    """Solve ln ndtr(y) = ln p by Newton's rule, for the smaller tail."""
    small = xp.where(p > 0.5, 1 - p, p)
    inside = xp.clip(small, 5e-324, 0.5)
    goal = xp.log(inside)
    y = -xp.sqrt(xp.maximum(-2 * goal - xp.log(-2 * goal + 0.6), 0.0))
    for _ in range(8):
        slope = math.sqrt(2 / math.pi) / erfcx_of(xp, y * -math.sqrt(0.5))
        y = xp.minimum(y - (log_normal_below(xp, y) - goal) / slope, 0.0)
    y = xp.where(small == 0, -math.inf, xp.where((small > 0) & (small <= 0.5), y, math.nan))
    return xp.where(p > 0.5, -y, xp.where(p == 0.5, 0.0, y))


# --- entropies


@op
class entr(Pointwise):
    r"""Give $-x \ln x$, which is 0 at 0.

    >>> torch.special.entr(torch.tensor([0., 0.5, 1.])).abs()
    tensor([0.0000, 0.3466, 0.0000])
    """

    formula, gradient = r"y = -x \ln x", r"\bar x = -\bar y \odot (1 + \ln x)"
    result = "float"

    def forward(self, x: Array):
        xp = self.xp
        only_real(x.dtype)
        y = -x * xp.log(xp.where(x > 0, x, 1))
        y = xp.where(x == 0, 0, xp.where(x < 0, -math.inf, y))
        return xp.where(x != x, x, y).astype(x.dtype if x.dtype.kind == "f" else "float64")

    def backward(self, g, x):
        return g * -(log(x) + 1)


@op
class xlog1py(Pointwise):
    r"""Multiply by the logarithm of $1 + b$; 0 times anything is 0.

    >>> torch.special.xlog1py(torch.tensor([0., 2.]), torch.tensor([-1., 2.]))
    tensor([0.0000, 2.1972])
    """

    formula = r"y = a \ln(1 + b)"
    gradient = r"\bar a = \bar y \odot \ln(1 + b),\quad \bar b = \bar y \odot a / (1 + b)"
    result = "float"

    def forward(self, a: Array, b: Array):
        if type(b) in NUMBERS:
            size = math.log1p(b) if b > -1 else -math.inf if b == -1 else math.nan
            return self.xp.where((a == 0) & (b == b), 0, a * size)
        return self.xp.where((a == 0) & (b == b), 0, a * self.xp.log1p(b))

    def backward_a(self, g, a, b):
        return where((a == 0) & (b <= -1), 0.0, xlog1py(g, b))

    def backward_b(self, g, a, b):
        return g * a / (b + 1)
