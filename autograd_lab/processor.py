"""What the engine knows of the processor and of the BLAS that multiplies matrices on it."""

import os

import numpy as np


def get_num_threads() -> int:
    """Tell how many processors NumPy's matrix products may use.

    >>> torch.get_num_threads() >= 1
    True
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(name, "").isdecimal():
            return int(os.environ[name])
    return os.cpu_count() or 1


def _multiplies_as_it_lies() -> bool:
    """Say whether small products are not rearranged: by OpenBLAS with AVX-512."""
    features = getattr(np._core._multiarray_umath, "__cpu_features__", {})
    built_with = np.show_config(mode="dicts").get("Build Dependencies", {})
    blas = str(built_with.get("blas", {}).get("name"))
    pinned = os.environ.get("OPENBLAS_CORETYPE", "SkylakeX").lower()
    wide = features.get("AVX512_SKX", False) and pinned in ("skylakex", "cooperlake")
    return wide and "openblas" in blas


MULTIPLIES_AS_IT_LIES = _multiplies_as_it_lies()
MULTIPLIES_ALONE = get_num_threads() == 1
