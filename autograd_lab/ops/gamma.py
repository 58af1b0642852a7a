"""The factorial between the whole numbers: the logarithm of Gamma, its slopes, and zeta.

NumPy has none of them, so they are computed here, in double precision. Near 2 the power series of
the logarithm of Gamma is summed (M. Abramowitz and I. Stegun, Handbook of Mathematical Functions,
1964, 6.1.33); the recurrence and the reflection bring every other number there. Far out Stirling's
series takes over (6.1.40, 6.3.18), for zeta Euler and Maclaurin's (23.2.9).
"""

import math

from .. import dtypes
from ..core import Array, Pointwise, wrap
from ..dispatch import op
from .reduce import sum
from .shape import unsqueeze
from .special import wide
from .spelling import with_out

EULER = 0.57721566490153286
# B(2k) / (2k (2k - 1)): Stirling's series for the logarithm of Gamma.
STIRLING = (
    1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400,
)  # fmt: skip
# B(2k) / (2k): the same for its slope.
SLOPE = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160)
# (2k)! / B(2k): Euler and Maclaurin's corrections.
MACLAURIN = (
    12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10,
    -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
    1.8152105401943546773e17, -7.1661652561756670113e18,
)  # fmt: skip


def _zeta_less_one(s) -> float:
    """Sum 1/2^s + 1/3^s + ... for a whole s above 1."""
    tail = 1 / ((s - 1) * 99.0 ** (s - 1)) + 0.5 / 99.0**s + s / (12 * 99.0 ** (s + 1))
    tail -= s * (s + 1) * (s + 2) / (720 * 99.0 ** (s + 3))
    return math.fsum([n**-float(s) for n in range(2, 99)]) + tail


# ln Gamma(2 + z) = (1 - Euler) z + sum of (-1)^k (zeta(k) - 1) z^k / k, for |z| <= 1/2.
NEAR_TWO = tuple((-1) ** k * _zeta_less_one(k) / k for k in range(27, 1, -1))
NEAR_TWO = (*NEAR_TWO, 1 - EULER, 0.0)


def horner(coefficients, x):
    """Compute a polynomial, its highest power first."""
    y = x * 0 + coefficients[0]
    for c in coefficients[1:]:
        y = y * x + c
    return y


def lgamma_of(xp, x):
    """Compute the logarithm of |Gamma| in double precision."""
    left = x < 0.5
    a = xp.where(left, 1 - x, x)  # at least 1/2
    y = xp.where(a < 8, _near(xp, xp.clip(a, 0.5, 8)), _stirling(xp, xp.maximum(a, 8)))
    part = xp.absolute(xp.sin(math.pi * (x - xp.rint(x))))
    mirror = math.log(math.pi) - xp.log(part) - y
    y = xp.where(left, xp.where(part == 0, math.inf, mirror), y)
    return xp.where(xp.absolute(x) == math.inf, math.inf, y)


def _near(xp, a):
    """Bring numbers between 1/2 and 8 to [3/2, 5/2], where the power series holds."""
    below = a < 1.5
    z, product = xp.where(below, a + 1, a), xp.ones_like(a)
    for _ in range(6):
        high = z > 2.5
        z = xp.where(high, z - 1, z)
        product = xp.where(high, product * z, product)
    y = horner(NEAR_TWO, z - 2) + xp.log(product)
    return xp.where(below, y - xp.log1p(xp.where(below, a - 1, 0)), y)


def _stirling(xp, a):
    inverse = 1 / a
    far = horner(STIRLING[::-1], inverse * inverse) * inverse
    return (a - 0.5) * xp.log(a) - a + 0.5 * math.log(2 * math.pi) + far


def digamma_of(xp, x):
    """Compute the slope of the logarithm of Gamma in double precision."""
    left = x < 0
    a = xp.where(left, 1 - x, x)
    steps = xp.zeros_like(a)
    for _ in range(10):
        low = a < 10
        steps = xp.where(low, steps + 1 / xp.where(low, a, 1), steps)
        a = xp.where(low, a + 1, a)
    inverse = 1 / a
    y = xp.log(a) - 0.5 * inverse - horner(SLOPE[::-1], inverse**2) * inverse**2 - steps
    part = x - xp.rint(x)
    y = xp.where(left, y - math.pi / xp.tan(math.pi * part), y)
    y = xp.where(left & (part == 0), math.nan, y)
    y = xp.where(x == 0, -xp.copysign(math.inf, x), y)
    return xp.where(x == math.inf, math.inf, xp.where(x == -math.inf, math.nan, y))


def zeta_of(xp, s, q):
    """Compute Hurwitz's zeta: sum 1 / (q + k)^s, for s above 1."""
    bad = (q <= 0) & (q == xp.floor(q))
    undefined = (s < 1) | ((q <= 0) & (s != xp.floor(s)))
    steps = 10 + int(-min(float(xp.where(bad | (q != q), 0, q).min()) if q.size else 0, 0))
    a = xp.where(bad, 1, q)
    total = a**-s
    done = s != s
    for k in range(steps):
        counts = ((k < 9) | (a <= 9)) & ~done
        a = xp.where(counts, a + 1, a)
        b = a**-s
        total = xp.where(counts, total + b, total)
        done = done | (counts & (b < total * 1.1e-16) & (-b < total * 1.1e-16))
    rest = b * a / (s - 1) - b / 2
    rise = s
    for k, c in enumerate(MACLAURIN):
        rest = rest + rise * b / a / c
        rise = rise * (s + 2 * k + 1) * (s + 2 * k + 2)
        b = b / (a * a)
    total = xp.where(done, total, total + rest)
    total = xp.where(undefined | (s != s), math.nan, total)
    total = xp.where(bad & ~(s < 1), math.inf, total)
    return xp.where(s == 1, math.inf, total)


@op
class lgamma(Pointwise):
    r"""Give the logarithm of $|\Gamma(x)|$: of the factorial of $x - 1$.

    >>> torch.lgamma(torch.tensor([1., 5.]))
    tensor([0.0000, 3.1781])
    """

    formula = r"y = \ln |\Gamma(x)|"
    gradient = r"\bar x = \bar y \odot \psi(x)"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, lgamma_of, x)

    def backward(self, g, x):
        return g * digamma(x)


@op
class digamma(Pointwise):
    r"""Give the slope of $\ln \Gamma$.

    >>> torch.digamma(torch.tensor([1., 2.]))
    tensor([-0.5772,  0.4228])
    """

    formula = r"y = \psi(x) = \Gamma'(x) / \Gamma(x)"
    gradient = r"\bar x = \bar y \odot \psi'(x)"
    result = "float"

    def forward(self, x: Array):
        return wide(self.xp, digamma_of, x)

    def backward(self, g, x):
        return g * slope_of_digamma(x, 1)


@op
class slope_of_digamma(Pointwise):
    r"""Give a higher slope of $\ln \Gamma$.

    >>> slope_of_digamma(torch.tensor([1.]), 1)
    tensor([1.6449])
    """

    formula = r"y = \psi^{(n)}(x)"
    gradient = r"\bar x = \bar y \odot \psi^{(n+1)}(x)"
    result, torch_name = "float", "PolygammaBackward0"

    def forward(self, x: Array, n):
        self.n = n
        return wide(self.xp, lambda xp, a: _slope(xp, n, a), x)

    def backward(self, g, x):
        return g * slope_of_digamma(x, self.n + 1)


def _slope(xp, n, x):
    if n == 0:
        return digamma_of(xp, x)
    if n > 1:
        return (-1) ** (n + 1) * math.factorial(n) * zeta_of(xp, xp.full_like(x, n + 1.0), x)
    left = x < 0.5  # the mirror image: psi'(1 - x) + psi'(x) = (pi / sin(pi x))^2
    y = zeta_of(xp, xp.full_like(x, 2.0), xp.where(left, 1 - x, x))
    y = xp.where(xp.absolute(x) == math.inf, 0.0, y)
    square = (math.pi / xp.sin(math.pi * x)) ** 2  # huge, not infinite, at -1: as in PyTorch
    return xp.where(left, square - y, y)


@with_out
def polygamma(n, input):
    """Give the ``n``-th slope of digamma.

    >>> torch.polygamma(1, torch.tensor([1.]))
    tensor([1.6449])
    """
    if not isinstance(n, int):
        n, input = input, n  # as a method: x.polygamma(1)
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return digamma(input) if n == 0 else slope_of_digamma(input, n)


@op
class zeta(Pointwise):
    r"""Give Hurwitz's zeta: the sum of all $1 / (b + k)^a$.

    >>> torch.special.zeta(torch.tensor([2.]), torch.tensor([1.]))
    tensor([1.6449])
    """

    formula = r"y = \sum_{k \ge 0} (b + k)^{-a}"
    gradient = r"\bar b = -\bar y \odot a\, \zeta(a + 1, b)"
    result = "float"

    def forward(self, x: Array, other: Array):
        return wide(self.xp, zeta_of, x, other)

    def backward_other(self, g, x, other):
        return g * -x * zeta(x + 1, other)


@with_out
def mvlgamma(input, p):
    """Give the logarithm of Gamma for ``p`` dimensions.

    >>> torch.mvlgamma(torch.tensor([2.]), 1)
    tensor([0.])
    """
    if input.dtype.is_complex:
        raise NotImplementedError("\"mvlgamma\" not implemented for complex numbers")
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    xp = input.device.xp
    x = input if input.dtype.is_floating_point else input.to(dtypes.default)
    steps = wrap(((xp.arange(p) - (p - 1)) * 0.5).astype(x.array.dtype))
    return sum(lgamma(unsqueeze(x, -1) + steps), -1) + p * (p - 1) / 4 * math.log(math.pi)
