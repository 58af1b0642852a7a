"""What the engine knows of the processor, and of the BLAS that multiplies matrices on it.

A BLAS has threads of its own, and those of OpenBLAS wait for the next product without rest: they
are in the way of the engine's (``threads.py``), and small products are not worth waking them. So
the BLAS gets one thread, if it lets itself be told, and all of them only for what is large.
"""

import contextlib
import ctypes
import os
from pathlib import Path

import numpy as np

SPELLINGS = ("scipy_openblas_{}64_", "scipy_openblas_{}", "openblas_{}64_", "openblas_{}")
MOST = 8  # threads; more wait for Python, and for memory


def _blas():
    """Find the functions that get and set the number of NumPy's BLAS threads, or two None."""
    for path in _libraries():
        with contextlib.suppress(OSError):
            library = ctypes.CDLL(path)
            for spelling in SPELLINGS:
                names = [spelling.format(name) for name in ("get_num_threads", "set_num_threads")]
                if all(hasattr(library, name) for name in names):
                    return [getattr(library, name) for name in names]
    return None, None


def _libraries():
    """List where the BLAS may be found: Windows looks into a library, but not behind it."""
    yield np._core._multiarray_umath.__file__
    yield from map(str, Path(np.__file__).parents[1].glob("numpy.libs/*openblas*"))


def _wanted() -> int:
    """Count the threads that the environment grants, or the processors."""
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(name, "").isdecimal():
            return max(1, int(os.environ[name]))
    return os.cpu_count() or 1


class Threads:
    """How many threads the engine has, and whether it may tell its BLAS how many to use."""

    def __init__(self):
        count, told = _blas()
        self.tells_blas = told is not None
        self.set_blas = told or _unheard
        self.count = min(count() if count else _wanted(), MOST)
        self.set_blas(1)


def _unheard(count):
    """Tell a BLAS that does not listen."""


THREADS = Threads()


def _multiplies_as_it_lies() -> bool:
    """Say whether small products are not rearranged: by OpenBLAS with AVX-512."""
    features = getattr(np._core._multiarray_umath, "__cpu_features__", {})
    built_with = np.show_config(mode="dicts").get("Build Dependencies", {})
    blas = str(built_with.get("blas", {}).get("name"))
    pinned = os.environ.get("OPENBLAS_CORETYPE", "SkylakeX").lower()
    wide = features.get("AVX512_SKX", False) and pinned in ("skylakex", "cooperlake")
    return wide and "openblas" in blas


MULTIPLIES_AS_IT_LIES = _multiplies_as_it_lies()
