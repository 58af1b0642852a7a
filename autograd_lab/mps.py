"""Apple's GPU: not used, and the questions about it have answers."""

from .cuda.random import manual_seed as manual_seed
from .cuda.random import seed as seed


def is_available() -> bool:
    """Say whether Apple's GPU can be used: no.

    >>> torch.mps.is_available()
    False
    """
    return False


def device_count() -> int:
    """Count Apple's GPUs that can be used: 0."""
    return 0


def synchronize() -> None:
    """Do nothing: there is nothing to wait for."""


def empty_cache() -> None:
    """Do nothing: no memory is held there."""


def current_allocated_memory() -> int:
    """Count the bytes held there: 0."""
    return 0


driver_allocated_memory = current_allocated_memory
