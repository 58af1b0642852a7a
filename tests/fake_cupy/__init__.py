"""A pretend GPU: CuPy's names and manners over NumPy, for machines without a GPU.

Tests install it where ``import cupy`` finds it (``installed()``, or the fixture ``pretend_gpu``)
and run on the device "cuda". It is stricter than CuPy on purpose: NumPy functions refuse its
arrays, host arrays and lists are refused as operands, and whatever CuPy lacks is missing here too.
``stats`` counts launches, transfers and waits; ``no_sync()`` and ``capture()`` forbid them.

A captured graph can be launched: see tape.py. A RawKernel is compiled for the processor where there
is a C++ compiler, and cuBLAS, as ctypes calls it, is pretended, too (cublas.py). Nothing here tells
anything about speed.
"""

import numpy as _numpy

# isort: off
from . import compute as _core  # noqa: F401  (where the precision of products is set)
from . import cuda, fft, lib, linalg, random
from . import methods, operators  # noqa: F401  (they complete the array)
from .array import ndarray
from .creation import (
    array, asanyarray, asarray, ascontiguousarray, asfortranarray, asnumpy, astype, clear_memo,
    copy, empty, empty_like, get_array_module, get_default_memory_pool,
    get_default_pinned_memory_pool, is_available, put, put_along_axis, take, take_along_axis,
)  # fmt: skip
from .installing import install, installed
from .kernels import RawKernel
from .namespace import on_demand
from .state import Cost, DeviceSync, capture, counting, no_sync, stats
from .surface import VERSION as __version__
from .ufuncs import ufunc

newaxis = None
Inf = Infinity = PINF = infty = _numpy.inf
NaN = NAN = _numpy.nan
__getattr__ = on_demand("", __name__)

__all__ = [
    "Cost", "DeviceSync", "RawKernel", "__version__", "array", "asanyarray", "asarray",
    "ascontiguousarray", "asfortranarray", "asnumpy", "astype", "capture", "clear_memo", "copy",
    "counting", "cuda", "empty", "empty_like", "fft", "get_array_module", "get_default_memory_pool",
    "get_default_pinned_memory_pool", "install", "installed", "is_available", "lib", "linalg",
    "ndarray", "no_sync", "put", "put_along_axis", "random", "stats", "take", "take_along_axis",
    "ufunc",
]  # fmt: skip
