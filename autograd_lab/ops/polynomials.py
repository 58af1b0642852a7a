"""Families of polynomials: each member follows from the two before it.

On their own intervals the members of a family are orthogonal: the integral of the product of two
of them, with the family's weight, is 0. So they are good building blocks for a curve: what one of
them says about it, no other repeats.
"""

from .. import dtypes
from ..core import Tensor, wrap
from ..general import result_type, same_device
from .arithmetic import fill
from .compare import where
from .shape import to
from .spelling import with_out


def _member(x, n, first, following, moved=False):
    """Climb from degrees 0 and 1 to degree ``n``; ``following(k, x, here, below)`` is one step."""
    xp, (x, n) = same_device(_member, (x, n))
    kind = result_type(x, n)
    kind = kind if kind.is_floating_point else dtypes.default
    x = to(x, kind) if isinstance(x, Tensor) else wrap(xp.asarray(x, kind.array))
    x = x + x - 1 if moved else x
    n = n.array if isinstance(n, Tensor) else xp.asarray(n)
    n = xp.where(abs(n) < 2**62, n, -1).astype("int64")  # also nan is no degree: 0 is given there
    below, here = fill(x, 1.0), first(x)
    y = where(wrap(n == 0), below, 0.0)
    for k in range(1, int(n.max()) + 1 if n.size else 1):
        y = where(wrap(n == k), here, y)
        below, here = here, following(k, x, here, below)
    return y


def _chebyshev(k, x, here, below):
    return (x + x) * here - below


FIRST = {  # the four kinds differ in their second member alone
    "t": lambda x: x, "u": lambda x: x + x,
    "v": lambda x: x + x - 1, "w": lambda x: x + x + 1,
}  # fmt: skip


@with_out
def chebyshev_polynomial_t(input, n):
    r"""Give Chebyshev's polynomial of the first kind: $T_n(\cos a) = \cos(n a)$.

    >>> torch.special.chebyshev_polynomial_t(torch.tensor([0., 0.5, 1.]), 2)
    tensor([-1.0000, -0.5000,  1.0000])
    """
    return _member(input, n, FIRST["t"], _chebyshev)


@with_out
def chebyshev_polynomial_u(input, n):
    r"""Give Chebyshev's polynomial of the second kind: $U_n(\cos a) \sin a = \sin((n + 1) a)$.

    >>> torch.special.chebyshev_polynomial_u(torch.tensor([0., 0.5, 1.]), 2)
    tensor([-1.,  0.,  3.])
    """
    return _member(input, n, FIRST["u"], _chebyshev)


@with_out
def chebyshev_polynomial_v(input, n):
    r"""Give Chebyshev's polynomial of the third kind, which starts with $1$ and $2x - 1$.

    >>> torch.special.chebyshev_polynomial_v(torch.tensor([0., 0.5, 1.]), 2)
    tensor([-1., -1.,  1.])
    """
    return _member(input, n, FIRST["v"], _chebyshev)


@with_out
def chebyshev_polynomial_w(input, n):
    r"""Give Chebyshev's polynomial of the fourth kind, which starts with $1$ and $2x + 1$.

    >>> torch.special.chebyshev_polynomial_w(torch.tensor([0., 0.5, 1.]), 2)
    tensor([-1.,  1.,  5.])
    """
    return _member(input, n, FIRST["w"], _chebyshev)


@with_out
def shifted_chebyshev_polynomial_t(input, n):
    r"""Give $T_n(2x - 1)$: Chebyshev's polynomial moved to the interval from 0 to 1.

    >>> torch.special.shifted_chebyshev_polynomial_t(torch.tensor([0., 0.5, 1.]), 2)
    tensor([ 1., -1.,  1.])
    """
    return _member(input, n, FIRST["t"], _chebyshev, moved=True)


@with_out
def shifted_chebyshev_polynomial_u(input, n):
    r"""Give $U_n(2x - 1)$: Chebyshev's polynomial moved to the interval from 0 to 1.

    >>> torch.special.shifted_chebyshev_polynomial_u(torch.tensor([0., 0.5, 1.]), 2)
    tensor([ 3., -1.,  3.])
    """
    return _member(input, n, FIRST["u"], _chebyshev, moved=True)


@with_out
def shifted_chebyshev_polynomial_v(input, n):
    r"""Give $V_n(2x - 1)$: Chebyshev's polynomial moved to the interval from 0 to 1.

    >>> torch.special.shifted_chebyshev_polynomial_v(torch.tensor([0., 0.5, 1.]), 2)
    tensor([ 5., -1.,  1.])
    """
    return _member(input, n, FIRST["v"], _chebyshev, moved=True)


@with_out
def shifted_chebyshev_polynomial_w(input, n):
    r"""Give $W_n(2x - 1)$: Chebyshev's polynomial moved to the interval from 0 to 1.

    >>> torch.special.shifted_chebyshev_polynomial_w(torch.tensor([0., 0.5, 1.]), 2)
    tensor([ 1., -1.,  5.])
    """
    return _member(input, n, FIRST["w"], _chebyshev, moved=True)


@with_out
def hermite_polynomial_h(input, n):
    r"""Give Hermite's polynomial of the physicists: $H_{k+1} = 2x H_k - 2k H_{k-1}$.

    >>> torch.special.hermite_polynomial_h(torch.tensor([0., 0.5, 1.]), 2)
    tensor([-2., -1.,  2.])
    """
    return _member(
        input, n, lambda x: x + x, lambda k, x, here, below: (x + x) * here - 2 * k * below
    )


@with_out
def hermite_polynomial_he(input, n):
    r"""Give Hermite's polynomial of probability: $He_{k+1} = x He_k - k He_{k-1}$.

    Orthogonal under the bell curve $e^{-x^2 / 2}$.

    >>> torch.special.hermite_polynomial_he(torch.tensor([0., 1., 2.]), 2)
    tensor([-1.,  0.,  3.])
    """
    return _member(input, n, lambda x: x, lambda k, x, here, below: x * here - k * below)


@with_out
def laguerre_polynomial_l(input, n):
    r"""Give Laguerre's polynomial: $(k + 1) L_{k+1} = (2k + 1 - x) L_k - k L_{k-1}$.

    Orthogonal from 0 on, under $e^{-x}$.

    >>> torch.special.laguerre_polynomial_l(torch.tensor([0., 1., 2.]), 2)
    tensor([ 1.0000, -0.5000, -1.0000])
    """
    return _member(
        input, n, lambda x: 1 - x,
        lambda k, x, here, below: ((k + k + (1 - x)) * here - k * below) / (k + 1),
    )  # fmt: skip


@with_out
def legendre_polynomial_p(input, n):
    r"""Give Legendre's polynomial: $(k + 1) P_{k+1} = (2k + 1) x P_k - k P_{k-1}$.

    Orthogonal from -1 to 1, all numbers weighing the same.

    >>> torch.special.legendre_polynomial_p(torch.tensor([0.5, 1.]), 3)
    tensor([-0.4375,  1.0000])
    """
    return _member(
        input, n, lambda x: x,
        lambda k, x, here, below: ((k + k + 1) * x * here - k * below) / (k + 1),
    )  # fmt: skip
