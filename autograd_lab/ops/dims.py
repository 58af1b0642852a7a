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


def check_not_empty(shape, dims, name):
    """Raise PyTorch's error where something must be chosen along a dimension without elements."""
    for d in dims:
        if not shape[d]:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")


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


def integers(values) -> tuple | None:
    """Give whole numbers of any kind, as NumPy's, as Python's; None if not all are whole.

    >>> import numpy
    >>> integers((numpy.int64(2), 3)), integers((2.0, 3))
    ((2, 3), None)
    """
    if any(isinstance(n, Tensor) or not hasattr(n, "__index__") for n in values):
        return None
    return tuple([n.__index__() for n in values])


def spread(one, count: int) -> tuple:
    """Give a tuple as it is, and a number that many times."""
    return tuple(one) if isinstance(one, (tuple, list)) else (one,) * count


def one_each(setting, dims: int) -> tuple:
    """Give a setting for every dimension: a number, and a list of one, count for all.

    >>> one_each(2, 2), one_each([3], 2), one_each((1, 2), 2)
    ((2, 2), (3, 3), (1, 2))
    """
    values = spread(setting, dims)
    return values * dims if len(values) == 1 else values


def whole_each(argument, setting, dims: int, sentence) -> tuple:
    """Give whole numbers, one a dimension; ``sentence`` says what is wrong with another count."""
    values = one_each(setting, dims)
    if len(values) != dims:
        raise RuntimeError(sentence)
    numbers = integers(values)
    if numbers is None:
        raise TypeError(f"{argument} must be tuple of ints, not {setting!r}")
    return numbers


def wrong_rank(name, argument, wanted, shape):
    """Make PyTorch's error for a tensor whose dimensions are too few or too many."""
    return RuntimeError(
        f"Expected {wanted}, but got {len(shape)}-dimensional tensor for argument #1 '{argument}' "
        f"(while checking arguments for {name})"
    )


def of_images(shape, dims: int) -> bool:
    """Say whether a shape is that of images with channels: of one (C, ...) or many (N, C, ...).

    >>> of_images((3, 8, 8), 2), of_images((8, 8), 2)
    (True, False)
    """
    return len(shape) in (dims + 1, dims + 2)
