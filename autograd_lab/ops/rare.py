"""PyTorch's older and rarer names: loaded when one of them is called."""

import builtins
import math

from .. import dtypes
from ..core import Size, Tensor
from ..core import wrap as _tensor
from ..device import device as named_device
from .join import pad as bordered
from .spelling import with_out
from .strided import owner
from .triangle import diagonal

# --- what a tensor is


def detach_(self):
    """Cut this tensor off from the graph that it came from.

    >>> x = torch.ones(2, requires_grad=True) * 2
    >>> x.detach_().requires_grad
    False
    """
    if self._base is not None:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using "
            "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as "
            "True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
            "these gradients."
        )
    self.node = None
    return self


def get_device(input):
    """Give the number of the GPU that a tensor lives on; -1 for the CPU.

    >>> torch.ones(1).get_device()
    -1
    """
    return -1 if input.device.type == "cpu" else input.device.index or 0


def is_conj(input):
    """Say whether a conjugate still waits to be computed: never here.

    >>> torch.is_conj(torch.ones(1))
    False
    """
    return False


def is_neg(input):
    """Say whether a negation still waits to be computed: never here.

    >>> torch.is_neg(torch.ones(1))
    False
    """
    return False


def is_inference(input):
    """Say whether a tensor was made in inference mode: such tensors are like all others here.

    >>> torch.is_inference(torch.ones(1))
    False
    """
    return False


def is_nonzero(input):
    """Say whether the one number of a tensor differs from 0.

    >>> torch.is_nonzero(torch.tensor(2))
    True
    """
    return input.is_nonzero()


def is_signed(input):
    """Say whether the dtype knows negative numbers.

    >>> torch.is_signed(torch.ones(1))
    True
    """
    return input.is_signed()


def is_same_size(input, other):
    """Say whether two tensors have the same shape.

    >>> torch.is_same_size(torch.ones(2), torch.ones(3))
    False
    """
    return tuple(input.shape) == tuple(other.shape)


def is_set_to(self, tensor):
    """Say whether two tensors look at the same memory in the same way.

    >>> x = torch.ones(2)
    >>> x.is_set_to(x.detach()), x.is_set_to(x.clone())
    (True, False)
    """
    mine, other = self.shared(), tensor.shared()
    return (
        mine.shape == other.shape and mine.strides == other.strides
        and self.data_ptr() == tensor.data_ptr() and owner(mine) is owner(other)
    )  # fmt: skip


def detach(input):
    """Give a tensor on the same memory, cut off from the graph.

    >>> torch.detach(torch.ones(1, requires_grad=True)).requires_grad
    False
    """
    return input.detach()


def typename(obj):
    """Name the type of a tensor as PyTorch does.

    >>> torch.typename(torch.ones(1))
    'torch.FloatTensor'
    """
    return obj.type() if isinstance(obj, Tensor) else f"{type(obj).__module__}.{type(obj).__name__}"


def can_cast(from_, to):
    """Say whether numbers of one dtype may be written to another without losing their kind.

    >>> torch.can_cast(torch.float, torch.int)
    False
    """
    return from_.rank <= to.rank


# --- memory


def pin_memory(self, device=None):
    """Give the tensor itself: CuPy copies quickly enough from memory that is not pinned.

    >>> torch.ones(2).pin_memory()
    tensor([1., 1.])
    """
    return self


def is_pinned(self, device=None):
    """Say whether memory is pinned: never here.

    >>> torch.ones(2).is_pinned()
    False
    """
    return False


def to_dense(self, dtype=None, *, masked_grad=None):
    """Give the tensor itself: all of ours are dense.

    >>> torch.ones(2).to_dense()
    tensor([1., 1.])
    """
    return self if dtype is None else self.to(dtype)


def new(self, *data, device=None):
    """Make a tensor of the same dtype: of sizes (uninitialised) or from data.

    >>> torch.ones(1).new([1, 2])
    tensor([1., 2.])
    """
    if len(data) == 1 and not isinstance(data[0], (int, Size)):
        return self.new_tensor(data[0])
    sizes = tuple(data[0]) if len(data) == 1 and isinstance(data[0], Size) else data
    return self.new_empty(sizes or (0,))


def resize_as(self, other):
    """Give the same elements in another tensor's shape.

    >>> torch.arange(4).resize_as(torch.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return self.reshape(other.shape)


# --- making tensors


def _made(make, dtype, device, requires_grad=False):
    place = named_device(device or "cpu")
    with place.active():
        made = _tensor(make(place.xp, (dtype or dtypes.default).array))
    return made.requires_grad_(requires_grad)


def scalar_tensor(s, *, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a tensor of one number.

    >>> torch.scalar_tensor(3)
    tensor(3.)
    """
    return _made(lambda xp, kind: xp.asarray(s, kind), dtype, device, requires_grad)


@with_out
def range(start=0, end=None, step=1, *, dtype=None, layout=None, device=None, requires_grad=False):
    """Count from ``start`` up to ``end``, which is included (``arange`` leaves it out).

    >>> torch.range(1, 3)
    tensor([1., 2., 3.])
    """
    start, end = (0, start) if end is None else (start, end)
    count = math.floor((end - start) / step) + 1
    return _made(
        lambda xp, kind: (start + xp.arange(count) * step).astype(kind), dtype, device,
        requires_grad,
    )  # fmt: skip


def empty_strided(size, stride, *, dtype=None, layout=None, device=None, requires_grad=False,
                  pin_memory=False):  # fmt: skip
    """Make a tensor, not filled, that is laid out in memory by steps of one's own.

    >>> torch.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """

    def make(xp, kind):
        last = 0 if 0 in size else sum((n - 1) * s for n, s in zip(size, stride)) + 1
        steps = [s * kind.itemsize for s in stride]
        return xp.lib.stride_tricks.as_strided(xp.zeros(last, kind), tuple(size), steps)

    return _made(make, dtype, device, requires_grad)


def empty_permuted(size, physical_layout, *, dtype=None, layout=None, device=None,
                   requires_grad=False, pin_memory=False):  # fmt: skip
    """Make a tensor, not filled, whose dimensions lie in memory in an order of one's own.

    >>> torch.empty_permuted((2, 3), (1, 0)).stride()
    (1, 2)
    """
    if sorted(physical_layout) != list(builtins.range(len(size))):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout, or a "
            "dimension is named twice"
        )
    stride, step = [0] * len(size), 1
    for dim in reversed(physical_layout):
        stride[dim], step = step, step * size[dim]
    return empty_strided(size, stride, dtype=dtype, device=device, requires_grad=requires_grad)


def new_empty_strided(self, size, stride, dtype=None, layout=None, device=None, pin_memory=False,
                      requires_grad=False):  # fmt: skip
    """Make a tensor like this one, not filled, laid out by steps of one's own.

    >>> torch.ones(1).new_empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    return empty_strided(
        size, stride, dtype=dtype or self.dtype, device=device or self.device,
        requires_grad=requires_grad,
    )  # fmt: skip


@with_out
def constant_pad_nd(input, pad, value=0):
    """Put a border of one number around a tensor: (left, right, top, bottom, ...).

    >>> torch.constant_pad_nd(torch.ones(2), (1, 0))
    tensor([0., 1., 1.])
    """
    return bordered(input, pad, value)


# --- one element after the other


def fill_diagonal_(self, fill_value, wrap=False):
    """Write one number to the diagonal.

    >>> torch.zeros(2, 2).fill_diagonal_(5)
    tensor([[5., 0.],
            [0., 5.]])
    """
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.ndim > 2:
        if len(set(self.shape)) > 1:
            raise RuntimeError("all dimensions of input must be of equal length")
        y = self.array.copy()
        y[tuple(self.device.xp.arange(n) for n in self.shape)] = fill_value
        return self.copy_(_tensor(y))
    diagonal(self).fill_(fill_value)
    rows, columns = self.shape
    if wrap and rows > columns:  # the diagonal begins again below the square, one row left out
        for start in builtins.range(columns + 1, rows, columns + 1):
            diagonal(self[start:]).fill_(fill_value)
    return self


def apply_(self, callable):
    """Call a Python function with every element, and keep what it gives.

    >>> torch.tensor([1., 2.]).apply_(lambda v: v * 10)
    tensor([10., 20.])
    """
    if self.requires_grad:
        raise RuntimeError("Can't call apply_() on Variable that requires grad.")
    values = [callable(v) for v in self.array.reshape(-1).tolist()]
    xp = self.device.xp
    return self.copy_(_tensor(xp.asarray(values, self.array.dtype).reshape(self.array.shape)))


def map_(self, tensor, callable):
    """Call a Python function with every pair of elements of two tensors, and keep what it gives.

    >>> torch.tensor([1., 2.]).map_(torch.tensor([3., 4.]), lambda a, b: a + b)
    tensor([4., 6.])
    """
    other = tensor.expand(self.shape)
    pairs = zip(self.array.reshape(-1).tolist(), other.array.reshape(-1).tolist())
    xp, values = self.device.xp, [callable(a, b) for a, b in pairs]
    return self.copy_(_tensor(xp.asarray(values, self.array.dtype).reshape(self.array.shape)))
