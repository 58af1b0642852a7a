"""Apple's GPU: NumPy does not compute on it."""


def is_available() -> bool:
    """Say whether Apple's GPU can be used: no.

    >>> "mps" if torch.backends.mps.is_available() else "cpu"
    'cpu'
    """
    return False


def is_built() -> bool:
    """Say whether this package could use Apple's GPU: no."""
    return False


def is_macos13_or_newer(minor: int = 0) -> bool:
    """Answer as on a computer that is not a Mac."""
    return False
