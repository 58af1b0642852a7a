"""Rarer ways to make a tensor: one number, a count, memory laid out as one likes."""

import builtins
import math

from .. import dtypes
from ..core import Size, wrap
from ..device import device as named_device
from .spelling import with_out


def _made(make, dtype, device, requires_grad=False):
    place = named_device(device or "cpu")
    with place.active():
        made = wrap(make(place.xp, (dtype or dtypes.default).array))
    return made.requires_grad_(requires_grad)


def scalar_tensor(s, *, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a tensor of one number.

    >>> torch.scalar_tensor(3)
    tensor(3.)
    """
    return _made(lambda xp, kind: xp.asarray(s).astype(kind), dtype, device, requires_grad)


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


def new(self, *data, device=None):
    """Make a tensor of the same dtype: of sizes (uninitialised) or from data.

    >>> torch.ones(1).new([1, 2])
    tensor([1., 2.])
    """
    if len(data) == 1 and not isinstance(data[0], (int, Size)):
        return self.new_tensor(data[0])
    sizes = tuple(data[0]) if len(data) == 1 and isinstance(data[0], Size) else data
    return self.new_empty(sizes or (0,))


def empty_strided(size, stride, *, dtype=None, layout=None, device=None, requires_grad=False,
                  pin_memory=False):  # fmt: skip
    """Make a tensor, not filled, that is laid out in memory by steps of one's own.

    >>> torch.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    _check_layout(size, stride)

    def make(xp, kind):
        last = 0 if 0 in size else sum((n - 1) * s for n, s in zip(size, stride)) + 1
        steps = [s * kind.itemsize for s in stride]
        return xp.lib.stride_tricks.as_strided(xp.zeros(last, kind), tuple(size), steps)

    return _made(make, dtype, device, requires_grad)


def _check_layout(size, stride):
    """Refuse a layout whose walk would leave the memory that is made for it."""
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides "
            f"({len(stride)})"
        )
    if (least := min(size, default=0)) < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {least}: {list(size)}"
        )
    if 0 not in size and any(n > 1 and s < 0 for n, s in zip(size, stride)):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(size)} and "
            f"strides={list(stride)}"
        )


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
