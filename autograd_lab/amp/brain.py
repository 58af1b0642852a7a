"""The name bfloat16: programs may ask for it, and get float32."""

import numpy as np

from .. import dtypes
from ..notice import NO_BFLOAT16, say_once


class _Stored(dtypes.dtype):
    """A dtype that NumPy does not have: tensors of it are kept in a wider one."""

    __slots__ = ()

    def __init__(self, name, width):
        self.name, self.rank, self.itemsize = name, dtypes.FLOATING, width

    @property
    def array(self):
        """Give the NumPy dtype that is used in its place, and say so once."""
        say_once(NO_BFLOAT16)
        return np.dtype("float32")

    def __reduce__(self):
        return "bfloat16"


bfloat16 = _Stored("bfloat16", 2)
