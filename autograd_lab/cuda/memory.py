"""How much of the GPU's memory tensors hold. Without a GPU every answer is 0.

CuPy keeps freed memory in a pool, as PyTorch does. The pool knows how much is in use now and how
much it ever took from the GPU; it keeps no exact peak, so the peak told here is what it took.
"""

from ..device import cupy, is_available
from .devices import place_of


def _ask(question, device) -> int:
    """Ask the memory pool of a GPU, 0 if there is none."""
    if not is_available():
        return 0
    with place_of(device).active():
        return getattr(cupy().get_default_memory_pool(), question)()


def memory_allocated(device=None) -> int:
    """Count the bytes that tensors hold on the GPU; 0 without one.

    >>> torch.cuda.memory_allocated() >= 0
    True
    """
    return _ask("used_bytes", device)


def memory_reserved(device=None) -> int:
    """Count the bytes that were taken from the GPU, in use or kept for later."""
    return _ask("total_bytes", device)


def max_memory_allocated(device=None) -> int:
    """Count the bytes taken from the GPU since ``reset_peak_memory_stats``: at least the peak."""
    return _ask("total_bytes", device)


max_memory_reserved = max_memory_allocated


def empty_cache() -> None:
    """Give memory that no tensor uses back to the GPU."""
    _ask("free_all_blocks", None)


def reset_peak_memory_stats(device=None) -> None:
    """Let the next peak count from what is in use now: gives back what no tensor uses."""
    _ask("free_all_blocks", device)


reset_max_memory_allocated = reset_peak_memory_stats


def mem_get_info(device=None) -> tuple[int, int]:
    """Tell how many bytes of the GPU are free, and how many it has."""
    with place_of(device).active():
        return cupy().cuda.runtime.memGetInfo()


def memory_stats(device=None) -> dict:
    """Tell the same numbers as a dict, under PyTorch's keys."""
    used, held = memory_allocated(device), memory_reserved(device)
    return {
        "allocated_bytes.all.current": used,
        "allocated_bytes.all.peak": held,
        "reserved_bytes.all.current": held,
        "reserved_bytes.all.peak": held,
    }


def memory_summary(device=None, abbreviated: bool = False) -> str:
    """Word the same numbers.

    >>> print(torch.cuda.memory_summary().splitlines()[0].partition(":")[0])
    held by tensors
    """
    used, held = memory_allocated(device), memory_reserved(device)
    return f"held by tensors: {used:,} bytes\ntaken from the GPU: {held:,} bytes"


def ipc_collect() -> None:
    """Do nothing: processes share no GPU memory here."""
