"""Running results along a dimension: sums, products, extremes so far."""

import math

import numpy as np

from .. import dtypes
from ..core import OPS, TENSORS, Array, Op
from ..dispatch import op
from .dims import along, whole
from .gather import add_along
from .join import cat, flip, pad
from .named import named
from .pointwise import exp, log
from .reduce import conjugate, is_complex
from .shape import to
from .spelling import with_out
from .table import pick


@op
class cumsum(Op):
    r"""Give the sum so far at every place along a dimension.

    >>> torch.cumsum(torch.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """

    formula, gradient = r"y_i = \sum_{j \le i} x_j", r"\bar x_j = \sum_{i \ge j} \bar y_i"

    def forward(self, x: Array, dim, dtype=None):
        self.dim, self.source = whole(dim, x.ndim), x.dtype if dtype else None
        kind = dtypes.accumulator(x.dtype, dtype)
        if not x.ndim:
            return x.astype(kind)
        if kind.char == "e":
            return self.xp.cumsum(x, axis=self.dim, dtype="float32").astype(kind)
        return self.xp.cumsum(x, axis=self.dim, dtype=kind)

    def backward(self, g):
        g = g if self.source is None else to(g, self.source)
        return flip(cumsum(flip(g, (self.dim,)), self.dim), (self.dim,))


@op
class cumprod(Op):
    r"""Give the product so far at every place along a dimension.

    >>> torch.cumprod(torch.tensor([1, 2, 3]), 0)
    tensor([1, 2, 6])
    """

    formula = r"y_i = \prod_{j \le i} x_j"
    gradient = r"\bar x_k = \sum_{i \ge k} \bar y_i \prod_{j \le i,\, j \ne k} x_j"

    def forward(self, x: Array, dim, dtype=None):
        self.dim, self.source = whole(dim, x.ndim), x.dtype if dtype else None
        kind = dtypes.accumulator(x.dtype, dtype)
        if not x.ndim:
            return x.astype(kind)
        if kind.char == "e":
            return self.xp.cumprod(x, axis=self.dim, dtype="float32").astype(kind)
        return self.xp.cumprod(x, axis=self.dim, dtype=kind)

    def backward(self, g, x, y):
        if math.prod(x.shape) <= 1:
            return g if self.source is None else to(g, self.source)
        x = conjugate(x if self.source is None else to(x, y.dtype))
        if not bool((x == 0).any()):
            after = flip(cumsum(flip(g * conjugate(y), (self.dim,)), self.dim), (self.dim,)) / x
            return after if self.source is None else to(after, self.source)
        slope = (_many_times if type(g) in TENSORS else _around_zeros)(g, x, conjugate(y), self.dim)
        return slope if self.source is None else to(slope, self.source)


def _shifted(x, dim, steps, fill):
    """Move along a dimension; what comes in is ``fill``."""
    widths = (0, 0) * (len(x.shape) - 1 - dim) + (steps, -steps)
    return pad(x, widths, fill)


def _around_zeros(g, x, y, dim):
    """Differentiate a running product in one pass, zeros and all, in PyTorch's order of steps.

    Before the first zero of a row one may divide by x; at the first zero everything up to the
    second counts; behind it there is no slope, as a product with a zero in it stays 0.
    """
    where = OPS["where"]
    zeros = cumsum(x == 0, dim)
    before, first = zeros == 0, (zeros == 1) & (x == 0)
    back = flip(cumsum(flip(where(before, g * y, 0.0), (dim,)), dim), (dim,))
    after = cumprod(where((zeros == 1) & (x != 0), x, 1.0), dim)
    at_zero = OPS["sum"](after * where(zeros == 1, g, 0.0), dim, True) * _shifted(y, dim, 1, 1)
    return where(first, at_zero, where(before, back / x, 0.0))


def _many_times(g, x, y, dim):
    """Differentiate a running product so that the answer can be differentiated again."""
    return _shifted(y, dim, 1, 1) * _weighted_after(g, _shifted(x, dim, -1, 0), dim)


def _weighted_after(g, factor, dim):
    """Solve s_k = g_k + factor_k s_{k+1} for all k: no division, so zeros do no harm.

    Twice as far with every step: what one step brings from 1 place on, the next brings from 2.
    """
    step = 1
    while step < g.shape[dim]:
        g = g + factor * _shifted(g, dim, -step, 0)
        factor = factor * _shifted(factor, dim, -step, 0)
        step *= 2
    return g


def running(combine, x, dim):
    """Combine everything up to each place, twice as far with every step."""
    y, step = x.copy(), 1
    while step < x.shape[dim]:
        later, earlier = along(dim, slice(step, None)), along(dim, slice(None, -step))
        y[later] = combine(y[later], y[earlier].copy())
        step *= 2
    return y


def _extreme_so_far(xp, extreme, name, x, dim):
    """Give the running extreme and where it stands: the last place among equals."""
    if x.dtype.kind == "c":
        raise RuntimeError(f"{name}: not implemented for complex numbers, which have no order")
    if not x.ndim or not x.size:
        return x.copy(), xp.zeros(x.shape, "int64")
    y = running(extreme, x, dim)
    here = (x == y) | ((x != x) & (y != y))
    line = (1,) * dim + (-1,) + (1,) * (x.ndim - dim - 1)
    places = xp.arange(x.shape[dim]).reshape(line) * here
    return y, running(xp.maximum, places, dim)


@op
class cummax_along(Op):
    r"""Give the largest element so far at every place, and where it stands.

    >>> cummax_along(torch.tensor([1, 3, 2]), 0)
    (tensor([1, 3, 3]), tensor([0, 1, 1]))
    """

    formula = r"y_i = x_{k_i},\ k_i = \arg\max_{j \le i} x_j"
    gradient = r"\bar x_k = \sum_{i: k_i = k} \bar y_i"
    several, torch_name = True, "CummaxBackward0"

    def forward(self, x: Array, dim):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        y, self.indices = _extreme_so_far(self.xp, self.xp.maximum, "cummax", x, self.dim)
        return y, self.indices

    def backward(self, g, indices):
        return add_along(g.filled(2)[0], self.dim, indices, self.old)


@op
class cummin_along(Op):
    r"""Give the smallest element so far at every place, and where it stands.

    >>> cummin_along(torch.tensor([3, 1, 2]), 0)
    (tensor([3, 1, 1]), tensor([0, 1, 1]))
    """

    formula = r"y_i = x_{k_i},\ k_i = \arg\min_{j \le i} x_j"
    gradient = r"\bar x_k = \sum_{i: k_i = k} \bar y_i"
    several, torch_name = True, "CumminBackward0"

    def forward(self, x: Array, dim):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        y, self.indices = _extreme_so_far(self.xp, self.xp.minimum, "cummin", x, self.dim)
        return y, self.indices

    def backward(self, g, indices):
        return add_along(g.filled(2)[0], self.dim, indices, self.old)


@with_out
def cummax(input, dim):
    """Give the largest element so far at every place along a dimension, and where it stands.

    >>> torch.cummax(torch.tensor([1, 3, 2]), 0).values
    tensor([1, 3, 3])
    """
    values, indices = cummax_along(input, dim)
    return named("cummax", values=values, indices=indices)


@with_out
def cummin(input, dim):
    """Give the smallest element so far at every place along a dimension, and where it stands.

    >>> torch.cummin(torch.tensor([3, 1, 2]), 0).values
    tensor([3, 1, 1])
    """
    values, indices = cummin_along(input, dim)
    return named("cummin", values=values, indices=indices)


@op
class logcumsumexp(Op):
    r"""Give the logarithm of the sum of exponentials so far, without overflow.

    >>> torch.logcumsumexp(torch.tensor([0., 0., 0.]), 0)
    tensor([0.0000, 0.6931, 1.0986])
    """

    formula = r"y_i = \log \sum_{j \le i} e^{x_j}"
    gradient = r"\bar x_j = \sum_{i \ge j} \bar y_i\, e^{x_j - y_i}"

    def forward(self, x: Array, dim):
        self.dim = whole(dim, x.ndim)
        if x.dtype.kind not in "fc":
            raise NotImplementedError(
                f"\"logcumsumexp_out_cpu\" not implemented for '{x.dtype.name}'"
            )
        if not x.ndim:
            return x.copy()
        if x.dtype.kind == "c":
            return _one_by_one(self.xp, x, self.dim)
        return running(self.xp.logaddexp, x, self.dim)

    def backward(self, g, x, y):
        if not x.shape or not x.shape[self.dim]:
            return g
        dims = (self.dim,)
        if is_complex(x):
            back = flip(logcumsumexp(flip(log(g) - conjugate(y), dims), self.dim), dims)
            return exp(back + conjugate(x))
        fill, parts = OPS["masked_fill"], []
        lowest = float(np.finfo(dtypes.as_array_dtype(g.dtype)).min)
        for sign in (1, -1):
            none = g * sign <= 0
            height = fill(log(fill(g * sign, none, 1.0)), none, lowest) - y
            parts.append(exp(flip(logcumsumexp(flip(height, dims), self.dim), dims) + x))
        return parts[0] - parts[1]


def _one_by_one(xp, x, dim):
    """Add complex numbers in the world of logarithms: the angle goes on where it was."""
    y = x.copy()
    for k in range(1, x.shape[dim]):
        a, b = y[along(dim, k - 1)], y[along(dim, k)]
        top = xp.where(a.real > b.real, a, b)
        top = xp.where(xp.isfinite(top), top, 0)
        y[along(dim, k)] = xp.log(xp.exp(a - top) + xp.exp(b - top)) + top
    return y


@with_out
def diff(input, n=1, dim=-1, prepend=None, append=None):
    """Subtract from each element the one before it, ``n`` times over.

    >>> torch.diff(torch.tensor([1, 3, 6]))
    tensor([2, 3])
    """
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = whole(dim, input.ndim)
    parts = [x for x in (prepend, input, append) if x is not None]
    for x in parts:
        if x.ndim != input.ndim:
            raise RuntimeError(
                "diff expects prepend or append to be the same dimension as input"
            )
    x = cat(parts, dim) if len(parts) > 1 and n else input
    length = x.array.shape[dim]
    for _ in range(min(n, length)):
        later, earlier = pick(x, along(dim, slice(1, None))), pick(x, along(dim, slice(None, -1)))
        x = OPS["logical_xor"](later, earlier) if x.dtype is dtypes.bool else later - earlier
    if n and not length:
        x = pick(x, along(dim, slice(0, 0)))
    x = OPS["clone"](x) if not n else x
    return x
