"""Random numbers of every kind, from the generator that ``manual_seed`` starts."""

import numpy as np

from ..core import wrap
from ..device import cpu, device_of, move
from ..random import gaussian, numbers_of, uniform


def draw(how: str, shape, *parameters):
    """Draw by a method of NumPy's generator; parameters and result may live on a GPU.

    >>> draw("poisson", (2, 1), torch.tensor([1.0])).shape
    torch.Size([2, 1])
    """
    like = parameters[0].array
    arrays = [np.asarray(move(p.array, cpu), np.float64) for p in parameters]
    found = getattr(numbers_of(None), how)(*arrays, size=tuple(shape))
    return placed(found, like)


def placed(array, like):
    """Give drawn numbers as a tensor, with the dtype and on the device of another array."""
    return wrap(move(np.asarray(array, dtype=like.dtype), device_of(like)))


def normal_like(x, shape):
    """Draw from the standard normal distribution, in the dtype and on the device of ``x``."""
    return placed(gaussian(tuple(shape), x.dtype), x.array)


def uniform_like(x, shape):
    """Draw evenly from [0, 1), in the dtype and on the device of ``x``."""
    return placed(uniform(tuple(shape), x.dtype), x.array)


def inner_uniform_like(x, shape):
    """Draw evenly from (0, 1): never 0, whose logarithm is not finite."""
    return 1 - uniform_like(x, shape)
