"""The GPU, whichever it is: here a CUDA one through CuPy, or none."""

from . import cuda
from .device import device, device_count, is_available


def current_accelerator(check_available: bool = False) -> device | None:
    """Name the kind of device that is faster than the processor; None where there is none.

    >>> found = torch.accelerator.current_accelerator()
    >>> found is None or found.type == "cuda"
    True
    """
    return device("cuda") if is_available() else None


def current_device_index() -> int:
    """Tell the number of the GPU in use."""
    return cuda.current_device()


current_device_idx = current_device_index


def set_device_index(device) -> None:
    """Choose the GPU in use."""
    cuda.set_device(device)


set_device_idx = set_device_index


def device_index(index):
    """Choose the GPU in use for a ``with`` block."""
    return cuda.device(index)


def synchronize(device=None) -> None:
    """Wait until the GPU has finished what it was given; at once where there is none."""
    if is_available():
        cuda.synchronize(device)


def empty_cache() -> None:
    """Give memory that no tensor uses back to the GPU."""
    cuda.empty_cache()


def current_stream(device=None):
    """Give the queue that work goes to now."""
    return cuda.current_stream(device)


memory_allocated, memory_reserved = cuda.memory_allocated, cuda.memory_reserved
max_memory_allocated = max_memory_reserved = cuda.max_memory_allocated
reset_peak_memory_stats = cuda.reset_peak_memory_stats

__all__ = [
    "current_accelerator", "current_device_idx", "current_device_index", "current_stream",
    "device_count", "device_index", "empty_cache", "is_available", "max_memory_allocated",
    "max_memory_reserved", "memory_allocated", "memory_reserved", "reset_peak_memory_stats",
    "set_device_idx", "set_device_index", "synchronize",
]  # fmt: skip
