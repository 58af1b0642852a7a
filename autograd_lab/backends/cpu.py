"""What the processor can do."""


def get_cpu_capability() -> str:
    """Name the instructions in use: NumPy chooses them by itself.

    >>> torch.backends.cpu.get_cpu_capability()
    'DEFAULT'
    """
    return "DEFAULT"
