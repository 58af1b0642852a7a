"""Lending a tensor's numbers to whoever carries them, and taking back what has come."""

import numpy as np

from ..device import beside, device_of, move
from ..writes import wrote


class Lender:
    """Half of a backend: it turns tensors into arrays that can travel; the other half carries them.

    Arrays are contiguous. ``wider`` says which numbers are reduced as others, because those who
    carry them cannot add them up.
    """

    wider: dict = {}

    def moved(self, array):
        """Bring an array to where this backend works."""
        return array

    def xp(self, tensor):
        """Give the array module that works there."""
        return tensor.device.xp

    def lend(self, tensor, reduced=False):
        """Give a tensor's numbers in a form that may be read and written: itself if possible."""
        array = self.moved(tensor.shared())
        with beside(array):
            if reduced and array.dtype in self.wider:
                array = array.astype(self.wider[array.dtype])
            usable = array.flags.c_contiguous and getattr(array.flags, "writeable", True)
            return array if usable else array.copy("C")

    def empty(self, tensor, count: int, reduced=False):
        """Make room for the numbers of ``count`` tensors like this one."""
        return self.room(tensor, (count, *tensor.shape), reduced)

    def room(self, tensor, shape, reduced=False):
        """Make room for numbers of this tensor's kind."""
        dtype = tensor.array.dtype
        kind = self.wider.get(dtype, dtype) if reduced else dtype
        with tensor.device.active():
            return self.xp(tensor).empty(shape, kind)

    def stack(self, tensors, reduced=False):
        """Lay the numbers of several tensors one after the other."""
        with tensors[0].device.active():
            return self.xp(tensors[0]).stack([self.lend(tensor, reduced) for tensor in tensors])

    def flat(self, tensors):
        """Lay the numbers of tensors of different sizes one after the other."""
        with tensors[0].device.active():
            return self.xp(tensors[0]).concatenate([self.lend(t).reshape(-1) for t in tensors])

    def give_back(self, tensor, array) -> None:
        """Put numbers into a tensor, if they are not there yet."""
        target = tensor.shared()
        if array is not target:
            with beside(target):
                array = move(array, device_of(target)).reshape(target.shape)
                target[...] = array.astype(target.dtype, copy=False)
        wrote(target)


def as_bytes(array):
    """See an array as bytes: what is only moved needs no type."""
    return array.reshape(-1).view(np.uint8)


def row_bytes(array) -> int:
    """Count the bytes of one row of an array.

    >>> row_bytes(np.zeros((5, 3), "float32"))
    12
    """
    return array.dtype.itemsize * int(np.prod(array.shape[1:]))
