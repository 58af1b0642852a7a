"""Put in order: sort, the largest few, the median, what occurs and how often."""

import math

from .. import dtypes
from ..core import Array, Op, Tensor, wrap
from ..device import on_host
from ..dispatch import op
from ..dtypes import legacy_name
from ..general import same_device
from ..tensors_only import tensors_only
from .dims import along, check_not_empty, chosen, whole
from .extremes import back_to_place, shared_by_all
from .gather import add_along, gather
from .named import named
from .scan import running
from .shape import squeeze
from .spelling import with_numpy_words, with_out
from .ties import (
    SHORT,
    introsort,
    most_frequent,
    order_of_rows,
    quickselect,
    settle,
    settle_nan,
    smallest,
)


def ordered(xp, x, dim, descending=False):
    """Say in which order the elements stand when sorted; equal ones keep their order."""
    if x.dtype.kind == "c":
        raise RuntimeError("sort(): complex numbers have no order")
    x = x.astype("uint8") if x.dtype.kind == "b" else x
    if not descending:
        return xp.argsort(x, axis=dim, kind="stable")
    backwards = along(dim, slice(None, None, -1))
    return x.shape[dim] - 1 - xp.argsort(x[backwards], axis=dim, kind="stable")[backwards]


@op
class sorted_along(Op):
    r"""Sort along a dimension, and say which place each element came from.

    >>> sorted_along(torch.tensor([3, 1, 2]))
    (tensor([1, 2, 3]), tensor([1, 2, 0]))
    """

    formula, gradient = r"y_i = x_{k_i}", r"\bar x_{k_i} = \bar y_i"
    several, torch_name = True, "SortBackward0"

    def forward(self, x: Array, dim=-1, descending=False, stable=True):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        if not x.ndim:
            self.indices = self.xp.zeros((), "int64")
            return x.copy(), self.indices
        self.indices = ordered(self.xp, x, self.dim, descending)
        if not stable and x.shape[self.dim] > SHORT:
            self.indices = settle(self.indices.copy(), x, self.indices, self.dim, introsort)
        return self.xp.take_along_axis(x, self.indices, axis=self.dim), self.indices

    def backward(self, g, indices):
        return add_along(g.filled(2)[0], self.dim, indices, self.old)


@with_out
def sort(input, dim=-1, descending=False, stable=False):
    """Sort along a dimension; give the elements in order, and the place each came from.

    >>> torch.sort(torch.tensor([3, 1, 2])).values
    tensor([1, 2, 3])
    """
    if isinstance(dim, bool):
        dim, descending = -1, dim
    return _pair("sort", sorted_along(input, dim, descending, stable))


def _pair(name, pair):
    return named(name, values=pair[0], indices=pair[1])


@with_numpy_words
def argsort(input, dim=-1, descending=False, stable=False):
    """Say from which place each element comes when they are sorted.

    >>> torch.argsort(torch.tensor([3, 1, 2]))
    tensor([1, 2, 0])
    """
    return sorted_along(input.detach(), dim, descending, stable)[1]


@with_out
def msort(input):
    """Sort along the first dimension.

    >>> torch.msort(torch.tensor([3, 1, 2]))
    tensor([1, 2, 3])
    """
    return sorted_along(input, 0, False, False)[0]


@op
class topk_along(Op):
    r"""Take the ``k`` largest (or smallest) elements, and their places.

    >>> topk_along(torch.tensor([3., 1., 2.]), 2)
    (tensor([3., 2.]), tensor([0, 2]))
    """

    formula, gradient = r"y_i = x_{k_i}", r"\bar x_{k_i} = \bar y_i"
    several, torch_name = True, "TopkBackward0"

    def forward(self, x: Array, k, dim=-1, largest=True, in_order=True):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        if not 0 <= k <= (x.shape[self.dim] if x.ndim else 1):
            raise RuntimeError("selected index k out of range")
        if not x.ndim:
            self.indices = self.xp.zeros((), "int64")
            return x.copy(), self.indices
        order = ordered(self.xp, x, self.dim, largest)
        first = order[along(self.dim, slice(k))].copy()
        self.indices = settle(
            first, x, order, self.dim, lambda key: smallest(key, k, in_order)
        )
        return self.xp.take_along_axis(x, self.indices, axis=self.dim), self.indices

    def backward(self, g, indices):
        return add_along(g.filled(2)[0], self.dim, indices, self.old)


@with_out
def topk(input, k, dim=-1, largest=True, sorted=True):
    """Take the ``k`` largest (or smallest) elements along a dimension, and their places.

    >>> torch.topk(torch.tensor([3., 1., 2.]), 2).values
    tensor([3., 2.])
    """
    return _pair("topk", topk_along(input, int(k), dim, largest, sorted))


@op
class place_in_order(Op):
    r"""Take the element at place ``k`` in sorted order, and where it came from.

    ``k`` may differ from row to row. ``any_nan`` says that a nan comes before everything.

    >>> place_in_order(torch.tensor([3., 1., 2.]), 0, 0)
    (tensor(1.), tensor(1))
    """

    formula, gradient = r"y = x_{i},\ i = \text{place of the } k\text{-th}", r"\bar x_i = \bar y"
    several, torch_name = True, "KthvalueBackward0"

    def forward(self, x: Array, k, dim, keepdim=False, any_nan=False, quick=False):
        xp, self.old, self.dim = self.xp, x.shape, whole(dim, x.ndim)
        if not x.ndim:
            self.indices = xp.zeros((), "int64")
            return x.copy(), self.indices
        order = ordered(xp, x, self.dim)
        if isinstance(k, int):
            places = order[along(self.dim, slice(k, k + 1))].copy()
        else:
            places = xp.take_along_axis(order, k, axis=self.dim)
        if quick:  # of several equal ones, the one that kthvalue's way of searching comes upon
            places = settle(places, x, order, self.dim, lambda key: quickselect(key, k))
        if any_nan:  # a nan stands last: take the first of them where there is one
            odd = x != x
            first = xp.expand_dims(xp.argmax(odd, axis=self.dim), self.dim)
            places = xp.where(odd.any(axis=self.dim, keepdims=True), first, places)
        y = xp.take_along_axis(x, places, axis=self.dim)
        self.indices = places if keepdim else places.squeeze(self.dim)
        return y.reshape(self.indices.shape), self.indices

    def backward(self, g, indices):
        return back_to_place(g.filled(2)[0], self.dim, indices, self.old)


@with_out(apart=True)
def kthvalue(input, k, dim=-1, keepdim=False):
    """Take the ``k``-th smallest element along a dimension (from 1), and its place.

    >>> torch.kthvalue(torch.tensor([3., 1., 2.]), 2).values
    tensor(2.)
    """
    check_not_empty(input.array.shape, chosen(dim, input.ndim), "kthvalue")
    size = input.array.shape[whole(dim, input.ndim)] if input.ndim else 1
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    return _pair("kthvalue", place_in_order(input, int(k) - 1, dim, keepdim, False, True))


@op
class median_of_all(Op):
    r"""Take the element in the middle of all (the lower one of two).

    Equal ones share the gradient. If there is a nan, the result is nan; ``without_nan`` leaves
    every nan out.

    >>> median_of_all(torch.tensor([4., 1., 3., 2.]))
    tensor(2.)
    """

    formula = r"y = x_{i},\ i = \text{place of the } \lceil n/2 \rceil\text{-th}"
    gradient = r"\bar x_i = \bar y\, [x_i = y] \,/\, \#\{j: x_j = y\}"
    torch_name = "MedianBackward0"

    def forward(self, x: Array, without_nan=False):
        if x.dtype.kind == "c":
            said = legacy_name(x.dtype)
            raise NotImplementedError(f"\"median_cpu\" not implemented for '{said}'")
        there = int((x == x).sum())
        if not there or there < x.size and not without_nan:
            return self.xp.full((), math.nan, x.dtype)
        place = (there - 1) // 2
        return self.xp.partition(x.reshape(-1), place)[place]  # a nan stands last

    def backward(self, g, x, y):
        return shared_by_all(g, x, y)


@with_out
def median(input, dim=None, keepdim=False):
    """Take the element in the middle (the lower one of two); nan if there is a nan.

    >>> torch.median(torch.tensor([4., 1., 3., 2.]))
    tensor(2.)
    """
    if dim is None:
        return median_of_all(input)
    check_not_empty(input.array.shape, chosen(dim, input.ndim), "median")
    middle = (input.array.shape[whole(dim, input.ndim)] - 1) // 2 if input.ndim else 0
    found = place_in_order(input, middle, dim, keepdim, input.dtype.is_floating_point)
    return _pair("median", found)


@with_out
def nanmedian(input, dim=None, keepdim=False):
    """Take the element in the middle, and leave every nan out.

    >>> torch.nanmedian(torch.tensor([float("nan"), 1., 3., 2.]))
    tensor(2.)
    """
    if dim is None:
        return median_of_all(input, True)
    if not input.dtype.is_floating_point or not input.ndim:
        return _pair("nanmedian", median(input, dim, keepdim))
    check_not_empty(input.array.shape, (whole(dim, input.ndim),), "median")
    there = (input.array == input.array).sum(axis=whole(dim, input.ndim), keepdims=True)
    middle = ((there - 1) // 2).clip(0, None)
    return _pair("nanmedian", place_in_order(input, middle, dim, keepdim))


@with_out
def mode(input, dim=-1, keepdim=False):
    """Take the element that occurs most often along a dimension (the smallest of several).

    >>> torch.mode(torch.tensor([1, 2, 2, 3])).values
    tensor(2)
    """
    if not input.ndim:
        return _pair("mode", place_in_order(input, 0, dim, keepdim))
    dim = whole(dim, input.ndim)
    check_not_empty(input.array.shape, (dim,), "mode")
    xp, x = input.device.xp, input.array
    order = ordered(xp, x, dim)
    y = xp.take_along_axis(x, order, axis=dim)
    new = xp.ones(x.shape, "bool")
    later, earlier = along(dim, slice(1, None)), along(dim, slice(None, -1))
    new[later] = y[later] != y[earlier]
    line = xp.arange(x.shape[dim]).reshape((1,) * dim + (-1,) + (1,) * (x.ndim - dim - 1))
    length = line - running(xp.maximum, line * new, dim)  # how far into its run each place is
    last = xp.expand_dims(xp.argmax(length, axis=dim), dim)
    places = xp.take_along_axis(order, last, axis=dim)
    if x.shape[dim] > SHORT:
        places = settle(places, x, order, dim, most_frequent)
    places = wrap(settle_nan(places, x, dim, most_frequent))
    values = gather(input, dim, places)
    if not keepdim:
        values, places = squeeze(values, dim), wrap(places.array.squeeze(dim))
    return _pair("mode", (values, places))


# --- where numbers fall


@with_out
def searchsorted(
    sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None,
):  # fmt: skip
    """Say where each number would go in a sorted sequence.

    >>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 4]))
    tensor([1, 2])
    """
    xp, rows = sorted_sequence.device.xp, sorted_sequence.array
    if side not in (None, "left", "right"):
        raise RuntimeError(
            "torch.searchsorted(): side can only be 'left' or 'right' but got " + str(side)
        )
    if side == "left" and right:
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left "
            "while right was True"
        )
    values = input.array if isinstance(input, Tensor) else xp.asarray(input)
    _check_sequences(sorted_sequence, input, sorter, rows, values)
    if sorter is not None:
        rows = xp.take_along_axis(rows, sorter.array, axis=-1)
    side = "right" if right else side or "left"
    if rows.ndim == 1:
        found = xp.searchsorted(rows, values, side)
    else:
        count = math.prod(rows.shape[:-1])
        flat, wanted = rows.reshape(count, rows.shape[-1]), values.reshape(count, values.shape[-1])
        each = [xp.searchsorted(row, v, side) for row, v in zip(flat, wanted)]
        found = xp.stack(each).reshape(values.shape) if each else xp.zeros(values.shape)
    return wrap(found.astype("int32" if out_int32 else "int64"))


def _check_sequences(sequence, input, sorter, rows, values):
    if isinstance(input, Tensor) and input.device != sequence.device:
        raise RuntimeError(
            "torch.searchsorted(): boundaries and input value tensors should have same device "
            f"type, but got boundaries tensor device type {sequence.device} and input value tensor "
            f"device type {input.device}"
        )
    if sorter is not None and sorter.device != sequence.device:
        raise RuntimeError(
            "torch.searchsorted(): sorter and boundary tensors should have same device type, but "
            f"got sorter tensor device type {sorter.device} and input value tensor device type "
            f"{sequence.device}"
        )
    if rows.ndim == 0:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 "
            "dimension"
        )
    if rows.ndim != 1 and (rows.ndim != values.ndim or rows.shape[:-1] != values.shape[:-1]):
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
            "dimensions of boundaries tensor and input value tensor must match, but we got "
            f"boundaries tensor {list(rows.shape)} and input value tensor {list(values.shape)}"
        )
    if sorter is not None and sorter.shape != sequence.shape:
        raise RuntimeError(
            "torch.searchsorted(): boundary and sorter must have the same size, but got boundary "
            f"tensor {list(sequence.shape)}and got sorter tensor {list(sorter.shape)}"
        )
    if sorter is not None and sorter.dtype is not dtypes.int64:
        raise RuntimeError(
            "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype "
            f"{sorter.dtype.name}"
        )


@with_out
def bucketize(input, boundaries, *, out_int32=False, right=False):
    """Say into which bucket each number falls; the boundaries are sorted.

    >>> torch.bucketize(torch.tensor([0, 4, 9]), torch.tensor([1, 5]))
    tensor([0, 1, 2])
    """
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@with_out
def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Say which elements occur in ``test_elements``.

    >>> torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 5]))
    tensor([False,  True, False])
    """
    xp, both = same_device(isin, (elements, test_elements))
    a, b = (x.array if isinstance(x, Tensor) else xp.asarray(x) for x in both)
    return wrap(xp.isin(a, b, invert=invert))


@tensors_only
def bincount(input, weights=None, minlength=0):
    """Count how often each whole number occurs; or add up the weights that belong to it.

    >>> torch.bincount(torch.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    xp, (input, weights) = same_device(bincount, (input, weights))
    x = input.array
    if x.dtype.kind in "fc":
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{input.dtype.name}'")
    if x.ndim != 1 or x.dtype.kind not in "iu" or (x.size and on_host(x) and x.min() < 0):
        raise RuntimeError(
            "bincount only supports 1-d non-negative integral inputs: got "
            f"{input.dtype} of shape {list(input.shape)}"
        )
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is None:
        return wrap(xp.bincount(x, minlength=minlength).astype("int64"))
    if weights.shape != input.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    kind = "float32" if weights.dtype is dtypes.float32 else "float64"
    return wrap(xp.bincount(x, weights.array, minlength).astype(kind))


@with_out
def histc(input, bins=100, min=0, max=0):
    """Count how many elements fall into each of ``bins`` equal intervals.

    >>> torch.histc(torch.tensor([1., 2., 2., 4.]), bins=3)
    tensor([1., 2., 1.])
    """
    xp, x = input.device.xp, input.array.reshape(-1)
    if bins <= 0:
        raise RuntimeError("torch.histc(): bins must be > 0, but got " + str(bins))
    low, high = (float(v.item() if isinstance(v, Tensor) else v) for v in (min, max))
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"range of [{low}, {high}] is not finite")
    if low > high:
        raise RuntimeError("max must be larger than min")
    if low == high:
        low, high = low - 1, high + 1
    x = x[(x >= low) & (x <= high)]
    place = ((x - low) * (bins / (high - low))).astype("int64").clip(0, bins - 1)
    return wrap(xp.bincount(place, minlength=bins).astype(input.array.dtype))


# --- what occurs


@tensors_only
def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """List every value that occurs, once, in order.

    >>> torch.unique(torch.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    xp, x = input.device.xp, input.array
    if dim is not None:
        dim = whole(dim, input.ndim)
        _check_rows(x, dim)
        if x.dtype.kind == "f" and bool((x != x).any()):
            return _unique_with_nan(xp, x, dim, return_inverse, return_counts)
    # every nan counts as itself, as in PyTorch
    values, inverse, counts = xp.unique(
        x, return_inverse=True, return_counts=True, axis=dim, equal_nan=False
    )
    inverse = inverse.reshape(x.shape if dim is None else -1)
    return _with_extras(values, inverse, counts, return_inverse, return_counts)


def _unique_with_nan(xp, x, dim, return_inverse, return_counts):
    """Sort the rows and leave out equal ones; a row with a nan equals no other."""
    rows = xp.moveaxis(x, dim, 0).reshape(x.shape[dim], -1)
    order = xp.asarray(order_of_rows(rows))
    new, inverse = _changes(xp, rows[order]), xp.empty(len(rows), "int64")
    inverse[order] = xp.cumsum(new) - 1
    starts = xp.flatnonzero(new)
    counts = xp.diff(xp.append(starts, len(rows)))
    values = xp.take(x, order[starts], axis=dim)
    return _with_extras(values, inverse, counts, return_inverse, return_counts)


def _changes(xp, rows):
    """Say which rows differ from the one before."""
    new = xp.ones(len(rows), "bool")
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return new


def _check_rows(x, dim):
    if not x.shape[dim] and x.size == 0 and sum(n == 0 for n in x.shape) == 1:
        return
    if x.size == 0:
        raise RuntimeError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
        )


def _with_extras(values, inverse, counts, return_inverse, return_counts):
    extras = [wrap(inverse.astype("int64"))] * return_inverse
    extras += [wrap(counts.astype("int64"))] * return_counts
    return (wrap(values), *extras) if extras else wrap(values)


@tensors_only
def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """Leave out every element that equals the one before it.

    >>> torch.unique_consecutive(torch.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    xp, x = input.device.xp, input.array
    if dim is None:
        row, rows, at = x.reshape(-1), x.reshape(x.size, 1), 0
    else:
        at = whole(dim, input.ndim)
        _check_rows(x, at)
        row = x
        rows = xp.moveaxis(x, at, 0).reshape(x.shape[at], x.size // max(x.shape[at], 1))
    new = _changes(xp, rows)
    starts = xp.flatnonzero(new)
    counts = xp.diff(xp.append(starts, len(rows)))
    inverse = xp.cumsum(new) - 1
    if dim is None:
        inverse = inverse.reshape(x.shape)
    values = xp.take(row, starts, axis=at)
    return _with_extras(values, inverse, counts, return_inverse, return_counts)
