"""One number for all dimensions, or one for each: what ``kernel_size=3`` becomes."""

from collections.abc import Iterable
from itertools import repeat


def ntuple(n: int, name: str = "parse"):
    """Make the function that gives a tuple as it is, and a number n times.

    >>> ntuple(2)(3), ntuple(2)((3, 5))
    ((3, 3), (3, 5))
    """

    def parse(x):
        return tuple(x) if isinstance(x, Iterable) else tuple(repeat(x, n))

    parse.__name__ = name
    return parse


_ntuple = ntuple  # the names that PyTorch's own layers use, and learners' layers too
_single, _pair = ntuple(1, "_single"), ntuple(2, "_pair")
_triple, _quadruple = ntuple(3, "_triple"), ntuple(4, "_quadruple")


def _reverse_repeat_tuple(t, n):
    return tuple(x for x in reversed(t) for _ in range(n))
