"""Where the GPU's numbers differ from the host's: casts, and memory nobody has written yet."""

import numpy as np

SUPPORTED = frozenset("?bhilqBHILQefdFD")


def supported(dtype) -> np.dtype:
    """Turn a type specifier into a dtype that CuPy supports (``None`` means float64)."""
    dtype = np.dtype(dtype)
    if dtype.char not in SUPPORTED or not dtype.isnative:
        raise ValueError(f"Unsupported dtype {dtype}")
    return dtype


def cast(array: np.ndarray, dtype: np.dtype, order="K") -> np.ndarray:
    """Convert as a GPU does: float to integer saturates, and NaN gives 0.

    NumPy leaves these to the processor: on x86 -1.0 becomes 255 as uint8 and inf the smallest int.
    """
    if array.dtype.kind == "f" and dtype.kind in "iu":
        wide = np.dtype(f"{dtype.kind}{max(4, dtype.itemsize)}")
        limits = np.iinfo(wide)
        whole = np.trunc(np.nan_to_num(array.astype(np.float64), posinf=np.inf, neginf=-np.inf))
        safe = np.where((whole > limits.min) & (whole < limits.max), whole, 0).astype(wide)
        safe = np.where(whole >= limits.max, wide.type(limits.max), safe)
        safe = np.where(whole <= limits.min, wide.type(limits.min), safe)
        return safe.astype(dtype, order="C")
    return array.astype(dtype, order=order)


def poison(array: np.ndarray) -> np.ndarray:
    """Fill fresh memory with numbers that nobody can take for zeros."""
    kind = array.dtype.kind
    if kind in "fc":
        array.fill(np.nan)
    elif kind in "iu":
        array.fill(np.iinfo(array.dtype).max - 17)
    else:
        array.fill(True)
    return array


def fitting(value, dtype: np.dtype):
    """Convert what is written into an array to the array's dtype, as a GPU does."""
    if type(value) is np.ndarray and value.dtype != dtype:
        return cast(value, dtype)
    return value
