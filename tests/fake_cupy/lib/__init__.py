"""``cupy.lib``: only ``stride_tricks`` is in it."""

from . import stride_tricks

__all__ = ["stride_tricks"]
