"""Memory that several processes see: a change by one is a change for all."""

import mmap

import numpy as np

from ..device import memory


class SharedMemory(mmap.mmap):
    """A piece of memory that is not copied when this process forks."""


def share_memory_(self):
    """Move the numbers to memory that processes forked from now on share with this one.

    They share it if they inherit the tensor: as an argument or a global of a forked process. A
    tensor that goes through a queue, or to a spawned process, is copied. Views that were taken
    before keep the old memory.

    >>> x = torch.zeros(2).share_memory_()
    >>> x.is_shared(), torch.zeros(2).is_shared()
    (True, False)
    """
    if self.device.type == "cpu" and not is_shared(self):
        array = self.shared()
        piece = SharedMemory(-1, max(array.nbytes, 1))
        moved = np.frombuffer(piece, array.dtype, array.size).reshape(array.shape)
        moved[...] = array
        self.array = moved
    return self


def is_shared(self) -> bool:
    """Say whether forked processes see changes of this tensor (those on a GPU always do).

    >>> torch.ones(2).is_shared()
    False
    """
    if self.device.type != "cpu":
        return True
    owner = memory(self.shared())
    return isinstance(getattr(owner, "obj", owner), SharedMemory)
