"""Questions about the GPU, under PyTorch's names: ``torch.cuda``."""

from .device import cupy, current, device_count, is_available, resolve
from .random import manual_seed

__all__ = [
    "current_device", "device_count", "empty_cache", "get_device_name", "is_available",
    "manual_seed", "manual_seed_all", "memory_allocated", "set_device", "synchronize",
]  # fmt: skip

manual_seed_all = manual_seed


def current_device() -> int:
    """Tell the number of the GPU that ``"cuda"`` means now.

    >>> torch.cuda.current_device() if torch.cuda.is_available() else 0
    0
    """
    return current()


def set_device(device) -> None:
    """Choose the GPU that ``"cuda"`` means from now on."""
    cupy().cuda.Device(resolve(device if isinstance(device, str) else f"cuda:{device}").index).use()


def get_device_name(device=None) -> str:
    """Name the GPU."""
    index = resolve("cuda" if device is None else device).index
    name = cupy().cuda.runtime.getDeviceProperties(index)["name"]
    return name.decode() if isinstance(name, bytes) else name


def synchronize(device=None) -> None:
    """Wait until the GPU has finished what it was given."""
    cupy().cuda.Device(resolve("cuda" if device is None else device).index).synchronize()


def memory_allocated(device=None) -> int:
    """Count the bytes that tensors hold on the GPU; 0 without one."""
    return cupy().get_default_memory_pool().used_bytes() if is_available() else 0


def empty_cache() -> None:
    """Give memory that no tensor uses back to the GPU."""
    if is_available():
        cupy().get_default_memory_pool().free_all_blocks()
