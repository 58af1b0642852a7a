"""Solve equations of matrices: inverses, determinants, least squares, functions of matrices."""

import math
from itertools import pairwise

import numpy as np

from ..core import TENSORS, Array, Op, Tensor, wrap
from ..dispatch import op
from ..dtypes import legacy_name
from .compare import zeros_for
from .complex_numbers import abs, imag
from .decompositions import (
    check_pair,
    eigh_pair,
    eliminate,
    lu_unpack,
    solve_triangular,
    stretched,
    substitute,
)
from .dims import whole
from .join import cat
from .linalg import matmul, narrowed
from .matrices import (
    FAILED,
    LinAlgError,
    check_matrix,
    check_square,
    first_failing,
    swapped,
    turned,
)
from .named import named
from .norms import matrix_norm, svd_parts, svdvals
from .reduce import is_complex, sum
from .scan import cumprod
from .shape import expand, movedim, reshape, squeeze, to, unsqueeze
from .spelling import with_out
from .table import pick
from .triangle import diag_embed

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
            return self.xp.linalg.solve(a, b)
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
            return self.xp.linalg.inv(A)
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


# --- determinants


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
        return self.xp.linalg.det(A)

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
        sign, size = self.xp.linalg.slogdet(A)
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


# --- matrices without an inverse


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
            s, u = xp.linalg.eigh(A)
            v = u
        else:
            u, s, vh = xp.linalg.svd(A, full_matrices=False)
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
    if rtol is None:
        given = atol is not None and bool(_as_tensor(atol).array.max() > 0)
        rtol = 0.0 if given else np.finfo(A.array.dtype).eps * max(A.shape[-2:])
    return (0.0 if atol is None else atol), rtol


def _as_tensor(x):
    return x if isinstance(x, Tensor) else wrap(np.asarray(x, "float64"))


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


# --- powers and the exponential


@with_out
def matrix_power(A, n):
    """Multiply a square matrix by itself, ``n`` times; a negative ``n`` takes the inverse.

    >>> torch.linalg.matrix_power(torch.tensor([[1., 1.], [0., 1.]]), 3)
    tensor([[1., 3.],
            [0., 1.]])
    """
    check_square("linalg.matrix_power", A, whole=True)
    if n == 0:
        return zeros_for(A) + wrap(A.device.xp.eye(A.shape[-1], dtype=A.array.dtype))
    if n < 0:
        A, n = inv(A), -n
    power, result = A, None
    while n:
        if n & 1:
            result = power if result is None else matmul(result, power)
        n >>= 1
        power = matmul(power, power) if n else power
    return result * 1 if result is A else result


# N. J. Higham, The scaling and squaring method for the matrix exponential revisited,
# SIAM J. Matrix Anal. Appl. 26 (2005), 1179-1193: the fraction of degree 13, good up to norm 5.37.
FRACTION = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
    129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0,
    960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip


@op
class matrix_exp(Op):
    r"""Raise $e$ to a matrix: $1 + x + x^2/2 + x^3/6 + \ldots$.

    >>> torch.linalg.matrix_exp(torch.tensor([[0., 1.], [0., 0.]]))
    tensor([[1., 1.],
            [0., 1.]])
    """

    formula = r"y = e^x"
    gradient = r"e^{\begin{pmatrix} x^H & \bar y \\ 0 & x^H \end{pmatrix}} = "
    gradient += r"\begin{pmatrix} y^H & \bar x \\ 0 & y^H \end{pmatrix}"
    torch_name = "LinalgMatrixExpBackward0"

    def forward(self, A: Array):
        xp = self.xp
        check_square("linalg.matrix_exp", A)
        if not A.size:
            return A.copy()
        length = float(xp.absolute(A).sum(axis=-2).max())
        halvings = max(0, math.ceil(math.log2(length / 5.37))) if 0 < length < math.inf else 0
        a = A / 2**halvings
        one, square = xp.eye(A.shape[-1], dtype=A.dtype), xp.matmul(a, a)
        even, odd, power = one * FRACTION[0], one * FRACTION[1], one
        for k in range(2, 14, 2):
            power = xp.matmul(power, square)
            even = even + power * FRACTION[k]
            odd = odd + power * FRACTION[k + 1]
        odd = xp.matmul(a, odd)
        y = xp.linalg.solve(even - odd, even + odd)
        for _ in range(halvings):
            y = xp.matmul(y, y)
        return y

    def backward(self, g, A):
        n, back = A.shape[-1], turned(A)
        above, below = cat([back, g], -1), cat([zeros_for(g), back], -1)
        both = matrix_exp(cat([above, below], -2))
        return pick(both, (..., slice(n), slice(n, None)))


# --- several matrices


@with_out
def multi_dot(tensors):
    """Multiply a chain of matrices in the order that takes the fewest steps.

    >>> torch.linalg.multi_dot([torch.ones(2, 3), torch.ones(3, 4), torch.ones(4)])
    tensor([12., 12.])
    """
    if len(tensors) < 2:
        raise RuntimeError(
            f"multi_dot(): expected at least 2 tensors but got {len(tensors)}"
        )
    _check_chain(tensors)
    if len(tensors) == 2:
        return matmul(*tensors)
    sizes = [1 if tensors[0].ndim == 1 else tensors[0].shape[0]]
    sizes += [x.shape[0] for x in tensors[1:]]
    sizes += [1 if tensors[-1].ndim == 1 else tensors[-1].shape[1]]
    return _product(tensors, _cuts(sizes), 0, len(tensors) - 1)


def chain_matmul(*matrices, out=None):
    """Multiply a chain of matrices in the order that takes the fewest steps.

    >>> torch.chain_matmul(torch.ones(2, 3), torch.ones(3, 1))
    tensor([[3.],
            [3.]])
    """
    return matrices[0].clone() if len(matrices) == 1 else multi_dot(list(matrices), out=out)


def _check_chain(tensors):
    last = len(tensors) - 1
    for place, x in enumerate(tensors):
        at_end = place in (0, last)
        if x.ndim != 2 and not (at_end and x.ndim == 1):
            which = "the first and last tensors" if at_end else f"tensor {place}"
            ranks = "1D or 2D" if at_end else "2D"
            raise RuntimeError(f"multi_dot(): {which} must be {ranks} but got {x.ndim}D")
        if x.dtype is not tensors[0].dtype:
            raise RuntimeError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{legacy_name(tensors[0].dtype)} and tensor {place} {legacy_name(x.dtype)}"
            )
    for a, b in pairwise(tensors):
        if a.shape[-1] != b.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors of shapes {list(a.shape)} and {list(b.shape)} cannot be "
                "multiplied"
            )


def _cuts(sizes):
    """Find where to cut each part of a chain in two so that it costs the fewest multiplications."""
    count = len(sizes) - 1
    cost, cut = {(i, i): 0 for i in range(count)}, {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            choices = [
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            cost[i, j], cut[i, j] = min(choices)
    return cut


def _product(tensors, cut, i, j):
    if i == j:
        return tensors[i]
    k = cut[i, j]
    return matmul(_product(tensors, cut, i, k), _product(tensors, cut, k + 1, j))


@with_out
def linalg_vander(x, *, N=None):
    """List the powers of each number: 1, x, x squared, ...

    >>> torch.linalg.vander(torch.tensor([2, 3]))
    tensor([[1, 2],
            [1, 3]])
    """
    x = x if x.ndim else reshape(x, (1,))
    count = x.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    rows = expand(unsqueeze(x, -1), (*x.shape, count - 1))
    ones = wrap(x.device.xp.ones((*x.shape, 1), x.array.dtype))
    return cat([ones, cumprod(rows, -1)], -1)


def vander(x, N=None, increasing=False):
    """List the powers of each number, the highest first.

    >>> torch.vander(torch.tensor([2, 3]))
    tensor([[2, 1],
            [3, 1]])
    """
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    powers = wrap(x.device.xp.arange(count))
    return unsqueeze(x, -1) ** (powers if increasing else powers.flip(0))


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
