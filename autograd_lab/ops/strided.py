"""Other ways to walk over the same memory: sliding windows, and any strides at all."""

import math

import numpy as np

from ..core import Array, Op
from ..device import on_host
from ..dispatch import op
from .dims import along, whole
from .shape import reshape
from .table import look_up, put_add


@op
class unfold(Op):
    r"""Slide a window along a dimension; the windows come last. A view.

    >>> torch.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """

    formula, gradient = r"y_{ik} = x_{si + k}", r"\bar x_j = \sum_{si + k = j} \bar y_{ik}"
    view = True

    def forward(self, x: Array, dimension, size, step):
        dim = whole(dimension, x.ndim)
        length = x.shape[dim] if x.ndim else 1
        if size < 0:
            raise RuntimeError(f"size is {size} but must be >= 0")
        if size > length:
            raise RuntimeError(
                f"maximum size for tensor at dimension {dim} is {length} but size is {size}"
            )
        if step <= 0:
            raise RuntimeError(f"step is {step} but must be > 0")
        self.old, self.where = x.shape, (dim, size, step)
        if not x.ndim:
            return x[None][:size]
        count = (length - size) // step + 1
        shape, strides = list(x.shape), list(x.strides)
        shape[dim], strides[dim] = count, x.strides[dim] * step
        return self.xp.lib.stride_tricks.as_strided(
            x, [*shape, size], [*strides, x.strides[dim]]
        )

    def backward(self, g):
        return fold_windows(g, self.old, *self.where)


@op
class fold_windows(Op):
    r"""Add windows up where they overlap: the gradient of sliding a window.

    >>> fold_windows(torch.ones(3, 3), (5,), 0, 3, 1)
    tensor([1., 2., 3., 2., 1.])
    """

    formula, gradient = r"y_j = \sum_{si + k = j} x_{ik}", r"\bar x_{ik} = \bar y_{si + k}"

    def forward(self, x: Array, shape, dim, size, step):
        self.where = (dim, size, step)
        y = self.xp.zeros(shape or (1,), x.dtype)
        count = x.shape[dim] if shape else 1
        for k in range(size):
            y[along(dim, slice(k, k + step * (count - 1) + 1, step))] += x[..., k]
        return y.reshape(shape)

    def backward(self, g):
        return unfold(g, *self.where)


# --- any strides at all


def offset(x) -> int:
    """Tell how many elements of an array's memory come before its first one."""
    return (_address(x) - _address(owner(x))) // x.itemsize if x.size else 0


def owner(x):
    """Give the array whose memory this one looks at."""
    while True:
        below = x.base
        if not hasattr(below, "reshape"):  # as_strided puts a holder in between
            below = getattr(below, "base", None)
        if not hasattr(below, "reshape"):
            return x
        x = below


def _address(x):
    return x.ctypes.data if on_host(x) else x.data.ptr


def storage_offset(self) -> int:
    """Tell how many elements of the memory come before this tensor's first one.

    >>> torch.arange(5)[2:].storage_offset()
    2
    """
    return offset(self.shared())


@op
class as_strided(Op):
    r"""Walk over the same memory in steps of one's own. A view.

    >>> torch.as_strided(torch.arange(6), (2, 2), (1, 2))
    tensor([[0, 2],
            [1, 3]])
    """

    formula = r"y_{ij} = m_{o + i s_0 + j s_1}"
    gradient = r"\bar m_k = \sum_{ij: o + i s_0 + j s_1 = k} \bar y_{ij}"
    view = True

    def forward(self, x: Array, size, stride, storage_offset=None):
        here = offset(x)
        start = here if storage_offset is None else storage_offset
        row = owner(x).ravel("K").view(x.dtype)
        _check_walk(size, stride, start, row)
        xp, steps = self.xp, [x.strides[i] // x.itemsize for i in range(x.ndim)]
        first, last = _reach(x.shape, steps, here)
        low, high = _reach(size, stride, start)
        low, count = min(first, low), max(last, high) - min(first, low) + 1
        before = _walk(xp, xp.arange(count), x.shape, steps, here - low)
        self.geometry = count, before, _walk(xp, xp.arange(count), size, stride, start - low)
        return _walk(xp, row, size, stride, start)

    def backward(self, g):
        count, before, after = self.geometry
        in_memory = put_add(reshape(g, (-1,)), (count,), (after.reshape(-1),))
        return look_up(in_memory, (before,))


def _reach(size, stride, start):
    """Say which elements of the memory are the first and the last ones of a walk."""
    ends = [(n - 1) * s for n, s in zip(size, stride)]
    if 0 in size:
        return start, start
    return start + sum([e for e in ends if e < 0]), start + sum([e for e in ends if e > 0])


def _walk(xp, row, size, stride, start):
    """Lay a shape over a row of numbers."""
    step = row.itemsize
    if 0 in size:
        return xp.zeros(tuple(size), row.dtype)
    return xp.lib.stride_tricks.as_strided(row[start:], tuple(size), [s * step for s in stride])


def _check_walk(size, stride, start, row):
    """Refuse a walk that would leave the memory."""
    if len(size) != len(stride):
        raise RuntimeError(
            f"mismatch in length of strides and shape: {len(stride)} and {len(size)}"
        )
    if any(s < 0 for s in stride):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{list(stride)}"
        )
    _, last = _reach(size, stride, start)
    if start < 0 or (0 not in size and last >= row.size):
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {start}, and "
            f"itemsize {row.itemsize} requiring a storage size of "
            f"{(last + 1) * row.itemsize} are out of bounds for storage of size {row.nbytes}"
        )


# --- the memory itself


def resize_(self, *sizes, memory_format=None):
    """Give this tensor another shape: its memory as it stands, made longer where that is needed.

    >>> torch.arange(6).resize_(2, 2)
    tensor([[0, 1],
            [2, 3]])
    """
    sizes = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    if self.node is not None:
        raise RuntimeError("cannot resize variables that require grad")
    if sizes == self.array.shape:
        return self
    here = self.shared()
    xp, start, row = self.device.xp, offset(here), owner(here).ravel("K").view(here.dtype)
    count = math.prod(sizes)
    if any(n < 0 for n in sizes):
        raise RuntimeError("numel: integer multiplication overflow")
    row = row[start:]
    if row.size < count:
        longer = xp.zeros(count, here.dtype)
        longer[: row.size] = row
        row = longer
    self.array = row[:count].reshape(sizes)
    return self


def resize_as_(self, the_template, memory_format=None):
    """Give this tensor another one's shape.

    >>> torch.arange(4).resize_as_(torch.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return resize_(self, tuple(the_template.shape))


def resize(self, *sizes):
    """Give the same elements in another shape.

    >>> torch.arange(4).resize(2, 2)
    tensor([[0, 1],
            [2, 3]])
    """
    sizes = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    return reshape(self, sizes)


class UntypedStorage:
    """The memory that a tensor looks at: how many bytes, where, and each of them.

    >>> x = torch.zeros(3)
    >>> x.untyped_storage().nbytes(), len(x.untyped_storage())
    (12, 12)
    """

    def __init__(self, array):
        self._owner = array

    @classmethod
    def from_file(cls, filename, shared=False, nbytes=0):
        """Look at the first bytes of a file; what is written reaches the file if it is shared."""
        return cls(np.memmap(filename, "uint8", "r+" if shared else "c", shape=(nbytes,)))

    def nbytes(self) -> int:
        """Count the bytes."""
        return self._owner.nbytes

    size = __len__ = nbytes

    def data_ptr(self) -> int:
        """Give the address of the first byte."""
        return _address(self._owner)

    def untyped(self):
        """Give this memory itself: it is of no type."""
        return self

    def _bytes(self):
        return self._owner.ravel("K").view("uint8")

    def __array__(self, dtype=None, copy=None):
        return np.array(self._bytes(), dtype, copy=copy)

    def __getitem__(self, place):
        found = self._bytes()[place]
        return type(self)(found) if isinstance(place, slice) else int(found)

    def tolist(self) -> list:
        """List the bytes."""
        return self._bytes().tolist()


def untyped_storage(self):
    """Give the memory that this tensor looks at: views of one tensor share it.

    >>> x = torch.zeros(3)
    >>> x.untyped_storage().data_ptr() == x[1:].untyped_storage().data_ptr()
    True
    """
    return UntypedStorage(owner(self.shared()))
