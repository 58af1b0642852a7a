"""Find the memory under an array: where it begins, how long it is, which cells are read."""

from typing import Any, NamedTuple

import numpy as np


class Memory(NamedTuple):
    """Places are counted in elements from the beginning of the whole memory."""

    strides: list
    offset: int
    total: int
    at: list  # the places that are drawn
    numbers: Any  # what stands there


def memory_of(array, most) -> Memory:
    """Look at the memory of an array; of a long one only at the places that it reads.

    >>> memory_of(np.arange(6).reshape(2, 3)[:, 1], 256)[:4]
    ([3], 1, 6, [0, 1, 2, 3, 4, 5])
    """
    strides = [stride // array.itemsize for stride in array.strides]
    base = _owner(array)
    whole = base.flags.c_contiguous or base.flags.f_contiguous
    if whole and base.dtype == array.dtype:
        line = base.ravel(order="K")  # in the order of its memory: a view
        offset, total = (_start(array) - _start(line)) // array.itemsize, int(base.size)
    else:
        steps = [s * (n - 1) for s, n in zip(strides, array.shape, strict=True) if n]
        offset, total = -sum(s for s in steps if s < 0), sum(map(abs, steps)) + 1
        line = None
    if array.size > most or not array.size:
        return Memory(strides, offset, total, [], None)
    if line is not None and total <= most:
        return Memory(strides, offset, total, list(range(total)), line)
    places = np.full(array.shape, offset, dtype=np.int64)
    for axis, stride in enumerate(strides):
        shape = [-1 if d == axis else 1 for d in range(array.ndim)]
        places += (np.arange(array.shape[axis]) * stride).reshape(shape)
    at, first = np.unique(places, return_index=True)
    return Memory(strides, offset, total, at.tolist(), array.reshape(-1)[first])


def _owner(array):
    """Go back to the array that owns the memory."""
    while getattr(array, "base", None) is not None and hasattr(array.base, "strides"):
        array = array.base
    return array


def _start(array) -> int:
    """Give the address of the first element, in main memory or on a GPU."""
    if isinstance(array, np.ndarray):
        return array.__array_interface__["data"][0]
    return array.data.ptr
