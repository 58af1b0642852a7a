"""Histograms of activations and gradients: small, quick, and honest about what is no number."""

import numpy as np

from autograd_lab.device import HOST

BINS = 32
SEEN = 4096             # numbers of a larger array, evenly chosen
FACTS = ("low", "high", "mean", "deviation", "zeros", "broken")


def shape_of(array) -> np.ndarray:
    """Give six facts (see ``FACTS``) and then how many of the numbers lie in each bin.

    >>> shape = shape_of(np.array([0.0, 0.0, 1.0, np.nan], "f4"))
    >>> [f"{x:.2f}" for x in shape[:6]], int(shape[6]), int(shape[-1])
    (['0.00', '1.00', '0.33', '0.47', '0.67', '0.25'], 2, 1)
    """
    flat = array.reshape(-1)
    flat = flat[:: max(1, flat.size // SEEN)]
    flat = (flat if type(flat) in HOST else flat.get()).astype(np.float32)
    if array.dtype.kind == "c":
        flat = np.abs(flat)
    fine = flat[np.isfinite(flat)]
    made = np.zeros(len(FACTS) + BINS, np.float32)
    broken = 1 - fine.size / max(1, flat.size)
    if not fine.size:
        made[: len(FACTS)] = (np.nan, np.nan, np.nan, np.nan, 0, broken)
        return made
    low, high = float(fine.min()), float(fine.max())
    zeros = 1 - np.count_nonzero(fine) / fine.size
    made[: len(FACTS)] = (low, high, fine.mean(), fine.std(), zeros, broken)
    scale = BINS / (high - low) if high > low else 0.0
    places = np.minimum((fine - low) * scale, BINS - 1).astype(np.intp)
    made[len(FACTS) :] = np.bincount(places, minlength=BINS)
    return made


def silent(array) -> float:
    """Give the share of units that are never above 0: over the batch, and over all places.

    >>> silent(np.array([[0.0, 1.0], [0.0, 0.0]]))
    0.5
    """
    if array.ndim < 2:
        return float((array <= 0).mean())
    unit = 1 if array.ndim > 3 else array.ndim - 1
    others = tuple(dim for dim in range(array.ndim) if dim != unit)
    return float((array.max(axis=others) <= 0).mean())
