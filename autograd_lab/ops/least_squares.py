"""Matrices without an inverse: the nearest thing to one, least squares, rank, condition."""

import math

import numpy as np

from ..core import Array, Op, wrap
from ..dispatch import op
from ..dtypes import legacy_name
from ..threads import by_blas
from .complex_numbers import abs
from .decompositions import eigh_pair
from .linalg import matmul
from .matrices import LinAlgError, check_matrix, check_square, turned
from .named import named
from .norms import matrix_norm, svdvals
from .reduce import sum
from .shape import reshape, squeeze, swapped, unsqueeze
from .solving import inv
from .spelling import with_out
from .table import pick


@op
class pseudo_inverse(Op):
    r"""Undo a matrix as far as that goes: $x^+ b$ is the best answer to $x\, y = b$.

    Singular values up to ``least`` count as 0.

    >>> pseudo_inverse(torch.tensor([[2., 0.], [0., 0.]]), 1e-6)
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """

    formula = r"y = x^+"
    gradient = r"\bar x = -(y \bar y^H y)^H + \ldots"
    torch_name = "LinalgPinvBackward0"

    def forward(self, A: Array, least, hermitian=False):
        xp = self.xp
        if hermitian:
            s, u = by_blas(xp.linalg.eigh, A)
            v = u
        else:
            u, s, vh = by_blas(xp.linalg.svd, A, False)
            v = vh.swapaxes(-1, -2).conj()
        kept = xp.absolute(s) > least
        inverse = xp.where(kept, 1 / xp.where(kept, s, 1), 0).astype(s.dtype)
        return xp.matmul(v * inverse[..., None, :], u.swapaxes(-1, -2).conj())

    def backward(self, g, A, y):
        h, back = turned(g), turned(y)
        if A.shape[-2] <= A.shape[-1]:
            k = matmul(h, y)
            far = matmul(k, back)
            near = matmul(matmul(back, y), h - matmul(k, A))
            return far - turned(matmul(y, k)) - matmul(matmul(A, y), far) + near
        k = matmul(y, h)
        far = matmul(back, k)
        near = matmul(matmul(h - matmul(A, k), y), back)
        return far - turned(matmul(k, y)) - matmul(matmul(far, y), A) + near


def _limits(A, atol, rtol):
    """Say below what a singular value counts as 0: as it is, and compared with the largest."""
    atol = 0.0 if atol is None else atol
    if rtol is None:
        given = getattr(atol, "array", atol) > 0  # then only what is asked for
        rtol = A.device.xp.where(given, 0.0, np.finfo(A.array.dtype).eps * max(A.shape[-2:]))
    return atol, rtol


def _least(values, atol, rtol):
    """Give the limit for each matrix, from its singular values."""
    sizes = values.array
    largest = sizes.max(axis=-1) if values.shape[-1] else sizes.sum(axis=-1)
    atol, rtol = (getattr(x, "array", x) for x in (atol, rtol))
    return values.device.xp.maximum(atol, rtol * largest)[..., None]


@with_out
def pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None):
    """Undo a matrix as far as that goes (Moore and Penrose's inverse).

    >>> torch.linalg.pinv(torch.tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    if A.ndim < 2:
        raise RuntimeError(
            f"linalg.pinv({legacy_name(A.dtype)}{{{list(A.shape)}}}): expected a tensor with 2 or "
            "more dimensions of float, double, cfloat or cdouble types"
        )
    atol, rtol = _limits(A, atol, rcond if rtol is None else rtol)
    if not A.numel():
        return swapped(A) * 1
    return pseudo_inverse(A, _least(_stretchings(A, hermitian), atol, rtol), hermitian)


def _stretchings(A, hermitian):
    """Give the singular values, which are sizes of eigenvalues for a symmetric matrix."""
    return abs(eigh_pair(A.detach())[0]) if hermitian else svdvals(A.detach())


def pinverse(input, rcond=1e-15):
    """Undo a matrix as far as that goes; singular values below ``rcond`` of the largest count as 0.

    >>> torch.pinverse(torch.tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    return pinv(input, rcond)


@with_out
def matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None):
    """Count in how many directions a matrix stretches at all.

    >>> torch.linalg.matrix_rank(torch.tensor([[1., 2.], [2., 4.]]))
    tensor(1)
    """
    if tol is not None:
        atol, rtol = tol, 0.0
    check_matrix("torch.linalg.matrix_rank", A)
    atol, rtol = _limits(A, atol, rtol)
    values = _stretchings(A, hermitian)
    large = values.array > _least(values, atol, rtol)
    return wrap(large.sum(axis=-1).astype("int64"))


@with_out
def lstsq(A, B, rcond=None, *, driver=None):
    """Find the ``X`` for which ``A X`` comes nearest to ``B``.

    >>> A, B = torch.tensor([[1.], [1.]]), torch.tensor([[1.], [3.]])
    >>> torch.linalg.lstsq(A, B).solution.round(decimals=3)
    tensor([[2.]])
    """
    if A.ndim < 2:
        raise RuntimeError("torch.linalg.lstsq: input must have at least 2 dimensions.")
    check_matrix("torch.linalg.lstsq", A)
    vector = A.ndim - 1 == B.ndim and tuple(A.shape[:-1]) == tuple(B.shape)
    right = unsqueeze(B, -1) if vector else B
    _check_least_squares(A, B, right, driver)
    xp, driver = A.device.xp, driver or "gelsy"
    values = svdvals(A.detach())
    limit = np.finfo(A.array.dtype).eps * max(A.shape[-2:]) if rcond is None else rcond
    rank = (values.array > _least(values, 0.0, limit)).sum(axis=-1)
    solution = matmul(pinv(A, rtol=limit), right)
    residuals = abs(pick(reshape(solution, (-1,)), slice(0)))  # none
    if A.shape[-2] > A.shape[-1] and driver != "gelsy" and (rank == A.shape[-1]).all():
        residuals = sum(abs(matmul(A, solution) - right) ** 2, -2)
    shown = driver in ("gelsd", "gelss")
    return named(
        "linalg_lstsq",
        solution=squeeze(solution, -1) if vector else solution,
        residuals=residuals,
        rank=wrap(xp.asarray(rank if driver != "gels" else xp.empty(0)).astype("int64")),
        singular_values=wrap(values.array if shown else xp.empty(0, values.array.dtype)),
    )


def _check_least_squares(A, B, right, driver):
    name = "torch.linalg.lstsq"
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype "
            f"{legacy_name(A.dtype)} and other's dtype {legacy_name(B.dtype)}"
        )
    if B.ndim < 1:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if not 0 <= A.ndim - B.ndim <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and (input.dim() - "
            "other.dim()) <= 1"
        )
    if right.ndim < 2 or A.shape[-2] != right.shape[-2]:
        raise RuntimeError(f"{name}: input.size(-2) should match other.size(-2)")
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )


@with_out
def cond(A, p=None):
    """Say how much a matrix can blow up an error: its largest over its smallest stretching.

    >>> torch.linalg.cond(torch.tensor([[2., 0.], [0., 4.]]))
    tensor(2.)
    """
    if p in (None, 2, -2):
        check_matrix("linalg.cond", A)
        s = svdvals(A)
        if not A.numel():
            return sum(s, -1)
        large, small = pick(s, (..., 0)), pick(s, (..., -1))
        return small / large if p == -2 else large / small
    check_square(f"linalg.cond(ord={p})", A)
    if not A.numel():
        return matrix_norm(A, p) * 0 if A.shape[-1] else wrap(
            A.device.xp.zeros(A.shape[:-2], A.array.real.dtype))  # fmt: skip
    try:
        return matrix_norm(A, p) * matrix_norm(inv(A), p)
    except LinAlgError:
        return matrix_norm(A, p) * math.inf
