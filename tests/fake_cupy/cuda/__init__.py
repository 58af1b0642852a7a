"""``cupy.cuda``: devices, streams, events and the memory pool, as far as they can be pretended."""

import contextlib

from ..devices import Device
from ..memory import Memory, MemoryPointer, MemoryPool, PinnedMemoryPool
from ..state import here
from ..surface import describe
from . import runtime
from .streams import Event, ExternalStream, Stream, get_current_stream, get_elapsed_time


def is_available() -> bool:
    return True


def get_device_id() -> int:
    return here.device


def get_cublas_handle() -> int:
    return 1


@contextlib.contextmanager
def using_allocator(allocator=None):
    """Accept another pool: the pretend GPU's arrays live in Python's memory all the same."""
    yield


def set_allocator(allocator=None):
    """Accept another pool, as ``using_allocator`` does."""


def __getattr__(name):
    describe("cuda", name)
    raise AttributeError(f"the pretend GPU has no cupy.cuda.{name}")


__all__ = [
    "Device", "Event", "ExternalStream", "Memory", "MemoryPointer", "MemoryPool",
    "PinnedMemoryPool", "Stream", "get_cublas_handle", "get_current_stream", "get_device_id",
    "get_elapsed_time", "is_available", "runtime", "set_allocator", "using_allocator",
]  # fmt: skip
