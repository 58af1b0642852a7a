"""Describe data: quantiles, covariance and correlation, histograms."""

import math

from .. import dtypes
from ..core import OPS, Tensor, wrap
from ..general import same_device
from ..tensors_only import tensors_only
from .complex_numbers import complex, imag, real
from .dims import whole
from .gather import gather
from .linalg import matmul
from .named import named
from .reduce import sum
from .shape import movedim, permute, reshape, squeeze, unsqueeze
from .sort import sort
from .spelling import with_out
from .triangle import diagonal

# --- quantiles


@with_out
def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """Give the number below which a share ``q`` of the elements lies.

    >>> torch.quantile(torch.tensor([1., 2., 3., 4.]), 0.5)
    tensor(2.5000)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, False)


@with_out
def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """Give the number below which a share ``q`` of the elements lies, every nan left out.

    >>> torch.nanquantile(torch.tensor([1., float("nan"), 3.]), 0.5)
    tensor(2.)
    """
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, True)


WAYS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile(name, input, q, dim, keepdim, way, leave_out):
    _check_quantile(name, input, q, way)
    xp, kind = input.device.xp, input.array.dtype
    q = q if isinstance(q, Tensor) else wrap(xp.asarray(q, kind))
    several, shares = q.ndim > 0, reshape(q, (-1,))
    if dim is None:
        x = reshape(input, (-1,))
        kept = (1,) * input.ndim if keepdim else ()
    else:
        place = whole(dim, input.ndim)
        x = movedim(input, place, -1) if input.ndim else reshape(input, (1,))
        lead = list(x.shape[:-1])
        kept = (*lead[:place], 1, *lead[place:]) if keepdim and input.ndim else tuple(lead)
    ordered = sort(x, -1)[0]
    values = ordered.array
    if leave_out:
        there = (values == values).sum(axis=-1, keepdims=True)
        ranks = shares * wrap(xp.maximum(there - 1, 0).astype(kind))
    else:
        last = values.shape[-1] - 1
        odd = (values != values).any(axis=-1, keepdims=True)
        ranks = (shares * last).masked_fill(wrap(odd), last)
    found = _between(xp, ordered, ranks, way)
    found = movedim(found, -1, 0)
    count = shares.shape[0]
    return reshape(found, (count, *kept) if several else kept)


def _between(xp, ordered, ranks, way):
    """Take the elements at places that may lie between two elements."""
    if way in ("lower", "higher", "nearest"):
        rounding = {"lower": xp.floor, "higher": xp.ceil, "nearest": xp.round}[way]
        rounded = rounding(ranks.array)
        return gather(ordered, -1, wrap(rounded.astype("int64")))
    below = xp.floor(ranks.array)
    low = gather(ordered, -1, wrap(below.astype("int64")))
    high = gather(ordered, -1, wrap(xp.ceil(ranks.array).astype("int64")))
    share = wrap(xp.full_like(below, 0.5)) if way == "midpoint" else ranks - wrap(below)
    return OPS["lerp"](low, high, share)


def _check_quantile(name, input, q, way):
    if not input.numel():
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
    if way not in WAYS:
        raise RuntimeError(
            f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {way}"
        )
    if isinstance(q, Tensor):
        if q.ndim > 1:
            raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
        if q.dtype is not input.dtype:
            raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
        if q.numel() and not bool(((q.array >= 0) & (q.array <= 1)).all()):
            raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
    elif not 0 <= q <= 1:
        raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {q}")


# --- how variables go together


@tensors_only
def cov(input, *, correction=1, fweights=None, aweights=None):
    """Say how the rows vary together: on the diagonal their variances.

    >>> torch.cov(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with "
            f"{input.ndim} dimensions"
        )
    if input.dtype is dtypes.bool:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input if input.ndim == 2 else reshape(input, (1, -1))
    count = x.shape[1]
    _check_weights(fweights, "fweights", count, False)
    _check_weights(aweights, "aweights", count, True)
    if not input.numel():
        empty = input.device.xp.full((x.shape[0],) * 2, math.nan, _float_of(x).array)
        return squeeze(wrap(empty)) if x.shape[0] else wrap(empty)
    w = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    total = count if w is None else sum(w)
    if w is not None and not bool(total.array != 0):
        raise ValueError("cov(): weights sum to zero, can't be normalized")
    mean = sum(x if w is None else x * w, 1) / total
    if w is None:
        scale = count - correction
    elif aweights is None or correction == 0:
        scale = total - correction
    else:
        scale = total - correction * sum(w * aweights) / total
    scale = max(scale, 0) if isinstance(scale, (int, float)) else scale.clamp(min=0)
    away = x - unsqueeze(mean, 1)
    weighted = away if w is None else away * w
    found = matmul(away, OPS["conj"](permute(weighted, (1, 0)))) / scale
    return squeeze(found)


def _float_of(x):
    return x.dtype if x.dtype.is_floating_point or x.dtype.is_complex else dtypes.default


def _check_weights(w, name, count, floats):
    if w is None:
        return
    if w.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with "
            f"{w.ndim} dimensions"
        )
    if w.dtype.is_floating_point != floats or w.dtype.is_complex or w.dtype is dtypes.bool:
        word = "floating point" if floats else "integral"
        raise RuntimeError(
            f"cov(): expected {name} to have {word} dtype but got {name} with "
            f"{dtypes.legacy_name(w.dtype)} dtype"
        )
    if w.numel() != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the "
            f"input but got {w.numel()} != {count}"
        )
    if w.numel() and bool((w.array < 0).any()):
        raise RuntimeError(f"cov(): {name} cannot be negative")


@tensors_only
def corrcoef(input):
    """Say how the rows go together, from -1 to 1: their covariances without their sizes.

    >>> torch.corrcoef(torch.tensor([[0., 1., 2.], [4., 2., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input.ndim} dimensions"
        )
    c = cov(input)
    if not c.ndim:
        return c / c
    d = diagonal(c)
    size = OPS["sqrt"](real(d) if d.dtype.is_complex else d)
    c = c / unsqueeze(size, 1) / unsqueeze(size, 0)
    if c.dtype.is_complex:
        return complex(real(c).clamp(-1, 1), imag(c).clamp(-1, 1))
    return c.clamp(-1, 1)


# --- histograms


@with_out
def histogram(input, bins, *, range=None, weight=None, density=False):
    """Count how many elements fall between one edge and the next; give the edges as well.

    >>> torch.histogram(torch.tensor([1., 2., 2., 4.]), 3).hist
    tensor([1., 2., 1.])
    """
    xp, (input, bins, weight) = same_device(histogram, (input, bins, weight))
    _check_histogram(input, bins, weight)
    if isinstance(bins, Tensor):
        edges = bins.array
    else:
        edges = _edges(xp, input.array, bins, range)
    counts = _counts(xp, [input.array.reshape(-1)], [edges], weight)
    if density:
        counts = counts / (counts.sum() * xp.diff(edges))
    return named("histogram", hist=wrap(counts.astype(input.array.dtype)), bin_edges=wrap(edges))


def _check_histogram(input, bins, weight):
    if isinstance(bins, Tensor):
        if bins.ndim != 1:
            raise RuntimeError(
                f"torch.histogram(): bins tensor should have one dimension, but got {bins.ndim} "
                "dimensions"
            )
        if bins.dtype is not input.dtype:
            raise RuntimeError(
                "torch.histogram(): input tensor and bins tensors should have the same dtype"
            )
    elif bins < 1:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins}")
    if weight is not None and weight.shape != input.shape:
        raise RuntimeError(
            "torch.histogram(): if weight tensor is provided it should have the same shape as the "
            "input tensor excluding its innermost dimension"
        )


def _edges(xp, x, bins, range):
    """Divide a range, or that of the data, into equal parts."""
    if range is not None:
        low, high = (float(v) for v in range)
    elif x.size:
        low, high = float(x.min()), float(x.max())
    else:
        low, high = 0.0, 1.0
    if low == high:
        low, high = low - 0.5, high + 0.5
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"torch.histogram: range of [{low}, {high}] is not finite")
    if low > high:
        raise RuntimeError("torch.histogram: max must be larger than min")
    return evenly_spaced(xp, low, high, bins + 1, x.dtype)


def evenly_spaced(xp, low, high, count, kind):
    """Give evenly spaced numbers as torch.linspace computes them: from both ends."""
    step = kind.type((high - low) / (count - 1))
    places = xp.arange(count)
    from_low = (kind.type(low) + step * places).astype(kind)
    from_high = (kind.type(high) - step * (count - 1 - places)).astype(kind)
    return xp.where(places < count // 2, from_low, from_high).astype(kind)


def _counts(xp, columns, edges, weight):
    """Count points by the cells of a grid; the last edge belongs to the cell before it."""
    place = xp.zeros(len(columns[0]), "int64")
    inside = place == 0
    for x, edge in zip(columns, edges):
        k = xp.searchsorted(edge, x, "right") - 1
        k = xp.where(x == edge[-1], len(edge) - 2, k)
        inside = inside & (x >= edge[0]) & (x <= edge[-1])
        place = place * (len(edge) - 1) + k.clip(0, len(edge) - 2)
    shape = tuple(len(edge) - 1 for edge in edges)
    weights = None if weight is None else weight.array.reshape(-1)[inside]
    return xp.bincount(place[inside], weights, math.prod(shape)).reshape(shape)


@with_out
def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """Count how many points fall into each cell of a grid; give the grid's edges as well.

    >>> torch.histogramdd(torch.tensor([[0., 1.], [1., 0.], [1., 1.]]), bins=[2, 2]).hist
    tensor([[0., 1.],
            [1., 1.]])
    """
    size = input.shape[-1]
    bins = [bins] * size if isinstance(bins, int) else list(bins)
    if len(bins) != size:
        raise RuntimeError(
            f"torch.histogramdd(): Expected len(bins) == input.shape[-1] == {size}, but got "
            f"{len(bins)}"
        )
    xp, (input, weight, *bins) = same_device(histogramdd, (input, weight, *bins))
    columns = list(input.array.reshape(-1, size).T)
    edges = [
        b.array if isinstance(b, Tensor)
        else _edges(xp, c, b, None if range is None else range[2 * k : 2 * k + 2])
        for k, (b, c) in enumerate(zip(bins, columns))
    ]  # fmt: skip
    counts = _counts(xp, columns, edges, weight)
    if density:
        counts = counts / counts.sum()
        for k, edge in enumerate(edges):
            counts = counts / xp.diff(edge).reshape((-1,) + (1,) * (size - 1 - k))
    counts = wrap(counts.astype(input.array.dtype))
    return named("histogramdd", hist=counts, bin_edges=tuple(wrap(e) for e in edges))
