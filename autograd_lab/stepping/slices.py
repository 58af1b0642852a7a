"""The part of a tensor that is shown: a rectangle around the entry in play."""

from dataclasses import dataclass

import numpy as np

from .rule import host

ROWS, COLUMNS = 8, 10  # of the rectangle, at most


@dataclass(frozen=True)
class Slice:
    """A rectangle of a tensor around the entry in play."""

    node: int
    which: str  # "value" or "grad"
    of: str  # what it is, in words: "∂L/∂w[0, :, :]"
    shape: tuple
    values: tuple  # rows of numbers
    first: tuple  # where in the last two dimensions the rectangle begins
    at: tuple  # the entry in play, within the rectangle
    index: tuple  # and within the tensor


def slice_of(walk, number, which, array, index=None) -> Slice:
    """Cut the rectangle around the entry in play out of a tensor's last two dimensions."""
    array = host(array)
    array = np.abs(array) if array.dtype.kind == "c" else array
    index = walk.play(number) if index is None else index
    if not inside(index, array):
        index = largest(array)
    table = array.reshape((1,) * (2 - array.ndim) + array.shape) if array.ndim < 2 else array
    table = table[index[: max(array.ndim - 2, 0)]]
    row, column = (0, 0, *index)[-2:]
    top, left = window(row, table.shape[0], ROWS), window(column, table.shape[1], COLUMNS)
    part = table[top : top + ROWS, left : left + COLUMNS]
    values = tuple(tuple(short(v) for v in line) for line in part.tolist())
    name = walk.name(number) if which == "value" else walk.partial(number)
    lead = [*map(str, index[: max(array.ndim - 2, 0)]), ":", ":"] if array.ndim > 2 else []
    of = name + (f"[{', '.join(lead)}]" if lead else "")
    shape = tuple(int(n) for n in array.shape)
    at = row - top, column - left
    return Slice(number, which, of, shape, values, (top, left), at, index)


def inside(index, array) -> bool:
    """Whether an array has such an entry: another result of the same operation may not."""
    shape = np.shape(array)
    return len(index) == len(shape) and all(i < n for i, n in zip(index, shape))


def largest(array) -> tuple:
    """Give the place of the largest entry; one that is not finite counts as largest."""
    if not np.size(array):
        return ()
    size = np.nan_to_num(np.abs(array), nan=np.inf, posinf=np.inf)
    return tuple(int(i) for i in np.unravel_index(int(size.argmax()), size.shape))


def window(at, size, most) -> int:
    """Say where a window of ``most`` places begins that shows the place ``at``."""
    return max(0, min(at - most // 2, size - most))


def short(value):
    """Round a number for the journey; what is not finite goes as a word."""
    value = float(value)
    return float(f"{value:.7g}") if np.isfinite(value) else str(value)
