"""Products of vectors and matrices: matmul and its relatives."""

import math

from .. import dtypes
from ..core import CPP_NAMES, TENSORS, Array, Op
from ..dispatch import op
from ..dtypes import legacy_name
from ..tensors_only import check_tensors
from . import products
from .dims import distinct
from .join import roll
from .reduce import sum
from .shape import broadcast_tensors, expand, permute, reshape, sum_to, swapped
from .spelling import with_out
from .triangle import diagonal


def unlike(a, b):
    """Word that two arrays of two dtypes have no product, as PyTorch does for their ranks."""
    a_kind, b_kind = [legacy_name(x.dtype) for x in (a, b)]
    if a.ndim == b.ndim == 1:
        said = f"dot : expected both vectors to have same dtype, but found {a_kind} and {b_kind}"
    elif not a.ndim or a.shape[-1] != b.shape[-2:][0]:
        return mismatch(a.shape, b.shape)
    elif b.ndim == 1:
        said = (
            f"addmv input tensors must have the same dtype, but got {b_kind}, {a_kind}, and "
            f"{b_kind}"
        )
    elif b.ndim > 2:
        said = f"expected scalar type {a_kind} but found {b_kind}"
    else:
        a_kind, b_kind = [CPP_NAMES[x.dtype.name] for x in (a, b)]
        said = f"expected m1 and m2 to have the same dtype, but got: {a_kind} != {b_kind}"
    return RuntimeError(f"{said}. Bring them together: a.to(b.dtype), or b.to(a.dtype)")


def result_shape(a, b) -> tuple:
    """Give the shape of the product of two shapes that fit."""
    lead = []
    for i in range(max(len(a), len(b)) - 2, 0, -1):
        m = a[-2 - i] if len(a) >= 2 + i else 1
        n = b[-2 - i] if len(b) >= 2 + i else 1
        lead.append(n if m == 1 else m)
    return (*lead, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def mismatch(a, b):
    """Word that two shapes cannot be multiplied."""
    if not a or not b:
        return RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D"
        )
    if a[-1] == (b[0] if len(b) == 1 else b[-2]):
        lead_a, lead_b = a[:-2], b[:-2]
        back = next(
            i for i in range(1, min(len(lead_a), len(lead_b)) + 1)
            if lead_a[-i] != lead_b[-i] and 1 not in (lead_a[-i], lead_b[-i])
        )  # fmt: skip
        return RuntimeError(
            f"The size of tensor a ({lead_a[-back]}) must match the size of tensor b "
            f"({lead_b[-back]}) at non-singleton dimension {max(len(a), len(b)) - 2 - back} "
            f"(matmul of shapes {list(a)} and {list(b)}: all but the last two dimensions count "
            "the matrices)"
        )
    if len(a) == len(b) == 1:
        said = (
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same "
            f"number of elements, but got {a[0]} and {b[0]} elements respectively."
        )
    elif len(b) == 1:
        rows = math.prod(a[:-1])
        said = f"size mismatch, got input ({rows}), mat ({rows}x{a[-1]}), vec ({b[0]})."
    elif len(a) > 2 and len(b) > 2:
        count = math.prod(result_shape(a, (*b[:-2], a[-1], b[-1]))[:-2])
        said = (
            f"Expected size for first two dimensions of batch2 tensor to be: [{count}, {a[-1]}] "
            f"but got: [{count}, {b[-2]}]."
        )
    else:
        rows = math.prod(a[:-1])
        said = f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[-2]}x{b[-1]})."
    return RuntimeError(said)


def product(a, b):
    """Multiply two matrices inside a gradient rule: arrays take the shorter road."""
    return a @ b if type(a) in TENSORS else products.product(a, b)


def stacked(xp, a, b):
    """Multiply stacks of matrices likewise."""
    return a @ b if type(a) in TENSORS or type(b) in TENSORS else products.stacked(xp, a, b)


def rows(x):
    """Lay everything but the last dimension out as the rows of one matrix."""
    shape = x.shape
    return x if len(shape) == 2 else x.reshape((math.prod(shape[:-1]), shape[-1]))


def refuse_numbers(xs):
    """Raise PyTorch's error for a number where a matrix or a vector is wanted."""
    check_tensors("matmul", **dict(zip(("input", "other"), xs)))


@op
class matmul(Op):
    r"""Multiply matrices, vectors, or stacks of matrices: ``a @ b``.

    A vector on the left is a row, on the right a column. More than two dimensions are a stack of
    matrices; stacks are broadcast.

    >>> torch.tensor([[1., 2.], [3., 4.]]) @ torch.tensor([1., 10.])
    tensor([21., 43.])
    """

    refuse = staticmethod(refuse_numbers)
    formula = r"y = a\, b"
    gradient = r"\bar a = \bar y\, b^\top,\quad \bar b = a^\top\, \bar y"
    torch_name = "MmBackward0"

    def forward(self, a: Array, b: Array):
        self.shapes = a.shape, b.shape
        check_product(a, b)
        try:
            if b.ndim > 2 or (a.ndim > 2 and b.ndim == 1):
                return products.stacked(self.xp, a, products.laid_for(a, b))
            if a.ndim <= 2:
                return products.product(a, b)
            return products.product(rows(a), b).reshape(*a.shape[:-1], b.shape[1])
        except ValueError:
            raise mismatch(*self.shapes) from None

    def backward_a(self, g, b):
        a_shape, b_shape = self.shapes
        b = b.conj()
        if len(b_shape) == 1:
            return g.reshape((*g.shape, 1)) * b
        if len(a_shape) == 1:
            return narrowed((b @ g.reshape((*g.shape, 1))).reshape(b_shape[:-1]), a_shape)
        if len(b_shape) == 2:
            return product(rows(g), b.T).reshape(a_shape)
        return narrowed(stacked(self.xp, g, products.laid_for(g, swapped(b))), a_shape)

    def backward_b(self, g, a):
        a_shape, b_shape = self.shapes
        a = a.conj()
        if len(b_shape) == 1:
            return product(a.reshape((math.prod(a_shape[:-1]), b_shape[0])).T, g.reshape((-1,)))
        if len(a_shape) == 1:
            g = g.reshape((*g.shape[:-1], 1, g.shape[-1]))
            return narrowed(a.reshape((-1, 1)) * g, b_shape)
        if len(b_shape) == 2:
            return product(rows(a).T, rows(g))
        return narrowed(stacked(self.xp, swapped(a), g), b_shape)

    def name(self):
        ranks = tuple(len(shape) for shape in self.shapes)
        return MATMUL_NAMES.get(ranks, "UnsafeViewBackward0")


MATMUL_NAMES = {
    (1, 1): "DotBackward0", (2, 1): "MvBackward0", (1, 2): "SqueezeBackward4",
    (2, 2): "MmBackward0", (3, 3): "BmmBackward0",
}  # fmt: skip


def check_product(a, b):
    """Raise PyTorch's errors where two operands have no product, whatever their sizes."""
    if a.ndim == 0 or b.ndim == 0:
        raise mismatch(a.shape, b.shape)
    if a.dtype != b.dtype:
        raise unlike(a, b)
    if a.dtype.kind == "b":
        raise NotImplementedError("\"addmm_impl_cpu_\" not implemented for 'Bool'")


def narrowed(g, shape):
    """Add up what a broadcast stack had repeated."""
    return g if g.shape == shape else sum_to(g, shape)


# --- the same product, for one kind of operands


def check_ranks(*wanted):
    """Raise PyTorch's error where an operand has not the right number of dimensions."""
    for x, rank, said in wanted:
        if x.ndim != rank:
            raise RuntimeError(said.format(n=x.ndim))


@with_out
def mm(input, mat2):
    """Multiply two matrices.

    >>> torch.mm(torch.tensor([[1., 2.]]), torch.tensor([[3.], [4.]]))
    tensor([[11.]])
    """
    check_ranks((input, 2, "self must be a matrix"), (mat2, 2, "mat2 must be a matrix"))
    return matmul(input, mat2)


@with_out
def bmm(input, mat2):
    """Multiply two stacks of matrices, one by one.

    >>> torch.bmm(torch.ones(5, 2, 3), torch.ones(5, 3, 4)).shape
    torch.Size([5, 2, 4])
    """
    check_ranks((input, 3, "batch1 must be a 3D tensor"), (mat2, 3, "batch2 must be a 3D tensor"))
    if input.shape[0] != mat2.shape[0]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{input.shape[0]}, {input.shape[2]}] but got: [{mat2.shape[0]}, {mat2.shape[1]}]."
        )
    return matmul(input, mat2)


@with_out
def mv(input, vec):
    """Multiply a matrix by a vector.

    >>> torch.mv(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 10.]))
    tensor([21., 43.])
    """
    if input.ndim != 2 or vec.ndim != 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}"
        )
    return matmul(input, vec)


@with_out
def dot(input, tensor):
    """Multiply two vectors element by element, and add up.

    >>> torch.dot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(
            f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors"
        )
    if input.dtype is not tensor.dtype:
        raise unlike(input.array, tensor.array)
    return matmul(input, tensor)


@with_out
def vdot(input, other):
    """Multiply two vectors, the first one conjugated, and add up.

    >>> torch.vdot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    return dot(input.conj(), other)


@with_out
def outer(input, vec2):
    """Multiply every element of one vector by every element of another.

    >>> torch.outer(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    check_ranks(
        (input, 1, "outer: Expected 1-D argument self, but got {n}-D"),
        (vec2, 1, "outer: Expected 1-D argument vec2, but got {n}-D"),
    )
    return reshape(input, (-1, 1)) * vec2


ger = outer


@with_out
def inner(input, other):
    """Multiply the rows of one tensor with the rows of another, and add up.

    >>> torch.inner(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 10.]))
    tensor([21., 43.])
    """
    if input.ndim == 0 or other.ndim == 0:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


@with_out
def tensordot(a, b, dims=2):
    """Multiply two tensors and add up over some dimensions of each: the last and the first ones.

    >>> torch.tensordot(torch.ones(2, 3), torch.ones(3, 4), dims=1).shape
    torch.Size([2, 4])
    """
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got {dims=}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(
                f"tensordot expects dims < ndim_a or ndim_b, but got {dims=}, {a.ndim} and {b.ndim}"
            )
        dims = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    elif hasattr(dims, "tolist"):
        dims = dims.tolist()
    dims_a, dims_b = ([d] if isinstance(d, int) else list(d) for d in dims)
    if len(dims_a) != len(dims_b):
        raise RuntimeError("both dimension lists should have same length")
    for m, n in zip(dims_a, dims_b):
        if b.shape[n] == 1:  # a size of 1 is stretched: what it meets is added up
            a = sum(a, m, True, dtype=a.dtype)
        elif a.shape[m] == 1:
            b = sum(b, n, True, dtype=b.dtype)
        elif a.shape[m] != b.shape[n]:
            raise RuntimeError(
                "contracted dimensions need to match, but first has size "
                f"{a.shape[m]} in dim {m} and second has size {b.shape[n]} in dim {n}"
            )
    used_a, used_b = distinct(dims_a, a.ndim), distinct(dims_b, b.ndim)
    free_a = [i for i in range(a.ndim) if i not in used_a]
    free_b = [i for i in range(b.ndim) if i not in used_b]
    inner_size = math.prod([a.shape[i] for i in used_a])
    left = reshape(
        permute(a, (*free_a, *used_a)), (math.prod([a.shape[i] for i in free_a]), inner_size)
    )
    right = reshape(
        permute(b, (*used_b, *free_b)), (inner_size, math.prod([b.shape[i] for i in free_b]))
    )
    shape = tuple([a.shape[i] for i in free_a] + [b.shape[i] for i in free_b])
    return reshape(matmul(left, right), shape)


@with_out
def kron(input, other):
    """Put a multiple of ``other`` in the place of every element of ``input``.

    >>> torch.kron(torch.eye(2), torch.tensor([[1., 2.]]))
    tensor([[1., 2., 0., 0.],
            [0., 0., 1., 2.]])
    """
    rank = max(input.ndim, other.ndim)
    a, b = ((1,) * (rank - x.ndim) + tuple(x.shape) for x in (input, other))
    wide = reshape(input, tuple([n for m in a for n in (m, 1)]))
    deep = reshape(other, tuple([n for m in b for n in (1, m)]))
    return reshape(wide * deep, tuple([m * n for m, n in zip(a, b)]))


@with_out
def trace(input):
    """Add up the diagonal of a matrix.

    >>> torch.trace(torch.tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    return sum(diagonal(input))


@with_out
def cross(input, other, dim=None):
    """Give the vector that stands at right angles to two vectors of three numbers.

    >>> torch.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]), dim=0)
    tensor([0., 0., 1.])
    """
    if input.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    if dim is None:
        dim = next((i for i, n in enumerate(input.shape) if n == 3), None)
    if dim is None:
        raise RuntimeError("no dimension of size 3 in input")
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[dim]} and "
            f"{other.shape[dim]}"
        )
    a, b = broadcast_tensors(input, other)
    return roll(a, -1, dim) * roll(b, -2, dim) - roll(a, -2, dim) * roll(b, -1, dim)


# --- a product, added to something


def _plus(input, beta, product, alpha):
    """Give ``beta * input + alpha * product``, in the product's shape."""
    if product.dtype.rank < dtypes.FLOATING:
        whole = bool if product.dtype is dtypes.bool else int
        alpha, beta = whole(alpha), whole(beta)
    if alpha != 1:
        product = product * alpha
    if beta == 0:
        return product
    expand(input, product.shape)
    return product + (input if beta == 1 else input * beta)


@with_out
def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """Multiply two matrices and add a third.

    >>> torch.addmm(torch.ones(1), torch.ones(2, 3), torch.ones(3, 2))
    tensor([[4., 4.],
            [4., 4.]])
    """
    check_ranks(
        (mat1, 2, "mat1 must be a matrix, got {n}-D tensor"),
        (mat2, 2, "mat2 must be a matrix, got {n}-D tensor"),
    )
    return _plus(input, beta, mm(mat1, mat2), alpha)


@with_out
def addmv(input, mat, vec, *, beta=1, alpha=1):
    """Multiply a matrix by a vector and add another.

    >>> torch.addmv(torch.ones(2), torch.ones(2, 3), torch.ones(3))
    tensor([4., 4.])
    """
    return _plus(input, beta, mv(mat, vec), alpha)


@with_out
def addr(input, vec1, vec2, *, beta=1, alpha=1):
    """Multiply every element of one vector by every one of another, and add a matrix.

    >>> torch.addr(torch.zeros(2, 2), torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    check_ranks(
        (vec1, 1, "addr: Expected 1-D argument vec1, but got {n}-D"),
        (vec2, 1, "addr: Expected 1-D argument vec2, but got {n}-D"),
    )
    return _plus(input, beta, outer(vec1, vec2), alpha)


@with_out
def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """Multiply two stacks of matrices and add a third.

    >>> torch.baddbmm(torch.ones(1), torch.ones(5, 2, 3), torch.ones(5, 3, 4)).shape
    torch.Size([5, 2, 4])
    """
    return _plus(input, beta, bmm(batch1, batch2), alpha)


@with_out
def addbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """Multiply two stacks of matrices, add up over the stack, and add a matrix.

    >>> torch.addbmm(torch.ones(1), torch.ones(5, 2, 3), torch.ones(5, 3, 1))
    tensor([[16.],
            [16.]])
    """
    return _plus(input, beta, sum(bmm(batch1, batch2), 0, dtype=batch1.dtype), alpha)
