"""The few directions in which a large matrix stretches most, without taking all of it apart.

A product with random vectors shows the matrix from a few sides; what it stretches most dominates
there, and more so with every further product (N. Halko, P. Martinsson and J. Tropp, Finding
structure with randomness, 2011, algorithms 4.4 and 5.1).
"""

from ..random import randn
from .decompositions import linalg_qr
from .linalg import matmul
from .matrices import turned
from .norms import linalg_svd
from .reduce import mean


def svd_lowrank(A, q=6, niter=2, M=None):
    """Find the ``q`` largest singular values of a large matrix, and their vectors: U, S, V.

    Random and approximate: good if the other values are much smaller. ``M`` is taken away first.

    >>> A = torch.outer(torch.tensor([3., 4.]), torch.tensor([0., 1., 0.]))
    >>> U, S, V = torch.svd_lowrank(A, q=1)
    >>> S
    tensor([5.])
    >>> torch.allclose(U @ torch.diag(S) @ V.T, A, atol=1e-6)
    True
    """
    A = A if M is None else A - M
    if A.shape[-2] < A.shape[-1]:
        V, S, U = svd_lowrank(turned(A), q, niter)
        return U, S, V
    seen = matmul(A, randn(A.shape[-1], q, dtype=A.dtype, device=A.device))
    basis = linalg_qr(seen)[0]
    for _ in range(niter):
        back = linalg_qr(matmul(turned(A), basis))[0]
        basis = linalg_qr(matmul(A, back))[0]
    U, S, Vh = linalg_svd(matmul(turned(basis), A), full_matrices=False)
    return matmul(basis, U), S, turned(Vh)


def pca_lowrank(A, q=None, center=True, niter=2):
    """Find the directions in which rows of data differ most: principal components, U, S, V.

    The columns of V are the directions, most important first; ``A @ V[:, :2]`` draws the data in
    the plane. ``center`` takes each column's mean away first.

    >>> data = torch.tensor([[0., 0.], [1., 2.], [2., 4.]])
    >>> U, S, V = torch.pca_lowrank(data, q=1)
    >>> (V[1] / V[0]).round(decimals=3)
    tensor([2.])
    """
    least = min(A.shape[-2:])
    q = min(6, least) if q is None else q
    if not 0 <= q <= least:
        raise ValueError(
            f"q(={q}) must be non-negative integer and not greater than min(m, n)={least}"
        )
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if center:
        A = A - mean(A, -2, True)
    return svd_lowrank(A, q, niter)
