"""Device memory: the identity that views share, and a pool that can tell how much is in use."""

import gc

from .state import here

BLOCK = 512  # CuPy's pool hands out multiples of this many bytes


class OutOfMemoryError(MemoryError):
    """CuPy's error where the GPU's memory is full."""


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

    limit = 0  # bytes; 0 means as many as there are

    def __init__(self):
        self.seen = {}

    def set_limit(self, size=None, fraction=None):
        self.limit = size or 0

    def get_limit(self) -> int:
        return self.limit

    def take(self, size):
        """Refuse what does not fit, as the real pool does after it has emptied its cache."""
        used = self.used_bytes()
        if used + size > self.limit:
            raise OutOfMemoryError(
                f"Out of memory allocating {size:,} bytes (allocated so far: {used:,} bytes, limit "
                f"set to: {self.limit:,} bytes)."
            )

    def malloc(self, size):
        """Stand for what ``using_allocator`` is given; the arrays live in Python's memory."""
        raise NotImplementedError("the pretend GPU has no memory to hand out")

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
