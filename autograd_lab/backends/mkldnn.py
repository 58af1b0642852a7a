"""oneDNN: not used."""

import contextlib

enabled = False
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Say whether oneDNN is used: no."""
    return False


@contextlib.contextmanager
def flags(enabled=False, deterministic=False, allow_tf32=True):
    """Accept the switches for a ``with`` block."""
    yield
