"""Numbers as a computer holds them: common divisors, powers of 2, the next number."""

from ..core import Array, Op, Pointwise
from ..dispatch import op
from .compare import no_numbers, where, zeros_for
from .complex_numbers import Holomorphic
from .named import named
from .pointwise import LN2
from .spelling import with_out


@op
class gcd(Pointwise):
    r"""Give the greatest number that divides two whole numbers.

    >>> torch.gcd(torch.tensor([12, 7]), torch.tensor([8, 21]))
    tensor([4, 7])
    """

    formula = r"y = \gcd(a, b)"

    def forward(self, a: Array, b: Array):
        _whole("gcd", a, b)
        return self.xp.gcd(a, b)


@op
class lcm(Pointwise):
    r"""Give the least number that two whole numbers divide.

    >>> torch.lcm(torch.tensor([4, 7]), torch.tensor([6, 21]))
    tensor([12, 21])
    """

    formula = r"y = \mathrm{lcm}(a, b)"

    def forward(self, a: Array, b: Array):
        _whole("lcm", a, b)
        return self.xp.lcm(a, b)


def _whole(name, *operands):
    no_numbers(name, *operands)
    if operands[0].dtype.kind not in "iu":
        raise NotImplementedError(f"\"{name}_cpu\" not implemented for '{operands[0].dtype}'")


@op
class nextafter(Pointwise):
    r"""Give the number that comes next after $a$, on the way to $b$.

    >>> (torch.nextafter(torch.tensor([1.]), torch.tensor([2.])) - 1).item()
    1.1920928955078125e-07
    """

    formula = r"y = \min \{ t : t > a \}"
    gradient = r"\bar a = \bar y \odot [a \ne b],\quad \bar b = 0"

    def forward(self, a: Array, b: Array):
        no_numbers("nextafter", a, b)
        if a.dtype.kind != "f":
            raise NotImplementedError(f"\"nextafter_cpu\" not implemented for '{a.dtype}'")
        return self.xp.nextafter(a, b)

    def backward_a(self, g, a, b):
        return where(a == b, 0.0, g)

    def backward_b(self, g):
        return zeros_for(g)


@op
class ldexp(Holomorphic):
    r"""Multiply by a power of 2.

    >>> torch.ldexp(torch.tensor([3.]), torch.tensor([2]))
    tensor([12.])
    """

    formula = r"y = a \, 2^b"
    gradient = r"\bar a = \bar y \, 2^b,\quad \bar b = \bar y \odot y \ln 2"
    result = "float"

    def forward(self, x: Array, other: Array):
        no_numbers("ldexp", x, other)
        return x * 2.0**other

    def backward_x(self, g, other):
        return g * 2.0**other

    def backward_other(self, g, y):
        return g * y * LN2


@op
class mantissa_and_exponent(Op):
    r"""Write each number as a fraction between a half and 1, times a power of 2.

    >>> mantissa_and_exponent(torch.tensor([12.]))
    (tensor([0.7500]), tensor([4], dtype=torch.int32))
    """

    formula, gradient = r"x = y \, 2^k", r"\bar x = \bar y \, 2^{-k}"
    several, torch_name = True, "FrexpBackward0"

    def forward(self, x: Array):
        if x.dtype.kind != "f":
            raise RuntimeError("torch.frexp() only supports floating-point dtypes")
        y, k = self.xp.frexp(x)
        self.scale = self.xp.exp2(k.astype("float32"))  # in single precision, as PyTorch has it
        return y, k.astype("int32")

    def backward(self, g, scale):
        return g.filled(2)[0] / scale


@with_out
def frexp(input):
    """Write each number as a fraction between a half and 1, times a power of 2.

    >>> torch.frexp(torch.tensor([12.])).mantissa
    tensor([0.7500])
    """
    mantissa, exponent = mantissa_and_exponent(input)
    return named("frexp", mantissa=mantissa, exponent=exponent)
