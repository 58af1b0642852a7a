"""How long, how large: norms of vectors and of matrices, and the singular values behind them."""

import math

from ..core import OPS, TENSORS, Array, Op, wrap
from ..dispatch import op
from ..threads import by_blas
from .compare import where
from .complex_numbers import abs, real
from .dims import whole
from .extremes import amax, amin
from .linalg import matmul
from .matrices import FAILED, LinAlgError, check_floating, check_matrix, first_failing, turned
from .named import named
from .reduce import conjugate, is_complex, norm_slope, sum, vector_norm
from .shape import permute, reshape, squeeze, to
from .spelling import with_out
from .table import pick
from .triangle import diag_embed, diagonal


@op
class svd_parts(Op):
    r"""Take a matrix apart into a rotation, a stretching and another rotation.

    >>> u, s, vh = svd_parts(torch.tensor([[3., 0.], [0., 4.]]))
    >>> s
    tensor([4., 3.])
    """

    formula = r"x = U \, \mathrm{diag}(s) \, V^H"
    gradient = r"\bar x = U \, \mathrm{diag}(\bar s) \, V^H + \ldots"
    several, torch_name = True, "LinalgSvdBackward0"

    def forward(self, x: Array, full=False):
        try:
            u, s, vh = by_blas(self.xp.linalg.svd, x, full)
        except FAILED:
            name = first_failing(x, self.xp.linalg.svd)[1]
            raise LinAlgError(
                f"linalg.svd: {name}The algorithm failed to converge because the "
                "input matrix contained non-finite values."
            ) from None
        self.u, self.s, self.vh = u, s, vh
        return u, s, vh

    def backward(self, g, x, u, s, vh):
        if type(x) in TENSORS:  # with a graph of their own
            u, s, vh = svd_parts(x)
        k = s.shape[-1]
        left, upper = (..., slice(k)), (..., slice(k), slice(None))
        g_u, g_s, g_vh = g.filled(3)
        u, g_u = pick(u, left), g_u if g_u is None else pick(g_u, left)
        vh, g_vh = pick(vh, upper), g_vh if g_vh is None else pick(g_vh, upper)
        uh, v = turned(u), turned(vh)
        middle = diag_embed(to(s * 0 if g_s is None else g_s, x.dtype))
        total = None
        if g_u is not None or g_vh is not None:
            wide = to(reshape(s, (*s.shape[:-1], 1, s.shape[-1])), x.dtype)
            tall = to(reshape(s, (*s.shape, 1)), x.dtype)
            gaps = wide * wide - tall * tall + diag_embed(to(s * 0 + 1, x.dtype))
        if g_u is not None:
            own = matmul(uh, g_u)
            middle = middle + (own - turned(own)) / gaps * wide
            if is_complex(x):
                middle = middle + diag_embed(1j * OPS["imag"](diagonal(own, 0, -2, -1)) / s)
            total = matmul((g_u - matmul(u, own)) / wide, vh)
        if g_vh is not None:
            own = matmul(g_vh, v)
            middle = middle + tall * (turned(own) - own) / gaps
            rest = matmul(u, (g_vh - matmul(own, vh)) / tall)
            total = rest if total is None else total + rest
        inside = matmul(u, matmul(middle, vh))
        return inside if total is None else inside + total


@with_out
def svdvals(A):
    """Give how far a matrix stretches: its singular values, the largest first.

    >>> torch.linalg.svdvals(torch.tensor([[3., 0.], [0., 4.]]))
    tensor([4., 3.])
    """
    check_matrix("linalg.svd", A)
    return svd_parts(A)[1]


@with_out
def linalg_svd(A, full_matrices=True, *, driver=None):
    """Take a matrix apart: A = U @ diag(S) @ Vh.

    What A does to a vector, in three steps: Vh turns it, S stretches it along the axes, U turns the
    result. U and Vh are orthogonal: they keep lengths and angles, but may mirror besides turning.

    Args:
        A: (..., m, n), floats or complex; each matrix of a batch by itself.
        full_matrices: False leaves out the columns of U and rows of Vh that meet no number in S.
        driver: for CUDA in PyTorch; here only None.

    Gives a named tuple (U, S, Vh), with k = min(m, n):
        U: (..., m, m), or (..., m, k) if not full; its columns are the left singular vectors.
        S: (..., k), the singular values: a vector, real, not negative, the largest first.
        Vh: (..., n, n), or (..., k, n) if not full. It is V transposed (and conjugated) already:
            its rows are the right singular vectors. The older ``torch.svd`` gives V.

    A column of U and its row of Vh may both change sign, and A stays: do not compare them with
    another library's. A gradient through U or Vh needs singular values that differ.

    >>> A = torch.tensor([[3., 0.], [0., 4.], [0., 0.]])
    >>> U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    >>> U.shape, S, Vh.shape
    (torch.Size([3, 2]), tensor([4., 3.]), torch.Size([2, 2]))
    >>> torch.allclose(U @ torch.diag(S) @ Vh, A)
    True
    """
    check_matrix("linalg.svd", A)
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with "
            "cuSOLVER backend."
        )
    u, s, vh = svd_parts(A, full_matrices)
    return named("linalg_svd", U=u, S=s, Vh=vh)


@with_out
def svd(input, some=True, compute_uv=True):
    """Take a matrix apart: ``input = U diag(S) V^H``.

    >>> torch.svd(torch.tensor([[3., 0.], [0., 4.]])).S
    tensor([4., 3.])
    """
    if not compute_uv:
        s = svdvals(input)
        rows, columns = input.shape[-2:]
        none = [input.device.xp.zeros((*input.shape[:-2], n, n), input.array.dtype)
                for n in (rows, columns)]  # fmt: skip
        return named("svd", U=wrap(none[0]), S=s, V=wrap(none[1]))
    u, s, vh = linalg_svd(input, not some)
    return named("svd", U=u, S=s, V=turned(vh))


@with_out
def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """Measure the size of matrices.

    ``"fro"``: the root of the sum of squares; 1 or inf: the largest sum of a column or of a row;
    2: the largest singular value; ``"nuc"``: the sum of them; negative: the smallest instead.

    >>> torch.linalg.matrix_norm(torch.tensor([[3., 0.], [0., 4.]]), 2)
    tensor(4.)
    """
    if A.ndim < 2:
        raise RuntimeError(
            "linalg.matrix_norm: The input tensor A must have at least 2 dimensions."
        )
    check_floating("linalg.matrix_norm", A)
    if not isinstance(dim, (tuple, list)):
        raise TypeError("linalg.matrix_norm: dim must be a 2-tuple, not a number")
    if len(dim) != 2:
        raise RuntimeError("linalg.matrix_norm: dim must be a 2-tuple")
    dims = tuple(whole(d, A.ndim) for d in dim)
    if dims[0] == dims[1]:
        raise RuntimeError(
            f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})"
        )
    A = A if dtype is None else to(A, dtype)
    if ord == "fro":
        return vector_norm(A, 2, dims, keepdim)
    if ord not in (1, -1, 2, -2, math.inf, -math.inf, "nuc"):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if ord in ("nuc", 2, -2):
        y = _from_singular_values(A, ord, dims)
    else:
        y = _from_sums(A, ord, dims)
    return y if keepdim else squeeze(y, dims)


def _from_singular_values(A, ord, dims):
    others = [d for d in range(A.ndim) if d not in dims]
    values = svd_parts(permute(A, (*others, *dims)))[1]
    y = sum(values, -1) if ord == "nuc" else _extreme(values, ord, -1, False)
    return reshape(y, tuple([1 if d in dims else n for d, n in enumerate(A.shape)]))


def _from_sums(A, ord, dims):
    down, across = dims if ord in (1, -1) else dims[::-1]
    return _extreme(sum(abs(A), down, True), ord, across, True)


def _extreme(sizes, ord, dim, keepdim):
    """Take the largest of some sizes (0 of none), or the smallest for a negative order."""
    if ord < 0:
        if not sizes.shape[dim]:
            raise IndexError(f"amin(): Expected reduction dim {dim} to have non-zero size.")
        return amin(sizes, dim, keepdim)
    return (amax if sizes.shape[dim] else sum)(sizes, dim, keepdim)


@with_out
def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """Measure the length of a tensor, of its rows, of its columns ...

    >>> torch.norm(torch.tensor([[3., 4.], [6., 8.]]), dim=1)
    tensor([ 5., 10.])
    """
    if p == "nuc":
        return matrix_norm(input, p, (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    if p == "fro" or p is None:
        if isinstance(dim, (tuple, list)) and len(dim) > 2 and p == "fro":
            raise RuntimeError("linalg.matrix_norm: dim must be a 2-tuple")
        p = 2
    if dtype is None:
        check_floating("linalg.vector_norm", input)
    return vector_norm(input, p, dim, keepdim, dtype)


@with_out
def linalg_norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """Measure the length of a vector or the size of a matrix: of which, the dimensions say.

    >>> torch.linalg.norm(torch.tensor([[3., 0.], [0., 4.]]), "nuc")
    tensor(7.)
    """
    if ord is None:
        flat = reshape(A, (-1,)) if dim is None and A.ndim > 2 else A
        y = vector_norm(flat, 2, dim, keepdim and flat is A, dtype)
        return y if flat is A or not keepdim else reshape(y, (1,) * A.ndim)
    dims = dim
    if dim is None:
        if A.ndim not in (1, 2):
            raise RuntimeError(
                "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
                f"{A.ndim}D."
            )
        dims = (0,) if A.ndim == 1 else (0, 1)
    pair = isinstance(dims, (tuple, list)) and len(dims) == 2
    if pair or isinstance(ord, str):
        return matrix_norm(A, ord, dims, keepdim, dtype=dtype)
    return vector_norm(A, ord, dims, keepdim, dtype)


@op
class renorm(Op):
    r"""Shorten the parts along a dimension that are longer than ``maxnorm``.

    >>> torch.renorm(torch.tensor([[3., 4.], [0.3, 0.4]]), 2, 0, 1)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    formula = r"y = x \min(1, m / \|x\|_p)"
    gradient = (
        r"\bar x = \frac{m}{\|x\|} (\bar y - "
        r"\frac{\langle \bar y, x \rangle}{\|x\|} \nabla \|x\|)"
    )

    def forward(self, x: Array, p, dim, maxnorm):
        if isinstance(p, complex) or p <= 0:
            raise RuntimeError("renorm: non-positive-norm not supported")
        if maxnorm < 0:
            raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
        if x.ndim < 2:
            raise RuntimeError(
                f"renorm: input needs at least 2 dimensions, got {x.ndim} dimensions"
            )
        self.p, self.most = p, maxnorm
        self.others = tuple(d for d in range(x.ndim) if d != whole(dim, x.ndim))
        size = vector_norm(x, p, self.others, True)
        return x * self.xp.where(size > maxnorm, maxnorm / (size + 1e-7), 1).astype(size.dtype)

    def backward(self, g, x):
        size = vector_norm(x, self.p, self.others, True)
        along = sum(g * conjugate(x), self.others, True)
        along = along if size.dtype == along.dtype else real(along)
        slope = norm_slope(x, size, along, self.p, self.others)
        short = 1 / (size + 1e-7)
        return where(size > self.most, self.most * short * (g - short * slope), g)


@with_out
def dist(input, other, p=2):
    """Measure the distance of two tensors: the p-norm of their difference.

    >>> torch.dist(torch.tensor([1., 2.]), torch.tensor([4., 6.]))
    tensor(5.)
    """
    return vector_norm(input - other, p)
