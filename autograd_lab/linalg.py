"""PyTorch's ``torch.linalg``: matrices taken apart, inverted, measured, and equations solved.

>>> torch.linalg.norm(torch.tensor([3., 4.]))
tensor(5.)
"""

from .missing import explaining as _explaining
from .ops import cross as _cross
from .ops import diagonal as _diagonal
from .ops import linalg_norm as norm
from .ops import linalg_svd as svd
from .ops import matmul, matrix_norm, svdvals, vector_norm
from .ops import sum as _sum
from .ops.chains import linalg_vander as vander
from .ops.chains import multi_dot
from .ops.decompositions import (
    cholesky,
    cholesky_ex,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    householder_product,
    lu_factor,
    lu_factor_ex,
    solve_triangular,
)  # fmt: skip
from .ops.decompositions import linalg_lu as lu
from .ops.decompositions import linalg_qr as qr
from .ops.determinants import det, slogdet
from .ops.least_squares import cond, lstsq, matrix_rank, pinv
from .ops.matrices import LinAlgError
from .ops.powers import matrix_exp, matrix_power
from .ops.solving import inv, inv_ex, solve, solve_ex, tensorinv, tensorsolve
from .ops.solving import linalg_lu_solve as lu_solve
from .ops.spelling import with_out as _with_out

__all__ = [
    "LinAlgError", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh",
    "eigvals", "eigvalsh", "householder_product", "inv", "inv_ex", "lstsq", "lu", "lu_factor",
    "lu_factor_ex", "lu_solve", "matmul", "matrix_exp", "matrix_norm", "matrix_power",
    "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "solve_ex",
    "solve_triangular", "svd", "svdvals", "tensorinv", "tensorsolve", "vander", "vecdot",
    "vector_norm",
]  # fmt: skip


@_with_out
def cross(input, other, *, dim=-1):
    """Give the vector that stands at right angles to two vectors of three numbers.

    >>> torch.linalg.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    return _cross(input, other, dim)


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """Take the diagonals of matrices: a view.

    >>> torch.linalg.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    return _diagonal(A, offset, dim1, dim2)


@_with_out
def vecdot(x, y, *, dim=-1):
    """Multiply vectors element by element, the first ones conjugated, and add up.

    >>> torch.linalg.vecdot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    return _sum(x.conj() * y, dim)


__getattr__ = _explaining(__name__)
