"""Intel's GPU: not used, and the questions about it have answers."""

from .cuda.random import manual_seed as manual_seed
from .cuda.random import seed as seed

manual_seed_all = manual_seed


def is_available() -> bool:
    """Say whether Intel's GPU can be used: no.

    >>> torch.xpu.is_available()
    False
    """
    return False


def device_count() -> int:
    """Count Intel's GPUs that can be used: 0."""
    return 0


def synchronize(device=None) -> None:
    """Do nothing: there is nothing to wait for."""


def empty_cache() -> None:
    """Do nothing: no memory is held there."""


def memory_allocated(device=None) -> int:
    """Count the bytes held there: 0."""
    return 0
