"""What a tensor looks like as plain data: its facts, and the part of its numbers that travels.

A page gets at most `ROOM` numbers at once: whole slices (matrices) while they fit, or one slice
whose cells are means of blocks. No Jupyter here, only arrays.
"""

import math
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from autograd_lab.core import Tensor
from autograd_lab.device import HOST, cpu, device_of, move
from autograd_lab.html import look, thinned

from .._paper import clean, short
from ..grid import means

ROOM = 2**16  # numbers that travel at once
BINS = 40  # bars of a histogram
LARGEST = 1.7e308  # an edge of a histogram is a number that JSON can hold
KINDS = {"b": "truth value", "u": "integer", "i": "integer", "f": "float", "c": "complex"}


def arrays_of(x, grad=None):
    """Find the array of ``x`` and of its gradient (None without one).

    Tensors and arrays of any device are taken as they are, never copied. ``grad=False`` leaves the
    gradient out.

    >>> arrays_of([[1, 2], [3, 4]])
    (array([[1, 2],
           [3, 4]]), None)
    """
    array = _array(x, "x")
    if grad is None or grad is True:
        grad = x._grad if isinstance(x, Tensor) else None if _plain(x) else getattr(x, "grad", None)
    if grad is None or grad is False:
        return array, None
    slope = _array(grad, "grad")
    if slope.shape != array.shape:
        raise ValueError(
            f"a gradient has the shape of its tensor: {tuple(slope.shape)} is not "
            f"{tuple(array.shape)}"
        )
    return array, slope


def _array(x, role) -> Any:
    if isinstance(x, Tensor):
        array = x.array
    elif type(x).__module__.partition(".")[0] == "torch" and hasattr(x, "detach"):
        array = x.detach().cpu().numpy()
    elif type(x) in HOST or hasattr(x, "__cuda_array_interface__"):
        array = x
    else:
        array = _listed(x, role)
    array = np.asarray(array) if isinstance(array, np.generic) else array
    if array.dtype.kind not in KINDS:
        raise TypeError(f"{role}: TensorView draws numbers, not an array of {array.dtype}")
    return array


def _listed(x, role):
    if callable(getattr(x, "named_parameters", None)):
        names = [name for name, _ in x.named_parameters()]
        example = f"model.{names[0]}" if names else "one of its tensors"
        raise TypeError(
            f"TensorView shows one tensor; a {type(x).__name__} has {len(names)}: choose one, for "
            f"instance TensorView({example})"
        )
    if not isinstance(x, list | tuple | range | int | float | complex | bool):
        raise TypeError(
            f"{role}: TensorView shows a tensor, an array or a nested list of numbers, not a "
            f"{type(x).__name__}"
        )
    try:
        return np.asarray([move(_array(part, role), cpu) for part in x] if _tensors(x) else x)
    except ValueError as error:
        raise ValueError(
            f"{role}: the rows of this list have different lengths; a tensor is rectangular"
        ) from error


def _tensors(x) -> TypeGuard[list]:
    return isinstance(x, list | tuple) and any(isinstance(part, Tensor) for part in x)


def _plain(x):
    return isinstance(x, list | tuple | range | int | float | complex | np.generic | np.ndarray)


# --- the facts


def facts_of(array) -> dict:
    """Describe the numbers of an array: extremes, mean, std, histogram, what is not a number.

    >>> facts = facts_of(np.array([0.0, 1.0, 2.0, np.nan]))
    >>> facts["low"], facts["mean"], facts["high"], facts["nan"], facts["zero"]
    (0.0, 1.0, 2.0, 0.25, 0.25)
    """
    seen, size = look(array), max(array.size, 1)
    part = move(thinned(array), cpu)
    sizes = (np.abs(part) if part.dtype.kind == "c" else part).astype(np.float64).reshape(-1)
    good = sizes[np.isfinite(sizes)]
    counts, edges = _histogram(good, part.dtype.kind)
    with np.errstate(all="ignore"):
        std = float(good.std()) if good.size else None
    zeros = float(np.count_nonzero(good == 0) / max(sizes.size, 1))
    numbers = {"low": seen.low, "mean": seen.mean, "high": seen.high, "std": std}
    return {
        **{name: _told(value) for name, value in numbers.items()},
        "top": seen.top, "nan": seen.nans / size, "infinite": seen.infinite / size,
        "nans": seen.nans, "infinities": seen.infinite, "zero": zeros, "sampled": seen.sampled,
        "counts": counts, "edges": edges,
    }  # fmt: skip


def _told(value):
    return None if value is None else value if math.isfinite(value) else str(value)


def _histogram(good, kind):
    """Count equal steps; of few different whole numbers, each of them."""
    if not good.size:
        return [], []
    if kind in "bui":
        low, high = int(good.min()), int(good.max())
        if high - low < BINS:
            counts = np.bincount((good - low).astype(int), minlength=high - low + 1)
            return counts.tolist(), list(range(low, high + 1))
    scale = float(max(abs(good.min()), abs(good.max()))) or 1.0  # so that no difference overflows
    shares = good / scale
    low, high = float(shares.min()), float(shares.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    # np.histogram sorts out the borders exactly, which no eye sees, at three times the price.
    places = ((shares - low) * (BINS / (high - low))).astype(np.int64)
    counts = np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
    edges = np.clip(np.linspace(low, high, BINS + 1), -LARGEST / scale, LARGEST / scale) * scale
    return counts.tolist(), edges.tolist()


# --- the part that travels


class Part(NamedTuple):
    """Numbers of some slices: ``count`` of them from the ``first`` on, each rows x columns."""

    first: int
    count: int
    numbers: Any
    per: tuple  # one number stands for the mean of so many elements
    phases: Any = None


def sides(shape) -> tuple:
    """Give leading dimensions, rows and columns of a shape; a vector is one row."""
    lead, (rows, columns) = tuple(shape[:-2]), (1, 1, *shape)[-2:]
    return lead, rows, columns


def part_of(array, first=0) -> Part:
    """Take as many whole slices as fit into the room, from a place on; of a large one, means.

    >>> part_of(np.arange(6.0).reshape(2, 3)).numbers.tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    >>> part_of(np.ones((1000, 500))).per
    (3, 3)
    """
    lead, rows, columns = sides(array.shape)
    total, each = math.prod(lead), max(rows * columns, 1)
    group = array.shape[-3] if len(lead) and array.shape[-3] in (3, 4) else 1
    count = ROOM // each
    count = total if count >= total else max(1, count - count % group if count > group else count)
    first = min(max(0, first), max(0, total - 1)) // count * count if count else 0
    count = min(count, total - first)
    slices = _slices(array, first, count)
    per = _per(rows, columns)
    phases = None
    if slices.dtype.kind == "c":
        phases = np.angle(slices).astype(np.float32).reshape(-1) if per == (1, 1) else None
        slices = np.abs(slices)
    if per != (1, 1):
        slices = np.stack([means(one, *per) for one in slices.astype(np.float64)])
    return Part(first, count, _narrow(slices).reshape(-1), per, phases)


def _slices(array, first, count):
    """Copy some slices to the host: (count, rows, columns)."""
    lead, rows, columns = sides(array.shape)
    if math.prod(lead) == count:
        return np.asarray(move(array, cpu)).reshape(count, rows, columns)
    places = [np.unravel_index(k, lead) for k in range(first, first + count)]
    # Neighbours in the last leading dimension lie beside each other: one copy for each run.
    runs, width = [], lead[-1]
    while places:
        *outer, start = map(int, places[0])
        many = min(width - start, len(places))
        runs.append(move(array[(*outer, slice(start, start + many))], cpu))
        places = places[many:]
    return np.concatenate(runs)


def _per(rows, columns):
    """Choose the blocks that a slice is cut into: squares, or pieces of long lines."""
    down = across = 1
    while math.ceil(rows / down) * math.ceil(columns / across) > ROOM:
        if rows < 40:
            across += max(1, across // 8)
        elif columns < 40:
            down += max(1, down // 8)
        else:
            down = across = down + max(1, down // 8)
    return down, across


def _narrow(numbers):
    """Take 32 bits where they say the same: of whole numbers and what is float32 already."""
    if numbers.dtype.itemsize <= 4 and numbers.dtype.kind == "f":
        return numbers.astype(np.float32)
    wide = numbers.astype(np.float64)
    with np.errstate(all="ignore"):
        narrow = wide.astype(np.float32)
        same = numbers.dtype.kind in "bui" and bool((narrow == wide).all())
    return narrow if same else wide


# --- words


def described(array, name, names) -> dict:
    """Tell everything about a tensor but its numbers."""
    shape = tuple(array.shape)
    return {
        "name": short(clean(name or ""), 60), "shape": list(shape), "dtype": str(array.dtype),
        "kind": KINDS[array.dtype.kind], "device": str(device_of(array)),
        "names": axis_names(shape, names), "size": int(array.size),
    }  # fmt: skip


def axis_names(shape, names=None) -> list:
    """Name the axes: as the learner does, or by their number.

    >>> axis_names((8, 3, 28, 28))
    ['dim 0', 'dim 1', 'dim 2', 'dim 3']
    """
    if names is None:
        return [f"dim {axis}" for axis in range(len(shape))]
    names = (names,) if isinstance(names, str) else tuple(names)
    if len(names) != len(shape):
        raise ValueError(f"names: {len(shape)} axes need as many names, not {len(names)}")
    return [short(clean(name), 24) for name in names]


def guess(array, names=None) -> str:
    """Choose how a tensor is looked at first: what has 1 or 3 channels is an image.

    >>> guess(np.zeros((8, 3, 32, 32))), guess(np.zeros((16, 3, 5, 5)))
    ('image', 'map')
    """
    shape = array.shape
    if len(shape) >= 3 and min(shape[-2:]) >= 8 and shape[-3] in (1, 3):
        return "image"
    eight = array.dtype == np.uint8 and len(shape) >= 2
    return "image" if eight and (shape[-1] in (3, 4) or min(shape[-2:]) >= 8) else "map"
