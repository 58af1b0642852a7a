"""Determinants: by how much a matrix stretches volumes, and the logarithm of it."""

import math

from ..core import TENSORS, Array, Op
from ..dispatch import op
from ..threads import by_blas
from .compare import zeros_for
from .complex_numbers import imag
from .join import cat
from .linalg import matmul
from .matrices import check_square, turned
from .named import named
from .norms import svd_parts
from .reduce import is_complex
from .shape import reshape, to
from .solving import inv
from .spelling import with_out
from .table import pick
from .triangle import diag_embed


def as_matrices(x):
    """Give numbers, one a matrix, the shape of matrices."""
    return reshape(x, (*x.shape, 1, 1))


@op
class det(Op):
    r"""Give the factor by which a matrix changes volumes.

    >>> torch.linalg.det(torch.tensor([[2., 0.], [0., 4.]]))
    tensor(8.)
    """

    formula = r"y = \det x"
    gradient = r"\bar x = \bar y\, y^* x^{-H}"
    torch_name = "LinalgDetBackward0"

    def forward(self, A: Array):
        check_square("linalg.det", A)
        return by_blas(self.xp.linalg.det, A)

    def backward(self, g, A, y):
        if not bool((y == 0).any()):
            return as_matrices(g * y.conj()) * turned(inv(A))
        u, s, vh = svd_parts(A)  # no inverse: the products of all singular values but one stay
        others = diag_embed(to(_products_of_others(s), A.dtype))
        turn = (det(u) * det(vh)).conj()
        return as_matrices(g * turn) * matmul(u, matmul(others, vh))


def _products_of_others(s):
    """For each number, multiply all the others."""
    n = s.shape[-1]
    parts = [
        [pick(s, (..., slice(i, i + 1))) for i in range(n) if i != k] for k in range(n)
    ]
    ones = pick(s, (..., slice(0, 1))) * 0 + 1
    return cat([math.prod(part, start=ones) for part in parts], -1)


@op
class sign_and_log_det(Op):
    r"""Give a determinant's sign, and the logarithm of its size.

    >>> sign_and_log_det(torch.tensor([[2., 0.], [0., -4.]]))
    (tensor(-1.), tensor(2.0794))
    """

    formula = r"\det x = s\, e^{y}"
    gradient = r"\bar x = (\bar y - i\, \mathrm{Im}(\bar s^* s))\, x^{-H}"
    several, torch_name = True, "LinalgSlogdetBackward0"

    def forward(self, A: Array):
        check_square("linalg.slogdet", A)
        sign, size = by_blas(self.xp.linalg.slogdet, A)
        self.sign = sign
        return sign.copy(), size

    def backward(self, g, A, sign):
        if type(A) in TENSORS:
            sign = sign_and_log_det(A)[0]
        g_sign, g_size = g.filled(2)
        if not is_complex(A):  # the sign does not change
            return zeros_for(A) if g_size is None else as_matrices(g_size) * turned(inv(A))
        factor = 0 if g_size is None else to(g_size, A.dtype)
        if g_sign is not None:
            factor = factor - 1j * to(imag(g_sign.conj() * sign), A.dtype)
        return as_matrices(factor) * turned(inv(A))


@with_out
def slogdet(A):
    """Give a determinant's sign and the logarithm of its size: no overflow.

    >>> torch.linalg.slogdet(torch.tensor([[2., 0.], [0., -4.]])).sign
    tensor(-1.)
    """
    sign, size = sign_and_log_det(A)
    return named("linalg_slogdet", sign=sign, logabsdet=size)


@with_out
def logdet(input):
    """Give the logarithm of a determinant; nan where that is negative.

    >>> torch.logdet(torch.tensor([[2., 0.], [0., 4.]]))
    tensor(2.0794)
    """
    check_square("logdet", input)
    sign, size = sign_and_log_det(input)
    if input.dtype.is_complex:
        return sign.log() + size
    return size.masked_fill(sign == -1, math.nan)
