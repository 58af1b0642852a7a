"""PyTorch's ``torch.signal``: windows for taking signals apart piece by piece."""

from . import windows

__all__ = ["windows"]
