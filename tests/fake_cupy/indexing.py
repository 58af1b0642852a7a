"""``a[i]`` and ``a[i] = v`` with CuPy's habits.

* A number or slice makes a view, also where NumPy gives a number: ``a[0]`` is a 0-d array.
* An integer array that is out of range wraps around; a plain number that is raises.
* A mask, read or written, makes the host wait: it must learn how many elements are meant.
* Which of two values wins that are written to one place is undefined: here the first, because
  NumPy lets the last one win and code must not lean on that.
"""

import numpy as np

from .array import ndarray, operand, view_of, wrap
from .casts import fitting
from .state import check_device, here, stats, synchronize, upload
from .tape import writes

BASIC = frozenset(
    {int, slice, type(None), type(...)}
    | {t for t in np.sctypeDict.values() if np.dtype(t).kind in "iu"}
)


def is_basic(index) -> bool:
    """Tell whether an index holds only numbers, slices, None and ``...``."""
    if type(index) is tuple:
        return all(type(part) in BASIC for part in index)
    return type(index) in BASIC


def host_part(part):
    """Unwrap one part of an advanced index."""
    if type(part) is ndarray:
        check_device(part._device)
        part = part._array
    elif type(part) in BASIC:
        return part
    else:  # CuPy takes lists and host arrays as indices, at the price of a transfer
        part = np.asarray(part) if np.size(part) else np.asarray(part, np.int32)
        upload()
    if part.dtype.kind == "b":
        synchronize("a boolean mask as index")
    elif part.dtype.kind not in "iu":
        raise IndexError(
            "arrays used as indices must be of integer or boolean type. "
            f"(actual: {part.dtype.type})"
        )
    return part


def host_index(index) -> tuple:
    """Unwrap an advanced index into NumPy's, one tuple."""
    return tuple([host_part(p) for p in (index if type(index) is tuple else (index,))])


def wrapped(index: tuple, shape: tuple) -> tuple:
    """Bring the integer arrays of an index into range, modulo the length of their axis."""
    taken = sum(p.ndim if is_mask(p) else p is not None and p is not ... for p in index)
    parts, axis = [], 0
    for part in index:
        if part is ...:
            axis += len(shape) - taken
        elif is_mask(part):
            axis += part.ndim
        elif part is not None:
            part = part % shape[axis] if type(part) is np.ndarray else part
            axis += 1
        parts.append(part)
    return tuple(parts)


def is_mask(part) -> bool:
    """Tell a boolean array from the other parts of an index."""
    return type(part) is np.ndarray and part.dtype.kind == "b"


def has_mask(index: tuple) -> bool:
    """Tell whether an index holds a boolean array."""
    return any(is_mask(part) for part in index)


def look_up(array: np.ndarray, index: tuple) -> np.ndarray:
    """Read ``array[index]``, wrapping what is out of range."""
    try:
        return array[index]
    except IndexError:
        return array[wrapped(index, array.shape)]


def get(self, index):
    """Read ``self[index]``."""
    if is_basic(index):
        host = self._array[index]
        if type(host) is not np.ndarray:
            host = self._array[(*index, ...) if type(index) is tuple else (index, ...)]
        return view_of(self, host)
    check_device(self._device)
    index = host_index(index)
    stats.launches += 1
    return wrap(here.run(look_up, self._array, index))


def put(self, index, value):
    """Write ``self[index] = value``; the value is a number or an array of this device."""
    check_device(self._device)
    value = operand(value, "__setitem__")
    stats.launches += 1
    here.run(write, self._array, index if is_basic(index) else host_index(index), value)


@writes
def write(array, index, value):
    """Write ``array[index] = value``, wrapping what is out of range."""
    value = fitting(value, array.dtype)
    if is_basic(index):
        array[index] = value
        return
    try:
        array[index] = value
    except IndexError:
        index = wrapped(index, array.shape)
        array[index] = value
    if np.ndim(value):
        let_first_win(array, index, value)


def let_first_win(array, index, value):
    """Write once more, last value first, if some place was written twice."""
    written = array[index]
    value = np.broadcast_to(value, written.shape)
    if np.array_equal(written, value, equal_nan=written.dtype.kind in "fc"):
        return
    places = np.arange(array.size).reshape(array.shape)[index].ravel()[::-1]
    array[np.unravel_index(places, array.shape)] = value.ravel()[::-1]
