"""The array's methods that NumPy's array has too: one table, attached with CuPy's parameters."""

import numpy as np

from . import creation, indexing
from .array import ndarray
from .calls import function
from .surface import Parameters, method

NAMES = (
    "all any argmax argmin argpartition argsort choose clip compress conj conjugate cumprod cumsum "
    "diagonal dot flatten max mean min nonzero partition prod ptp ravel repeat reshape round "
    "searchsorted sort squeeze std sum swapaxes trace transpose var"
)


def with_self(has: Parameters) -> Parameters:
    """Put ``self`` in front of a method's parameters."""
    return has._replace(positional=("self", *has.positional))


for name in NAMES.split():
    host = getattr(np.ndarray, name, None) or getattr(np, name)  # ptp left NumPy's array
    setattr(ndarray, name, function(host, name, with_self(method("ndarray", name))))

ndarray.take = creation.take
ndarray.put = lambda self, indices, values, mode="wrap": creation.put(self, indices, values, mode)
ndarray.__getitem__ = indexing.get
ndarray.__setitem__ = indexing.put
