"""Many numbers in, few out: sums, means, products, norms."""

import math
from builtins import abs as size_of

from .. import dtypes
from ..core import OPS, Array, Op, Tensor
from ..device import on_host
from ..dispatch import op
from ..dtypes import accumulator, legacy_name
from .dims import chosen
from .join import flip, pad
from .products import ones
from .shape import expand, reshape, to
from .spelling import with_numpy_words, with_out


def shape_kept(shape, dims):
    """Give the shape that a reduction would have if it kept its dimensions as 1.

    >>> shape_kept((2, 3), (1,))
    (2, 1)
    """
    return tuple([1 if i in dims else n for i, n in enumerate(shape)])


SINGLE, HUGE = dtypes.float32.array, 65520  # the first whole number that float16 lacks
MANY, WIDE = 1 << 15, 1 << 8  # so many numbers are added up in rows of such a length


def _added_by_rows(xp, x):
    """Add up everything: rows first, which BLAS does faster than sum, then what they give."""
    whole = x.size - x.size % WIDE
    rows = x[:whole].reshape(-1, WIDE)
    return rows.dot(ones(xp, WIDE, x.dtype)).sum() + x[whole:].sum()


def _added(xp, x, dims, keepdim, kind):
    if kind.char == "e":
        return xp.add.reduce(x, axis=dims, keepdims=keepdim, dtype="float32").astype(kind)
    if x.dtype != kind:
        x = x.astype(kind)
    everything = dims is None and not keepdim and x.size >= MANY
    if everything and kind.char in "fd" and on_host(x) and x.flags.forc:
        return _added_by_rows(xp, x.ravel("K"))
    return xp.add.reduce(x, axis=dims, keepdims=keepdim, dtype=kind)


@op
class sum(Op):
    r"""Add up the elements: all of them, or along some dimensions.

    >>> torch.sum(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([4., 6.])
    """

    formula, gradient = r"y = \sum_i x_i", r"\bar x_i = \bar y"

    def forward(self, x: Array, dim=None, keepdim=False, dtype=None):
        self.old, self.kept, self.source = x.shape, None, x.dtype if dtype else None
        dims = None
        if dim is not None:
            dims = chosen(dim, x.ndim)
            self.kept = shape_kept(x.shape, dims)
        return _added(self.xp, x, dims, keepdim, accumulator(x.dtype, dtype))

    def backward(self, g):
        g = g if self.source is None else to(g, self.source)
        return expand(g if self.kept is None else reshape(g, self.kept), self.old)


@op
class mean(Op):
    r"""Average the elements: all of them, or along some dimensions.

    >>> torch.mean(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([2., 3.])
    """

    formula, gradient = r"y = \frac{1}{n} \sum_i x_i", r"\bar x_i = \bar y / n"

    def forward(self, x: Array, dim=None, keepdim=False, dtype=None):
        if (x.dtype if dtype is None else dtypes.as_array_dtype(dtype)).kind not in "fc":
            what = "Input" if dtype is None else "Optional"
            raise RuntimeError(
                "mean(): could not infer output dtype. "
                f"{what} dtype must be either a floating point or complex dtype. Got: "
                f"{legacy_name(x.dtype if dtype is None else dtype)}. Convert it: x.float()"
            )
        self.old, self.kept, self.source = x.shape, None, x.dtype if dtype else None
        dims, self.count = None, x.size
        if dim is not None:
            dims = chosen(dim, x.ndim)
            self.kept = shape_kept(x.shape, dims)
            self.count = math.prod([x.shape[d] for d in dims])
        kind = accumulator(x.dtype, dtype)
        if kind.char == "e":  # their sum may leave the range of float16 where their mean does not
            return (_added(self.xp, x, dims, keepdim, SINGLE) / self.count).astype(kind)
        y = _added(self.xp, x, dims, keepdim, kind)
        return y / y.dtype.type(self.count)

    def backward(self, g):
        g = g if self.source is None else to(g, self.source)
        if self.count < HUGE or g.dtype.itemsize > 2:
            g = g / self.count
        else:
            g = to(to(g, dtypes.float32) / self.count, dtypes.float16)
        return expand(g if self.kept is None else reshape(g, self.kept), self.old)


@op
class prod(Op):
    r"""Multiply the elements: all of them, or along a dimension.

    >>> torch.prod(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([3., 8.])
    """

    formula, gradient = r"y = \prod_i x_i", r"\bar x_i = \bar y \prod_{j \ne i} x_j"

    def forward(self, x: Array, dim=None, keepdim=False, dtype=None):
        if dim is not None and type(dim) is not int:
            raise TypeError("prod(): argument 'dim' must be int")
        dims = chosen(dim, x.ndim)
        self.dim, self.kept = dim, shape_kept(x.shape, dims)
        self.source = x.dtype if dtype else None
        kind = accumulator(x.dtype, dtype)
        return self.xp.multiply.reduce(x.astype(kind), axis=dims, keepdims=keepdim, dtype=kind)

    def backward(self, g, x, y):
        g = g if self.source is None else to(g, self.source)
        if not x.ndim:
            return reshape(g, ())
        zeros = int(sum(x == 0))
        if not zeros:
            return reshape(g, self.kept) * conjugate(reshape(y, self.kept) / x)
        if zeros > 1 and self.dim is None and type(x) is not Tensor:
            return OPS["fill"](x, 0)  # some zero is among all the others, wherever one stands
        row, dim = (x, self.dim) if self.dim is not None else (reshape(x, (-1,)), 0)
        return reshape(g, self.kept) * conjugate(reshape(others(row, dim), x.shape))


def others(x, dim):
    """Give, for each element, the product of all the others: no division, so zeros do no harm.

    >>> others(torch.tensor([2., 0., 5.]), 0)
    tensor([ 0., 10.,  0.])
    """
    before = _product_before(x, dim)
    return before * flip(_product_before(flip(x, (dim,)), dim), (dim,))


def _product_before(x, dim):
    n, ndim = x.shape[dim], len(x.shape)
    if n == 0:
        return x
    widths = (0, 0) * (ndim - 1 - dim % ndim) + (1, -1)
    return pad(OPS["cumprod"](x, dim), widths, 1)


def conjugate(x):
    """Conjugate complex numbers; leave real ones alone."""
    return x.conj() if is_complex(x) else x


def is_complex(x) -> bool:
    """Say whether a Tensor or an array holds complex numbers."""
    return x.dtype.is_complex if type(x) is Tensor else x.dtype.kind == "c"


# --- spread


@op
class var(Op):
    r"""Average the squared distances from the mean: how spread out they are.

    ``correction=1`` divides by $n - 1$, as for a sample.

    >>> torch.var(torch.tensor([1., 2., 3., 4.]))
    tensor(1.6667)
    """

    formula = r"y = \frac{1}{n - c} \sum_i |x_i - \mu|^2"
    gradient = r"\bar x_i = \bar y\, \frac{2 (x_i - \mu)}{n - c}"

    def forward(self, x: Array, dim=None, correction=1, keepdim=False):
        _check_floating(x, "std and var")
        dim, correction = _without_flag(dim, correction)
        dims = chosen(dim, x.ndim)
        self.dims, self.kept = dims, shape_kept(x.shape, dims)
        n = math.prod([x.shape[d] for d in dims])
        self.rest, kind, x = max(n - correction, 0), x.dtype, precise(x)
        centre = self.xp.add.reduce(x, axis=dims, keepdims=True) / x.dtype.type(n)
        away = x - centre
        squares = away * away if x.dtype.kind == "f" else (away * away.conj()).real
        y = self.xp.add.reduce(squares, axis=dims, keepdims=keepdim)
        y = y / y.dtype.type(self.rest)
        return y.astype(kind) if kind.char == "e" else y

    def backward(self, g, x):
        if not self.rest:
            return reshape(g, self.kept) * (x - x + math.nan)
        away = x - mean(x, self.dims, True) if x.shape else x - x
        return reshape(g * (2 / self.rest), self.kept) * away

    @staticmethod
    def also(input, *args, unbiased=True, **named):
        return OPS["var"](input, *args, **_torch_words({"correction": int(unbiased), **named}))


def _without_flag(dim, correction):
    """Sort out x.var(False), where the flag ``unbiased`` stands in the place of dim."""
    if isinstance(dim, bool):
        dim, correction = None, dim
    return dim, 1 if correction is None else correction


def _torch_words(named):
    words = {"axis": "dim", "keepdims": "keepdim"}
    named = {words.get(k, k): v for k, v in named.items()}
    unknown = set(named) - {"dim", "correction", "keepdim"}
    if unknown:
        raise TypeError(f"got an unexpected keyword argument '{min(unknown)}'")
    return named


def _check_floating(x, name):
    """Raise PyTorch's error for whole numbers: a spread is a fraction."""
    if x.dtype.kind not in "fc":
        raise RuntimeError(
            f"{name} only support floating point and complex dtypes. Convert it: x.float()"
        )


@op
class std(Op):
    r"""Measure the standard deviation: the square root of the variance.

    >>> torch.std(torch.tensor([1., 2., 3., 4.]))
    tensor(1.2910)
    """

    formula = r"y = \sqrt{\frac{1}{n - c} \sum_i |x_i - \mu|^2}"
    gradient = r"\bar x_i = \bar y\, \frac{x_i - \mu}{(n - c)\, y}"

    def forward(self, x: Array, dim=None, correction=1, keepdim=False):
        _check_floating(x, "std and var")
        dim, correction = _without_flag(dim, correction)
        dims = chosen(dim, x.ndim)
        self.dims, self.kept = dims, shape_kept(x.shape, dims)
        self.rest = max(math.prod([x.shape[d] for d in dims]) - correction, 0)
        y = self.xp.sqrt(var(precise(x), dims or None, correction, keepdim))
        return y.astype(x.dtype) if x.dtype.char == "e" else y

    def backward(self, g, x, y):
        if not self.rest:
            return reshape(g, self.kept) * (x - x + math.nan)
        slope = nothing_where(y == 0, g / (y * self.rest))
        away = x - mean(x, self.dims, True) if x.shape else x - x
        return reshape(slope, self.kept) * away

    @staticmethod
    def also(input, *args, unbiased=True, **named):
        return OPS["std"](input, *args, **_torch_words({"correction": int(unbiased), **named}))


def nothing_where(mask, x):
    """Give ``x`` with zeros where a mask is True, whatever stood there."""
    return OPS["masked_fill"](x, mask, 0)


@with_numpy_words
def var_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """Give the variance and the mean.

    >>> torch.var_mean(torch.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    rest = int(unbiased) if correction is None else correction
    _check_floating(input.array, "var_mean")
    return _with_mean(input, dim, keepdim, var(input, dim, rest, keepdim))


@with_numpy_words
def std_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """Give the standard deviation and the mean.

    >>> torch.std_mean(torch.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    rest = int(unbiased) if correction is None else correction
    _check_floating(input.array, "std_mean")
    return _with_mean(input, dim, keepdim, std(input, dim, rest, keepdim))


def _with_mean(input, dim, keepdim, spread):
    """Give a spread and the mean; as in PyTorch, an infinity makes it nan unless it comes last.

    That is what a running mean does: from the next number on, it subtracts infinity from itself.
    """
    centre, dims, x = mean(input, dim, keepdim), chosen(dim, input.ndim), input.detach()
    if not input.numel() or bool(OPS["isfinite"](x).all()):
        return spread, centre
    last = x[tuple([slice(-1, None) if d in dims else slice(None) for d in range(x.ndim)])]
    early = sum(OPS["isinf"](x), dims, True) > OPS["isinf"](last)
    return spread, OPS["masked_fill"](centre, reshape(early, centre.shape), math.nan)


# --- in the company of exp and of powers


@op
class logsumexp(Op):
    r"""Add up exponentials and take the logarithm, without overflow: a smooth maximum.

    >>> torch.logsumexp(torch.tensor([1000., 1000.]), 0)
    tensor(1000.6932)
    """

    formula, gradient = r"y = \ln \sum_i e^{x_i}", r"\bar x_i = \bar y\, e^{x_i - y}"

    def forward(self, x: Array, dim, keepdim=False):
        xp = self.xp
        x = x if x.dtype.kind in "fc" else x.astype(dtypes.default.array)
        dims = chosen(dim, x.ndim)
        self.kept = shape_kept(x.shape, dims)
        if not x.size:
            y = xp.log(xp.exp(x).sum(axis=dims, keepdims=True))
            return y if keepdim else y.reshape(_dropped(x.shape, dims))
        real = x.real if x.dtype.kind == "c" else x
        top = real.max(axis=dims, keepdims=True) if dims else real
        top = xp.where(xp.isfinite(top), top, top.dtype.type(0))
        y = xp.log(xp.add.reduce(xp.exp(x - top), axis=dims, keepdims=True)) + top
        return y if keepdim else y.reshape(_dropped(x.shape, dims))

    def backward(self, g, x, y):
        slope = OPS["exp"](x - reshape(y, self.kept))
        return reshape(g, self.kept) * conjugate(slope)


def _dropped(shape, dims):
    return tuple([n for i, n in enumerate(shape) if i not in dims])


@with_out
def nansum(input, dim=None, keepdim=False, *, dtype=None):
    """Add up, and count every nan as 0.

    >>> torch.nansum(torch.tensor([1., float("nan"), 2.]))
    tensor(3.)
    """
    if input.dtype.is_complex:
        raise RuntimeError("nansum does not support complex inputs")
    if not input.dtype.is_floating_point:
        return sum(input, dim, keepdim, dtype=dtype)
    return sum(nothing_where(input != input, input), dim, keepdim, dtype=dtype)


@with_out
def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """Average, and leave every nan out.

    >>> torch.nanmean(torch.tensor([1., float("nan"), 2.]))
    tensor(1.5000)
    """
    if input.dtype.rank < dtypes.FLOATING:
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got "
            f"{input.dtype}"
        )
    there = input.detach() == input.detach()
    total = sum(nothing_where(input != input, input), dim, keepdim, dtype=dtype)
    return total / to(sum(there, dim, keepdim), total.dtype)


@op
class vector_norm(Op):
    r"""Measure the length of vectors: the ``ord``-th root of the sum of the powers.

    >>> vector_norm(torch.tensor([3., 4.]))
    tensor(5.)
    """

    formula = r"y = \left(\sum_i |x_i|^p\right)^{1/p}"
    gradient = r"\bar x_i = \bar y\, \frac{x_i |x_i|^{p-2}}{y^{p-1}}"
    torch_name = "LinalgVectorNormBackward0"

    def forward(self, x: Array, ord=2, dim=None, keepdim=False, dtype=None):
        xp, self.source = self.xp, x.dtype if dtype else None
        if x.dtype.kind not in "fc":
            raise RuntimeError(
                "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
                f"{legacy_name(x.dtype)}"
            )
        x = x if dtype is None else x.astype(dtypes.as_array_dtype(dtype))
        self.dims, self.ord = chosen(dim, x.ndim), ord
        self.kept = shape_kept(x.shape, self.dims)
        sizes = precise(xp.abs(x))
        if not math.prod([x.shape[d] for d in self.dims]) and (ord < 0 or ord == math.inf):
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {ord} norm on an empty tensor because the "
                "operation does not have an identity"
            )
        y = _norm_of(xp, sizes, ord, self.dims, keepdim)
        return y.astype("float16") if x.dtype.char == "e" else y

    def backward(self, g, x, y):
        g, y = reshape(g, self.kept), reshape(y, self.kept)
        slope = norm_slope(x if self.source is None else to(x, y.dtype), y, g, self.ord, self.dims)
        return slope if self.source is None else to(slope, self.source)


def precise(x):
    """Compute with float16 in float32: its sums would soon overflow."""
    return x.astype("float32") if x.dtype.char == "e" else x


def _norm_of(xp, sizes, ord, dims, keepdim):
    kind = sizes.dtype
    if ord and math.prod([sizes.shape[d] for d in dims]) == 1:  # a number is as long as it is large
        return sizes.copy() if keepdim else sizes.squeeze(dims)
    if ord == math.inf:
        return sizes.max(axis=dims, keepdims=keepdim) if dims else sizes.copy()
    if ord == -math.inf:
        return sizes.min(axis=dims, keepdims=keepdim) if dims else sizes.copy()
    if ord == 0:
        return xp.add.reduce(sizes != 0, axis=dims, keepdims=keepdim, dtype=kind)
    if ord == 1:
        return xp.add.reduce(sizes, axis=dims, keepdims=keepdim, dtype=kind)
    if ord == 2:
        return xp.sqrt(xp.add.reduce(sizes * sizes, axis=dims, keepdims=keepdim, dtype=kind))
    powers = sizes ** kind.type(ord)
    return xp.add.reduce(powers, axis=dims, keepdims=keepdim, dtype=kind) ** kind.type(1 / ord)


def norm_slope(x, y, g, ord, dims):
    """Give the gradient of a norm; 0 where the vector is 0, as PyTorch chose."""
    sgn, size = OPS["sgn"], OPS["abs"]
    if ord == 0:
        return OPS["fill"](x, 0)
    if ord == 1:
        return sgn(x) * g
    if ord == 2:
        return g * nothing_where(y == 0, x / y)
    if size_of(ord) == math.inf:
        far = size(x) == y
        if bool((y != y).any()):
            far = far | (size(x) != size(x))
        return sgn(x) * (far * g / to(sum(far, dims, True), y.dtype))
    if ord < 1:
        powers = sgn(x) * nothing_where(x == 0, size(x) ** (ord - 1))
        return powers * g * y ** (1 - ord)
    powers = sgn(x) * size(x) ** (ord - 1) if ord < 2 else x * size(x) ** (ord - 2)
    return powers * nothing_where(y == 0, g / y ** (ord - 1))


# --- answers without a gradient


@op
class any(Op):
    r"""Say whether at least one element is not 0.

    >>> torch.any(torch.tensor([False, True]))
    tensor(True)
    """

    formula, gradient = r"y = \bigvee_i x_i", ""

    def forward(self, x: Array, dim=None, keepdim=False):
        y = self.xp.any(x, axis=chosen(dim, x.ndim), keepdims=keepdim)
        return y.astype(x.dtype) if x.dtype.name == "uint8" else y


@op
class all(Op):
    r"""Say whether no element is 0.

    >>> torch.all(torch.tensor([False, True]))
    tensor(False)
    """

    formula, gradient = r"y = \bigwedge_i x_i", ""

    def forward(self, x: Array, dim=None, keepdim=False):
        y = self.xp.all(x, axis=chosen(dim, x.ndim), keepdims=keepdim)
        return y.astype(x.dtype) if x.dtype.name == "uint8" else y


@op
class count_nonzero(Op):
    r"""Count the elements that are not 0.

    >>> torch.count_nonzero(torch.tensor([0, 5, 7]))
    tensor(2)
    """

    formula, gradient = r"y = \sum_i [x_i \ne 0]", ""

    def forward(self, x: Array, dim=None):
        return self.xp.add.reduce(x != 0, axis=chosen(dim, x.ndim), dtype="int64")
