"""Larger and smaller pictures: every new number is a mixture of a few old ones.

Which old numbers, and how much of each, is a ``Table``: made once for two sizes and a mode, one
dimension at a time. The op only mixes; the gradient is the same op with the table turned round.
"""

import functools
import itertools
import math

import numpy as np

from ..core import Array, Op
from ..device import device_of
from ..dispatch import op
from ..tensors_only import tensors_only
from .loss import only_floats

KINDS = {"linear": 3, "bilinear": 4, "trilinear": 5, "bicubic": 4, "lanczos": 4}
BYTES = "nearest", "nearest-exact", "bilinear", "bicubic", "lanczos"  # what pictures of bytes know
REACH = {"bilinear": 1, "bicubic": 2, "lanczos": 3}  # how far a smoothing filter looks


class Table:
    """For every new place along a dimension: which old places to mix, and how much of each.

    ``places`` and ``weights`` have a row for each ingredient; ``length`` is the old length.
    """

    def __init__(self, length, places, weights):
        self.length, self.places, self.weights = length, places, weights
        self.picking = len(places) == 1 and bool((weights == 1).all())  # nothing is mixed
        self._copies = {}

    def beside(self, xp, x):
        """Give places and weights where an array lies, in its dtype: they go there only once."""
        key = xp, device_of(x), x.dtype
        if key not in self._copies:
            self._copies[key] = xp.asarray(self.places), xp.asarray(self.weights, x.dtype)
        return self._copies[key]

    @functools.cached_property
    def turned(self):
        """Say for every old place where it went, and how much of it: the table of the gradient."""
        old, new = self.places.ravel(), np.broadcast_to(
            np.arange(self.places.shape[1]), self.places.shape
        ).ravel()  # fmt: skip
        order = np.argsort(old, kind="stable")
        counts = np.bincount(old, minlength=self.length)
        rank = np.arange(old.size) - np.repeat(np.cumsum(counts) - counts, counts)
        shape = max(counts.max(initial=0), 1), self.length
        places, weights = np.zeros(shape, np.int64), np.zeros(shape)
        places[rank, old[order]] = new[order]
        weights[rank, old[order]] = self.weights.ravel()[order]
        return Table(self.places.shape[1], places, weights)

    @functools.cached_property
    def in_whole_numbers(self):
        """Give a table for bytes: weights times a power of 2, rounded, and which power it is."""
        weights = self.weights.copy()
        for k, j in itertools.combinations(range(len(weights)), 2):
            same = self.places[k] == self.places[j]  # at the border: rounded together
            weights[k] += weights[j] * same
            weights[j] *= ~same
        most = weights.max(initial=0)
        power = next(p for p in range(23) if p == 22 or 0.5 + most * 2 ** (p + 1) >= 2**15)
        whole = np.trunc(weights * 2**power + np.copysign(0.5, weights)).astype(np.int32)
        return Table(self.length, self.places, whole), power


@op
class resample(Op):
    r"""Mix old numbers to new ones along the last dimensions, as tables say.

    >>> resample(torch.tensor([0., 1., 2.]), [table(3, 5, "linear", align_corners=True)])
    tensor([0.0000, 0.5000, 1.0000, 1.5000, 2.0000])
    """

    formula = r"y_o = \sum_k w_{ko}\, x_{p_{ko}}"
    gradient = r"\bar x_i = \sum_{k,o:\ p_{ko} = i} w_{ko}\, \bar y_o"
    torch_name = "UpsampleBackward0"

    def forward(self, x: Array, tables):
        self.tables = tables
        if x.dtype == "uint8":
            return _bytes_mixed(self.xp, x, tables)
        for k, each in enumerate(tables):
            x = _mixed(self.xp, x, each, x.ndim - len(tables) + k)
        return x

    def backward(self, g):
        return resample(g, [each.turned for each in self.tables])


def _mixed(xp, x, each, dim):
    """Mix along one dimension."""
    places, weights = each.beside(xp, x)
    if each.picking:
        return xp.take(x, places[0], dim)
    shape = (-1,) + (1,) * (x.ndim - dim - 1)
    pairs = zip(places, weights)
    parts = (xp.take(x, places, dim) * weights.reshape(shape) for places, weights in pairs)
    total = next(parts)
    for part in parts:
        total += part
    return total


def _bytes_mixed(xp, x, tables):
    """Mix bytes, the last dimension first; after each the numbers are bytes again."""
    for back, each in enumerate(reversed(tables), 1):
        if each.picking:
            x = _mixed(xp, x, each, x.ndim - back)
            continue
        whole, power = each.in_whole_numbers
        total = _mixed(xp, x.astype("int32"), whole, x.ndim - back)
        x = ((total + 2 ** (power - 1)) >> power).clip(0, 255).astype("uint8")
    return x


# --- tables


@functools.lru_cache(maxsize=256)
def table(
    length, size, mode, align_corners=False, scale=None, antialias=False, dtype="float32"
):
    """Say how to stretch ``length`` numbers to ``size``; ``scale`` is PyTorch's scale_factor.

    >>> table(2, 4, "nearest").places
    array([[0, 0, 1, 1]])
    """
    if mode in ("nearest", "nearest-exact"):
        kind = np.float64 if dtype == "float64" else np.float32
        places = _nearest(length, size, mode, scale, kind)
        return Table(length, places, np.ones((1, size)))
    if mode == "area":
        return _area(length, size)
    step = _step(length, size, align_corners, scale)
    if antialias:
        return _smoothed(length, size, mode, step)
    at = step * np.arange(size) if align_corners else step * (np.arange(size) + 0.5) - 0.5
    if mode == "bicubic":
        return _cubic(length, at)
    at = at.clip(0)
    first = np.minimum(at.astype(np.int64), length - 1)
    share = (at - first).clip(0, 1)
    places = np.stack([first, np.minimum(first + 1, length - 1)])
    return Table(length, places, np.stack([1 - share, share]))


def _step(length, size, align_corners, scale):
    """Tell how far apart, in old places, two new neighbours are."""
    if align_corners:
        return (length - 1) / (size - 1) if size > 1 else 0.0
    return 1.0 / scale if scale is not None and scale > 0 else length / size


def _nearest(length, size, mode, scale, kind):
    """Choose one old place for each; rounding decides here, so it is done as PyTorch does it."""
    step, half, at = kind(_step(length, size, False, scale)), kind(0.5), np.arange(size, dtype=kind)
    at = at * step if mode == "nearest" else np.maximum(step * (at + half) - half, 0) + half
    places = np.floor(at.astype(np.float32))
    return np.minimum(places.astype(np.int64), length - 1)[None]


def _area(length, size):
    """Take the mean of all old places that a new one covers."""
    starts = np.arange(size) * length // size
    ends = -(-(np.arange(size) + 1) * length // size)
    return _ranges(length, starts, ends, lambda offset, count: np.ones(offset.shape))


def _ranges(length, starts, ends, weigh):
    """Mix ranges of old places; the weights of each range are brought to a sum of 1."""
    counts = ends - starts
    offset = np.arange(counts.max(initial=1))[:, None]
    inside = offset < counts
    weights = np.where(inside, weigh(offset, counts), 0.0)
    weights = weights / weights.sum(0)
    return Table(length, np.where(inside, starts + offset, starts), weights)


def _cubic(length, at):
    """Lay a smooth curve through the four old places around each new one."""
    first = np.floor(at)
    share = at - first
    weights = [_cubic_weight(abs(share - k), -0.75) for k in (-1, 0, 1, 2)]
    places = first.astype(np.int64) + np.arange(-1, 3)[:, None]
    return Table(length, places.clip(0, length - 1), np.stack(weights))


def _cubic_weight(x, a):
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _smoothed(length, size, mode, step):
    """Widen the filter where the picture shrinks, so that no old number is passed over."""
    width = max(step, 1.0)
    reach = REACH[mode] * width
    middle = step * (np.arange(size) + 0.5)
    starts = np.maximum((middle - reach + 0.5).astype(np.int64), 0)
    ends = np.minimum((middle + reach + 0.5).astype(np.int64), length)

    def weigh(offset, counts):
        x = abs((offset + starts - middle + 0.5) / width)
        if mode == "bilinear":
            return (1 - x).clip(0)
        if mode == "bicubic":
            return _cubic_weight(x, -0.5)
        return np.where(x < 3, np.sinc(x) * np.sinc(x / 3), 0.0)

    return _ranges(length, starts, ends, weigh)


# --- what learners call


@tensors_only(asks="dim")
def interpolate(
    input, size=None, scale_factor=None, mode="nearest", align_corners=None,
    recompute_scale_factor=None, antialias=False,
):  # fmt: skip
    """Make a signal, picture or volume (N, C, ...) larger or smaller.

    >>> F.interpolate(torch.tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    >>> F.interpolate(torch.tensor([[[1., 2.]]]), size=3, mode="linear", align_corners=True)
    tensor([[[1.0000, 1.5000, 2.0000]]])
    """
    stepped = mode in ("nearest", "area", "nearest-exact")
    if stepped and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear |"
            " bicubic | trilinear"
        )
    recompute = recompute_scale_factor or (mode == "area" and size is None)
    sizes, scales = _sizes(input, size, scale_factor, recompute)
    if antialias and not (mode in REACH and input.ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires "
            "a 4-D tensor as input"
        )
    _check_mode(input, mode, stepped)
    if mode == "lanczos" and (align_corners or not antialias):
        raise ValueError(
            "Lanczos mode does not support align_corners=True" if align_corners
            else "Lanczos mode requires antialias=True"
        )  # fmt: skip
    old = input.array.shape[2:]
    if min((*input.shape[1:], *sizes)) < 1:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input {list(old)} output "
            f"{list(sizes)}"
        )
    if input.dtype.name != "uint8" or mode not in BYTES:
        only_floats("compute_indices_weights_linear", input.array)
    return resample(input, [
        table(*each, mode, bool(align_corners), scale, bool(antialias), input.array.dtype.name)
        for *each, scale in zip(old, sizes, scales)
    ])  # fmt: skip


def _sizes(input, size, scale_factor, recompute):
    """Give for each dimension its new size, and the factor by which steps are to be taken."""
    old = input.shape[2:]
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None:
        factors = _for_each("scale_factor", "scale_factor of shape", "s", scale_factor, old)
        sizes = [math.floor(n * factor) for n, factor in zip(old, factors)]
        return sizes, [None] * len(old) if recompute else [float(factor) for factor in factors]
    if recompute:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    sizes = _for_each("output", "output size of", "o", size, old)
    if not all(hasattr(n, "__index__") for n in sizes):
        raise TypeError(
            "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, "
            f"int], but got size with types {[type(n) for n in sizes]}"
        )
    return [n.__index__() for n in sizes], [None] * len(old)


def _for_each(name, called, letter, given, old):
    """Give one number for each dimension, or raise PyTorch's error."""
    if not isinstance(given, (tuple, list)):
        return [given] * len(old)
    if len(given) != len(old):
        form = "scale_factor" if letter == "s" else "output size"
        raise ValueError(
            f"Input and {name} must have the same number of spatial dimensions, but got input with "
            f"spatial dimensions of {list(old)} and {called} {given}. Please provide input tensor "
            f"in (N, C, d1, d2, ...,dK) format and {form} in ({letter}1, {letter}2, ...,{letter}K) "
            "format."
        )
    return given


def _check_mode(input, mode, stepped):
    """Raise PyTorch's errors where a mode does not fit the number of dimensions."""
    if input.ndim not in (3, 4, 5) or not (stepped or mode in KINDS):
        raise _unsupported(input, mode)
    if not stepped and KINDS[mode] != input.ndim:
        said = f"Got {input.ndim}D input, but {mode} mode needs {KINDS[mode]}D input"
        raise _unsupported(input, mode) if mode == "bicubic" else NotImplementedError(said)


def _unsupported(input, mode):
    return NotImplementedError(
        f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the "
        "modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | "
        f"nearest-exact (got {mode})"
    )
