"""Solve equations of matrices, and invert them."""

import math

from ..core import Array, Op, wrap
from ..dispatch import op
from ..threads import by_blas
from .decompositions import (
    check_pair,
    eliminate,
    lu_unpack,
    solve_triangular,
    stretched,
    substitute,
)
from .dims import whole
from .linalg import matmul, narrowed
from .matrices import FAILED, LinAlgError, check_square, first_failing, turned
from .named import named
from .shape import movedim, reshape, squeeze, swapped, unsqueeze
from .spelling import with_out

# --- one equation, one solution


@op
class solved(Op):
    r"""Solve $a y = b$ for a square matrix $a$.

    >>> solved(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([[2.], [2.]]))
    tensor([[1.0000],
            [0.5000]])
    """

    formula = r"a\, y = b"
    gradient = r"\bar b = a^{-H} \bar y,\quad \bar a = -\bar b\, y^H"
    torch_name = "LinalgSolveExBackward0"

    def forward(self, a: Array, b: Array):
        self.shapes = a.shape, b.shape
        a, b = stretched(self.xp, a, b)
        try:
            return by_blas(self.xp.linalg.solve, a, b)
        except FAILED:
            name = first_failing(a, self.xp.linalg.inv)[1]
            raise LinAlgError(
                f"torch.linalg.solve: {name}The solver failed because the input matrix is singular."
            ) from None

    def backward(self, g, a, y):
        b = solved(turned(a), g)
        return narrowed(-matmul(b, turned(y)), self.shapes[0]), narrowed(b, self.shapes[1])


@with_out
def solve(A, B, *, left=True):
    """Solve A @ X = B for X, where A is a square matrix.

    Quicker and more exact than ``inv(A) @ B``. A singular A, one that presses some direction to 0,
    is a ``LinAlgError``.

    Args:
        A: (..., n, n), floats or complex; each matrix of a batch by itself.
        B: (..., n, k): k right sides at once; or a vector (n,), or for each matrix of a batch one
            vector. Of the dtype of A.
        left: False solves X @ A = B instead, for B (..., k, n).

    Gives X, in the shape of B; batches broadcast.

    >>> A = torch.tensor([[2., 0.], [0., 4.]])
    >>> x = torch.linalg.solve(A, torch.tensor([2., 2.]))
    >>> x
    tensor([1.0000, 0.5000])
    >>> A @ x
    tensor([2., 2.])
    """
    check_square("linalg.solve", A)
    vector = B.ndim == 1 or A.ndim - 1 == B.ndim and tuple(A.shape[:-1]) == tuple(B.shape)
    B = unsqueeze(B, -1) if vector else B
    check_pair("linalg.solve", A, B, left or vector)
    if vector:
        return squeeze(solved(A, B), -1)
    return solved(A, B) if left else swapped(solved(swapped(A), swapped(B)))


@with_out
def solve_ex(A, B, *, left=True, check_errors=False):
    """Solve ``A X = B``; a singular ``A`` is told by a number, not by an error.

    >>> torch.linalg.solve_ex(torch.eye(2), torch.ones(2)).info
    tensor(0, dtype=torch.int32)
    """
    info = wrap(A.device.xp.zeros(A.array.shape[:-2], "int32"))
    try:
        return named("linalg_solve_ex", result=solve(A, B, left=left), info=info)
    except LinAlgError:
        if check_errors:
            raise
        return named("linalg_solve_ex", result=B * math.nan, info=info + A.shape[-1])


@op
class inv(Op):
    """Find the matrix that undoes a square matrix: inv(A) @ A is the identity.

    ``A`` is (..., n, n), floats or complex, and so is the inverse; each matrix of a batch by
    itself. A singular matrix has none, and is a ``LinAlgError``. To solve A @ x = b,
    ``torch.linalg.solve(A, b)`` is quicker and more exact.

    >>> torch.linalg.inv(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """

    formula, gradient = r"y = x^{-1}", r"\bar x = -y^H\, \bar y\, y^H"
    torch_name = "LinalgInvExBackward0"

    def forward(self, A: Array):
        check_square("linalg.inv", A)
        try:
            return by_blas(self.xp.linalg.inv, A)
        except FAILED:
            bad, name = first_failing(A, self.xp.linalg.inv)
            pivots = self.xp.diagonal(eliminate(self.xp, bad)[0])
            place = int(self.xp.absolute(pivots).argmin()) + 1
            raise LinAlgError(
                f"linalg.inv: {name}The diagonal element {place} is zero, the inversion could not "
                "be completed because the input matrix is singular."
            ) from None

    def backward(self, g, y):
        back = turned(y)
        return -matmul(matmul(back, g), back)


inverse = inv


@with_out
def inv_ex(A, *, check_errors=False):
    """Find the inverse; a singular matrix is told by a number, not by an error.

    >>> torch.linalg.inv_ex(torch.eye(2)).info
    tensor(0, dtype=torch.int32)
    """
    info = wrap(A.device.xp.zeros(A.array.shape[:-2], "int32"))
    try:
        return named("linalg_inv_ex", inverse=inv(A), info=info)
    except LinAlgError:
        if check_errors:
            raise
        return named("linalg_inv_ex", inverse=A * math.nan, info=info + A.shape[-1])


# --- with factors that are known already


@with_out
def cholesky_solve(B, L, upper=False):
    """Solve ``A X = B``, given the triangular root of ``A``.

    >>> torch.cholesky_solve(torch.tensor([[4.]]), torch.tensor([[2.]]))
    tensor([[1.]])
    """
    for x, word in ((B, "b"), (L, "u")):
        if x.ndim < 2:
            raise RuntimeError(f"{word} should have at least 2 dimensions, but has {x.ndim}")
    if L.shape[-1] != L.shape[-2] or L.shape[-1] != B.shape[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for cholesky_solve: each A matrix is {L.shape[-1]} by "
            f"{L.shape[-1]} but each b matrix is {B.shape[-2]} by {B.shape[-1]}"
        )
    return root_solved(B, turned(L) if upper else L)


@op
class root_solved(Op):
    r"""Solve $a a^H y = b$ for a lower triangle $a$.

    >>> root_solved(torch.tensor([[4.]]), torch.tensor([[2.]]))
    tensor([[1.]])
    """

    formula = r"a\, a^H y = b"
    gradient = r"\bar b = (a a^H)^{-1} \bar y,\quad \bar a = -(\bar b\, y^H + y\, \bar b^H)\, a"
    torch_name = "CholeskySolveBackward0"

    def forward(self, b: Array, a: Array):
        self.shapes = b.shape, a.shape
        a, b = stretched(self.xp, a, b)
        half = substitute(self.xp, a, b)
        upside_down = a.swapaxes(-1, -2).conj()[..., ::-1, ::-1]
        return substitute(self.xp, upside_down, half[..., ::-1, :])[..., ::-1, :].copy()

    def backward(self, g, a, y):
        b = root_solved(g, a)
        both = matmul(b, turned(y))
        slope = -matmul(both + turned(both), a)
        return narrowed(b, self.shapes[0]), narrowed(slope, self.shapes[1])


@with_out
def cholesky_inverse(L, upper=False):
    """Invert a matrix, given its triangular root.

    >>> torch.cholesky_inverse(torch.tensor([[2.]]))
    tensor([[0.2500]])
    """
    check_square("cholesky_inverse", L)
    return cholesky_solve(wrap(L.device.xp.eye(L.shape[-1], dtype=L.array.dtype)), L, upper)


@with_out
def linalg_lu_solve(LU, pivots, B, *, left=True, adjoint=False):
    """Solve ``A X = B``, given the two triangles of ``A``.

    >>> LU, pivots = torch.linalg.lu_factor(torch.tensor([[2., 0.], [0., 4.]]))
    >>> torch.linalg.lu_solve(LU, pivots, torch.tensor([[2.], [2.]]))
    tensor([[1.0000],
            [0.5000]])
    """
    check_square("torch.linalg.lu_solve", LU)
    if pivots.shape[-1:] != LU.shape[-1:]:
        raise RuntimeError(
            "linalg.lu_solve: Number of pivots per batch should be same as the dimension of the "
            "matrix"
        )
    if pivots.shape != LU.shape[:-1]:
        raise RuntimeError(
            "linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got "
            f"pivots with shape {list(pivots.shape)} instead"
        )
    check_pair("linalg.lu_solve", LU, B, left)
    if not left:
        return turned(linalg_lu_solve(LU, pivots, turned(B), adjoint=not adjoint))
    P, low, up = lu_unpack(LU, pivots)
    if adjoint:
        half = solve_triangular(turned(up), B, upper=False)
        return matmul(P, solve_triangular(turned(low), half, upper=True, unitriangular=True))
    half = solve_triangular(low, matmul(swapped(P), B), upper=False, unitriangular=True)
    return solve_triangular(up, half, upper=True)


@with_out
def lu_solve(b, LU_data, LU_pivots):
    """Solve ``A X = b``, given the two triangles of ``A``.

    >>> torch.lu_solve(torch.ones(2, 1), *torch.lu(torch.eye(2)))
    tensor([[1.],
            [1.]])
    """
    return linalg_lu_solve(LU_data, LU_pivots, b)


def triangular_solve(b, A, upper=True, transpose=False, unitriangular=False):
    """Solve ``A X = b`` for a triangular ``A``.

    >>> torch.triangular_solve(torch.ones(1, 1), torch.tensor([[2.]])).solution
    tensor([[0.5000]])
    """
    a, up = (swapped(A), not upper) if transpose else (A, upper)
    solution = solve_triangular(a, b, upper=up, unitriangular=unitriangular)
    return named("triangular_solve", solution=solution, cloned_coefficient=A.clone())


# --- tensors as matrices


@with_out
def tensorinv(A, ind=2):
    """Find the tensor that undoes ``tensordot`` with ``A``.

    >>> torch.linalg.tensorinv(torch.eye(4).reshape(2, 2, 2, 2)).shape
    torch.Size([2, 2, 2, 2])
    """
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    after, before = tuple(A.shape[ind:]), tuple(A.shape[:ind])
    if math.prod(after) != math.prod(before):
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {math.prod(after)} != {math.prod(before)}"
        )
    return reshape(inv(reshape(A, (math.prod(before), -1))), (*after, *before))


@with_out
def tensorsolve(A, B, dims=None):
    """Solve ``tensordot(A, X) = B`` for X.

    >>> torch.linalg.tensorsolve(torch.eye(4).reshape(2, 2, 4), torch.ones(2, 2))
    tensor([1., 1., 1., 1.])
    """
    if dims is not None:
        dims = tuple(whole(d, A.ndim) for d in dims)
        A = movedim(A, dims, tuple(range(A.ndim - len(dims), A.ndim)))
    shape = tuple(A.shape[B.ndim :])
    if math.prod(shape) != math.prod(A.shape[: B.ndim]):
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {math.prod(shape)} != "
            f"{math.prod(A.shape[: B.ndim])}"
        )
    flat = reshape(A, (B.numel(), math.prod(shape)))
    return reshape(solve(flat, reshape(B, (-1,))), shape)
