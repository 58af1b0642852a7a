"""Read numbers from the bytes that another program, or a file, left in memory."""

import numpy as np

from .. import dtypes
from ..core import wrap


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """Make a tensor from bytes, without a copy: whoever writes to one writes to the other.

    Only bytes that nobody may write to are copied.

    Args:
        buffer: bytes, a bytearray, an array of the standard library, a memoryview ...
        dtype: what the bytes mean.
        count: how many numbers to read; -1 for as many as there are.
        offset: how many bytes to skip first.
        requires_grad: whether the tensor needs a gradient.

    >>> torch.frombuffer(bytearray([1, 0, 2, 0]), dtype=torch.int16)
    tensor([1, 2], dtype=torch.int16)
    """
    kind = dtypes.as_array_dtype(dtype)
    try:
        length = memoryview(buffer).nbytes
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    _check(length, kind.itemsize, count, offset)
    array = np.frombuffer(buffer, kind, count, offset)
    made = wrap(array if array.flags.writeable else array.copy())
    return made.requires_grad_() if requires_grad else made


def _check(length, itemsize, count, offset):
    """Raise PyTorch's error unless the numbers that are asked for lie in the buffer."""
    if length == 0 or count == 0:
        raise ValueError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length "
            f"({length} bytes) minus 1"
        )
    left = length - offset
    if count < 0 and left % itemsize:
        raise ValueError(
            f"buffer length ({left} bytes) after offset ({offset} bytes) must be a multiple of "
            f"element size ({itemsize})"
        )
    if count > 0 and offset + count * itemsize > length:
        raise ValueError(
            f"requested buffer length ({count} * {itemsize} bytes) after offset ({offset} bytes) "
            f"must not be greater than actual buffer length ({length} bytes)"
        )
