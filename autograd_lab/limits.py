"""Which Python numbers a dtype can hold, and PyTorch's words for those that it cannot."""

import math

import numpy as np

REAL_NUMBERS = frozenset({int, float})  # True, False and complex numbers have rules of their own
C_NAMES = {
    "float16": "c10::Half", "float32": "float", "float64": "double", "int32": "int",
    "complex64": "c10::complex<float>",
}  # fmt: skip
INT64 = range(-(2**63), 2**63)
ENDLESS = (-math.inf, math.inf)
FLOAT16, FLOAT64 = np.dtype("float16"), np.dtype("float64")


def check_fits(value, dtype):
    """Raise PyTorch's error for a Python number that a dtype of NumPy cannot hold.

    Floats hold inf and nan, and -1 may be written to uint8: it becomes 255 there.

    >>> check_fits(-1, np.dtype("uint8")), check_fits(math.inf, np.dtype("float16"))
    (None, None)
    >>> check_fits(300, np.dtype("uint8"))
    Traceback (most recent call last):
    RuntimeError: value cannot be converted to type uint8_t without overflow: uint8 goes from 0 to \
255, and this is 300
    """
    kind = dtype.kind
    real = type(value) is not complex
    if kind == "f" and real and (-65504 <= value <= 65504 or value in ENDLESS):
        return  # nearly all calls end here: even float16 holds it
    if type(value) is int:
        check_64_bits(value)
    if kind in "iu" and not _is_within(value, limits := np.iinfo(dtype)):
        ends = f"{limits.min} to {limits.max}"
        raise overflow(dtype, f"{dtype} goes from {ends}, and this is {value}")
    if kind == "f" and value.imag:
        raise overflow(dtype, f"{value} has an imaginary part")
    if kind in "fc":
        largest = float(np.finfo(dtype).max)
        if any(math.isfinite(v) and abs(v) > largest for v in (value.real, value.imag)):
            raise overflow(dtype, f"{dtype} ends at {largest:.5g}, and this is {value}")


def _is_within(value, limits):
    lowest = limits.min or (-limits.max if type(value) is int else 0)
    return not value.imag and lowest <= value.real <= limits.max  # nan is refused, too


def check_fits_or_becomes_inf(value, dtype):
    """Do the same where PyTorch makes float16 by way of double: it becomes inf there."""
    check_fits(value, FLOAT64 if dtype == FLOAT16 else dtype)


def check_64_bits(value):
    """Raise PyTorch's error for a whole number that no integer of 64 bits can hold."""
    if value >= 2**64:
        words = "int too big to convert"
    elif value < -(2**63):
        words = "can't convert negative int to unsigned"
    else:
        return
    raise OverflowError(f"{words}: whole numbers have 64 bits here; try float(n)")


def check_long(value):
    """Raise the error of those places where PyTorch takes no number beyond int64."""
    if value not in INT64:
        raise ValueError(
            f"Overflow when unpacking long long: int64 goes from {INT64[0]} to {INT64[-1]}; try "
            "float(n)"
        )


def as_64_bits(value):
    """Take the whole number that has the same 64 bits: -1 for 2**64 - 1.

    >>> as_64_bits(2**64 - 1), as_64_bits(5)
    (-1, 5)
    """
    check_64_bits(value)
    return value if value < 2**63 else value - 2**64


def overflow(dtype, why):
    """Word PyTorch's error for a number that a dtype cannot hold, and say why it cannot."""
    name = C_NAMES.get(dtype.name, f"{dtype}_t")
    return RuntimeError(f"value cannot be converted to type {name} without overflow: {why}")
