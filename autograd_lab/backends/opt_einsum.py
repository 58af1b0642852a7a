"""The order in which ``einsum`` multiplies several operands: ours, left to right."""

enabled = False
strategy = None


def is_available() -> bool:
    """Say whether the package opt_einsum is used: no."""
    return False
