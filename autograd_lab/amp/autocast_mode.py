"""Say where lower precision would do: programs that say so run, in full precision."""

import functools

from .. import dtypes
from ..notice import as_it_is, say_once


class autocast:
    """Mark code that may compute in lower precision, as a ``with`` block or a decorator.

    Nothing is cast: NumPy has no fast float16, so float32 is both quicker and more exact here.
    The results are those of PyTorch without autocast. A warning says so once.

    >>> with torch.autocast("cpu", enabled=False):
    ...     y = torch.ones(2) * 3
    >>> y.dtype
    torch.float32
    """

    def __init__(self, device_type="cuda", dtype=None, enabled=True, cache_enabled=None):
        if not isinstance(device_type, str):
            raise ValueError(
                f"Expected `device_type` of type `str`, got: `{type(device_type)}`"
            )
        self.device, self.fast_dtype, self.enabled = device_type, dtype, enabled

    def __enter__(self):
        if self.enabled:
            say_once(
                "autocast: autograd_lab casts nothing; tensors keep their own precision, because "
                "float16 would be slower in NumPy, and less exact"
            )
        return self

    def __exit__(self, *_):
        pass

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return wrapped


def is_autocast_enabled(device_type=None) -> bool:
    """Say whether operations choose their precision themselves: never.

    >>> torch.is_autocast_enabled()
    False
    """
    return False


def is_autocast_available(device_type: str) -> bool:
    """Say whether operations could choose their precision themselves: no."""
    return False


def get_autocast_dtype(device_type: str) -> dtypes.dtype:
    """Name the dtype that an ``autocast`` block computes in: float32."""
    return dtypes.float32


def custom_fwd(fwd=None, *, device_type="cuda", cast_inputs=None):
    """Mark the forward of an ``autograd.Function`` for autocast: changes nothing."""
    return as_it_is if fwd is None else fwd


def custom_bwd(bwd=None, *, device_type="cuda"):
    """Mark the backward of an ``autograd.Function`` for autocast: changes nothing."""
    return as_it_is if bwd is None else bwd
