"""Are two results the same? The one place that knows numbers, tensors, tuples, dicts and models."""

import math
from typing import Any

import numpy as np

from ..core import Tensor

RTOL = {"float16": 2e-2, "float32": 1e-4, "float64": 1e-5}
SMALLEST = 1e-3  # below this size, differences count as they are and no longer as a share


def plain(value) -> Any:
    """Turn a result into arrays, and into lists and dicts of arrays.

    A number, a list of numbers and a tensor of them become the same thing. What holds no number
    (a name, None, a function) stays what it is.

    >>> plain([1, 2]).tolist() == plain(torch.tensor([1, 2])).tolist()
    True
    """
    try:
        return _plain(value)
    except Exception:  # a list that holds itself, an object that cannot be asked
        return f"<{type(value).__name__}>"


def _plain(value):
    if isinstance(value, Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic | bool | int | float | complex):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else array.tolist()
    if hasattr(value, "state_dict") and not isinstance(value, type):
        return _plain(value.state_dict())
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return [_plain(entry) for entry in sorted(value, key=repr)]
    if isinstance(value, list | tuple):
        return _sequence(value)
    return value


def _sequence(values):
    """Numbers, and rows of equally many numbers, become one array; tensors stay apart."""
    parts = [_plain(value) for value in values]
    if parts and all(isinstance(part, np.ndarray) for part in parts):
        several = any(isinstance(value, Tensor | np.ndarray) and value.ndim for value in values)
        if not several and len({part.shape for part in parts}) == 1:
            return np.stack(parts)
    return parts


def leaves(value):
    """Yield the arrays and the single things that a result consists of."""
    value = plain(value)
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    else:
        yield value


def same(a, b, gap: float | None = None, exact: bool = False) -> bool:
    """Say whether two results agree, up to the noise of their kind of float.

    With ``gap`` they must also be much nearer to each other than that.

    >>> same((torch.ones(2), 3), ([1, 1], 3.0)), same(torch.ones(2), torch.ones(2, 1))
    (True, False)
    """
    a, b = plain(a), plain(b)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return _close(a, b, gap, exact)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], gap, exact) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, gap, exact) for x, y in zip(a, b))
    if isinstance(a, np.ndarray | list | dict) or isinstance(b, np.ndarray | list | dict):
        return False
    try:
        return a is b or bool(a == b)
    except Exception:
        return False


def _close(a, b, gap, exact):
    if a.shape != b.shape:
        return False
    whole = a.dtype.kind in "biu" and b.dtype.kind in "biu"
    if exact or whole or a.dtype.kind == "c" or b.dtype.kind == "c":
        return bool(np.array_equal(a, b, equal_nan="c" not in a.dtype.kind + b.dtype.kind))
    rtol = max(RTOL.get(a.dtype.name, 1e-5), RTOL.get(b.dtype.name, 1e-5))
    a, b = a.astype(float), b.astype(float)
    finite = np.isfinite(b)
    if not np.array_equal(np.isfinite(a), finite):
        return False
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    if not finite.any():
        return True
    apart = float(np.abs(a[finite] - b[finite]).max())
    scale = max(float(np.abs(b[finite]).max()), SMALLEST)
    return apart <= rtol * scale and (gap is None or apart <= 0.02 * gap)


def distance(a, b) -> float:
    """Give the largest difference between two results; infinity where they cannot be compared."""
    ours, theirs = list(leaves(a)), list(leaves(b))
    if len(ours) != len(theirs):
        return math.inf
    worst = 0.0
    for x, y in zip(ours, theirs):
        if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray):
            worst = worst if same(x, y) else math.inf
        elif x.shape != y.shape:
            return math.inf
        elif x.size:
            with np.errstate(all="ignore"):
                apart = np.abs(x.astype(complex) - y.astype(complex))
            apart = apart[np.isfinite(apart)]
            worst = max(worst, float(apart.max()) if apart.size else math.inf)
    return worst


def finite(value) -> bool:
    """Say whether a result holds no NaN and no infinity."""
    arrays = (leaf for leaf in leaves(value) if isinstance(leaf, np.ndarray))
    return all(bool(np.isfinite(array).all()) for array in arrays)


def weight(values) -> tuple:
    """Measure how much there is to look at: how many numbers, how long a text, how large."""
    count, length, size = 0, 0, 0.0
    for leaf in leaves(list(values)):
        if isinstance(leaf, np.ndarray):
            count, size = count + leaf.size, size + float(np.abs(leaf).sum())
        else:
            length += len(repr(leaf))
    return count, length, size


def kind_of(value) -> str:
    """Name in words what a result is: "a tensor of shape (2, 3)", "a list of 2", "a str"."""
    if value is None:
        return "None"
    found = plain(value)
    if isinstance(found, np.ndarray):
        return "a number" if not found.ndim else f"a tensor of shape {found.shape}"
    if isinstance(found, list | dict):
        return f"a {type(value).__name__} of {len(found)}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
