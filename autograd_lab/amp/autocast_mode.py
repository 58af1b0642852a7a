"""Compute products in half precision on a GPU; on the processor nothing is cast."""

import functools

from .. import dtypes
from ..core import Tensor
from ..device import device, is_available
from ..notice import NO_BFLOAT16, say_once
from . import casts
from .brain import bfloat16


class autocast:
    """Compute in lower precision where that is fast and safe, as a ``with`` block or a decorator.

    On a GPU matrix products and convolutions are computed in float16; what adds up many numbers, or
    may leave float16's range, in float32. Keep small gradients with a ``GradScaler``. bfloat16 is a
    name here: what asks for it is computed in float32.

    On the processor nothing is cast: NumPy has no fast float16, so float32 is both quicker and more
    exact here. The results are those of PyTorch without autocast. A warning says so once.

    >>> with torch.autocast("cpu", enabled=False):
    ...     y = torch.ones(2) * 3
    >>> y.dtype
    torch.float32
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        if not isinstance(device_type, str):
            raise ValueError(
                f"Expected `device_type` of type `str`, got: `{type(device_type)}`"
            )
        self.device, self.fast_dtype, self.enabled = device(device_type), dtype, enabled
        self.before = []  # blocks may be entered more than once: a decorated function calls itself

    def __enter__(self):
        on_gpu = self.device.type == "cuda" and is_available()
        self.before.append(casts.enter(self._wanted()) if on_gpu else casts.present.dtype)
        if self.enabled and not on_gpu:
            say_once(
                "autocast: autograd_lab casts nothing; tensors keep their own precision, because "
                "float16 would be slower in NumPy, and less exact"
            )
        return self

    def __exit__(self, *_):
        casts.present.dtype = self.before.pop()

    def _wanted(self):
        if self.fast_dtype is bfloat16 and self.enabled:
            say_once(NO_BFLOAT16)
        asked = self.fast_dtype or dtypes.float16
        return asked if self.enabled and asked is dtypes.float16 else None

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return wrapped


def is_autocast_enabled(device_type="cuda") -> bool:
    """Say whether operations choose their precision themselves: in a block, on a GPU.

    >>> torch.is_autocast_enabled()
    False
    """
    return str(device_type) == "cuda" and casts.present.dtype is not None


def is_autocast_available(device_type: str) -> bool:
    """Say whether operations could choose their precision themselves: on a GPU."""
    return str(device_type) == "cuda" and is_available()


def get_autocast_dtype(device_type: str) -> dtypes.dtype:
    """Name the dtype that an ``autocast`` block computes in: float16 on a GPU, else float32."""
    return dtypes.float16 if is_autocast_available(device_type) else dtypes.float32


def custom_fwd(fwd=None, *, device_type="cuda", cast_inputs=None):
    """Let the forward of an ``autograd.Function`` compute in the precision of ``autocast``.

    With ``cast_inputs``, a dtype, it computes in this one instead: in a block what lies on the GPU
    is brought to it, except for float64.
    """
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def wrapped(ctx, *args, **kwargs):
        enabled = is_autocast_enabled(device_type)
        ctx._fwd_used_autocast = enabled and cast_inputs is None
        if not enabled or cast_inputs is None:
            return fwd(ctx, *args, **kwargs)
        args = [_brought(x, cast_inputs) for x in args]
        kwargs = {name: _brought(x, cast_inputs) for name, x in kwargs.items()}
        with autocast(device_type, enabled=False):
            return fwd(ctx, *args, **kwargs)

    return wrapped


def _brought(x, dtype):
    of_reals = isinstance(x, Tensor) and x.is_cuda and x.is_floating_point()
    return x.to(dtype) if of_reals and x.dtype is not dtypes.float64 else x


def custom_bwd(bwd=None, *, device_type="cuda"):
    """Let the backward of an ``autograd.Function`` compute in the precision of its forward."""
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def wrapped(ctx, *args):
        with autocast(device_type, enabled=ctx._fwd_used_autocast):
            return bwd(ctx, *args)

    return wrapped
