"""Functions of ``cupy`` that are not simply NumPy's: how arrays arrive and leave."""

import sys

import numpy as np

from . import random
from .array import ndarray, view_of, wrap
from .calls import unwrap
from .casts import cast, poison, supported
from .memory import pinned_pool, pool
from .state import check_device, here, stats, synchronize, upload
from .tape import writes


def array(obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False):
    """Make an array on the current GPU from numbers, host arrays, or arrays of any GPU."""
    if type(obj) is ndarray:
        return with_dims(from_device(obj, dtype, copy, order), ndmin)
    if type(obj) in (list, tuple) and holds_device_array(obj):
        host = here.run(np.array, unwrap(obj, "array"))
        stats.launches += 1
    else:
        host = here.run(np.array, obj, dtype)
        if host.ndim:
            upload()
        else:
            stats.launches += 1  # one number travels as an argument of the kernel that writes it
        if blocking:
            synchronize("blocking=True")
    host = here.run(np.asarray, host, supported(dtype or host.dtype), order)
    return with_dims(wrap(host), ndmin)


def holds_device_array(nested) -> bool:
    """Look for a GPU array in nested lists."""
    if type(nested) in (list, tuple):
        return any(holds_device_array(one) for one in nested)
    return type(nested) is ndarray


def from_device(obj, dtype, copy, order):
    """Convert, copy (also from another GPU) or hand back an array."""
    dtype = obj.dtype if dtype is None else supported(dtype)
    if obj._device != here.device:
        obj, copy = obj.copy("K"), None
    host = obj._array
    if copy or dtype != host.dtype:
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        stats.launches += 1
        return wrap(here.run(cast, host, dtype, order))
    if order in ("C", "F") and not getattr(host.flags, f"{order.lower()}_contiguous"):
        return obj.copy(order)
    return obj


def with_dims(made, ndmin):
    """Put axes of length 1 in front until there are ``ndmin``."""
    missing = ndmin - made.ndim
    if missing <= 0:
        return made
    return view_of(made, made._array.reshape((1,) * missing + made.shape))


def asarray(a, dtype=None, order=None, *, copy=None, blocking=False):
    return array(a, dtype, copy, order or "K", blocking=blocking)


asanyarray = asarray


def ascontiguousarray(a, dtype=None):
    return array(a, dtype, None, "C", ndmin=1)


def asfortranarray(a, dtype=None):
    return array(a, dtype, None, "F", ndmin=1)


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    """Copy to the host (what lives there already is handed back)."""
    if type(a) is ndarray:
        return a.get(stream=stream, order=order, out=out, blocking=blocking)
    return np.asarray(a, order=order)


def copy(a, order="K"):
    return a.copy(order)


def astype(x, dtype, *, copy=True):
    return x.astype(dtype, copy=copy)


def empty(shape, dtype=float, order="C"):
    return wrap(poison(np.empty(shape, supported(dtype), order)))


def empty_like(prototype, dtype=None, order="K", subok=None, shape=None):
    host = unwrap(prototype, "empty_like", refuse_list=True)
    dtype = None if dtype is None else supported(dtype)
    return wrap(poison(np.empty_like(host, dtype, order, shape=shape)))


def take(a, indices, axis=None, out=None):
    """Pick along an axis; what is out of range wraps around."""
    check_device(a._device)
    if type(indices) in (list, np.ndarray):
        upload()
        indices = np.asarray(indices)
    else:
        indices = unwrap(indices, "take")
    stats.launches += 1
    result = here.run(np.take, a._array, indices, axis, unwrap(out, "take"), "wrap")
    return wrap(result) if out is None else out


def put(a, ind, v, mode="wrap"):
    """Write to places of the flat array; out of range wraps around unless told otherwise."""
    stats.launches += 1
    host = unwrap(a, "put", True)
    here.run(np.put, host, unwrap(ind, "put"), unwrap(v, "put", True), mode)


def in_range(places, host, axis):
    """Bring indices into range, as the GPU does."""
    return places % (host.size if axis is None else host.shape[axis])


def taken(host, places, axis):
    return np.take_along_axis(host, in_range(places, host, axis), axis)


@writes
def put_there(host, places, values, axis):
    np.put_along_axis(host, in_range(places, host, axis), values, axis)


def take_along_axis(a, indices, axis):
    host = unwrap(a, "take_along_axis", True)
    stats.launches += 1
    return wrap(here.run(taken, host, unwrap(indices, "take_along_axis", True), axis))


def put_along_axis(arr, indices, values, axis):
    host, *others = [unwrap(x, "put_along_axis", True) for x in (arr, indices, values)]
    stats.launches += 1
    here.run(put_there, host, *others, axis)


def get_array_module(*args):
    """Give this module if any argument lives on a GPU, else NumPy."""
    return sys.modules[__package__] if any(type(one) is ndarray for one in args) else np


def get_default_memory_pool():
    return pool


def get_default_pinned_memory_pool():
    return pinned_pool


def is_available():
    return True


def clear_memo():
    random.reset_states()
