"""Give the same numbers another shape, another dtype, another place."""

import math
import weakref

from .. import dtypes
from ..core import OPS, TENSORS, Array, Leaf, Op, Size, wrap
from ..device import device_of, memory, move, on_host
from ..dispatch import op
from ..dtypes import legacy_name
from ..errors import sizes_differ
from ..grad_mode import is_grad_enabled
from ..inplace import check_may_write
from ..mistakes import note
from ..tensors_only import no_tensor, tensors_only
from .dims import along, distinct, whole
from .products import ones


@op
class to(Op):
    r"""Convert to another dtype; gradients come back in the operand's own.

    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    torch_name = "ToCopyBackward0"

    def forward(self, x: Array, dtype):
        self.old = x.dtype
        return x.astype(dtypes.as_array_dtype(dtype))

    def backward(self, g):
        return to(g, self.old)


@op
class to_device(Op):
    r"""Copy to another device; gradients travel back.

    >>> torch.tensor([1., 2.]).to("cpu")
    tensor([1., 2.])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    torch_name = "ToCopyBackward0"

    def forward(self, x: Array, device):
        self.old = device_of(x)
        return move(x, device)

    def backward(self, g):
        return to_device(g, self.old)


@op
class clone(Op):
    r"""Copy; gradients flow through the copy.

    >>> torch.clone(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"

    def forward(self, x: Array, contiguous=False):
        return x.copy(order="C" if contiguous else "K")

    def backward(self, g):
        return g

    @staticmethod
    def also(x, *, memory_format=None):
        return clone(x)


# --- repeat without copying, and the way back


@op
class expand(Op):
    r"""Repeat a tensor along new or length-1 dimensions, without copying.

    A size of -1 leaves the dimension as it is.

    >>> torch.tensor([1., 2.]).expand(2, 2)
    tensor([[1., 2.],
            [1., 2.]])
    """

    formula, gradient = r"y_{ij} = x_j", r"\bar x_j = \sum_i \bar y_{ij}"
    view = True

    def forward(self, x: Array, shape):
        self.old = x.shape
        if -1 in shape:
            shape = _with_old_sizes(shape, x.shape)
        lead = len(shape) - x.ndim
        if shape[lead:] == x.shape and shape[:lead] == (1,) * lead:
            return x[(None,) * lead + (...,)]  # nothing to repeat: a view that is open to writing
        try:
            y = self.xp.broadcast_to(x, shape)
        except ValueError:
            raise RuntimeError(_cannot_expand(x.shape, shape)) from None
        if on_host(y):
            y.flags.writeable = x.flags.writeable
        return y

    def backward(self, g):
        return sum_to(g, self.old)

    @staticmethod
    def also(x, size, implicit=False):
        return expand(x, size)


def _with_old_sizes(shape, old):
    lead = len(shape) - len(old)
    if any(n == -1 for n in shape[: max(lead, 0)]):
        raise RuntimeError(
            "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing "
            f"dimension {list(shape).index(-1)}"
        )
    return tuple([old[i - lead] if n == -1 else n for i, n in enumerate(shape)])


def _cannot_expand(old, shape):
    lead = len(shape) - len(old)
    if lead < 0:
        return (
            f"expand(shape {list(old)}, size={list(shape)}): the number of sizes provided "
            f"({len(shape)}) must be greater or equal to the number of dimensions in the tensor "
            f"({len(old)})"
        )
    wrong = [i for i, n in enumerate(old) if n not in (1, shape[lead + i])]
    at = wrong[-1] if wrong else 0
    return (
        f"The expanded size of the tensor ({shape[lead + at]}) must match the existing size "
        f"({old[at] if old else 1}) at non-singleton dimension {lead + at}.  "
        f"Target sizes: {list(shape)}.  Tensor sizes: {list(old)}"
    )


@op
class sum_to(Op):
    r"""Add up what broadcasting had repeated.

    >>> sum_to(torch.ones(2, 3), (3,))
    tensor([2., 2., 2.])
    """

    formula, gradient = r"y_j = \sum_i x_{ij}", r"\bar x_{ij} = \bar y_j"

    def forward(self, x: Array, shape):
        self.old = x.shape
        lead = x.ndim - len(shape)
        axes = tuple(range(lead)) + tuple(
            [i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1]
        )
        if x.ndim == 2 and len(axes) == 1 and x.dtype.char in "fd":  # BLAS adds fastest
            w = ones(self.xp, x.shape[axes[0]], x.dtype)
            return (w.dot(x) if axes == (0,) else x.dot(w)).reshape(shape)
        kind = dtypes.accumulator(x.dtype) if axes or not shape else x.dtype
        if not shape:
            return x.sum(dtype=kind)
        return x.sum(axis=axes, dtype=kind, keepdims=True).reshape(shape)

    def backward(self, g):
        return expand(g, self.old)


def sum_to_size(input, *size):
    """Add up along dimensions until the shape is ``size``: the opposite of ``expand``.

    >>> torch.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    shape = _sizes(size)
    lead = input.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, input.shape[lead:])):
        raise RuntimeError(
            f"size {{{list(shape)}}} is not expandable to size {{{list(input.shape)}}}."
        )
    return sum_to(input, shape) if shape != input.shape or not shape else expand(input, shape)


def expand_as(input, other):
    """Expand to the shape of another tensor.

    >>> torch.tensor([1., 2.]).expand_as(torch.zeros(2, 2))
    tensor([[1., 2.],
            [1., 2.]])
    """
    return expand(input, other.shape)


def broadcast_to(input, size):
    """Expand to a shape: the same as ``input.expand(size)``.

    >>> torch.broadcast_to(torch.tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return expand(input, tuple(size))


def broadcast_shapes(*shapes):
    """Tell the shape to which all of these shapes broadcast.

    >>> torch.broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    shapes = [(s,) if type(s) is int else tuple(s) for s in shapes]
    result = [1] * max(map(len, shapes), default=0)
    for k, shape in enumerate(shapes):
        for i, n in enumerate(reversed(shape), 1):
            if n < 0:
                raise RuntimeError(
                    f"Trying to create tensor with negative dimension ({n}): ({n})"
                )
            if n != 1 and result[-i] not in (1, n):
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {n} at {-i}! Mismatching "
                    f"argument at index {k} had {shape}; but expected shape should be "
                    f"broadcastable to {result}"
                )
            result[-i] = n if n != 1 else result[-i]
    return Size(result)


def broadcast_tensors(*tensors):
    """Expand all tensors to the one shape that fits them all.

    >>> a, b = torch.broadcast_tensors(torch.zeros(2, 1), torch.zeros(3))
    >>> a.shape, b.shape
    (torch.Size([2, 3]), torch.Size([2, 3]))
    """
    tensors = listed(tensors)
    try:
        shape = broadcast_shapes(*[t.array.shape for t in tensors])
    except RuntimeError:
        shapes = [t.array.shape for t in tensors]
        error = RuntimeError(sizes_differ("broadcast_tensors", shapes))
        names = [f"tensors[{i}]" for i in range(len(tensors))]
        note(
            error, "broadcast_tensors", names, tensors,
            lambda xs: broadcast_shapes(*[t.array.shape for t in xs]) and None, aligned=True,
        )  # fmt: skip
        raise error from None
    return tuple([expand(t, shape) for t in tensors])


def listed(tensors) -> list:
    """Accept ``f(a, b)`` and ``f([a, b])``."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        return list(tensors[0])
    return list(tensors)


def _sizes(sizes) -> tuple:
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = sizes[0]
    return tuple(sizes)


# --- another shape


@op
class reshape(Op):
    r"""Give the same elements another shape; a size of -1 is worked out.

    >>> torch.arange(4).reshape(2, -1)
    tensor([[0, 1],
            [2, 3]])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    view = "perhaps"
    torch_name = "ViewBackward0"

    def forward(self, x: Array, shape):
        self.old = x.shape
        try:
            if shape and min(shape) < -1:  # NumPy takes any negative size for -1
                raise ValueError
            return x.reshape(shape)
        except ValueError:
            raise RuntimeError(_cannot_reshape(x, shape)) from None

    def backward(self, g):
        return reshape(g, self.old)


def _cannot_reshape(x, shape):
    if list(shape).count(-1) > 1:
        return "only one dimension can be inferred"
    if any(n < -1 for n in shape):
        return f"invalid shape dimension {min(shape)}"
    if -1 in shape and 0 in shape and not x.size:
        return (
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the "
            "unspecified dimension size -1 can be any value and is ambiguous"
        )
    return f"shape '{list(shape)}' is invalid for input of size {x.size} (of shape {list(x.shape)})"


@op
class view_as_dtype(Op):
    r"""Read the bytes of numbers as numbers of another dtype, on the same memory.

    It converts nothing, as ``x.to(dtype)`` does, and has no gradient.

    >>> torch.tensor([1.0]).view(torch.int32)
    tensor([1065353216], dtype=torch.int32)
    """

    formula = r"y = \mathrm{bytes}(x)"
    view = True

    def forward(self, x: Array, dtype):
        want = dtypes.as_array_dtype(dtype)
        if want.itemsize != x.dtype.itemsize:
            _check_bytes(x, want)
        if not x.size:
            wide = x.shape[-1] * x.itemsize // want.itemsize
            return self.xp.empty((*x.shape[:-1], wide), want)
        return x.view(want)


def _check_bytes(x, want):
    """Raise PyTorch's errors where numbers of another size do not fill the last dimension."""
    names = f"view {legacy_name(x.dtype)} as {legacy_name(want)} (different element sizes)"
    if not x.ndim:
        raise RuntimeError(f"self.dim() cannot be 0 to {names}")
    if x.shape[-1] * x.itemsize % want.itemsize:
        several = want.itemsize // x.itemsize
        raise RuntimeError(
            f"self.size(-1) must be divisible by {several} to {names}, but got {x.shape[-1]}"
        )
    if x.size and x.strides[-1] != x.itemsize:
        steps = x.strides[-1] // x.itemsize
        raise RuntimeError(f"self.stride(-1) must be 1 to {names}, but got {steps}")


def view(x, *shape, size=None, dtype=None):
    """Give the same elements another shape, always on the same memory; or read its bytes anew.

    >>> torch.arange(4).view(2, 2)
    tensor([[0, 1],
            [2, 3]])
    >>> torch.tensor([1.0]).view(torch.int32)
    tensor([1065353216], dtype=torch.int32)
    """
    shape = shape if size is None else (size,)
    if dtype is not None or len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return view_as_dtype(x, shape[0] if dtype is None else dtype)
    y = reshape(x, _sizes(shape))
    if memory(y.array) is not memory(x.array) and y.array.size:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return y


def view_as(input, other):
    """View as the shape of another tensor.

    >>> torch.arange(4).view_as(torch.zeros(2, 2)).shape
    torch.Size([2, 2])
    """
    return view(input, other.shape)


def reshape_as(input, other):
    """Reshape to the shape of another tensor.

    >>> torch.arange(4).reshape_as(torch.zeros(2, 2)).shape
    torch.Size([2, 2])
    """
    return reshape(input, other.shape)


def flatten(input, start_dim=0, end_dim=-1):
    """Join neighbouring dimensions into one.

    >>> torch.flatten(torch.zeros(2, 3, 4), start_dim=1).shape
    torch.Size([2, 12])
    """
    if type(input) not in TENSORS:
        raise no_tensor("flatten", "input", 1, input)
    shape = input.array.shape
    first, last = whole(start_dim, len(shape)), whole(end_dim, len(shape))
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return reshape(input, (1,))
    if first == last:
        return input
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


@tensors_only
def unflatten(input, dim, sizes):
    """Split one dimension into several.

    >>> torch.unflatten(torch.zeros(2, 12), 1, (3, -1)).shape
    torch.Size([2, 3, 4])
    """
    shape = input.array.shape
    dim, sizes = whole(dim, len(shape)), tuple(sizes)
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    known = math.prod([n for n in sizes if n != -1])
    exact = known == shape[dim]
    if -1 in sizes:
        exact = known > 0 and shape[dim] % known == 0
    if not exact:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} "
            f"({shape[dim]}) in the input tensor"
        )
    sizes = tuple([shape[dim] // known if n == -1 else n for n in sizes])
    return reshape(input, (*shape[:dim], *sizes, *shape[dim + 1 :]))


@tensors_only
def ravel(input):
    """Give all elements in one row.

    >>> torch.ravel(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    return reshape(input, (-1,)) if input.ndim != 1 or not input.is_contiguous() else input


@op
class squeeze(Op):
    r"""Take away dimensions of length 1: all, or those that are named.

    >>> torch.zeros(1, 3, 1).squeeze().shape, torch.zeros(1, 3, 1).squeeze(0).shape
    (torch.Size([3]), torch.Size([3, 1]))
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    view = True

    def forward(self, x: Array, dim=None):
        self.old = x.shape
        named = range(x.ndim) if dim is None else distinct(
            dim if isinstance(dim, (tuple, list)) else (dim,), x.ndim
        )  # fmt: skip
        kept = [0 if n == 1 and i in named else slice(None) for i, n in enumerate(x.shape)]
        return x[(*kept, ...)]

    def backward(self, g):
        return reshape(g, self.old)


@op
class unsqueeze(Op):
    r"""Put in a new dimension of length 1.

    >>> torch.zeros(3).unsqueeze(1).shape
    torch.Size([3, 1])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    view = True

    def forward(self, x: Array, dim):
        self.dim = whole(dim, x.ndim + 1)
        return x[along(self.dim, None)]

    def backward(self, g):
        return squeeze(g, self.dim)


# --- another order of the dimensions


@op
class permute(Op):
    r"""Put the dimensions in another order.

    >>> torch.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """

    formula = r"y_{i_{p_1} i_{p_2} \ldots} = x_{i_1 i_2 \ldots}"
    gradient = r"\bar x_{i_1 i_2 \ldots} = \bar y_{i_{p_1} i_{p_2} \ldots}"
    view = True

    def forward(self, x: Array, dims):
        if len(dims) != x.ndim:
            raise RuntimeError(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the "
                f"length of the desired ordering of dimensions i.e. input.dim() = {x.ndim} is not "
                f"equal to len(dims) = {len(dims)}"
            )
        self.dims = tuple([whole(d, x.ndim) for d in dims])
        if len(set(self.dims)) < x.ndim:
            raise RuntimeError("permute(): duplicate dims are not allowed.")
        return x.transpose(self.dims)

    def backward(self, g):
        return permute(g, tuple(sorted(range(len(self.dims)), key=self.dims.__getitem__)))


@op
class transpose(Op):
    r"""Swap two dimensions.

    >>> torch.tensor([[1, 2], [3, 4]]).transpose(0, 1)
    tensor([[1, 3],
            [2, 4]])
    """

    formula, gradient = r"y_{ij} = x_{ji}", r"\bar x_{ij} = \bar y_{ji}"
    view = True

    def forward(self, x: Array, dim0, dim1):
        self.dims = whole(dim0, x.ndim), whole(dim1, x.ndim)
        return x.swapaxes(*self.dims) if x.ndim else x[...]

    def backward(self, g):
        return transpose(g, *self.dims)

    @staticmethod
    def also(x, axis0=None, axis1=None, **named):
        if named:
            raise TypeError(f"transpose() got an unexpected keyword argument '{min(named)}'")
        return transpose(x, axis0, axis1)


def t(input):
    """Swap the two dimensions of a matrix; a vector or a number stays as it is.

    >>> torch.tensor([[1, 2], [3, 4]]).t()
    tensor([[1, 3],
            [2, 4]])
    """
    if type(input) not in TENSORS:
        raise no_tensor("t", "input", 1, input)
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return transpose(input, 0, -1) if input.ndim == 2 else transpose(input, 0, 0)


def reversed_dims(input):
    """Put the dimensions in the opposite order: ``x.T``.

    >>> torch.zeros(2, 3).T.shape
    torch.Size([3, 2])
    """
    if input.ndim not in (0, 2):
        import warnings

        warnings.warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
            "deprecated and it will throw an error in a future release. Consider `x.mT` to "
            "transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to "
            "reverse the dimensions of a tensor.",
            stacklevel=2,
        )
    return permute(input, tuple(range(input.ndim - 1, -1, -1)))


def matrix_transpose(input):
    """Swap the last two dimensions: ``x.mT`` transposes each matrix of a batch.

    >>> torch.zeros(5, 2, 3).mT.shape
    torch.Size([5, 3, 2])
    """
    if input.ndim < 2:
        raise RuntimeError(
            "tensor.mT is only supported on matrices or batches of matrices. Got "
            f"{input.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def swapped(x):
    """Swap the last two dimensions: of arrays and of Tensors, for gradients.

    >>> swapped(torch.zeros(5, 2, 3)).shape
    torch.Size([5, 3, 2])
    """
    return x.T if len(x.shape) == 2 else x.swapaxes(-1, -2)


def conjugate_transpose(input):
    """Transpose a matrix and conjugate it: ``x.H``.

    >>> torch.tensor([[1 + 2j, 3]]).H
    tensor([[1.-2.j],
            [3.-0.j]])
    """
    if input.ndim not in (0, 2):
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {input.ndim}-D tensor."
        )
    return _conjugated(transpose(input, 0, -1))


def conjugate_matrix_transpose(input):
    """Swap the last two dimensions and conjugate: ``x.mH``.

    >>> torch.zeros(5, 2, 3).mH.shape
    torch.Size([5, 3, 2])
    """
    return _conjugated(matrix_transpose(input))


def _conjugated(x):
    return OPS["conj"](x) if x.dtype.is_complex else x


@tensors_only
def movedim(input, source, destination):
    """Move dimensions to other places; the rest keep their order.

    >>> torch.movedim(torch.zeros(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
    """
    source = source if isinstance(source, (tuple, list)) else (source,)
    destination = destination if isinstance(destination, (tuple, list)) else (destination,)
    if len(source) != len(destination):
        raise RuntimeError(
            "movedim: Invalid source or destination dims: source "
            f"({list(source)} dims) should contain the same number of dims as destination "
            f"({list(destination)} dims)"
        )
    froms, tos = _once(source, input.ndim, "source"), _once(destination, input.ndim, "destination")
    if not input.ndim:
        return permute(input, ())
    order = [i for i in range(input.ndim) if i not in froms]
    for place, dim in sorted(zip(tos, froms)):
        order.insert(place, dim)
    return permute(input, tuple(order))


def _once(dims, ndim, what):
    found = [whole(d, ndim) for d in dims]
    if len(set(found)) < len(found):
        raise RuntimeError(f"movedim: repeated dim in `{what}` ({list(dims)})")
    return found


swapaxes = swapdims = transpose
moveaxis, adjoint = movedim, conjugate_matrix_transpose


# --- at least so many dimensions, and combinations of several tensors


def _each(shape_of):
    """Make a function of one tensor take several too, and then give a tuple."""

    def call(*tensors):
        if len(tensors) == 1 and not isinstance(tensors[0], (tuple, list)):
            return shape_of(tensors[0])
        return tuple([shape_of(x) for x in listed(tensors)])

    call.__name__ = call.__qualname__ = shape_of.__name__
    call.__doc__, call.__wrapped__ = shape_of.__doc__, shape_of
    return call


@_each
def atleast_1d(x):
    """Give a tensor with at least one dimension.

    >>> torch.atleast_1d(torch.tensor(5))
    tensor([5])
    """
    return x if x.ndim else unsqueeze(x, 0)


@_each
def atleast_2d(x):
    """Give a tensor with at least two dimensions: a vector becomes one row.

    >>> torch.atleast_2d(torch.tensor([1, 2])).shape
    torch.Size([1, 2])
    """
    return x if x.ndim >= 2 else unsqueeze(atleast_1d(x), 0)


@_each
def atleast_3d(x):
    """Give a tensor with at least three dimensions.

    >>> torch.atleast_3d(torch.tensor([1, 2])).shape
    torch.Size([1, 2, 1])
    """
    return x if x.ndim >= 3 else unsqueeze(atleast_2d(x), -1)


def meshgrid(*tensors, indexing=None):
    """Lay vectors out as the coordinates of a grid.

    >>> x, y = torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4, 5]), indexing="ij")
    >>> x
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    tensors = listed(tensors)
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    _check_for_grid(tensors)
    count = len(tensors)
    shape = [t.array.size for t in tensors]
    grids = []
    for place, x in enumerate(tensors):
        line = (1,) * place + (shape[place],) + (1,) * (count - place - 1)
        grids.append(expand(reshape(x, line), tuple(shape)))
    if indexing == "xy" and count > 1:
        second, first, *rest = meshgrid(tensors[1], tensors[0], *tensors[2:], indexing="ij")
        grids = [first, second, *rest]
    return tuple(grids)


def _check_for_grid(tensors):
    for x in tensors:
        if x.ndim > 1:
            raise RuntimeError(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: "
                f"{x.ndim}D"
            )
        if x.dtype is not tensors[0].dtype:
            raise RuntimeError("torch.meshgrid expects all tensors to have the same dtype")
        if x.device != tensors[0].device:
            raise RuntimeError("torch.meshgrid expects all tensors to have the same device")


@tensors_only
def numel(input):
    """Count the elements.

    >>> torch.numel(torch.zeros(2, 3))
    6
    """
    return int(input.array.size)


# --- the gradient of every view: the rest is zero


@op
class put_back(Op):
    r"""Lay values into zeros where a view would find them: the gradient of a view.

    ``view(zeros, *args)`` says where.

    >>> put_back(torch.tensor([[5.], [6.]]), (2,), unsqueeze, (1,))
    tensor([5., 6.])
    """

    formula, gradient = r"\mathrm{view}(y) = x", r"\bar x = \mathrm{view}(\bar y)"

    def forward(self, x: Array, shape, view, args=()):
        self.taken, self.args = view, args
        y = self.xp.zeros(shape, x.dtype)
        view(y, *args)[...] = x
        return y

    def backward(self, g):
        return self.taken(g, *self.args)


def becoming(call):
    """Make the method that turns a tensor into a view of itself: ``x.unsqueeze_(0)``."""

    def method(self, *args, **named):
        if is_grad_enabled():
            check_may_write(self)
        if type(self.node) is Leaf:  # without gradient recording a leaf may change its shape
            self.array = call(self.array, *args, **named)
            return self
        before = _stand_in(self)
        after = call(before, *args, **named)
        self.array, self.node, self._view = after.array, after.node, after._view
        self._view.base._views.append(weakref.ref(self))
        return self

    method.__name__ = call.__name__ + "_"
    method.__doc__ = f"Do what ``{call.__name__}`` does, in this tensor itself."
    return method


def _stand_in(tensor):
    """Make a tensor that takes over another's place as the base of its views, or as a view."""
    twin = wrap(tensor.shared(), tensor.node)
    if getattr(tensor, "_view", None) is not None:
        twin._view = tensor._view
        return twin
    twin._views = getattr(tensor, "_views", [])
    for view in twin._views:
        if view() is not None:
            view()._view.base = twin
    tensor._views = []
    return twin
