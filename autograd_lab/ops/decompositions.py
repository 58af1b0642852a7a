"""Take matrices apart: into triangles, rotations, eigenvectors, singular vectors.

The rules for gradients are those of M. Giles, "An extended collection of matrix derivative results"
(2008), for complex numbers too.
"""

import math

from .. import dtypes
from ..core import OPS, TENSORS, Array, Op, wrap
from ..dispatch import op
from ..dtypes import legacy_name
from ..general import same_device
from ..threads import by_blas
from .compare import zeros_for
from .complex_numbers import real
from .join import cat, pad
from .linalg import matmul, narrowed
from .matrices import (
    FAILED,
    LinAlgError,
    check_matrix,
    check_square,
    first_failing,
    halved_diagonal,
    turned,
)
from .named import named
from .reduce import is_complex
from .shape import reshape, swapped, to
from .spelling import with_out
from .table import pick
from .triangle import diag_embed, diagonal, tril, triu

# --- a triangle: solving with it, and the square root of a matrix


def substitute(xp, t, b):
    """Solve ``t x = b`` for a lower triangle: the upper half first, then what is left."""
    n = t.shape[-1]
    if n <= 1:
        return b / t if n else b.copy()
    half = n // 2
    top = substitute(xp, t[..., :half, :half], b[..., :half, :])
    rest = b[..., half:, :] - xp.matmul(t[..., half:, :half], top)
    low = substitute(xp, t[..., half:, half:], rest)
    return xp.concatenate([top, low], -2)


def stretched(xp, a, b):
    """Broadcast two stacks of matrices to one length."""
    lead = xp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return xp.broadcast_to(a, (*lead, *a.shape[-2:])), xp.broadcast_to(b, (*lead, *b.shape[-2:]))


@op
class triangle_solved(Op):
    r"""Solve $a y = b$ for a triangular matrix $a$.

    >>> triangle_solved(torch.tensor([[2., 0.], [1., 1.]]), torch.tensor([[2.], [3.]]), False)
    tensor([[1.],
            [2.]])
    """

    formula = r"a\, y = b"
    gradient = r"\bar b = a^{-H} \bar y,\quad \bar a = -\mathrm{tri}(\bar b\, y^H)"
    torch_name = "LinalgSolveTriangularBackward0"

    def forward(self, a: Array, b: Array, upper, unitriangular=False):
        xp, self.upper, self.unit, self.shapes = self.xp, upper, unitriangular, (a.shape, b.shape)
        a, b = stretched(xp, a, b)
        if unitriangular:
            a = a * (1 - xp.eye(a.shape[-1], dtype=a.dtype)) + xp.eye(a.shape[-1], dtype=a.dtype)
        if upper:  # upside down, an upper triangle is a lower one
            return substitute(xp, a[..., ::-1, ::-1], b[..., ::-1, :])[..., ::-1, :].copy()
        return substitute(xp, a, b)

    def backward(self, g, a, y):
        b = triangle_solved(turned(a), g, not self.upper, self.unit)
        slope = -matmul(b, turned(y))
        if self.upper:
            slope = triu(slope, int(self.unit))
        else:
            slope = tril(slope, -int(self.unit))
        return narrowed(slope, self.shapes[0]), narrowed(b, self.shapes[1])


@with_out
def solve_triangular(A, B, *, upper, left=True, unitriangular=False):
    """Solve ``A X = B`` (or ``X A = B``) for a triangular matrix ``A``.

    >>> A, B = torch.tensor([[2., 0.], [1., 1.]]), torch.tensor([[2.], [3.]])
    >>> torch.linalg.solve_triangular(A, B, upper=False)
    tensor([[1.],
            [2.]])
    """
    check_square("linalg.solve_triangular", A)
    check_pair("linalg.solve_triangular", A, B, left)
    if left:
        return triangle_solved(A, B, upper, unitriangular)
    return swapped(triangle_solved(swapped(A), swapped(B), not upper, unitriangular))


def check_pair(name, A, B, left):
    """Refuse two sides of an equation that do not fit."""
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"{name}: Expected A and B to have the same dtype, but found A of type "
            f"{legacy_name(A.dtype)} and B of type {legacy_name(B.dtype)} instead"
        )
    if B.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor B must have at least 2 dimensions.")
    if A.shape[-2 if left else -1] != B.shape[-2 if left else -1]:
        sizes = [f"{x.shape[-2]}x{x.shape[-1]}" for x in (A, B)]
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} "
            f"({sizes[0]} and {sizes[1]})"
        )


@op
class cholesky_lower(Op):
    r"""Find the lower triangle that is a matrix's square root: $x = y y^H$.

    >>> cholesky_lower(torch.tensor([[4., 2.], [2., 2.]]))
    tensor([[2., 0.],
            [1., 1.]])
    """

    formula = r"x = y\, y^H"
    gradient = (
        r"\bar x = \tfrac12 y^{-H} (\Phi + \Phi^H - \mathrm{diag}\, \Phi^H) y^{-1},\ "
        r"\Phi = \mathrm{tri}(y^H \bar y)"
    )
    torch_name = "LinalgCholeskyExBackward0"

    def forward(self, x: Array, upper=False):
        check_square("linalg.cholesky", x)
        x = x.swapaxes(-1, -2).conj() if upper else x  # NumPy looks at the lower triangle
        try:
            return by_blas(self.xp.linalg.cholesky, x)
        except FAILED:
            bad, name = first_failing(x, self.xp.linalg.cholesky)
            raise LinAlgError(
                f"linalg.cholesky: {name}The factorization could not be completed because the "
                "input is not positive-definite (the leading minor of order "
                f"{leading_minor(self.xp, bad)} is not positive-definite)."
            ) from None

    def backward(self, g, y):
        back = turned(y)
        low = tril(matmul(back, g))
        middle = low + turned(tril(low, -1))
        left = triangle_solved(back, middle / 2, True)
        return turned(triangle_solved(back, turned(left), True))


def leading_minor(xp, x) -> int:
    """Say how large a corner of a matrix must be to be not positive-definite; 0: none is."""
    return next((n for n in range(1, x.shape[-1] + 1) if not has_root(xp, x[..., :n, :n])), 0)


def has_root(xp, x) -> bool:
    """Say whether a matrix is positive-definite."""
    try:
        xp.linalg.cholesky(x)
    except FAILED:
        return False
    return True


@with_out
def cholesky(input, upper=False):
    """Find the triangular square root of a symmetric, positive-definite matrix.

    >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 2.]]))
    tensor([[2., 0.],
            [1., 1.]])
    """
    return turned(cholesky_lower(input, True)) if upper else cholesky_lower(input)


@with_out
def cholesky_ex(A, *, upper=False, check_errors=False):
    """Find the triangular square root; where there is none, say so by a number, not by an error.

    >>> torch.linalg.cholesky_ex(torch.tensor([[4., 2.], [2., 2.]])).info
    tensor(0, dtype=torch.int32)
    """
    check_square("linalg.cholesky", A)
    xp, array = A.device.xp, A.array.swapaxes(-1, -2).conj() if upper else A.array
    each = array.reshape(math.prod(array.shape[:-2]), *array.shape[-2:])
    info = [0 if has_root(xp, x) else leading_minor(xp, x) for x in each]
    info = xp.asarray(info, dtype="int32")
    info = wrap(info.reshape(array.shape[:-2]))
    if check_errors or not bool(info.array.any()):
        return named("linalg_cholesky_ex", L=cholesky(A, upper), info=info)
    return named("linalg_cholesky_ex", L=A * math.nan, info=info)


# --- a rotation and a triangle


@op
class qr_tall(Op):
    r"""Take a matrix apart into columns at right angles and an upper triangle.

    >>> q, r = qr_tall(torch.tensor([[3., 1.], [4., 2.]]))
    >>> r.abs()
    tensor([[5.0000, 2.2000],
            [0.0000, 0.4000]])
    """

    formula = r"x = Q R"
    gradient = r"\bar x = (\bar Q + Q\, \mathrm{sym}(R \bar R^H - \bar Q^H Q)) R^{-H}"
    several, torch_name = True, "LinalgQrBackward0"

    def forward(self, x: Array, mode="reduced"):
        self.mode = mode
        q, r = (a.copy() for a in by_blas(self.xp.linalg.qr, x, mode))
        self.q, self.r = q, r
        return q, r

    def backward(self, g, x, q, r):
        if q.shape[-1] > r.shape[-1]:
            raise RuntimeError(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols"
            )
        if type(x) in TENSORS:  # with a graph of their own
            q, r = qr_tall(x, self.mode)
        g_q, g_r = g.filled(2)
        middle = 0
        if g_r is not None:
            middle = matmul(r, turned(g_r))
        if g_q is not None:
            middle = middle - matmul(turned(g_q), q)
        low = halved_diagonal(middle)
        slope = matmul(q, low + turned(low))
        slope = slope if g_q is None else slope + g_q
        return turned(triangle_solved(r, turned(slope), True))


@with_out
def linalg_qr(A, mode="reduced"):
    """Take a matrix apart: A = Q @ R, columns at right angles and a triangle.

    Args:
        A: (..., m, n), floats or complex; each matrix of a batch by itself.
        mode: ``"reduced"``, ``"complete"`` (Q is square), or ``"r"`` (only R; Q is empty).

    Gives a named tuple, with k = min(m, n):
        Q: (..., m, k), or (..., m, m) if complete; its columns have length 1 and stand at right
            angles, so Q.mT @ Q is the identity (for complex numbers, Q.mH @ Q).
        R: (..., k, n), or (..., m, n) if complete; below the diagonal it is 0. The diagonal may be
            negative: a column of Q and the row of R that meets it may both change sign.

    >>> A = torch.tensor([[3., 1.], [4., 2.]])
    >>> Q, R = torch.linalg.qr(A)
    >>> torch.allclose(Q @ R, A, atol=1e-6)
    True
    >>> (Q.mT @ Q - torch.eye(2)).abs().max() < 1e-6
    tensor(True)
    """
    check_matrix("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', "
            "or 'complete'"
        )
    rows, columns = A.shape[-2:]
    if rows < columns:  # the first columns make Q; the others are then R's
        q, r = qr_tall(pick(A, (..., slice(rows))), "reduced")
        rest = matmul(turned(q), pick(A, (..., slice(rows, None))))
        r = cat([r, rest], -1)
    else:
        q, r = qr_tall(A, "complete" if mode == "complete" else "reduced")
    if mode == "r":
        q = wrap(A.device.xp.empty(0, A.array.dtype))
        r = r if r.node is None else _no_slope(r)
    return named("linalg_qr", Q=q, R=r)


def _no_slope(r):
    """Refuse a gradient through R where Q was not asked for."""

    def refuse(g):
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please "
            "use linalg.qr(A, mode='reduced') if you are going to call backward through linalg.qr."
        )

    r.register_hook(refuse)
    return r


def qr(input, some=True):
    """Take a matrix apart into columns at right angles, Q, and an upper triangle, R.

    >>> torch.qr(torch.tensor([[3., 1.], [4., 2.]])).R.abs()
    tensor([[5.0000, 2.2000],
            [0.0000, 0.4000]])
    """
    return named("qr", **linalg_qr(input, "reduced" if some else "complete")._asdict())


# --- eigenvectors


@op
class eigh_pair(Op):
    r"""Find the directions that a symmetric matrix only stretches, and how far.

    >>> eigh_pair(torch.tensor([[2., 0.], [0., 1.]]))[0]
    tensor([1., 2.])
    """

    formula = r"x = V \mathrm{diag}(\lambda) V^H"
    gradient = r"\bar x = V (\mathrm{diag}(\bar\lambda) + \mathrm{skew}(V^H \bar V) / E) V^H,\ "
    gradient += r"E_{ij} = \lambda_j - \lambda_i"
    several, torch_name = True, "LinalgEighBackward0"

    def forward(self, x: Array, UPLO="L"):
        check_square("linalg.eigh", x)
        if str(UPLO).upper() not in ("L", "U"):
            raise RuntimeError(
                f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}"
            )
        self.UPLO = str(UPLO).upper()
        try:
            w, v = by_blas(self.xp.linalg.eigh, x, self.UPLO)
        except FAILED:
            which = first_failing(x, self.xp.linalg.eigh)[1]
            raise LinAlgError(
                f"linalg.eigh: {which}The algorithm failed to converge because the input matrix is "
                "ill-conditioned, has too many repeated eigenvalues, or is not finite."
            ) from None
        self.w, self.v = w, v
        return w, v

    def backward(self, g, x, w, v):
        if type(x) in TENSORS:
            w, v = eigh_pair(x, self.UPLO)
        g_w, g_v = g.filled(2)
        back = turned(v)
        middle = diag_embed(to(w * 0 if g_w is None else g_w, x.dtype))
        if g_v is not None:
            own = matmul(back, g_v)
            middle = middle + (own - turned(own)) / 2 / _gaps(w, x.dtype)
        return matmul(v, matmul(middle, back))


def _gaps(w, dtype):
    """Give every difference of two eigenvalues; 1 on the diagonal, where there is none."""
    lead = w.shape[:-1]
    gaps = reshape(w, (*lead, 1, w.shape[-1])) - reshape(w, (*lead, w.shape[-1], 1))
    return to(gaps + diag_embed(w * 0 + 1), dtype)


def _off_diagonal(x):
    return x - diag_embed(diagonal(x, 0, -2, -1))


@with_out
def eigh(A, UPLO="L"):
    """Find the directions that a symmetric matrix only stretches, and how far.

    A @ v is lambda * v: v is an eigenvector, lambda its eigenvalue. For a matrix that equals its
    transpose (and conjugate); this is not checked, for only one triangle is read. Others: ``eig``.

    Args:
        A: (..., n, n), floats or complex; each matrix of a batch by itself.
        UPLO: which triangle is read, ``"L"`` (lower) or ``"U"`` (upper).

    Gives a named tuple:
        eigenvalues: (..., n), real, the smallest first.
        eigenvectors: (..., n, n); eigenvector i is column i, ``V[..., :, i]``, of length 1. They
            stand at right angles. Each may as well have the other sign.

    A gradient through the eigenvectors needs eigenvalues that differ.

    >>> A = torch.tensor([[2., 1.], [1., 2.]])
    >>> values, V = torch.linalg.eigh(A)
    >>> values.round(decimals=4)
    tensor([1., 3.])
    >>> torch.allclose(A @ V, V * values, atol=1e-6)
    True
    """
    values, vectors = eigh_pair(A, UPLO)
    return named("linalg_eigh", eigenvalues=values, eigenvectors=vectors)


@with_out
def eigvalsh(A, UPLO="L"):
    """Find the eigenvalues of a symmetric matrix, the smallest first.

    >>> torch.linalg.eigvalsh(torch.tensor([[2., 0.], [0., 1.]]))
    tensor([1., 2.])
    """
    return eigh_pair(A, UPLO)[0]


@op
class eig_pair(Op):
    r"""Find the directions that a matrix only stretches and turns: complex, as a rule.

    >>> eig_pair(torch.tensor([[0., 1.], [-1., 0.]]))[0]
    tensor([0.+1.j, 0.-1.j])
    """

    formula = r"x = V \mathrm{diag}(\lambda) V^{-1}"
    gradient = (
        r"\bar x = V^{-H} (\mathrm{diag}(\bar\lambda) + (V^H \bar V - V^H V \mathrm{Re}\,"
        r"\mathrm{diag}(V^H \bar V)) / E^*) V^H"
    )
    several, torch_name = True, "LinalgEigBackward0"

    def forward(self, x: Array):
        check_square("linalg.eig", x)
        if not hasattr(self.xp.linalg, "eig"):
            raise NotImplementedError(
                "linalg.eig: this CuPy has no eigenvalues of general matrices: ask on the CPU, "
                "x.cpu()"
            )
        if x.size and not bool(self.xp.isfinite(x).all()):
            raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
        w, v = by_blas(self.xp.linalg.eig, x)
        kind = self.xp.result_type(x.dtype, "complex64")
        self.w, self.v = w.astype(kind), v.astype(kind)
        return self.w.copy(), self.v.copy()

    def backward(self, g, x, w, v):
        if type(x) in TENSORS:
            w, v = eig_pair(x)
        g_w, g_v = g.filled(2)
        back = turned(v)
        middle = diag_embed(w * 0 if g_w is None else g_w)
        if g_v is not None:
            own = matmul(back, g_v)
            along = to(real(diagonal(own, 0, -2, -1)), v.dtype)
            along = reshape(along, (*along.shape[:-1], 1, along.shape[-1]))
            own = own - matmul(back, v) * along
            middle = middle + _off_diagonal(own) / OPS["conj"](_gaps(w, v.dtype))
        slope = OPS["solved"](back, matmul(middle, back))
        return slope if is_complex(x) else real(slope)


@with_out
def eig(A):
    """Find the eigenvalues and eigenvectors of a square matrix: complex numbers, as a rule.

    >>> torch.linalg.eig(torch.tensor([[0., 1.], [-1., 0.]])).eigenvalues
    tensor([0.+1.j, 0.-1.j])
    """
    values, vectors = eig_pair(A)
    return named("linalg_eig", eigenvalues=values, eigenvectors=vectors)


@with_out
def eigvals(A):
    """Find the eigenvalues of a square matrix: complex numbers, as a rule.

    >>> torch.linalg.eigvals(torch.tensor([[0., 1.], [-1., 0.]]))
    tensor([0.+1.j, 0.-1.j])
    """
    check_square("linalg.eigvals", A)
    return eig_pair(A)[0]


# --- two triangles


def eliminate(xp, x):
    """Do Gauss's elimination with the largest number of each column as pivot.

    Gives both triangles in one matrix, and with which row each row changed places (from 1).
    """
    x, count = x.copy(), min(x.shape[-2:])
    pivots = xp.zeros((*x.shape[:-2], count), "int32")
    for k in range(count):
        column = x[..., k:, k]
        sizes = xp.abs(column.real) + xp.abs(column.imag)  # as LAPACK compares complex numbers
        chosen = xp.argmax(sizes, axis=-1) + k
        pivots[..., k] = chosen + 1
        rows = xp.broadcast_to(chosen[..., None, None], (*x.shape[:-2], 1, x.shape[-1]))
        best, here = xp.take_along_axis(x, rows, -2), x[..., k : k + 1, :].copy()
        xp.put_along_axis(x, rows, here, -2)
        x[..., k : k + 1, :] = best
        below, top = x[..., k + 1 :, k : k + 1], x[..., k : k + 1, k : k + 1]
        below /= xp.where(top == 0, 1, top)
        x[..., k + 1 :, k + 1 :] -= below * x[..., k : k + 1, k + 1 :]
    return x, pivots


def permutation(xp, pivots, rows):
    """Turn the exchanges of rows into a matrix P, with P y = x."""
    order = xp.broadcast_to(xp.arange(rows), (*pivots.shape[:-1], rows)).copy()
    for k in range(pivots.shape[-1]):
        other = (pivots[..., k : k + 1] - 1).astype("int64")
        here, there = order[..., k : k + 1].copy(), xp.take_along_axis(order, other, -1)
        xp.put_along_axis(order, other, here, -1)
        order[..., k : k + 1] = there
    return (xp.arange(rows)[:, None] == order[..., None, :]).astype("int64")


@op
class lu_packed(Op):
    r"""Take a matrix apart into a lower and an upper triangle, packed into one matrix.

    >>> lu_packed(torch.tensor([[2., 1.], [4., 4.]]))
    (tensor([[ 4.0000,  4.0000],
            [ 0.5000, -1.0000]]), tensor([2, 2], dtype=torch.int32))
    """

    formula = r"x = P L U,\quad y = L - 1 + U"
    gradient = r"\bar x = P L^{-H} (\mathrm{tril}(L^H \bar L) + \mathrm{triu}(\bar U U^H)) U^{-H}"
    several, torch_name = True, "LinalgLuFactorExBackward0"

    def forward(self, x: Array):
        y, pivots = eliminate(self.xp, x)
        self.packed, self.order = y, permutation(self.xp, pivots, x.shape[-2])
        return y.copy(), pivots

    def backward(self, g, x, packed, order):
        y = lu_packed(x)[0] if type(x) in TENSORS else packed
        rows, columns = x.shape[-2:]
        more = (0, max(rows - columns, 0), 0, max(columns - rows, 0))  # a square, 1 on its diagonal
        y, g = pad(y, more), pad(g.filled(2)[0], more)
        low, up = tril(y, -1), triu(y)
        back_low, back_up = turned(_with_ones(low, 0)), turned(_with_ones(up, min(rows, columns)))
        middle = tril(matmul(back_low, tril(g, -1)), -1) + triu(matmul(triu(g), back_up))
        left = triangle_solved(back_low, middle, True)
        slope = turned(triangle_solved(turned(back_up), turned(left), True))
        slope = pick(slope, (..., slice(rows), slice(columns)))
        return matmul(to(order, x.dtype), slope)


def _with_ones(x, start):
    """Put 1 on the diagonal from a place on."""
    d = pick(diagonal(x, 0, -2, -1), (..., slice(start, None))) * 0 + 1
    return x + diag_embed(pad(d, (start, 0)))


@with_out
def lu_factor(A, *, pivot=True):
    """Take a matrix apart into two triangles, packed, and say which rows changed places.

    >>> torch.linalg.lu_factor(torch.tensor([[2., 1.], [4., 4.]])).pivots
    tensor([2, 2], dtype=torch.int32)
    """
    if A.ndim < 2:
        raise RuntimeError(
            "torch.lu_factor: Expected tensor with 2 or more dimensions. Got size: "
            f"{list(A.shape)} instead"
        )
    check_matrix("linalg.lu_factor", A)
    _check_pivot("linalg.lu_factor", pivot)
    y, pivots = lu_packed(A)
    return named("linalg_lu_factor", LU=y, pivots=pivots)


def _check_pivot(name, pivot):
    if not pivot:
        raise RuntimeError(f"{name}: LU without pivoting is not implemented on the CPU")


@with_out
def lu_factor_ex(A, *, pivot=True, check_errors=False):
    """Take a matrix apart into two triangles; a 0 on the diagonal is told by a number.

    >>> torch.linalg.lu_factor_ex(torch.eye(2)).info
    tensor(0, dtype=torch.int32)
    """
    factors, pivots = lu_factor(A, pivot=pivot)
    xp = A.device.xp
    zero = xp.diagonal(factors.array, 0, -2, -1) == 0
    info = (xp.argmax(zero, axis=-1) + 1) * zero.any(axis=-1) if zero.shape[-1] else (
        xp.zeros(zero.shape[:-1]))  # fmt: skip
    info = wrap(xp.asarray(info).astype("int32"))
    if check_errors and bool(info.array.any()):
        first = int(info.array.reshape(-1)[info.array.reshape(-1) > 0][0])
        raise LinAlgError(
            f"linalg.lu_factor_ex: U[{first}, {first}] is zero and using it on lu_solve would "
            "result in a division by zero. If you still want to perform the factorization, "
            "consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
        )
    return named("linalg_lu_factor_ex", LU=factors, pivots=pivots, info=info)


@with_out
def linalg_lu(A, *, pivot=True):
    """Take a matrix apart: rows in another order, a lower and an upper triangle.

    >>> P, L, U = torch.linalg.lu(torch.tensor([[2., 1.], [4., 4.]]))
    >>> L, U
    (tensor([[1.0000, 0.0000],
            [0.5000, 1.0000]]), tensor([[ 4.,  4.],
            [ 0., -1.]]))
    """
    check_matrix("linalg.lu", A)
    _check_pivot("linalg.lu", pivot)
    return named("linalg_lu", **lu_unpack(*lu_packed(A))._asdict())


@with_out
def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    """Unpack what ``torch.lu`` gives: the order of the rows, and two triangles.

    >>> torch.lu_unpack(*torch.lu(torch.tensor([[2., 1.], [4., 4.]]))).L
    tensor([[1.0000, 0.0000],
            [0.5000, 1.0000]])
    """
    if LU_pivots.dtype is not dtypes.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype."
            "\nNote: this function is intended to be used with the output produced by "
            "torch.linalg.lu_factor"
        )
    xp, (LU_data, LU_pivots) = same_device(lu_unpack, (LU_data, LU_pivots))
    rows, columns = LU_data.shape[-2:]
    k = min(rows, columns)
    p = low = up = wrap(xp.empty(0, LU_data.array.dtype))
    if unpack_pivots:
        p = wrap(permutation(xp, LU_pivots.array, rows).astype(LU_data.array.dtype))
    if unpack_data:
        low = tril(pick(LU_data, (..., slice(k))), -1)
        low = low + wrap(xp.eye(rows, k, dtype=low.array.dtype))
        up = triu(pick(LU_data, (..., slice(k), slice(None))))
    return named("lu_unpack", P=p, L=low, U=up)


def lu(A, pivot=True, get_infos=False, out=None):
    """Take a matrix apart into two triangles, packed, and the exchanges of rows.

    >>> torch.lu(torch.tensor([[2., 1.], [4., 4.]]))[1]
    tensor([2, 2], dtype=torch.int32)
    """
    y, pivots, info = lu_factor_ex(A, pivot=pivot)
    return (y, pivots, info) if get_infos else (y, pivots)


# --- reflections


@with_out
def geqrf(input):
    """Take a matrix apart into reflections, packed below a triangle, and their lengths.

    >>> torch.geqrf(torch.tensor([[3., 1.], [4., 2.]])).tau
    tensor([1.6000, 0.0000])
    """
    check_matrix("torch.geqrf", input)
    h, tau = input.device.xp.linalg.qr(input.array, "raw")
    return named("geqrf", a=wrap(h.swapaxes(-1, -2).copy()), tau=wrap(tau))


@with_out
def householder_product(A, tau):
    """Multiply reflections: the matrix Q that ``geqrf`` has packed.

    >>> torch.linalg.householder_product(*torch.geqrf(torch.tensor([[3.], [4.]]))).abs()
    tensor([[0.6000],
            [0.8000]])
    """
    name = "torch.linalg.householder_product"
    _check_reflections(name, A, tau)
    rows, columns = A.shape[-2:]
    start = zeros_for(A) + wrap(A.device.xp.eye(rows, columns, dtype=A.array.dtype))
    return _reflected(A, tau, start, range(tau.shape[-1] - 1, -1, -1))


orgqr = householder_product


def _check_reflections(name, A, tau):
    if A.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    rows, columns = A.shape[-2:]
    if rows < columns:
        raise RuntimeError(
            f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]"
        )
    if columns < tau.shape[-1]:
        raise RuntimeError(
            f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]"
        )
    if A.ndim - tau.ndim != 1:
        raise RuntimeError(
            f"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal "
            f"to {tau.ndim} and input.ndim is equal to {A.ndim}"
        )
    if A.shape[:-2] != tau.shape[:-1]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got "
            f"{list(tau.shape[:-1])}"
        )
    if A.dtype is not tau.dtype:
        raise RuntimeError(
            f"{name}: tau dtype {legacy_name(tau.dtype)} does not match input dtype "
            f"{legacy_name(A.dtype)}"
        )


def _reflected(A, tau, x, places, conjugated=False):
    """Reflect ``x`` in the mirrors that the columns of ``A`` describe, one after the other."""
    rows = A.shape[-2]
    for k in places:
        below = pick(A, (..., slice(k + 1, None), slice(k, k + 1)))
        one = A.device.xp.eye(rows, dtype=A.array.dtype)[:, k : k + 1]
        v = pad(below, (0, 0, k + 1, 0)) + wrap(one)
        t = pick(tau, (..., slice(k, k + 1), None))
        t = OPS["conj"](t) if conjugated else t
        x = x - matmul(v * t, matmul(turned(v), x))
    return x


@with_out
def ormqr(input, tau, other, left=True, transpose=False):
    """Multiply a matrix by the Q that ``geqrf`` has packed, without unpacking it.

    >>> a, tau = torch.geqrf(torch.tensor([[3.], [4.]]))
    >>> torch.ormqr(a, tau, torch.tensor([[5.], [0.]])).abs()
    tensor([[3.],
            [4.]])
    """
    if other.ndim < 2:
        raise RuntimeError("torch.ormqr: other must have at least 2 dimensions.")
    if not left:
        return turned(ormqr(input, tau, turned(other), True, not transpose))
    count = tau.shape[-1]
    if other.shape[-2] < count:
        raise RuntimeError(
            "torch.ormqr: other.shape[-2] must be greater than or equal to tau.shape[-1]"
        )
    if count != min(other.shape[-2], input.shape[-1]):
        raise RuntimeError(
            "torch.ormqr: tau.shape[-1] must be equal to min(other.shape[-2], input.shape[-1])"
        )
    if other.shape[-2] != input.shape[-2]:
        raise RuntimeError("torch.ormqr: other.shape[-2] must be equal to input.shape[-2]")
    places = range(count) if transpose else range(count - 1, -1, -1)
    return _reflected(input, tau, other, places, transpose)
