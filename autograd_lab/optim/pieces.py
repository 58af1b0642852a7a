"""Weights and what is remembered of them, walked through a cache-full at a time.

An optimizer reads and writes each number several times in one step. NumPy would carry the whole
array from main memory to the processor and back every time; a part of it stays in the cache.
"""

import numpy as np

BLOCK = 131_072  # so many float32 numbers take 0.5 MB; a handful of such parts fit in a cache


def pieces(arrays):
    """List the same part of all arrays, part by part; on a GPU everything is one part.

    ``None`` stands for memory that an optimizer can do without, and stays ``None``.

    >>> weights, gradient = np.zeros(200_000), np.ones(200_000)
    >>> [(w.size, g.size, memory) for w, g, memory in pieces([weights, gradient, None])]
    [(131072, 131072, None), (68928, 68928, None)]
    """
    first = arrays[0]
    if first.size <= BLOCK or type(first) is not np.ndarray:
        return [arrays]
    if all(a is None or a.flags.c_contiguous for a in arrays):
        arrays = [None if a is None else a.reshape(-1) for a in arrays]
    rows = max(1, BLOCK * len(arrays[0]) // first.size)
    return [
        [None if a is None else a[start : start + rows] for a in arrays]
        for start in range(0, len(arrays[0]), rows)
    ]


def as_reals(x):
    """Look at complex numbers as pairs of real ones: each part has a step of its own.

    >>> as_reals(np.array([1 + 2j]))
    array([[1., 2.]])
    """
    return x[..., None].view(x.real.dtype) if x.dtype.kind == "c" else x
