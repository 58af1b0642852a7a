"""Settings that programs make at their start."""

import numpy as np

from .convert import _of_old_name
from .device import default_device, set_default
from .dtypes import set_default_dtype
from .legacy import OldType
from .notice import say_once
from .processor import THREADS

_asked = {"precision": "highest", "deterministic": False, "warn_only": False}


def set_default_tensor_type(t) -> None:
    """Set the type of new tensors under its old name: ``torch.DoubleTensor``.

    >>> torch.set_default_tensor_type("torch.DoubleTensor")
    >>> torch.zeros(1).dtype
    torch.float64
    >>> torch.set_default_tensor_type(torch.FloatTensor)
    """
    if not isinstance(t, str | OldType):
        raise TypeError(
            "invalid type object: only floating-point types are supported as the default type"
        )
    dtype, place = _of_old_name(t) if isinstance(t, str) else (t.dtype, t.device)
    set_default_dtype(dtype)
    set_default_device(place)


def set_default_device(device) -> None:
    """Set where new tensors are made, unless a call says otherwise.

    >>> torch.set_default_device("cuda" if torch.cuda.is_available() else "cpu")
    >>> here = torch.ones(2).device
    >>> torch.set_default_device(None)  # the processor again
    """
    set_default(device)


def get_default_device():
    """Tell where new tensors are made.

    >>> torch.get_default_device()
    device(type='cpu')
    """
    return default_device()


def get_num_threads() -> int:
    """Tell how many threads compute.

    >>> torch.get_num_threads() >= 1
    True
    """
    return THREADS.count


def set_num_threads(n: int, /) -> None:
    """Say how many threads compute: large products, convolutions, what is pooled.

    >>> before = torch.get_num_threads()
    >>> torch.set_num_threads(1)
    >>> torch.get_num_threads()
    1
    >>> torch.set_num_threads(before)
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise RuntimeError(f"set_num_threads expects an int, but got {type(n).__name__}")
    if n < 1:
        raise RuntimeError("set_num_threads expects a positive integer")
    if n != THREADS.count and not THREADS.tells_blas:
        say_once(
            "torch.set_num_threads: NumPy's products keep their own number of threads here, which "
            "is read when NumPy is first imported: set OMP_NUM_THREADS before Python starts"
        )
    THREADS.count = int(n)


def get_num_interop_threads() -> int:
    """Tell how many operations may run side by side: one.

    >>> torch.get_num_interop_threads()
    1
    """
    return 1


def set_num_interop_threads(n: int) -> None:
    """Accept a number of operations to run side by side: they run one after the other."""


def set_float32_matmul_precision(precision: str) -> None:
    """Say how exact products of float32 shall be: "high" lets a GPU round their operands.

    On the processor they are exact in any case; on a GPU it is the switch
    ``torch.backends.cuda.matmul.allow_tf32``.

    >>> torch.set_float32_matmul_precision("high")
    >>> torch.get_float32_matmul_precision()
    'high'
    """
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"Invalid float32 matmul precision: {precision!r}")
    from .backends import cuda

    _asked["precision"] = precision
    cuda.matmul.allow_tf32 = precision != "highest"


def get_float32_matmul_precision() -> str:
    """Tell the precision that was asked for."""
    return _asked["precision"]


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask that the same program gives the same numbers: on one device it always does.

    >>> torch.use_deterministic_algorithms(True)
    >>> torch.are_deterministic_algorithms_enabled()
    True
    >>> torch.use_deterministic_algorithms(False)
    """
    _asked.update(deterministic=bool(mode), warn_only=bool(warn_only))


def are_deterministic_algorithms_enabled() -> bool:
    """Tell what ``use_deterministic_algorithms`` was last called with."""
    return _asked["deterministic"]


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Tell whether a warning was asked for, instead of an error."""
    return _asked["warn_only"]


def set_deterministic_debug_mode(debug_mode) -> None:
    """Accept PyTorch's other spelling of ``use_deterministic_algorithms``."""
    level = {"default": 0, "warn": 1, "error": 2}.get(debug_mode, debug_mode)
    use_deterministic_algorithms(level > 0, warn_only=level == 1)


def get_deterministic_debug_mode() -> int:
    """Tell the same as a number: 0, 1 or 2."""
    return _asked["deterministic"] * (2 - _asked["warn_only"])


def set_flush_denormal(mode: bool) -> bool:
    """Say no: NumPy keeps the smallest numbers as they are.

    >>> torch.set_flush_denormal(True)
    False
    """
    return False


def set_warn_always(b: bool) -> None:
    """Accept the wish to hear a warning every time: Python's ``warnings`` module decides that."""


def is_warn_always_enabled() -> bool:
    """Say no."""
    return False
