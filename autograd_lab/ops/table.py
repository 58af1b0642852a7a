"""Look things up by position, and write things to positions."""

import itertools
import math

import numpy as np

from .. import dtypes
from ..core import Array, Op, Tensor, wrap
from ..device import on_host
from ..dispatch import op
from ..general import same_device
from ..tensors_only import tensors_only
from .compare import as_kind
from .dims import along, whole
from .shape import (
    broadcast_tensors,
    expand,
    put_back,
    reshape,
    sum_to,
    to,
    unsqueeze,
)  # fmt: skip
from .spelling import with_numpy_words, with_out

PLACES = {np.dtype("int64"), np.dtype("int32")}  # what the places of an index tensor may be

# --- basic places: numbers, slices, None


@op
class pick(Op):
    r"""Pick an element, a row, a slice: a view on the same memory.

    ``index`` holds only whole numbers, slices, None and Ellipsis.

    >>> torch.tensor([[1., 2.], [3., 4.]])[:, 1]
    tensor([2., 4.])
    """

    formula, gradient = r"y = x_{i}", r"\bar x_{i} = \bar y"
    view = True

    def forward(self, x: Array, index):
        self.old, self.index = x.shape, index
        places = index if type(index) is tuple else (index,)
        try:
            return x[places if Ellipsis in places else (*places, ...)]
        except IndexError as error:
            raise in_torch_words(error, x.shape, places) from None

    def backward(self, g):
        return put_back(g, self.old, pick, (self.index,))

    def name(self):
        """Give PyTorch's name of this node: it has one for numbers and one for slices."""
        parts = self.index if type(self.index) is tuple else (self.index,)
        last = next((i for i in reversed(parts) if i not in (slice(None), ...)), slice(None))
        kind = "Select" if type(last) is int else "Unsqueeze" if last is None else "Slice"
        return kind + "Backward0"


@with_numpy_words
def select(input, dim, index):
    """Pick one place along a dimension: ``x[:, index]`` for dim=1. A view.

    >>> torch.select(torch.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    if not input.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim, index = whole(dim, input.ndim), int(index)
    n = input.array.shape[dim]
    if not -n <= index < n:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at "
            f"dimension {dim}"
        )
    return pick(input, along(dim, index))


@with_numpy_words
def narrow(input, dim, start, length):
    """Take ``length`` places along a dimension, from ``start`` on. A view.

    >>> torch.narrow(torch.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if isinstance(start, Tensor) and (start.ndim or start.dtype.rank != dtypes.INTEGER):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    dim, start = whole(dim, input.ndim), int(start)
    n = input.array.shape[dim]
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -n <= start <= n:
        raise IndexError(
            f"start out of range (expected to be in range of [-{n}, {n}], but got {start})"
        )
    start = start + n if start < 0 else start
    if start + length > n:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")
    return pick(input, along(dim, slice(start, start + length)))


@op
class write_view(Op):
    r"""Say what a tensor is after ``value`` was written through a view of it.

    ``written`` says that the memory holds the value already, as after ``x[0] += 1``.

    >>> write_view(torch.zeros(3), torch.tensor(5.), lambda x: x[1:2])
    tensor([0., 5., 0.])
    """

    formula = r"y = x,\quad \mathrm{view}(y) = v"
    gradient = r"\bar x = \bar y,\ \mathrm{view}(\bar x) = 0,\quad \bar v = \mathrm{view}(\bar y)"
    torch_name = "CopySlices"

    def forward(self, x: Array, value: Array, view, written=False):
        self.through = view
        if written:
            return x
        y = self.xp.array(x)  # an array even where x is a NumPy scalar
        view(y)[...] = value
        return y

    def backward_x(self, g):
        return write_view(g, 0.0, self.through)

    def backward_value(self, g):
        return self.through(g)


def select_scatter(input, src, dim, index):
    """Give ``input`` with ``src`` laid into one place along a dimension.

    >>> torch.select_scatter(torch.zeros(2, 2), torch.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    place = along(whole(dim, input.ndim), index)
    return laid_into(input, src, "select_scatter", lambda x: pick(x, place))


@with_out
def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    """Give ``input`` with ``src`` laid into a slice along a dimension.

    >>> torch.slice_scatter(torch.zeros(3), torch.ones(2), start=1)
    tensor([0., 1., 1.])
    """
    place = along(whole(dim, input.ndim), slice(start, end, step))
    return laid_into(input, src, "slice_scatter", lambda x: pick(x, place))


def laid_into(input, src, name, view):
    """Write ``src`` through a view of a copy, if it has just the view's shape."""
    want = view(input).shape
    if src.shape != want:
        raise RuntimeError(
            f"{name}: expected src to have a size equal to the slice of self. src size = "
            f"{list(src.shape)}, slice size = {list(want)}"
        )
    return write_view(input, to(src, input.dtype) if src.dtype is not input.dtype else src, view)


# --- places in tensors


@op
class look_up(Op):
    r"""Look up the entries that arrays of whole numbers (or a mask) point at: a copy.

    ``places`` has one entry a dimension: an array, or a whole slice.

    >>> torch.tensor([10., 20., 30.])[torch.tensor([2, 0, 2])]
    tensor([30., 10., 30.])
    """

    formula, gradient = r"y_k = x_{i_k}", r"\bar x_{i} = \sum_{k: i_k = i} \bar y_k"
    torch_name = "IndexBackward0"

    def forward(self, x: Array, places):
        self.old, self.places = x.shape, places
        try:
            return x[places]
        except IndexError as error:
            raise in_torch_words(error, x.shape, places) from None

    def backward(self, g):
        return put_add(g, self.old, self.places)


@op
class put_add(Op):
    r"""Add values into zeros at the places given: the gradient of looking up.

    >>> put_add(torch.tensor([1., 1., 5.]), (3,), (torch.tensor([0, 0, 2]).array,))
    tensor([2., 0., 5.])
    """

    formula = r"y_{i} = \sum_{k: i_k = i} x_k"
    gradient = r"\bar x_k = \bar y_{i_k}"

    def forward(self, x: Array, shape, places):
        self.places = bare(places)
        y = self.xp.zeros(shape, x.dtype)
        add_into(self.xp, y, self.places, x)
        return y

    def backward(self, g):
        return look_up(g, self.places)


def add_into(xp, y, places, x) -> None:
    """Add ``x`` to ``y[places]``, every duplicate counted: as one row of numbers, which is fast."""
    count = max(k for k, i in enumerate(places, 1) if type(i) is not slice)
    lead = sum(wide_of(i) for i in places[:count])
    rows = places[0]
    if count > 1 or rows.dtype.kind == "b":
        shape = y.shape[:lead]
        rows = xp.arange(math.prod(shape)).reshape(shape)[places[:count]]
    width = math.prod(y.shape[lead:])
    flat = rows.reshape(-1)
    if width != 1:
        flat = (flat[:, None] * width + xp.arange(width)).reshape(-1)
    x = xp.broadcast_to(x, (*rows.shape, *y.shape[lead:]))
    combine_at(xp.add, y.reshape(-1), flat, x.reshape(-1))


def combine_at(ufunc, y, places, x) -> None:
    """Do ``add.at`` and its like; on a GPU short numbers are widened, CuPy has none of them."""
    if on_host(y) or y.dtype.itemsize > 2:
        ufunc.at(y, places, x)
        return
    kind = "float32" if y.dtype.kind == "f" else "int32"
    wide = y.astype(kind)
    ufunc.at(wide, places, x.astype(kind))
    y[...] = wide.astype(y.dtype)


def bare(places) -> tuple:
    """Take the arrays out of the tensors among index items."""
    return tuple([i.array if type(i) is Tensor else i for i in places])


def wide_of(i) -> int:
    """Count how many dimensions of the tensor an index item uses up."""
    if i is None or i is Ellipsis:
        return 0
    return i.ndim if hasattr(i, "ndim") and i.dtype.kind == "b" else 1


@op
class replace(Op):
    r"""Give ``x`` with the entries at ``places`` replaced by ``value``.

    ``written`` says that the memory of ``x`` holds the value already, as after ``x[i] = v``.

    >>> replace(torch.zeros(3), torch.tensor([5.]), (torch.tensor([1]).array,))
    tensor([0., 5., 0.])
    """

    formula = r"y = x,\quad y_{i_k} = v_k"
    gradient = r"\bar x = \bar y,\quad \bar x_{i_k} = 0,\quad \bar v_k = \bar y_{i_k}"
    torch_name = "IndexPutBackward0"

    def forward(self, x: Array, value: Array, places, written=False):
        self.places, self.shape = places, getattr(value, "shape", ())
        if written:
            return x
        y = x.copy()
        y[places] = value
        return y

    def backward_x(self, g):
        return replace(g, 0.0, self.places)

    def backward_value(self, g):
        return sum_to(look_up(g, self.places), self.shape)


def in_torch_words(error, shape, places):
    """Say NumPy's complaint about an index in PyTorch's words."""
    text = str(error)
    far = [i for i in places if type(i) is int and not -(2**63) <= i < 2**63]
    if far:  # NumPy does not take it for a number
        return ValueError(f"Overflow when unpacking long long: {far[0]} is beyond every index")
    if "too many indices" in text:
        if not shape:
            return IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        return IndexError(f"too many indices for tensor of dimension {len(shape)}")
    if "is out of bounds for axis" in text:
        return IndexError(text.replace("axis", "dimension"))
    if "boolean index did not match" in text:
        at = 0
        for i in places:
            wide = wide_of(i)
            if hasattr(i, "dtype") and i.dtype.kind == "b" and i.shape != shape[at : at + wide]:
                off = next(j for j, n in enumerate(i.shape) if n != shape[at + j])
                return IndexError(
                    f"The shape of the mask {list(i.shape)} at index {off} does not match the "
                    f"shape of the indexed tensor {list(shape)} at index {at + off}"
                )
            at += wide
    if "could not be broadcast" in text:
        shapes = ", ".join(str(list(i.shape)) for i in places if hasattr(i, "shape"))
        return IndexError(
            "shape mismatch: indexing tensors could not be broadcast together with shapes " + shapes
        )
    return error


def check_places(index, size: int, dim: int, least: int = 0, error=IndexError) -> None:
    """Raise if places are out of range; a GPU is not asked, that would make everybody wait."""
    if on_host(index) and index.size:
        low, high = index.min(), index.max()
        if low < least or high >= size:
            wrong = low if low < least else high
            raise error(f"index {wrong} is out of bounds for dimension {dim} with size {size}")


def _check_vector(index, name):
    if index.dtype not in PLACES:
        raise RuntimeError(f"{name}(): Expected dtype int32 or int64 for index")
    if index.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector")


@op
class index_select(Op):
    r"""Take rows (or columns, ...) in the order of an index tensor.

    >>> torch.index_select(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([1, 1, 0]))
    tensor([[2, 2, 1],
            [4, 4, 3]])
    """

    formula, gradient = r"y_k = x_{i_k}", r"\bar x_{i} = \sum_{k: i_k = i} \bar y_k"

    def forward(self, x: Array, dim, index: Array):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        _check_vector(index, "index_select")
        if not x.ndim:
            check_places(index, 1, 0)
            if index.size != 1:
                raise RuntimeError(
                    "index_select(): Index to scalar can have only 1 value, got "
                    f"{index.size} value(s)"
                )
            return x.copy()
        check_places(index, x.shape[self.dim], self.dim)
        return x[along(self.dim, index.reshape(-1))]

    def backward_x(self, g, index):
        if not self.old:
            return g
        return put_add(g, self.old, along(self.dim, reshape(index, (-1,))))


@op
class index_add(Op):
    r"""Add the rows of ``source`` to the rows of ``x`` that an index tensor names.

    >>> torch.index_add(torch.zeros(3), 0, torch.tensor([0, 0, 2]), torch.tensor([1., 2., 5.]))
    tensor([3., 0., 5.])
    """

    formula = r"y_i = x_i + \alpha \sum_{k: i_k = i} s_k"
    gradient = r"\bar x = \bar y,\quad \bar s_k = \alpha\, \bar y_{i_k}"

    def forward(self, x: Array, dim, index: Array, source: Array, alpha=1):
        self.dim, self.alpha, self.shape = whole(dim, x.ndim), alpha, source.shape
        _check_source(x, self.dim, index, source, "index_add")
        if x.ndim != source.ndim:
            raise RuntimeError(
                "source tensor shape must match self tensor shape, excluding the specified "
                f"dimension. Got self.shape = {list(x.shape)} source.shape = {list(source.shape)}"
            )
        y = x.reshape(x.shape or (1,)).copy()
        rows = source if alpha == 1 else (source * as_kind(source, alpha)).astype(x.dtype)
        rows = rows.reshape(rows.shape or (1,))
        add_into(self.xp, y, along(self.dim, index.reshape(-1)), rows)
        return y.reshape(x.shape)

    def backward_x(self, g):
        return g

    def backward_source(self, g, index):
        rows = reshape(index_select(g, self.dim, index), self.shape)
        return rows if self.alpha == 1 else rows * self.alpha


def _check_source(x, dim, index, source, name, error=RuntimeError):
    _check_vector(index, name)
    if x.dtype != source.dtype:
        raise RuntimeError(f"{name}(): self and source must have the same scalar type")
    wide, given = x.shape or (1,), source.shape or (1,)
    if len(wide) != len(given) or index.size != given[dim]:
        raise error(
            f"{name}(): Number of indices ({index.size}) should be equal to source.size(dim): "
            f"({given[dim] if dim < len(given) else 1}), for dim: {dim}"
        )
    if any(n != m for i, (n, m) in enumerate(zip(wide, given)) if i != dim):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {list(x.shape)} source.shape = {list(source.shape)}"
        )
    check_places(index, wide[dim], dim)


@op
class index_copy(Op):
    r"""Replace the rows of ``x`` that an index tensor names by the rows of ``source``.

    >>> torch.index_copy(torch.zeros(3), 0, torch.tensor([2, 0]), torch.tensor([1., 2.]))
    tensor([2., 0., 1.])
    """

    formula = r"y = x,\quad y_{i_k} = s_k"
    gradient = r"\bar x = \bar y,\quad \bar x_{i_k} = 0,\quad \bar s_k = \bar y_{i_k}"

    def forward(self, x: Array, dim, index: Array, source: Array):
        self.dim, self.shape = whole(dim, x.ndim), source.shape
        _check_source(x, self.dim, index, source, "index_copy", IndexError)
        y = x.reshape(x.shape or (1,)).copy()
        y[along(self.dim, index.reshape(-1))] = source
        return y.reshape(x.shape)

    def backward_x(self, g, index):
        return index_fill(g, self.dim, index, 0)

    def backward_source(self, g, index):
        return reshape(index_select(g, self.dim, index), self.shape)


@op
class index_fill(Op):
    r"""Write one number to the rows that an index tensor names.

    >>> torch.index_fill(torch.zeros(3), 0, torch.tensor([0, 2]), 7)
    tensor([7., 0., 7.])
    """

    formula = r"y = x,\quad y_{i_k} = v"
    gradient = r"\bar x = \bar y,\quad \bar x_{i_k} = 0,\quad \bar v = \sum_k \bar y_{i_k}"

    def forward(self, x: Array, dim, index: Array, value: Array):
        self.dim = whole(dim, x.ndim)
        _check_vector(index, "index_fill")
        if getattr(value, "ndim", 0):
            raise RuntimeError(
                "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.ndim} dimension(s)."
            )
        if isinstance(value, complex) and x.dtype.kind != "c":
            raise RuntimeError(
                "index_fill_(): Converting complex Scalar to non-complex type is not supported"
            )
        check_places(index, (x.shape or (1,))[self.dim], self.dim, -(x.shape or (1,))[self.dim])
        y, self.old = x.reshape(x.shape or (1,)).copy(), getattr(value, "dtype", None)
        y[along(self.dim, index.reshape(-1))] = as_kind(x, value)
        return y.reshape(x.shape)

    def backward_x(self, g, index):
        return index_fill(g, self.dim, index, 0)

    def backward_value(self, g, index):
        kept = index_fill(g, self.dim, index, 0)
        return to(sum_to(g - kept, ()), self.old)


# --- the rest of PyTorch's spellings


@with_out(apart=True)
def masked_select(input, mask):
    """List the elements where a mask is True.

    >>> torch.masked_select(torch.tensor([1, 2, 3]), torch.tensor([True, False, True]))
    tensor([1, 3])
    """
    _check_mask(mask, "masked_select")
    _, (input, mask) = same_device(masked_select, (input, mask))
    mask, input = broadcast_tensors(mask, input)
    return look_up(reshape(input, (-1,)), (mask.array.reshape(-1),))


def _check_mask(mask, name):
    if mask.dtype is not dtypes.bool:
        raise RuntimeError(f"{name}: expected BoolTensor for mask")


def masked_scatter(input, mask, source):
    """Write the elements of ``source``, in order, to where a mask is True.

    >>> torch.masked_scatter(torch.zeros(3), torch.tensor([True, False, True]),
    ...                      torch.tensor([7., 8.]))
    tensor([7., 0., 8.])
    """
    _check_mask(mask, "masked_scatter_ only supports boolean masks")
    if input.dtype is not source.dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got "
            f"{input.dtype} and {source.dtype}"
        )
    _, (input, mask, source) = same_device(masked_scatter, (input, mask, source))
    input, mask = broadcast_tensors(input, mask)
    count = int(mask.array.sum())
    if source.numel() < count:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return replace(input, pick(reshape(source, (-1,)), slice(count)), (mask.array.copy(),))


@with_out(apart=True)
def take(input, index):
    """Pick elements by their number in reading order.

    >>> torch.take(torch.tensor([[1, 2], [3, 4]]), torch.tensor([0, 3]))
    tensor([1, 4])
    """
    if index.dtype is not dtypes.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype}")
    if not input.numel() and index.numel():
        raise IndexError("take(): tried to take from an empty tensor")
    _, (input, index) = same_device(take, (input, index))
    check_places(index.array, input.numel(), 0, -input.numel())
    return look_up(reshape(input, (-1,)), (kept_safe(index.array, input),))


def kept_safe(index, x):
    """Copy an index that backward will use: the learner may write to it meanwhile."""
    return index.copy() if x.node is not None else index


def put(input, index, source, accumulate=False):
    """Write elements to places by their number in reading order.

    >>> torch.put(torch.zeros(2, 2), torch.tensor([0, 3]), torch.tensor([1., 2.]))
    tensor([[1., 0.],
            [0., 2.]])
    """
    if index.dtype is not dtypes.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {index.dtype}")
    if source.dtype is not input.dtype:
        raise RuntimeError("put_(): self and source expected to have the same dtype")
    if source.numel() != index.numel():
        raise RuntimeError("put_(): Expected source and index to have the same number of elements")
    _, (input, index, source) = same_device(put, (input, index, source))
    check_places(index.array, input.numel(), 0, -input.numel())
    places = (index.array.reshape(-1).copy(),)
    row, values = reshape(input, (-1,)), reshape(source, (-1,))
    if accumulate:
        return input + reshape(put_add(values, row.array.shape, places), input.array.shape)
    return reshape(replace(row, values, places), input.array.shape)


@with_out
def nonzero(input, *, as_tuple=False):
    """List the places of the elements that are not 0.

    >>> torch.nonzero(torch.tensor([0, 5, 7]))
    tensor([[1],
            [2]])
    """
    xp, array = input.device.xp, input.array
    if as_tuple:
        return tuple([wrap(i) for i in xp.nonzero(array.reshape(array.shape or (1,)))])
    found = xp.nonzero(array.reshape(array.shape or (1,)))
    rows = xp.stack(found, axis=1) if array.ndim else xp.zeros((len(found[0]), 0), "int64")
    return wrap(rows)


def argwhere(input):
    """List the places of the elements that are not 0.

    >>> torch.argwhere(torch.tensor([[0, 5], [7, 0]]))
    tensor([[0, 1],
            [1, 0]])
    """
    return nonzero(input)


@tensors_only
def one_hot(input, num_classes=-1):
    """Write each number as a row of zeros with a single 1.

    >>> F.one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if input.dtype is not dtypes.int64:
        raise RuntimeError(
            f"one_hot is only applicable to index tensor of type LongTensor, got {input.dtype}"
        )
    index, xp = input.array, input.device.xp
    if num_classes == -1:
        if not index.size:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        num_classes = int(index.max()) + 1
    if num_classes < 1 and not index.size:
        raise RuntimeError(f"num_classes should be positive: {num_classes}")
    if on_host(index) and index.size:
        if index.min() < 0:
            raise RuntimeError("Class values must be non-negative.")
        if index.max() >= num_classes:
            raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((index[..., None] == xp.arange(num_classes)).astype("int64"))


def tril_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """List the places of the lower triangle of a matrix: one row of rows, one of columns.

    >>> torch.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return _triangle(np.tril_indices, "tril_indices", row, col, offset, dtype, device)


def triu_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """List the places of the upper triangle of a matrix: one row of rows, one of columns.

    >>> torch.triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    return _triangle(np.triu_indices, "triu_indices", row, col, offset, dtype, device)


def _triangle(places, name, row, col, offset, dtype, device):
    if row < 0 or col < 0:
        which = "row" if row < 0 else "col"
        raise RuntimeError(f"{which} must be non-negative, got {min(row, col)}")
    dtype = dtype or dtypes.int64
    if dtype.name not in ("int64", "int32"):
        raise RuntimeError(f'"{name}" not implemented for \'{dtype.name}\'')
    made = wrap(np.stack(places(row, offset, col)).astype(dtype.array))
    return made if device is None else made.to(device)


@with_numpy_words
def repeat_interleave(input, repeats=None, dim=None, *, output_size=None):
    """Repeat each element (or each row) by itself: one number of times, or one for each.

    >>> torch.repeat_interleave(torch.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    >>> torch.repeat_interleave(torch.tensor([1, 2]), torch.tensor([3, 1]))
    tensor([1, 1, 1, 2])
    """
    if repeats is None:
        return wrap(_places_repeated(input, len(input.array) if input.ndim else 0))
    if dim is None:
        input, dim = reshape(input, (-1,)), 0
    dim = whole(dim, input.ndim)
    input = input if input.ndim else reshape(input, (1,))
    if isinstance(repeats, Tensor) and repeats.numel() != 1:
        return index_select(input, dim, wrap(_places_repeated(repeats, input.shape[dim])))
    times = int(repeats)
    if times < 0:
        raise RuntimeError(f"Repeats must be non-negative, but got {times}")
    shape = input.array.shape
    longer = unsqueeze(input, dim + 1)
    longer = expand(longer, (*shape[: dim + 1], times, *shape[dim + 1 :]))
    return reshape(longer, (*shape[:dim], shape[dim] * times, *shape[dim + 1 :]))


def _places_repeated(repeats, length):
    """List each place as often as its repeats say: [2, 0, 1] gives [0, 0, 2]."""
    if repeats.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if repeats.dtype.name not in ("int64", "int32"):
        raise RuntimeError("repeats has to be Long or Int tensor")
    if repeats.numel() != length:
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{repeats.numel()} and input.size(dim) = {length}"
        )
    times = np.asarray(repeats.tolist(), dtype=np.int64)
    if (times < 0).any():
        raise RuntimeError("repeats can not be negative")
    return repeats.device.xp.asarray(np.repeat(np.arange(length), times))


@tensors_only
def combinations(input, r=2, with_replacement=False):
    """List every choice of ``r`` elements of a vector, in order.

    >>> torch.combinations(torch.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if input.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    choose = itertools.combinations
    if with_replacement:
        choose = itertools.combinations_with_replacement
    rows = list(choose(range(len(input.array)), r))
    if not r:
        return index_select(input, 0, wrap(input.device.xp.zeros(0, "int64")))
    places = np.asarray(rows, dtype="int64").reshape(-1)
    return reshape(index_select(input, 0, wrap(input.device.xp.asarray(places))), (-1, r))


def unravel_index(indices, shape):
    """Turn numbers in reading order into the places that they mean: one tensor a dimension.

    >>> torch.unravel_index(torch.tensor([3, 5]), (2, 3))
    (tensor([1, 1]), tensor([0, 2]))
    """
    if indices.dtype.is_floating_point or indices.dtype.is_complex or indices.dtype is dtypes.bool:
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    shape = shape.tolist() if hasattr(shape, "tolist") else shape
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    found, rest = [], indices.array.astype("int64")
    for k in range(len(sizes)):
        below = math.prod(sizes[k + 1 :])
        found.append(wrap(rest // below % sizes[k]))
    return tuple(found)


def nonzero_static(input, *, size, fill_value=-1):
    """List the places of the elements that are not 0, in so many rows: cut off or filled up.

    >>> torch.nonzero_static(torch.tensor([0, 5, 7]), size=3)
    tensor([[ 1],
            [ 2],
            [-1]])
    """
    found = nonzero(input).array[:size]
    y = input.device.xp.full((size, input.ndim), fill_value, "int64")
    y[: len(found)] = found
    return wrap(y)
