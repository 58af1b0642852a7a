"""Functions of each element by itself: exponentials, logarithms, angles, rounding."""

import math

import numpy as np

from ..core import NUMBERS, Array, Pointwise
from ..dispatch import op
from ..out import written
from ..threads import by_parts
from .arithmetic import logarithm, rsqrt
from .compare import no_numbers, where, zeros_for
from .complex_numbers import REAL, Holomorphic, conj, parts_joined, real, sgn, sign_of
from .reduce import precise

LN2, LN10 = math.log(2), math.log(10)


@op
class exp(Holomorphic):
    r"""Raise $e$ to every element.

    >>> torch.exp(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """

    formula, gradient = r"y = e^x", r"\bar x = \bar y \odot y"
    result = "float"

    def forward(self, x: Array):
        return self.xp.exp(x)

    def backward(self, g, y):
        return g * y


@op
class exp2(Holomorphic):
    r"""Raise 2 to every element.

    >>> torch.exp2(torch.tensor([0., 3.]))
    tensor([1., 8.])
    """

    formula, gradient = r"y = 2^x", r"\bar x = \bar y \odot y \ln 2"
    result = "float"

    def forward(self, x: Array):
        return self.xp.exp2(x)

    def backward(self, g, y):
        return g * y * LN2


@op
class expm1(Holomorphic):
    r"""Give $e^x - 1$, exact for small $x$ too.

    >>> torch.expm1(torch.tensor([0., 1.]))
    tensor([0.0000, 1.7183])
    """

    formula, gradient = r"y = e^x - 1", r"\bar x = \bar y \odot (y + 1)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.expm1(x)

    def backward(self, g, y):
        return g * (y + 1)


@op
class log(Holomorphic):
    r"""Give the natural logarithm.

    >>> torch.log(torch.tensor([1., 10.]))
    tensor([0.0000, 2.3026])
    """

    formula, gradient = r"y = \ln x", r"\bar x = \bar y / x"
    result = "float"

    def forward(self, x: Array):
        return self.xp.log(x)

    def backward(self, g, x):
        return g / x


@op
class log2(Holomorphic):
    r"""Give the logarithm to the base 2.

    >>> torch.log2(torch.tensor([1., 8.]))
    tensor([0., 3.])
    """

    formula, gradient = r"y = \log_2 x", r"\bar x = \bar y / (x \ln 2)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.log2(x)

    def backward(self, g, x):
        return g / (x * LN2)


@op
class log10(Holomorphic):
    r"""Give the logarithm to the base 10.

    >>> torch.log10(torch.tensor([1., 50.]))
    tensor([0.0000, 1.6990])
    """

    formula, gradient = r"y = \log_{10} x", r"\bar x = \bar y / (x \ln 10)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.log10(x)

    def backward(self, g, x):
        return g / (x * LN10)


@op
class log1p(Holomorphic):
    r"""Give the logarithm of $1 + x$, exact for small $x$ too.

    >>> torch.log1p(torch.tensor([0., 1.]))
    tensor([0.0000, 0.6931])
    """

    formula, gradient = r"y = \ln(1 + x)", r"\bar x = \bar y / (1 + x)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.log1p(x)

    def backward(self, g, x):
        return g / (x + 1)


@op
class sin(Holomorphic):
    r"""Give the sine of angles in radians.

    >>> torch.sin(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8415])
    """

    formula, gradient = r"y = \sin x", r"\bar x = \bar y \odot \cos x"
    result = "float"

    def forward(self, x: Array):
        return self.xp.sin(x)

    def backward(self, g, x):
        return g * cos(x)


@op
class cos(Holomorphic):
    r"""Give the cosine of angles in radians.

    >>> torch.cos(torch.tensor([0., 1.]))
    tensor([1.0000, 0.5403])
    """

    formula, gradient = r"y = \cos x", r"\bar x = -\bar y \odot \sin x"
    result = "float"

    def forward(self, x: Array):
        return self.xp.cos(x)

    def backward(self, g, x):
        return -g * sin(x)


@op
class tan(Holomorphic):
    r"""Give the tangent of angles in radians.

    >>> torch.tan(torch.tensor([0., 1.]))
    tensor([0.0000, 1.5574])
    """

    formula, gradient = r"y = \tan x", r"\bar x = \bar y \odot (1 + y^2)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.tan(x)

    def backward(self, g, y):
        return g * (1 + y * y)


@op
class asin(Holomorphic):
    r"""Give the angle whose sine is $x$.

    >>> torch.asin(torch.tensor([0., 1.]))
    tensor([0.0000, 1.5708])
    """

    formula, gradient = r"y = \arcsin x", r"\bar x = \bar y / \sqrt{1 - x^2}"
    result = "float"

    def forward(self, x: Array):
        return self.xp.arcsin(x)

    def backward(self, g, x):
        return g * rsqrt(1 - x * x)


@op
class acos(Holomorphic):
    r"""Give the angle whose cosine is $x$.

    >>> torch.acos(torch.tensor([0., 1.]))
    tensor([1.5708, 0.0000])
    """

    formula, gradient = r"y = \arccos x", r"\bar x = -\bar y / \sqrt{1 - x^2}"
    result = "float"

    def forward(self, x: Array):
        return self.xp.arccos(x)

    def backward(self, g, x):
        return -g * rsqrt(1 - x * x)


@op
class atan(Holomorphic):
    r"""Give the angle whose tangent is $x$.

    >>> torch.atan(torch.tensor([0., 1.]))
    tensor([0.0000, 0.7854])
    """

    formula, gradient = r"y = \arctan x", r"\bar x = \bar y / (1 + x^2)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.arctan(x)

    def backward(self, g, x):
        return g / (1 + x * x)


@op
class atan2(Pointwise):
    r"""Give the angle of the point $(b, a)$: the arctangent of $a / b$, all around.

    >>> torch.atan2(torch.tensor([1., 1.]), torch.tensor([1., -1.]))
    tensor([0.7854, 2.3562])
    """

    formula = r"y = \arg(b + i a)"
    gradient = r"\bar a = \bar y \odot b / (a^2 + b^2),\quad \bar b = -\bar y \odot a / (a^2 + b^2)"
    result = "float"

    def forward(self, a: Array, b: Array):
        no_numbers("atan2", a, b)
        return self.xp.arctan2(a, b)

    def backward_a(self, g, a, b):
        square = a * a + b * b
        return g * where(square == 0, 0.0, b / square)

    def backward_b(self, g, a, b):
        square = a * a + b * b
        return -g * where(square == 0, 0.0, a / square)


@op
class sinh(Holomorphic):
    r"""Give the hyperbolic sine.

    >>> torch.sinh(torch.tensor([0., 1.]))
    tensor([0.0000, 1.1752])
    """

    formula, gradient = r"y = \sinh x", r"\bar x = \bar y \odot \cosh x"
    result = "float"

    def forward(self, x: Array):
        return self.xp.sinh(x)

    def backward(self, g, x):
        return g * cosh(x)


@op
class cosh(Holomorphic):
    r"""Give the hyperbolic cosine.

    >>> torch.cosh(torch.tensor([0., 1.]))
    tensor([1.0000, 1.5431])
    """

    formula, gradient = r"y = \cosh x", r"\bar x = \bar y \odot \sinh x"
    result = "float"

    def forward(self, x: Array):
        return self.xp.cosh(x)

    def backward(self, g, x):
        return g * sinh(x)


def times_one_minus_square(g, y):
    """Give $g (1 - y^2)$; of arrays, in one piece of memory."""
    square = y * y
    if not isinstance(square, np.ndarray):
        return g * (1 - square)
    np.subtract(1, square, out=square)
    return square if _is_one(g) else np.multiply(g, square, out=square)


def kept(xp, g, there, out=None):
    """Keep numbers of an array where something is true, and write 0 elsewhere.

    Their bits are multiplied by 1 or 0, as whole numbers: of an infinite number, too, 0 is left.
    """
    bits = WHOLE[g.dtype.itemsize]
    out = xp.empty_like(g) if out is None else out
    by_parts(xp, xp.multiply, g.view(bits), there, out.view(bits))
    return out


WHOLE = {size: np.dtype(f"uint{8 * size}") for size in (1, 2, 4, 8)}


def _is_one(g) -> bool:
    """Say whether a gradient is one number, repeated, and that is 1: so it comes from a sum."""
    return g.size > 1 and not any(g.strides) and g.item(0) == 1


@op
class tanh(Holomorphic):
    r"""Squash every element into $(-1, 1)$.

    >>> torch.tanh(torch.tensor([-1., 0., 1.]))
    tensor([-0.7616,  0.0000,  0.7616])
    """

    formula, gradient = r"y = \tanh x", r"\bar x = \bar y \odot (1 - y^2)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.tanh(x)

    def backward(self, g, y):
        return times_one_minus_square(g, y)


@op
class asinh(Holomorphic):
    r"""Give the number whose hyperbolic sine is $x$.

    >>> torch.asinh(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8814])
    """

    formula, gradient = r"y = \mathrm{arsinh}\, x", r"\bar x = \bar y / \sqrt{x^2 + 1}"
    result = "float"

    def forward(self, x: Array):
        return self.xp.arcsinh(x)

    def backward(self, g, x):
        return g * rsqrt(x * x + 1)


@op
class acosh(Holomorphic):
    r"""Give the number whose hyperbolic cosine is $x$.

    >>> torch.acosh(torch.tensor([1., 2.]))
    tensor([0.0000, 1.3170])
    """

    formula, gradient = r"y = \mathrm{arcosh}\, x", r"\bar x = \bar y / \sqrt{x^2 - 1}"
    result = "float"

    def forward(self, x: Array):
        return self.xp.arccosh(x)

    def backward(self, g, x):
        return g * (rsqrt(x * x - 1) if x.dtype in REAL else rsqrt(x - 1) * rsqrt(x + 1))


@op
class atanh(Holomorphic):
    r"""Give the number whose hyperbolic tangent is $x$.

    >>> torch.atanh(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.5493])
    """

    formula, gradient = r"y = \mathrm{artanh}\, x", r"\bar x = \bar y / (1 - x^2)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.arctanh(x)

    def backward(self, g, x):
        return g / (1 - x * x)


@op
class sigmoid(Holomorphic):
    r"""Squash every element into $(0, 1)$.

    >>> torch.sigmoid(torch.tensor([-1., 0., 1.]))
    tensor([0.2689, 0.5000, 0.7311])
    """

    formula, gradient = r"y = 1 / (1 + e^{-x})", r"\bar x = \bar y \odot y \odot (1 - y)"
    result = "float"

    def forward(self, x: Array):
        return 1 / (1 + self.xp.exp(-x))

    def backward(self, g, y):
        return g * (y * (1 - y))


# --- rounding: flat almost everywhere, so no gradient comes through


@op
class floor(Pointwise):
    r"""Round down to a whole number.

    >>> torch.floor(torch.tensor([1.5, -1.5]))
    tensor([ 1., -2.])
    """

    formula, gradient = r"y = \lfloor x \rfloor", r"\bar x = 0"

    def forward(self, x: Array):
        return self.xp.floor(x)

    def backward(self, g):
        return zeros_for(g)


@op
class ceil(Pointwise):
    r"""Round up to a whole number.

    >>> torch.ceil(torch.tensor([1.5, -1.5]))
    tensor([ 2., -1.])
    """

    formula, gradient = r"y = \lceil x \rceil", r"\bar x = 0"

    def forward(self, x: Array):
        return self.xp.ceil(x)

    def backward(self, g):
        return zeros_for(g)


@op
class trunc(Pointwise):
    r"""Round towards 0: cut the decimals off.

    >>> torch.trunc(torch.tensor([1.5, -1.5]))
    tensor([ 1., -1.])
    """

    formula, gradient = r"y = \mathrm{sgn}(x) \lfloor |x| \rfloor", r"\bar x = 0"

    def forward(self, x: Array):
        return self.xp.trunc(x)

    def backward(self, g):
        return zeros_for(g)


@op
class round(Pointwise):
    r"""Round to the nearest number with so many decimals; a half goes to the even one.

    >>> torch.round(torch.tensor([0.5, 1.5, 1.4]))
    tensor([0., 2., 1.])
    >>> torch.round(torch.tensor([1.234]), decimals=2)
    tensor([1.2300])
    """

    formula, gradient = r"y = 10^{-d} \lfloor 10^d x \rceil", r"\bar x = 0"

    def forward(self, x: Array, decimals=0):
        if decimals and x.dtype.kind != "f":
            raise NotImplementedError('"round_cpu" not implemented for whole numbers with decimals')
        return self.xp.round(x, decimals)

    def backward(self, g):
        return zeros_for(g)


@op
class frac(Pointwise):
    r"""Give what follows the decimal point.

    >>> torch.frac(torch.tensor([1.5, -1.25]))
    tensor([ 0.5000, -0.2500])
    """

    formula, gradient = r"y = x - \mathrm{trunc}\, x", r"\bar x = \bar y"

    def forward(self, x: Array):
        return x - self.xp.trunc(x)

    def backward(self, g):
        return g


@op
class sign(Pointwise):
    r"""Give $-1$, $0$ or $1$: the sign of every element.

    >>> torch.sign(torch.tensor([3., -4., 0.]))
    tensor([ 1., -1.,  0.])
    """

    formula, gradient = r"y = \mathrm{sgn}\, x", r"\bar x = 0"

    def forward(self, x: Array):
        if x.dtype.kind == "c":
            raise NotImplementedError(
                "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use "
                "torch.sgn instead."
            )
        return sign_of(x)

    def backward(self, g):
        return zeros_for(g)


@op
class nan_to_num(Pointwise):
    r"""Replace nan by a number, infinities by large ones.

    >>> torch.nan_to_num(torch.tensor([float("nan"), float("inf"), 1.]), posinf=9.)
    tensor([0., 9., 1.])
    """

    formula = r"y = x,\quad \mathrm{nan} \mapsto 0"
    gradient = r"\bar x = \bar y \odot [|x| < \infty]"

    def forward(self, x: Array, nan=None, posinf=None, neginf=None):
        zero = 0.0 if nan is None else nan
        return self.xp.nan_to_num(x, nan=zero, posinf=posinf, neginf=neginf)

    def backward(self, g, x):
        return g * ((x - x) == 0)


# --- less common functions


def deg2rad(input, *, out=None):
    """Turn degrees into radians.

    >>> torch.deg2rad(torch.tensor([180.]))
    tensor([3.1416])
    """
    result = input * (math.pi / 180)
    return result if out is None else written(out, result)


def rad2deg(input, *, out=None):
    """Turn radians into degrees.

    >>> torch.rad2deg(torch.tensor([math.pi]))
    tensor([180.])
    """
    result = input * (180 / math.pi)
    return result if out is None else written(out, result)


@op
class polar(Pointwise):
    r"""Make complex numbers from their distance to 0 and their angle.

    >>> torch.polar(torch.tensor([1.]), torch.tensor([0.]))
    tensor([1.+0.j])
    """

    formula = r"y = r e^{i \varphi}"
    gradient = (
        r"\bar r = \mathrm{Re}(\overline{\bar y}\, y / |y|),\quad "
        r"\bar\varphi = \mathrm{Re}(\overline{\bar y}\, i y)"
    )
    promote = False

    def forward(self, abs: Array, angle: Array):
        no_numbers("polar", abs, angle)
        return parts_joined(self.xp, abs * self.xp.cos(angle), abs * self.xp.sin(angle))

    def backward_abs(self, g, y):
        return real(conj(g) * sgn(y))

    def backward_angle(self, g, y):
        return real(conj(g) * (y * 1j))


@op
class sinc(Holomorphic):
    r"""Give $\sin(\pi x) / (\pi x)$, which is 1 at 0.

    >>> torch.sinc(torch.tensor([0., 0.5]))
    tensor([1.0000, 0.6366])
    """

    formula = r"y = \sin(\pi x) / (\pi x)"
    gradient = r"\bar x = \bar y \odot (\cos(\pi x) - y) / x"
    result = "float"

    def forward(self, x: Array):
        angle = self.xp.where(x == 0, 1, precise(x) * math.pi)
        y = self.xp.where(x == 0, 1, self.xp.sin(angle) / angle)
        return y.astype("float16") if x.dtype.char == "e" else y

    def backward(self, g, x):
        angle = x * math.pi
        below = angle * x
        return where(below == 0, 0.0, g * ((angle * cos(angle) - sin(angle)) / below))


@op
class xlogy(Pointwise):
    r"""Multiply by a logarithm; 0 times anything is 0.

    >>> torch.xlogy(torch.tensor([0., 2.]), torch.tensor([0., 3.]))
    tensor([0.0000, 2.1972])
    """

    formula = r"y = a \ln b"
    gradient = r"\bar a = \bar y \odot \ln b,\quad \bar b = \bar y \odot a / b"
    result = "float"

    def forward(self, a: Array, b: Array):
        if type(b) in NUMBERS:
            return self.xp.where((a == 0) & (b == b), 0, a * logarithm(b))
        return self.xp.where((a == 0) & (b == b), 0, a * self.xp.log(b))

    def backward_a(self, g, a, b):
        return where((a == 0) & (b <= 0), 0.0, xlogy(g, b))

    def backward_b(self, g, a, b):
        return g * a / b


@op
class logaddexp(Holomorphic):
    r"""Add numbers given as logarithms, without overflow.

    >>> torch.logaddexp(torch.tensor([1000.]), torch.tensor([1000.]))
    tensor([1000.6932])
    """

    formula = r"y = \ln(e^a + e^b)"
    gradient = r"\bar a = \bar y / (1 + e^{b-a}),\quad \bar b = \bar y / (1 + e^{a-b})"

    def forward(self, a: Array, b: Array):
        no_numbers("logaddexp", a, b)
        if a.dtype.kind != "c":
            return self.xp.logaddexp(a, b)
        larger = a.real >= b.real
        top, other = self.xp.where(larger, a, b), self.xp.where(larger, b, a)
        return top + self.xp.log1p(self.xp.exp(other - top))

    def backward_a(self, g, a, b):
        return g / (exp(b - a) + 1)

    def backward_b(self, g, a, b):
        return g / (exp(a - b) + 1)


@op
class logaddexp2(Pointwise):
    r"""Add numbers given as logarithms to the base 2, without overflow.

    >>> torch.logaddexp2(torch.tensor([1000.]), torch.tensor([1000.]))
    tensor([1001.])
    """

    formula = r"y = \log_2(2^a + 2^b)"
    gradient = r"\bar a = \bar y / (1 + 2^{b-a}),\quad \bar b = \bar y / (1 + 2^{a-b})"

    def forward(self, a: Array, b: Array):
        no_numbers("logaddexp2", a, b)
        if a.dtype.kind != "f":
            raise NotImplementedError(f"\"logaddexp2_cpu\" not implemented for '{a.dtype}'")
        return self.xp.logaddexp2(a, b)

    def backward_a(self, g, a, b):
        return g / (exp2(b - a) + 1)

    def backward_b(self, g, a, b):
        return g / (exp2(a - b) + 1)


@op
class logit(Pointwise):
    r"""Undo the sigmoid: the logarithm of the odds of a probability.

    ``eps`` keeps $x$ away from 0 and 1.

    >>> torch.logit(torch.tensor([0.5, 0.75]))
    tensor([0.0000, 1.0986])
    """

    formula = r"y = \ln(x / (1 - x))"
    gradient = r"\bar x = \bar y / (x (1 - x))"
    result = "float"

    def forward(self, x: Array, eps=None):
        self.eps = eps
        if eps is not None:
            x = self.xp.minimum(self.xp.maximum(x, eps), 1 - eps)
        return self.xp.log(x / (1 - x))

    def backward(self, g, x):
        least, outside = (0, math.nan) if self.eps is None else (self.eps, 0.0)
        inside = (x >= least) & (x <= 1 - least)
        return where(inside, g / (x * (1 - x)), outside)


fix = trunc
arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh
