r"""Pooling: make an image smaller by keeping one number of each window.

The largest (``max_pool``), the mean (``avg_pool``), or as many windows as the result is to have
pixels (``adaptive_...``). Every operation here works along the last ``dims`` dimensions, so the
1d, 2d and 3d functions at the end are one line each.
"""

import functools
import math

from ..core import Array, Op, wrap
from ..device import cpu, on_host
from ..dispatch import op
from ..dtypes import legacy_name
from ..random import uniform
from .activation import relu
from .columns import Slide
from .complex_numbers import abs as magnitude
from .dims import of_images, one_each, spread, whole_each
from .gather import add_along, scatter
from .pointwise import sign
from .shape import reshape
from .spelling import with_out

# --- where the windows are


@functools.lru_cache(maxsize=1024)
def pool_plan(name, dims, shape, kernel, stride, padding, dilation=1, ceil_mode=False):
    """Plan how windows of size ``kernel`` slide over images of ``shape``."""
    kernel = _each(name, "kernel_size", kernel, dims)
    without = stride is None or type(stride) is tuple and not stride
    stride = kernel if without else _each(name, "stride", stride, dims)
    padding = _each(name, "padding", padding, dims)
    dilation = _each(name, "dilation", dilation, dims)
    _check_settings(name, kernel, stride, padding, dilation)
    check_images(name, dims, shape)
    sizes = shape[-dims:]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    counts = tuple([
        _count(n, span, s, p, ceil_mode) for n, span, s, p in zip(sizes, spans, stride, padding)
    ])  # fmt: skip
    if min(counts) < 1:
        given, left = ["x".join(map(str, (shape[-dims - 1], *ns))) for ns in (sizes, counts)]
        raise RuntimeError(
            f"{name}: Given input size: ({given}). Calculated output size: ({left}). Output size "
            "is too small"
        )
    after = tuple([  # a last window may reach beyond the border: ceil_mode
        max(p, (count - 1) * s + span - n - p)
        for n, span, s, p, count in zip(sizes, spans, stride, padding, counts)
    ])  # fmt: skip
    return Slide(sizes, kernel, stride, dilation, padding, after, counts)


def _count(n, span, stride, padding, ceil_mode):
    """Count the windows along a dimension; the last must begin before the right border."""
    room = n + 2 * padding - span
    if room < 0 and not ceil_mode:
        return 0
    count = (-(-room // stride) if ceil_mode else room // stride) + 1
    return count - 1 if ceil_mode and (count - 1) * stride >= n + padding else count


def _each(name, what, setting, dims):
    words = {1: "a single int", 2: "a tuple of two ints", 3: "a tuple of three ints"}
    return whole_each(
        f"{name}(): argument '{what}'", setting, dims,
        f"{name}: {what} must either be a single int, or {words[dims]}, not {setting}",
    )  # fmt: skip


def _check_settings(name, kernel, stride, padding, dilation):
    for what, values in (("stride", stride), ("kernel size", kernel), ("dilation", dilation)):
        if min(values) < 1:
            said = "stride should not be zero" if what == "stride" and not min(values) else (
                f"{what} should be greater than zero, but got {values}"
            )  # fmt: skip
            raise RuntimeError(f"{said} ({name})")
    for p, k, d in zip(padding, kernel, dilation):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > (d * (k - 1) + 1) // 2:
            raise RuntimeError(
                "pad should be at most half of effective kernel size, but got pad="
                f"{p}, kernel_size={k} and dilation={d}"
            )


def check_images(name, dims, shape):
    """Raise PyTorch's error for what are no images to be pooled."""
    if not of_images(shape, dims):
        raise RuntimeError(
            f"{name}: Expected {dims + 1}D or {dims + 2}D (batch mode) tensor, but got "
            f"{list(shape)}"
        )
    if 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"{name}: Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with optional 0 dim "
            f"batch size for input, but got:{list(shape)}"
        )


def bordered(xp, x, slide, value):
    """Put a border of one value around the last dimensions, where the windows need one."""
    if not (any(slide.before) or any(slide.after)):
        return x
    lead = x.shape[: x.ndim - len(slide.sizes)]
    y = xp.full((*lead, *slide.padded), value, x.dtype)
    y[..., *slide.inside] = x
    return y


def lowest(xp, dtype):
    """Give the smallest number of a dtype: what no maximum minds in a border."""
    return -math.inf if dtype.kind == "f" else xp.iinfo(dtype).min


# --- the largest


@op
class max_pool(Op):
    r"""Keep the largest number of each window.

    >>> max_pool(torch.tensor([[1., 3., 2., 5.]]), pool_plan("max_pool1d", 1, (1, 4), 2, 2, 0))
    tensor([[3., 5.]])
    """

    formula = r"y_p = \max_i x_{sp+di}"
    gradient = r"\bar x_q = \sum_{p:\ q\ \text{is first to reach}\ y_p} \bar y_p"
    torch_name = "MaxPool2DWithIndicesBackward0"

    def forward(self, x: Array, slide):
        self.slide = slide
        y, self.won = tournament(self.xp, x, slide)
        return y

    def backward(self, g, won):
        return to_largest(g, won, self.slide)

    def name(self):
        """Give PyTorch's name of this node."""
        return f"MaxPool{len(self.slide.sizes)}DWithIndicesBackward0"


@op
class max_pool_indices(Op):
    r"""Keep the largest number of each window, and say where in the image it stood.

    >>> x = torch.tensor([[1., 3., 2., 5.]])
    >>> max_pool_indices(x, pool_plan("max_pool1d", 1, (1, 4), 2, 2, 0))
    (tensor([[3., 5.]]), tensor([[1, 3]]))
    """

    formula = r"y_p = x_{k_p},\ k_p = \arg\max_i x_{sp+di}"
    gradient = r"\bar x_q = \sum_{p:\ k_p = q} \bar y_p"
    several, torch_name = True, "MaxPool2DWithIndicesBackward0"

    def forward(self, x: Array, slide):
        self.slide = slide
        y, self.won = tournament(self.xp, x, slide)
        return y, pixels_of(self.xp, self.won, slide)

    def backward(self, g, won):
        return to_largest(g.filled(2)[0], won, self.slide)

    def name(self):
        """Give PyTorch's name of this node."""
        return f"MaxPool{len(self.slide.sizes)}DWithIndicesBackward0"


@op
class to_largest(Op):
    r"""Send what each window got to the place that won there: the gradient of pooling.

    >>> slide = pool_plan("max_pool1d", 1, (1, 4), 2, 2, 0)
    >>> to_largest(torch.tensor([[10., 20.]]), torch.tensor([[1, 0]]), slide)
    tensor([[ 0., 10., 20.,  0.]])
    """

    formula = r"x_q = \sum_{p:\ q\ \text{won window}\ p} g_p"
    gradient = r"\bar g_p = \bar x_q,\ q\ \text{the pixel that won window}\ p"

    def forward(self, g: Array, won: Array, slide):
        self.slide, xp = slide, self.xp
        # Where no pixel is in two windows, everybody's share can be written to its place.
        alone = all(s >= span for s, span in zip(slide.stride, slide.spans))
        filled = alone and math.prod(slide.padded) == math.prod(slide.kernel + slide.counts)
        shape = (*g.shape[: g.ndim - len(slide.sizes)], *slide.padded)
        x = (xp.empty if filled else xp.zeros)(shape, g.dtype)
        for number, (_, here) in enumerate(slide.places()):
            if alone:
                kept(xp, g, won == number, out=x[..., *here])
            else:
                x[..., *here] += kept(xp, g, won == number)
        return xp.ascontiguousarray(x[..., *slide.inside])

    def backward_g(self, g, won):
        return from_largest(g, won, self.slide)


@op
class from_largest(Op):
    r"""Take the pixel of each window that stands at the place that won there.

    >>> slide = pool_plan("max_pool1d", 1, (1, 4), 2, 2, 0)
    >>> from_largest(torch.arange(4.).reshape(1, 4), torch.tensor([[1, 0]]), slide)
    tensor([[1., 2.]])
    """

    formula = r"y_p = x_q,\ q\ \text{the pixel that won window}\ p"
    gradient = r"\bar x_q = \sum_{p:\ q\ \text{won window}\ p} \bar y_p"

    def forward(self, x: Array, won: Array, slide):
        self.slide, xp = slide, self.xp
        x = bordered(xp, x, slide, 0)
        y = xp.zeros(won.shape, x.dtype)
        for number, (_, here) in enumerate(slide.places()):
            xp.copyto(y, x[..., *here], where=won == number)
        return y

    def backward_x(self, g, won):
        return to_largest(g, won, self.slide)


def kept(xp, g, there, out=None):
    """Keep numbers where something is true, and write 0 elsewhere.

    Their bits are multiplied by 1 or 0, as whole numbers: of an infinite number, too, 0 is left.
    """
    bits = f"uint{8 * g.dtype.itemsize}"
    out = None if out is None else out.view(bits)
    return xp.multiply(g.view(bits), there, out=out).view(g.dtype)


def tournament(xp, x, slide):
    """Find the largest number of each window, and at which place of the window it stands.

    First the best of each row of a window, then the best of the rows. A number wins if it is
    larger than all before it: so of equal ones the first.
    """
    _check_ordered(x, "max_pool")
    kind = "uint8" if math.prod(slide.kernel) <= 256 else "int32"
    y, number, places = bordered(xp, x, slide, lowest(xp, x.dtype)), None, 1
    for axis in reversed(range(len(slide.sizes))):
        first, *others = lanes(slide, axis)
        best = xp.ascontiguousarray(y[first])  # NumPy is slow where it has to leap
        won = xp.zeros(best.shape, kind) if number is None else xp.ascontiguousarray(number[first])
        for i, here in enumerate(others, 1):
            height, its = xp.ascontiguousarray(y[here]), xp.asarray(i * places, kind)
            if number is not None:
                its = xp.ascontiguousarray(number[here]) + its
            won = won + (height > best).astype(kind) * (its - won)
            best = xp.maximum(best, height)
        y, number, places = best, won, places * slide.kernel[axis]
    if not on_host(xp) or not xp.isfinite(y.sum()):  # a GPU need not wait to find out
        number = first_to_reach(xp, x, y, slide, kind)
    return (y.copy() if places == 1 else y), number


def lanes(slide, axis):
    """List what the places of a window pass over along one dimension, as indices."""
    k, d, s, n = [getattr(slide, each)[axis] for each in ("kernel", "dilation", "stride", "counts")]
    later = (slice(None),) * (len(slide.sizes) - 1 - axis)
    return [(..., slice(i * d, i * d + s * (n - 1) + 1, s), *later) for i in range(k)]


def first_to_reach(xp, x, y, slide, kind):
    """Find the places of the largest numbers where some are nan or infinite.

    Of equal numbers the first wins; of several nan the last: that is what PyTorch's loop does. A
    border never wins.
    """
    border = math.nan if x.dtype.kind == "f" else lowest(xp, x.dtype)
    inside, missing = bordered(xp, x, slide, border), bordered(xp, x != x, slide, False)
    number, left = xp.zeros(y.shape, kind), xp.ones(y.shape, bool)
    passes = list(enumerate(here for _, here in slide.places()))
    for i, here in passes:
        there = (inside[..., *here] == y) & left
        left ^= there
        xp.copyto(number, xp.asarray(i, kind), where=there)
    for i, here in reversed(passes):
        there = missing[..., *here] & left
        left ^= there
        xp.copyto(number, xp.asarray(i, kind), where=there)
    return number


def pixels_of(xp, won, slide):
    """Number the pixels that stand at the places that won."""
    start, offset = 0, 0
    for size, k, d, s, border, count in zip(
        slide.sizes, slide.kernel, slide.dilation, slide.stride, slide.before, slide.counts
    ):
        start = xp.asarray(start)[..., None] * size + (xp.arange(count) * s - border)
        offset = xp.asarray(offset)[..., None] * size + xp.arange(k) * d
    return start + offset.reshape(-1)[won]


def scattered(g, indices, shape, dims):
    """Add numbers up at the places of an image that are given for each."""
    lead = shape[: len(shape) - dims]
    flat = (*lead, math.prod(g.shape[len(lead) :]))
    back = add_along(
        reshape(g, flat), len(lead), reshape(indices, flat), (*lead, math.prod(shape[len(lead) :]))
    )
    return reshape(back, shape)


def _check_ordered(x, name):
    if x.dtype.kind in "bc":
        kind = legacy_name(x.dtype)
        raise NotImplementedError(f'"{name}" not implemented for \'{kind}\'')


# --- the mean


@op
class avg_pool(Op):
    r"""Take the mean of each window.

    >>> avg_pool(torch.tensor([[1., 3., 2., 6.]]), pool_plan("avg_pool1d", 1, (1, 4), 2, 2, 0))
    tensor([[2., 4.]])
    """

    formula = r"y_p = \frac{1}{n_p} \sum_i x_{sp+i}"
    gradient = r"\bar x_q = \sum_{sp+i=q} \bar y_p / n_p"

    def forward(self, x: Array, slide, count_border=True, divisor=None):
        self.settings = slide, count_border, divisor
        if x.dtype.kind in "bc":
            _check_ordered(x, f"avg_pool{len(slide.sizes)}d")
        x, y = bordered(self.xp, x, slide, 0), None
        for _, here in slide.places():
            y = x[..., *here].copy() if y is None else self.xp.add(y, x[..., *here], out=y)
        count = _counted(self.xp, slide, count_border, divisor, x.dtype)
        return y / count if x.dtype.kind == "f" else _toward_zero(self.xp, y, count)

    def backward(self, g):
        return spread_mean(g, *self.settings)

    def name(self):
        """Give PyTorch's name of this node."""
        return f"AvgPool{len(self.settings[0].sizes)}DBackward0"


@op
class spread_mean(Op):
    r"""Share out what each window got among its numbers: the gradient of the mean.

    >>> spread_mean(torch.tensor([[2., 4.]]), pool_plan("avg_pool1d", 1, (1, 4), 2, 2, 0))
    tensor([[1., 1., 2., 2.]])
    """

    formula = r"x_q = \sum_{sp+i=q} y_p / n_p"
    gradient = r"\bar y_p = \frac{1}{n_p} \sum_i \bar x_{sp+i}"

    def forward(self, y: Array, slide, count_border=True, divisor=None):
        self.settings, lead = (slide, count_border, divisor), y.shape[: y.ndim - len(slide.sizes)]
        y = y / _counted(self.xp, slide, count_border, divisor, y.dtype)
        x = self.xp.zeros((*lead, *slide.padded), y.dtype)
        for _, here in slide.places():
            x[..., *here] += y
        return self.xp.ascontiguousarray(x[..., *slide.inside])

    def backward(self, g):
        return avg_pool(g, *self.settings)


def _counted(xp, slide, count_border, divisor, dtype):
    """Say by how much the sum of each window is divided."""
    if divisor is not None:
        return divisor
    count = 1
    for n, k, s, p, windows in zip(
        slide.sizes, slide.kernel, slide.stride, slide.before, slide.counts
    ):
        starts = xp.arange(windows) * s - p
        if count_border:  # what ceil_mode reaches beyond the border never counts
            here = xp.minimum(starts + k, n + p) - starts
        else:
            here = xp.minimum(starts + k, n) - xp.maximum(starts, 0)
        count = xp.asarray(count)[..., None] * here
    return count.astype(dtype)


def _toward_zero(xp, y, count):
    """Divide whole numbers as C does: what is left over is dropped."""
    return xp.sign(y) * (abs(y) // abs(count)) * xp.sign(count)


# --- as many windows as the result is to have pixels


def bounds(size, count):
    """Give beginning and end of each of ``count`` windows over a dimension.

    >>> bounds(5, 3)
    [(0, 2), (1, 4), (3, 5)]
    """
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


@op
class adaptive_avg_pool(Op):
    r"""Take the means of as many windows as the result is to have numbers.

    >>> adaptive_avg_pool(torch.tensor([[1., 3., 2., 6., 4.]]), (3,))
    tensor([[2.0000, 3.6667, 5.0000]])
    """

    formula = r"y_p = \frac{1}{b_p - a_p} \sum_{i=a_p}^{b_p-1} x_i"
    gradient = r"\bar x_i = \sum_{p:\ a_p \le i < b_p} \bar y_p / (b_p - a_p)"

    def forward(self, x: Array, sizes):
        self.old = x.shape[x.ndim - len(sizes) :]
        for axis, count in enumerate(sizes, x.ndim - len(sizes)):
            x = averaged(self.xp, x, axis, count)
        return x

    def backward(self, g):
        return adaptive_spread_mean(g, self.old)

    def name(self):
        """Give PyTorch's name of this node."""
        return f"AdaptiveAvgPool{len(self.old)}DBackward0"


@op
class adaptive_spread_mean(Op):
    r"""Share out what each window got: the gradient of the adaptive mean.

    >>> adaptive_spread_mean(torch.tensor([[2., 4.]]), (4,))
    tensor([[1., 1., 2., 2.]])
    """

    formula = r"x_i = \sum_{p:\ a_p \le i < b_p} y_p / (b_p - a_p)"
    gradient = r"\bar y_p = \frac{1}{b_p - a_p} \sum_{i=a_p}^{b_p-1} \bar x_i"

    def forward(self, y: Array, sizes):
        self.counts = y.shape[y.ndim - len(sizes) :]
        for axis, size in enumerate(sizes, y.ndim - len(sizes)):
            y = shared_out(self.xp, y, axis, size)
        return y

    def backward(self, g):
        return adaptive_avg_pool(g, self.counts)


def averaged(xp, x, axis, count):
    """Take the means of ``count`` windows along one dimension."""
    size, x = x.shape[axis], x.swapaxes(axis, 0)
    y = xp.empty((count, *x.shape[1:]), x.dtype)
    for i, (a, b) in enumerate(bounds(size, count)):
        x[a:b].mean(0, out=y[i])
    return y.swapaxes(axis, 0)


def shared_out(xp, y, axis, size):
    """Share out the gradients of means along one dimension."""
    count, y = y.shape[axis], y.swapaxes(axis, 0)
    x = xp.zeros((size, *y.shape[1:]), y.dtype)
    for i, (a, b) in enumerate(bounds(size, count)):
        x[a:b] += y[i] / (b - a)
    return x.swapaxes(axis, 0)


@op
class chosen_max_pool(Op):
    r"""Keep the largest number of windows that stand anywhere, and its place.

    ``places`` has one entry for each dimension: the numbers along it that each window covers.

    >>> chosen_max_pool(torch.tensor([[1., 3., 2., 5.]]), [np.array([[0, 1, 2], [1, 2, 3]])])
    (tensor([[3., 5.]]), tensor([[1, 3]]))
    """

    formula = r"y_p = x_{k_p},\ k_p = \arg\max_{i \in P_p} x_i"
    gradient = r"\bar x_q = \sum_{p:\ k_p = q} \bar y_p"
    several, torch_name = True, "AdaptiveMaxPool2DBackward0"

    def forward(self, x: Array, places):
        self.old, self.dims, xp = x.shape, len(places), self.xp
        flat = _window_places(xp, places, x.shape[x.ndim - self.dims :])
        lead = x.shape[: x.ndim - self.dims]
        flat = xp.broadcast_to(flat, (*lead, *flat.shape[-self.dims - 1 :]))
        rows = x.reshape(*lead, math.prod(x.shape[len(lead) :]))
        each = flat.reshape(*lead, math.prod(flat.shape[len(lead) :]))
        seen = xp.take_along_axis(rows, each, -1).reshape(flat.shape)
        best = seen.argmax(-1)[..., None]
        if x.dtype.kind == "f":  # of several nan the last wins, as in PyTorch
            nan = xp.isnan(seen)
            last = seen.shape[-1] - 1 - nan[..., ::-1].argmax(-1)[..., None]
            best = xp.where(nan.any(-1)[..., None], last, best)
        self.indices = xp.take_along_axis(flat, best, -1)[..., 0]
        return xp.take_along_axis(seen, best, -1)[..., 0], self.indices

    def backward(self, g, indices):
        return scattered(g.filled(2)[0], indices, self.old, self.dims)


def _window_places(xp, places, sizes):
    """Number the pixels of every window: (1 or N, ..., counts, pixels in a window)."""
    dims = len(places)
    flat = 0
    for d, (where, size) in enumerate(zip(places, sizes)):
        where = xp.asarray(where)
        lead, (count, width) = where.shape[:-2], where.shape[-2:]
        line = (1,) * d + (count,) + (1,) * (dims - 1)
        line += (width,) + (1,) * (dims - 1 - d)
        flat = flat * size + where.reshape(*lead, *line)
    shape = flat.shape
    return flat.reshape(*shape[: len(shape) - dims], math.prod(shape[len(shape) - dims :]))


# --- what learners call: the largest


def _max_pool(name, dims, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    settings = [tuple(s) if isinstance(s, list) else s for s in (
        kernel_size, stride, padding, dilation)]  # fmt: skip
    slide = pool_plan(name, dims, tuple(input.array.shape), *settings, ceil_mode)
    return max_pool_indices(input, slide) if return_indices else max_pool(input, slide)


def max_pool1d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """Keep the largest number of each window that slides along sequences (N, C, L).

    The window moves by its own width, unless ``stride`` says otherwise.

    >>> F.max_pool1d(torch.tensor([[[1., 3., 2., 5.]]]), 2)
    tensor([[[3., 5.]]])
    """
    settings = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool1d", 1, input, *settings)


def max_pool2d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """Keep the brightest pixel of each window that slides over images (N, C, H, W).

    The window moves by its own size, unless ``stride`` says otherwise: ``max_pool2d(x, 2)`` halves
    an image. ``padding`` adds a border that never wins, ``dilation`` leaves gaps between the
    pixels that a window sees, ``ceil_mode`` lets the last window reach beyond the edge.

    >>> F.max_pool2d(torch.arange(16.).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    settings = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool2d", 2, input, *settings)


def max_pool3d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """Keep the largest number of each box that moves through volumes.

    >>> F.max_pool3d(torch.arange(8.).reshape(1, 1, 2, 2, 2), 2)
    tensor([[[[[7.]]]]])
    """
    settings = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool3d", 3, input, *settings)


# --- the mean


def _avg_pool(name, dims, input, settings, ceil_mode, count_include_pad, divisor_override=None):
    settings = [tuple(s) if isinstance(s, list) else s for s in settings]
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    slide = pool_plan(name, dims, tuple(input.array.shape), *settings, 1, ceil_mode)
    return avg_pool(input, slide, count_include_pad, divisor_override)


def avg_pool1d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
):
    """Take the mean of each window that slides along sequences (N, C, length).

    >>> F.avg_pool1d(torch.tensor([[[1., 3., 2., 6.]]]), 2)
    tensor([[[2., 4.]]])
    """
    settings = kernel_size, stride, padding
    return _avg_pool("avg_pool1d", 1, input, settings, ceil_mode, count_include_pad)


@with_out
def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None,
):  # fmt: skip
    """Take the mean of each window that slides over images (N, C, height, width).

    ``count_include_pad`` says whether the zeros of the border count, ``divisor_override`` by what
    to divide instead of by the number of pixels.

    >>> F.avg_pool2d(torch.arange(16.).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]])
    """
    settings = kernel_size, stride, padding
    return _avg_pool(
        "avg_pool2d", 2, input, settings, ceil_mode, count_include_pad, divisor_override
    )


@with_out
def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None,
):  # fmt: skip
    """Take the mean of each box that moves through volumes (N, C, D, H, W).

    >>> F.avg_pool3d(torch.arange(8.).reshape(1, 1, 2, 2, 2), 2)
    tensor([[[[[3.5000]]]]])
    """
    settings = kernel_size, stride, padding
    return _avg_pool(
        "avg_pool3d", 3, input, settings, ceil_mode, count_include_pad, divisor_override
    )


def lp_pool(input, norm_type, kernel_size, stride, ceil_mode, dims):
    """Take the p-norm of each window."""
    how = {1: (max_pool1d, avg_pool1d), 2: (max_pool2d, avg_pool2d), 3: (max_pool3d, avg_pool3d)}
    greatest, mean = how[dims]
    if abs(norm_type) == math.inf:
        up = 1 if norm_type > 0 else -1
        return up * greatest(up * magnitude(input), kernel_size, stride, 0, 1, ceil_mode)
    y = mean(input**norm_type, kernel_size, stride, 0, ceil_mode)
    count = math.prod(spread(kernel_size, dims))
    return (sign(y) * relu(magnitude(y)) * count) ** (1.0 / norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Take the p-norm of each window along sequences: sum (1) to largest (inf).

    >>> F.lp_pool1d(torch.tensor([[[3., 4., 5., 12.]]]), 2, 2)
    tensor([[[ 5., 13.]]])
    """
    return lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 1)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Take the p-norm of each window over images: sum (1) to largest (inf).

    >>> F.lp_pool2d(torch.full((1, 1, 2, 2), 3.), 2, 2)
    tensor([[[[6.]]]])
    """
    return lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 2)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Take the p-norm of each box in volumes: sum (1) to largest (inf).

    >>> F.lp_pool3d(torch.ones(1, 1, 1, 2, 2), 2, (1, 2, 2))
    tensor([[[[[2.]]]]])
    """
    return lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 3)


# --- adaptive


def _sizes_asked(name, dims, input, output_size):
    """Check and complete the sizes asked for: None keeps the size of the input."""
    shape = input.array.shape
    wanted = one_each(output_size, dims)
    if isinstance(output_size, (tuple, list)) and len(shape) <= len(wanted):
        raise ValueError(f"Input dimension should be at least {len(wanted) + 1}")
    if not of_images(shape, dims):
        raise RuntimeError(
            f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got {list(shape)}"
        )
    if len(wanted) != dims:
        raise RuntimeError(f"{name}: output_size must be {dims}")
    sizes = tuple([n if w is None else w for w, n in zip(wanted, shape[-dims:])])
    if min(sizes) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            f"{list(sizes)}"
        )
    for d in range(len(shape) - dims, len(shape)):
        if not shape[d]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but "
                f"input has sizes {list(shape)} with dimension {d} being empty"
            )
    if input.array.dtype.kind != "f":
        kind = legacy_name(input.dtype)
        raise NotImplementedError(f"\"{name}\" not implemented for '{kind}': x.float() is")
    return sizes


def adaptive_avg_pool1d(input, output_size):
    """Take means so that ``output_size`` numbers are left of a sequence.

    >>> F.adaptive_avg_pool1d(torch.tensor([[[1., 3., 2., 6.]]]), 2)
    tensor([[[2., 4.]]])
    """
    return adaptive_avg_pool(input, _sizes_asked("adaptive_avg_pool1d", 1, input, output_size))


def adaptive_avg_pool2d(input, output_size):
    """Take means so that an image of ``output_size`` is left, of any image.

    >>> F.adaptive_avg_pool2d(torch.ones(1, 8, 17, 13), (2, None)).shape
    torch.Size([1, 8, 2, 13])
    """
    return adaptive_avg_pool(input, _sizes_asked("adaptive_avg_pool2d", 2, input, output_size))


def adaptive_avg_pool3d(input, output_size):
    """Take means so that a volume of ``output_size`` is left, of any volume.

    >>> F.adaptive_avg_pool3d(torch.ones(1, 8, 5, 6, 7), 2).shape
    torch.Size([1, 8, 2, 2, 2])
    """
    return adaptive_avg_pool(input, _sizes_asked("adaptive_avg_pool3d", 3, input, output_size))


def _adaptive_max_pool(name, dims, input, output_size, return_indices):
    sizes = _sizes_asked(name, dims, input, output_size)
    xp = input.device.xp
    places = []
    for size, count in zip(input.array.shape[-dims:], sizes):
        limits = bounds(size, count)
        width = max((b - a for a, b in limits), default=1)
        start, end = [xp.asarray([ab[i] for ab in limits], "int64")[:, None] for i in (0, 1)]
        places.append(xp.minimum(start + xp.arange(width), end - 1))  # the last one, repeated
    found = chosen_max_pool(input, places)
    return found if return_indices else found[0]


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """Keep the largest numbers so that ``output_size`` are left of a sequence.

    >>> F.adaptive_max_pool1d(torch.tensor([[[1., 3., 2., 6.]]]), 2)
    tensor([[[3., 6.]]])
    """
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """Keep the brightest pixels so that an image of ``output_size`` is left.

    >>> F.adaptive_max_pool2d(torch.arange(9.).reshape(1, 1, 3, 3), 2)
    tensor([[[[4., 5.],
              [7., 8.]]]])
    """
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """Keep the largest numbers so that a volume of ``output_size`` is left.

    >>> F.adaptive_max_pool3d(torch.arange(8.).reshape(1, 1, 2, 2, 2), 1)
    tensor([[[[[7.]]]]])
    """
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)


# --- the way back, and windows at random


def _max_unpool(dims, input, indices, kernel_size, stride, padding, output_size):
    kernel, padding = spread(kernel_size, dims), spread(padding, dims)
    stride = kernel if stride is None else spread(stride, dims)
    sizes = _unpooled_sizes(dims, input, kernel, stride, padding, output_size)
    _check_indices(dims, input, indices, sizes)
    lead = input.array.shape[: input.ndim - dims]
    flat = (*lead, math.prod(input.array.shape[len(lead) :]))
    empty = wrap(input.device.xp.zeros((*lead, math.prod(sizes)), input.array.dtype))
    full = scatter(empty, len(lead), reshape(indices, flat), reshape(input, flat))
    return reshape(full, (*lead, *sizes))


def _unpooled_sizes(dims, input, kernel, stride, padding, output_size):
    """Find the sizes that pooling may have started from."""
    usual = tuple([
        (n - 1) * s + k - 2 * p
        for n, s, k, p in zip(input.shape[-dims:], stride, kernel, padding)
    ])  # fmt: skip
    if output_size is None:
        return usual
    sizes = tuple(output_size)[2:] if len(output_size) == dims + 2 else tuple(output_size)
    if len(sizes) != dims:
        raise ValueError(
            f"output_size should be a sequence containing {dims} or {dims + 2} elements, but it "
            f"has a length of '{len(sizes)}'"
        )
    for d, (n, s, asked) in enumerate(zip(usual, stride, sizes)):
        if not n - s < asked < n + s:
            raise ValueError(
                f'invalid output_size "{sizes}" (dim {d} must be between {n - s} and {n + s})'
            )
    return sizes


def _check_indices(dims, input, indices, sizes):
    if indices.dtype.name != "int64":
        raise RuntimeError(
            f"elements in indices should be type int64 but got: {legacy_name(indices.dtype)}"
        )
    if not of_images(input.shape, dims):
        raise RuntimeError(
            f"Input to max_unpooling{dims}d should be a {dims + 1}d or {dims + 2}d Tensor, but got "
            f"a tensor with {input.ndim} dimensions."
        )
    if input.shape != indices.shape:
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(input.shape)}) but got indices tensor with shape: {list(indices.shape)}"
        )
    if 0 in input.shape[1:]:
        raise RuntimeError(
            f"max_unpooling{dims}d(): Expected input to have non-zero size for non-batch "
            f"dimensions, but got {list(input.shape)}"
        )
    array, room = indices.array, math.prod(sizes)
    if indices.device != cpu or not array.size:  # a GPU would have to wait for the answer
        return
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= room:
        wrong = high if high >= room else low
        raise RuntimeError(
            f"Found an invalid max index: {wrong} (output volumes are of size "
            f"{'x'.join(map(str, sizes))})"
        )


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the largest numbers back where ``max_pool1d`` found them; the rest is 0.

    >>> y, places = F.max_pool1d(torch.tensor([[[1., 3., 2., 5.]]]), 2, return_indices=True)
    >>> F.max_unpool1d(y, places, 2)
    tensor([[[0., 3., 0., 5.]]])
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the brightest pixels back where ``max_pool2d`` found them; the rest is 0.

    >>> image = torch.arange(4.).reshape(1, 1, 2, 2)
    >>> F.max_unpool2d(*F.max_pool2d(image, 2, return_indices=True), 2)
    tensor([[[[0., 0.],
              [0., 3.]]]])
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the largest numbers back where ``max_pool3d`` found them; the rest is 0.

    >>> volume = torch.arange(4.).reshape(1, 1, 1, 2, 2)
    >>> F.max_unpool3d(*F.max_pool3d(volume, (1, 2, 2), return_indices=True), (1, 2, 2))
    tensor([[[[[0., 0.],
               [0., 3.]]]]])
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _fractional(
    name, dims, input, kernel_size, output_size, output_ratio, return_indices, samples
):
    """Place windows at random so that they fill the image, in steps that are no whole number."""
    kernel = _each(name, "kernel_size", kernel_size, dims)
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    check_images(name, dims, tuple(input.array.shape))
    sizes, xp = input.array.shape[-dims:], input.device.xp
    if output_size is None:
        counts = [int(n * r) for n, r in zip(sizes, spread(output_ratio, dims))]
    else:
        counts = spread(output_size, dims)
    lead = input.array.shape[: input.ndim - dims]
    if samples is None:
        random = uniform((math.prod(lead[:-1]), lead[-1], dims))
        samples = wrap(xp.asarray(random, input.array.dtype))
    _check_samples(name, samples, dims, lead)
    draws = samples.array[: math.prod(lead[:-1])].reshape(*lead, dims)
    order = (1, 0) if dims == 2 else (0, 1, 2)  # which draw belongs to which dimension
    places = [
        _random_places(name, xp, n, count, k, draws[..., which])
        for n, count, k, which in zip(sizes, counts, kernel, order)
    ]
    found = chosen_max_pool(input, places)
    return found if return_indices else found[0]


def _random_places(name, xp, size, count, width, draws):
    """Give the numbers that each window covers, along one dimension, for every image."""
    if width < 1 or count < 1 or count + width - 1 > size:
        raise RuntimeError(
            f"{name}(): pool size {width} too large relative to input size {size} for {count} "
            "windows"
        )
    room = size - width
    step = room / (count - 1) if count > 1 else 0.0
    draws = draws[..., None]
    starts = ((xp.arange(count) + draws) * step).astype("int64") - (draws * step).astype("int64")
    starts[..., -1] = room
    return starts[..., None] + xp.arange(width)


def _check_samples(name, samples, dims, lead):
    shape = tuple(samples.shape)
    batch = lead[0] if len(lead) == 2 else 1
    for d, wanted in enumerate((batch, lead[-1], dims)):
        if len(shape) != 3 or shape[d] != wanted and not (d == 0 and shape[0] > wanted):
            raise RuntimeError(
                f"{name}: Expect _random_samples of sizes {[batch, lead[-1], dims]}; got "
                f"{list(shape)}."
            )


def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
    _random_samples=None,
):  # fmt: skip
    """Keep the brightest pixels of windows at random steps: shrink by any ratio.

    >>> F.fractional_max_pool2d(torch.ones(1, 1, 9, 9), 2, output_ratio=0.7).shape
    torch.Size([1, 1, 6, 6])
    """
    return _fractional(
        "fractional_max_pool2d", 2, input, kernel_size, output_size, output_ratio, return_indices,
        _random_samples,
    )  # fmt: skip


def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
    _random_samples=None,
):  # fmt: skip
    """Keep the largest numbers of boxes at random steps: shrink by any ratio.

    >>> F.fractional_max_pool3d(torch.ones(1, 1, 9, 9, 9), 2, output_size=5).shape
    torch.Size([1, 1, 5, 5, 5])
    """
    return _fractional(
        "fractional_max_pool3d", 3, input, kernel_size, output_size, output_ratio, return_indices,
        _random_samples,
    )  # fmt: skip
