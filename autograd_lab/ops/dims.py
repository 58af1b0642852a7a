"""Which dimension is meant: negative numbers count from the end, and mistakes are told."""

from ..core import Tensor


def whole(dim, ndim: int) -> int:
    """Give a dimension as a number from 0; a 0-d tensor counts as having one.

    >>> whole(-1, 3)
    2
    """
    n = ndim or 1
    if type(dim) is not int:
        dim = _integer(dim)
    if not -n <= dim < n:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})"
        )
    return dim % n


def _integer(dim):
    if isinstance(dim, Tensor) or not hasattr(dim, "__index__"):
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
    return dim.__index__()


def chosen(dim, ndim: int) -> tuple:
    """Give the dimensions to work along as a tuple; None and () mean all of them.

    >>> chosen(-1, 3), chosen([0, -1], 3), chosen(None, 2)
    ((2,), (0, 2), (0, 1))
    """
    if dim is None:
        return tuple(range(ndim))
    if type(dim) is int:
        return (whole(dim, ndim),) if ndim else (whole(dim, 0), ())[1]
    if not isinstance(dim, (tuple, list)):
        return chosen(_integer(dim), ndim)
    if not len(dim):
        return tuple(range(ndim))
    dims = distinct(dim, ndim)
    return dims if ndim else ()


def distinct(dims, ndim: int) -> tuple:
    """Give dimensions as numbers from 0; each may be named once."""
    found = tuple([whole(d, ndim) for d in dims])
    if len(set(found)) < len(found):
        twice = next(d for k, d in enumerate(found) if d in found[:k])
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return found


def along(dim: int, here) -> tuple:
    """Index with ``here`` along one dimension, and take all of those before it.

    >>> along(2, 5)
    (slice(None, None, None), slice(None, None, None), 5)
    """
    return (slice(None),) * dim + (here,)


def spread(one, count: int) -> tuple:
    """Give a tuple as it is, and a number that many times."""
    return tuple(one) if isinstance(one, (tuple, list)) else (one,) * count
