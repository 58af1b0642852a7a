"""Device memory: the identity that views share, and a pool that can tell how much is in use."""

import gc

from .state import here

BLOCK = 512  # CuPy's pool hands out multiples of this many bytes


class Memory:
    """One allocation. As in CuPy it cannot be referred to weakly."""

    __slots__ = ("device_id", "ptr", "size")

    def __init__(self, ptr, size, device_id):
        self.ptr, self.size, self.device_id = ptr, size, device_id


class MemoryPointer:
    """An address inside an allocation: what ``array.data`` gives."""

    __slots__ = ("device_id", "mem", "ptr")

    def __init__(self, mem, ptr):
        self.mem, self.ptr, self.device_id = mem, ptr, mem.device_id


def address(host) -> int:
    """Give the address of a NumPy array's first element."""
    return host.__array_interface__["data"][0]


class MemoryPool:
    """Answer CuPy's questions about memory by looking at the arrays that are alive.

    Nothing is counted while a program runs, so arrays cost nothing extra. The price:
    ``total_bytes`` knows only the peaks that somebody asked about.
    """

    def __init__(self):
        self.seen = {}

    def used_bytes(self) -> int:
        from .array import ndarray

        used = sum(
            -(-one.nbytes // BLOCK) * BLOCK
            for one in gc.get_objects()
            if type(one) is ndarray and one.base is None and one._device == here.device
        )
        self.seen[here.device] = max(used, self.seen.get(here.device, 0))
        return used

    def total_bytes(self) -> int:
        self.used_bytes()
        return self.seen[here.device]

    def free_bytes(self) -> int:
        return self.total_bytes() - self.used_bytes()

    def n_free_blocks(self) -> int:
        return int(self.free_bytes() > 0)

    def free_all_blocks(self, stream=None):
        self.seen.clear()


class PinnedMemoryPool:
    """The pool of host memory for transfers: the pretend GPU needs none."""

    def n_free_blocks(self) -> int:
        return 0

    def free_all_blocks(self):
        """Give back nothing."""


pool = MemoryPool()
pinned_pool = PinnedMemoryPool()
