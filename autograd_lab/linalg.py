"""PyTorch's ``torch.linalg``: as much of it as learning to build networks needs.

>>> torch.linalg.norm(torch.tensor([3., 4.]))
tensor(5.)
"""

from .ops import cross as _cross
from .ops import diagonal as _diagonal
from .ops import linalg_norm as norm
from .ops import matmul, matrix_norm, svdvals, vector_norm
from .ops import sum as _sum
from .ops.spelling import with_out as _with_out

__all__ = [
    "cross", "diagonal", "matmul", "matrix_norm", "norm", "svdvals", "vecdot", "vector_norm",
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
