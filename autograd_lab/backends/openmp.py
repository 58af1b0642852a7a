"""OpenMP: not used by us; NumPy's matrix products have threads of their own."""


def is_available() -> bool:
    """Say whether we use OpenMP: no."""
    return False
