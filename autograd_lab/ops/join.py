"""Put tensors together, take them apart, repeat them, turn them around."""

import itertools

from ..core import Array, Arrays, Op, Tensor
from ..dispatch import op
from ..tensors_only import check_elements, tensors_only
from .dims import along, distinct, spread, whole
from .shape import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    clone,
    listed,
    meshgrid,
    reshape,
    sum_to,
    transpose,
)  # fmt: skip
from .spelling import with_numpy_words, with_out


def _some_tensors(xs):
    if not xs:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    _all_tensors(xs)


def _all_tensors(xs):
    for k, x in enumerate(xs):
        if not isinstance(x, Tensor):
            found = type(x).__name__
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {found}")


@op
class cat(Op):
    r"""Put tensors one after the other along a dimension.

    >>> torch.cat([torch.tensor([1, 2]), torch.tensor([3])])
    tensor([1, 2, 3])
    """

    formula = r"y = [x_1; x_2; \ldots]"
    gradient = r"[\bar x_1; \bar x_2; \ldots] = \bar y"
    promote, refuse = True, staticmethod(_some_tensors)

    def forward(self, xs: Arrays, dim=0):
        real = [x for x in xs if x.shape != (0,)]  # PyTorch passes over empty vectors
        self.dim = whole(dim, real[0].ndim if real else 1)
        try:
            y = self.xp.concatenate(real or xs[:1], axis=self.dim)
        except ValueError:
            _refuse_joined(xs, real, self.dim)
            raise
        self.lengths = [x.shape[self.dim] if x.shape != (0,) else None for x in xs]
        return y

    def backward(self, g):
        parts, start = [], 0
        for length in self.lengths:
            if length is None:  # an empty vector
                parts.append(reshape(g[along(self.dim, slice(0, 0))], (-1,))[:0])
                continue
            parts.append(g[along(self.dim, slice(start, start + length))])
            start += length
        return parts

    @staticmethod
    def also(tensors=None, dim=0, axis=None):
        return cat(tensors, dim if axis is None else axis)


concat = concatenate = cat


def _refuse_joined(xs, real, dim):
    """Raise PyTorch's error for tensors that do not fit together."""
    for k, x in enumerate(xs):
        if not x.ndim:
            raise RuntimeError(
                f"zero-dimensional tensor (at position {k}) cannot be concatenated: use stack"
            )
    for k, x in enumerate(real):
        if x.ndim != real[0].ndim:
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {real[0].ndim} and {x.ndim}"
            )
        for i, (n, m) in enumerate(zip(real[0].shape, x.shape)):
            if i != dim and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} "
                    f"but got size {m} for tensor number {k} in the list."
                )


@op
class stack(Op):
    r"""Put tensors of one shape side by side, along a new dimension.

    >>> torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """

    formula, gradient = r"y_k = x_k", r"\bar x_k = \bar y_k"
    promote, refuse = True, staticmethod(lambda xs: _all_tensors(_some(xs, "stack")))

    def forward(self, xs: Arrays, dim=0):
        self.dim, self.count = whole(dim, xs[0].ndim + 1), len(xs)
        try:
            return self.xp.stack(xs, axis=self.dim)
        except ValueError:
            k, odd = next((k, x) for k, x in enumerate(xs) if x.shape != xs[0].shape)
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(xs[0].shape)} at "
                f"entry 0 and {list(odd.shape)} at entry {k}"
            ) from None

    def backward(self, g):
        return [g[along(self.dim, k)] for k in range(self.count)]


@with_out
def hstack(tensors):
    """Put tensors side by side: columns for matrices, one after the other for vectors.

    >>> torch.hstack([torch.tensor([1, 2]), torch.tensor([3])])
    tensor([1, 2, 3])
    """
    tensors = atleast_1d(_some(tensors, "hstack"))
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


@with_out
def vstack(tensors):
    """Put tensors below each other: vectors become rows.

    >>> torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    return cat(atleast_2d(_some(tensors, "vstack")), 0)


row_stack = vstack


@with_out
def dstack(tensors):
    """Put tensors behind each other, along the third dimension.

    >>> torch.dstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[[1, 3],
             [2, 4]]])
    """
    return cat(atleast_3d(_some(tensors, "dstack")), 2)


@with_out
def column_stack(tensors):
    """Put tensors side by side as columns: vectors become columns.

    >>> torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    tensors = _some(tensors, "column_stack")
    return cat([x if x.ndim > 1 else reshape(x, (x.numel(), 1)) for x in tensors], 1)


def _some(tensors, name):
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return tensors


def block_diag(*tensors):
    """Put matrices along the diagonal of a larger one, zeros elsewhere.

    >>> torch.block_diag(torch.tensor([[1, 2]]), torch.tensor([[3]]))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    tensors = listed(tensors)
    check_elements(tensors)
    for k, x in enumerate(tensors):
        if x.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {k} has "
                f"{x.ndim} dimensions"
            )
    blocks = atleast_2d(tensors)
    total, left, rows = sum(b.shape[1] for b in blocks), 0, []
    for b in blocks:
        width = b.shape[1]
        rows.append(pad(b, (left, total - left - width)))
        left += width
    return cat(rows, 0)


# --- take apart


@op
class split(Op):
    r"""Cut along a dimension into pieces of a size, or of the sizes in a list: views.

    >>> torch.arange(5).split(2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """

    formula, gradient = r"[y_1; y_2; \ldots] = x", r"\bar x = [\bar y_1; \bar y_2; \ldots]"
    several = view = True

    def forward(self, x: Array, split_size_or_sections, dim=0):
        if not x.ndim:
            raise RuntimeError("split expects at least a 1-dimensional tensor")
        self.dim = whole(dim, x.ndim)
        sizes = _piece_sizes(split_size_or_sections, x.shape[self.dim], self.dim)
        ends = itertools.accumulate(sizes)
        pieces = [x[along(self.dim, slice(e - n, e))] for e, n in zip(ends, sizes)]
        self.shapes, self.kind = [p.shape for p in pieces], x.dtype
        return tuple(pieces)

    def backward(self, g):
        return cat(_with_zeros(self, g), self.dim)

    @staticmethod
    def also(
        x=None, split_size=None, dim=0, *, tensor=None, split_sizes=None,
        split_size_or_sections=None,
    ):  # fmt: skip
        given = [split_size, split_sizes, split_size_or_sections]
        (pieces,) = [each for each in given if each is not None]
        return split(x if tensor is None else tensor, pieces, dim)


def _with_zeros(node, g):
    """List the gradients of all pieces; zeros for those that nobody used."""
    zeros = node.xp.zeros
    return [
        zeros(shape, node.kind) if part is None else part
        for part, shape in zip(g.filled(len(node.shapes)), node.shapes)
    ]


def _piece_sizes(wanted, length, dim):
    if isinstance(wanted, (tuple, list)):
        if any(n < 0 for n in wanted) or sum(wanted) != length:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's "
                f"size at dimension {dim}), but got split_sizes={list(wanted)}"
            )
        return list(wanted)
    if wanted < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={wanted}")
    if wanted == 0 and length:
        raise RuntimeError(
            "split_size can only be 0 if dimension size is 0, but got dimension size of "
            f"{length}"
        )
    count = max(1, -(-length // wanted)) if wanted else 1
    return [wanted] * (count - 1) + [length - wanted * (count - 1)]


def split_with_sizes(input, split_sizes, dim=0):
    """Cut along a dimension into pieces of the sizes given.

    >>> torch.arange(5).split_with_sizes([1, 4])
    (tensor([0]), tensor([1, 2, 3, 4]))
    """
    return split(input, list(split_sizes), dim)


@with_numpy_words
def chunk(input, chunks, dim=0):
    """Cut along a dimension into so many pieces of one size; the last may be smaller.

    >>> torch.arange(5).chunk(2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    length = input.array.shape[whole(dim, input.ndim)]
    size = -(-length // chunks)
    return split(input, [0] * chunks if size == 0 else size, dim)


@with_numpy_words
def tensor_split(input, indices_or_sections=None, dim=0, *, indices=None, sections=None):
    """Cut along a dimension into so many nearly equal pieces, or at the places in a list.

    >>> torch.tensor_split(torch.arange(5), 3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    given = next(v for v in (indices_or_sections, indices, sections) if v is not None)
    if not input.ndim:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    length = input.array.shape[whole(dim, input.ndim)]
    if isinstance(given, Tensor):
        given = _places_from(given)
    if isinstance(given, (tuple, list)):
        cuts = slice_ends(given, length)
        return tuple([input[along(whole(dim, input.ndim), slice(a, b))] for a, b in cuts])
    if given <= 0:
        raise RuntimeError(f"number of sections must be larger than 0, got {given}")
    small, more = divmod(length, given)
    return split(input, [small + (k < more) for k in range(given)], dim)


def _places_from(tensor):
    if tensor.dtype.name != "int64":
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
            f"{tensor.dtype}"
        )
    if tensor.ndim > 1:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or "
            f"one-dimensional tensor, but got a tensor with {tensor.ndim} dims"
        )
    return tensor.tolist()


def slice_ends(places, length):
    """Turn the places to cut at into (start, end) pairs.

    >>> slice_ends([1, -1], 5)
    [(0, 1), (1, 4), (4, 5)]
    """
    marks = [0, *[slice(p).indices(length)[1] for p in places], length]
    return [(a, max(a, b)) for a, b in itertools.pairwise(marks)]


def hsplit(input, indices_or_sections):
    """Cut into pieces side by side: along the second dimension (vectors: the first).

    >>> torch.hsplit(torch.arange(4), 2)
    (tensor([0, 1]), tensor([2, 3]))
    """
    return _split_named(input, indices_or_sections, "hsplit", 1, 0 if input.ndim == 1 else 1)


@tensors_only
def vsplit(input, indices_or_sections):
    """Cut into pieces below each other: along the first dimension.

    >>> torch.vsplit(torch.arange(4).reshape(2, 2), 2)
    (tensor([[0, 1]]), tensor([[2, 3]]))
    """
    return _split_named(input, indices_or_sections, "vsplit", 2, 0)


def dsplit(input, indices_or_sections):
    """Cut into pieces behind each other: along the third dimension.

    >>> [p.shape for p in torch.dsplit(torch.zeros(1, 2, 4), 2)]
    [torch.Size([1, 2, 2]), torch.Size([1, 2, 2])]
    """
    return _split_named(input, indices_or_sections, "dsplit", 3, 2)


def _split_named(input, given, name, least, dim):
    if input.ndim < least:
        raise RuntimeError(
            f"torch.{name} requires a tensor with at least {least} dimension"
            f"{'s' * (least > 1)}, but got a tensor with {input.ndim} dimensions!"
        )
    length = input.array.shape[dim]
    if type(given) is int and (given <= 0 or length % given):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
            f"{length} is not divisible by the split_size {given}!"
        )
    return tensor_split(input, given, dim)


@op
class unbind(Op):
    r"""Take a tensor apart along a dimension: ``a, b = x``. The parts are views.

    >>> torch.tensor([[1, 2], [3, 4]]).unbind()
    (tensor([1, 2]), tensor([3, 4]))
    """

    formula, gradient = r"y_k = x_k", r"\bar x_k = \bar y_k"
    several = view = True

    def forward(self, x: Array, dim=0):
        if not x.ndim:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        self.dim = whole(dim, x.ndim)
        parts = [x[(*along(self.dim, k), ...)] for k in range(x.shape[self.dim])]
        self.shapes, self.kind = [p.shape for p in parts], x.dtype
        return tuple(parts)

    def backward(self, g):
        return stack(_with_zeros(self, g), self.dim)


def rows(x):
    """Let a tensor be walked over and unpacked: ``for row in x``, ``a, b = x``.

    >>> a, b = torch.tensor([1, 2])
    >>> b
    tensor(2)
    """
    if not x.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(unbind(x))


# --- around and between


@op
class pad(Op):
    r"""Put a border of a constant around a tensor; negative widths cut away.

    ``widths`` counts from the last dimension: (left, right, top, bottom, ...).

    >>> pad(torch.tensor([1, 2]), (1, 2))
    tensor([0, 1, 2, 0, 0])
    """

    formula = r"y_{i + p} = x_i,\ c \text{ elsewhere}"
    gradient = r"\bar x_i = \bar y_{i + p}"
    torch_name = "ConstantPadNdBackward0"

    def forward(self, x: Array, widths, value=0):
        self.widths = tuple(widths)
        pairs = _pairs(self.widths, x.ndim)
        shape = [n + a + b for n, (a, b) in zip(x.shape, pairs)]
        if any(n < 0 for n in shape):
            raise RuntimeError(
                f"The input size {list(x.shape)} plus the padding {list(widths)} resulted in a "
                f"negative output size {shape}, which is invalid. Check dimension "
                f"{next(i for i, n in enumerate(shape) if n < 0)} of your input."
            )
        y = self.xp.full(shape, value, x.dtype)
        inside = tuple([slice(max(a, 0), m - max(b, 0)) for m, (a, b) in zip(shape, pairs)])
        kept = tuple([slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, pairs)])
        y[inside] = x[kept]
        return y

    def backward(self, g):
        return pad(g, tuple([-w for w in self.widths]))


def _pairs(widths, ndim):
    if len(widths) % 2:
        raise RuntimeError(
            "Padding length must be divisible by 2: a number before and one after, for each "
            f"dimension from the last one on, but pad has {len(widths)}"
        )
    if len(widths) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(widths)} and input of dimension {ndim}"
        )
    pairs = [widths[k : k + 2] for k in range(0, len(widths), 2)]
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]


@op
class repeat(Op):
    r"""Lay copies of a tensor side by side, so many times along each dimension.

    >>> torch.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """

    formula = r"y_{i} = x_{i \bmod n}"
    gradient = r"\bar x_i = \sum_k \bar y_{i + kn}"

    def forward(self, x: Array, repeats):
        if len(repeats) < x.ndim:
            raise RuntimeError(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions "
                "of tensor"
            )
        if any(n < 0 for n in repeats):
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {min(repeats)}: {list(repeats)}"
            )
        self.old, self.times = x.shape, tuple(repeats)
        return self.xp.tile(x, self.times) if self.times else x.copy()

    def backward(self, g):
        sizes = (1,) * (len(self.times) - len(self.old)) + self.old
        pairs = reshape(g, tuple([n for pair in zip(self.times, sizes) for n in pair]))
        return reshape(_summed(pairs, range(0, 2 * len(sizes), 2)), self.old)


def _summed(x, dims):
    shape = tuple([1 if i in dims else n for i, n in enumerate(x.shape)])
    return sum_to(x, shape)


@tensors_only
def tile(input, dims):
    """Lay copies side by side; the counts may be fewer than the dimensions.

    >>> torch.tile(torch.tensor([[1, 2]]), (2,))
    tensor([[1, 2, 1, 2]])
    """
    dims = tuple(dims)
    return repeat(input, (1,) * (input.ndim - len(dims)) + dims)


@op
class flip(Op):
    r"""Turn the order around along dimensions.

    >>> torch.flip(torch.tensor([1, 2, 3]), (0,))
    tensor([3, 2, 1])
    """

    formula, gradient = r"y_i = x_{n-1-i}", r"\bar x_i = \bar y_{n-1-i}"

    def forward(self, x: Array, dims):
        self.dims = distinct(spread(dims, 1), x.ndim)
        return self.xp.flip(x, self.dims).copy() if x.ndim else x.copy()

    def backward(self, g):
        return flip(g, self.dims)


def fliplr(input):
    """Turn around the order of the columns.

    >>> torch.fliplr(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])
    """
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, (1,))


def flipud(input):
    """Turn around the order of the rows.

    >>> torch.flipud(torch.tensor([1, 2]))
    tensor([2, 1])
    """
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, (0,))


@op
class roll(Op):
    r"""Shift along dimensions; what falls off at the end comes back at the start.

    >>> torch.roll(torch.tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """

    formula, gradient = r"y_{(i+s) \bmod n} = x_i", r"\bar x_i = \bar y_{(i+s) \bmod n}"

    def forward(self, x: Array, shifts, dims=None):
        self.shifts, self.dims = spread(shifts, 1), None
        if dims is not None and dims != ():
            self.dims = tuple([whole(d, x.ndim) for d in spread(dims, 1)])
        if len(self.shifts) != len(self.dims or (0,)) or not self.shifts:
            raise RuntimeError(
                f"shifts and dimensions must align. shifts: {len(self.shifts)}, "
                f"dims:{len(self.dims or ())}"
            )
        if self.dims and not x.ndim:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        if self.dims is None:
            return self.xp.roll(x, self.shifts[0])
        return self.xp.roll(x, self.shifts, self.dims)

    def backward(self, g):
        return roll(g, tuple([-s for s in self.shifts]), self.dims)


def rot90(input, k=1, dims=(0, 1)):
    """Turn by 90 degrees, ``k`` times, from the first of two dimensions to the second.

    >>> torch.rot90(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == input.ndim:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    first, second = (whole(d, input.ndim) for d in dims)
    if k % 4 == 1:
        return transpose(flip(input, (second,)), first, second)
    if k % 4 == 2:
        return flip(input, (first, second))
    if k % 4 == 3:
        return transpose(flip(input, (first,)), first, second)
    return clone(input)


def cartesian_prod(*tensors):
    """List every combination of one element from each vector.

    >>> torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    tensors = listed(tensors)
    check_elements(tensors)
    for x in tensors:
        if x.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(x, (-1,)) for x in meshgrid(*tensors, indexing="ij")], 1)
