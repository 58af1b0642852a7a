"""Intel's library of products: whether NumPy uses it is NumPy's affair."""


def is_available() -> bool:
    """Say whether we call MKL ourselves: no."""
    return False
