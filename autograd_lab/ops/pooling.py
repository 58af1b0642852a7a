r"""Pooling: make an image smaller by keeping one number of each window.

The largest (``max_pool``) or the mean (``avg_pool``). Every operation here works along the last
``dims`` dimensions, so the 1d, 2d and 3d functions at the end are one line each.
"""

import functools
import math

from ..backends.cuda import kernels, ours
from ..core import Array, Op
from ..device import on_host
from ..dispatch import op
from ..dtypes import legacy_name
from ..tensors_only import check_tensors
from ..threads import by_parts
from .activation import relu
from .columns import Slide
from .columns import windows as windows_of
from .complex_numbers import abs as magnitude
from .dims import of_images, spread, whole_each, wrong_rank
from .pointwise import kept, sign
from .reduce import precise
from .spelling import with_out

# --- where the windows are


@functools.lru_cache(maxsize=1024)
def pool_plan(name, dims, shape, kernel, stride, padding, dilation=1, ceil_mode=False):
    """Plan how windows of size ``kernel`` slide over images of ``shape``."""
    kernel = each_setting(name, "kernel_size", kernel, dims)
    without = stride is None or type(stride) is tuple and not stride
    stride = kernel if without else each_setting(name, "stride", stride, dims)
    padding = each_setting(name, "padding", padding, dims)
    dilation = each_setting(name, "dilation", dilation, dims)
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


def each_setting(name, what, setting, dims):
    """Give a setting of pooling for every dimension, or raise PyTorch's error."""
    several = {2: "a tuple of two ints", 3: "a tuple of three ints"}
    if dims > 1:
        said = f"{name}: {what} must either be a single int, or {several[dims]}, not {setting}"
    elif name == "max_pool1d":
        said = f"max_pool1d() {what} must be an int, list of ints or tuple of ints of size 1 but "
        said += f"got size {len(spread(setting, 1))}"
    else:
        said = f"{name}() argument '{what}' should contain one int (got {len(spread(setting, 1))})"
    return whole_each(f"{name}(): argument '{what}'", setting, dims, said)


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
    wrong, ranks = not of_images(shape, dims), f"{dims + 1}D or {dims + 2}D (batch mode) tensor"
    if wrong and name == "avg_pool1d":
        raise wrong_rank(name, "self", "2 to 3 dimensions", shape)
    if wrong and dims > 1 and not (name == "avg_pool2d" and len(shape) > 4):
        raise RuntimeError(f"non-empty {ranks} expected for input: {name} got {list(shape)}")
    if wrong or 0 in shape[-dims - 1 :]:
        called = f"{name}: " if dims == 1 else ""
        raise RuntimeError(
            f"{called}Expected {ranks} with optional 0 dim batch size for input, but got:"
            f"{list(shape)}"
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
        if ours(g) and kernels().flat(slide) and won.dtype == "uint8":
            return kernels().largest_back(g, won, slide)
        # Where no pixel is in two windows, everybody's share can be written to its place.
        alone = all(s >= span for s, span in zip(slide.stride, slide.spans))
        filled = alone and math.prod(slide.padded) == math.prod(slide.kernel + slide.counts)
        shape = (*g.shape[: g.ndim - len(slide.sizes)], *slide.padded)
        x = (xp.empty if filled else xp.zeros)(shape, g.dtype)

        def send(g, won, x):
            for number, (_, here) in enumerate(slide.places()):
                if alone:
                    kept(xp, g, won == number, out=x[..., *here])
                else:
                    x[..., *here] += kept(xp, g, won == number)

        by_parts(xp, send, g, won, x)
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


def tournament(xp, x, slide):
    """Find the largest number of each window, and at which place of the window it stands.

    First the best of each row of a window, then the best of the rows. A number wins if it is
    larger than all before it: so of equal ones the first.
    """
    _check_ordered(x, "max_pool")
    if ours(x) and kernels().flat(slide):
        return kernels().largest_of(x, slide)
    if not on_host(xp):
        return _at_once(xp, x, slide)
    kind = "uint8" if math.prod(slide.kernel) <= 256 else "int32"
    shape = (*x.shape[: x.ndim - len(slide.sizes)], *slide.counts)
    y, number = xp.empty(shape, x.dtype), xp.empty(shape, kind)

    def play(number, y, x):
        y[...], number[...] = _played(xp, x, slide, kind)

    by_parts(xp, play, number, y, x)
    if not xp.isfinite(y.sum()):
        number = first_to_reach(xp, x, y, slide, kind)
    return y, number


def _played(xp, x, slide, kind):
    """Do so for numbers that are finite."""
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
    return y, number


def _at_once(xp, x, slide):
    """Do the same on a GPU, with few kernels and without asking whether there is a nan."""
    axis, size = x.ndim - len(slide.sizes), math.prod(slide.kernel)

    def seen(image):
        return windows_of(xp, image, slide).reshape(*x.shape[:axis], size, *slide.counts)

    values = seen(bordered(xp, x, slide, lowest(xp, x.dtype)))
    y, kind = values.max(axis), "uint8" if size <= 256 else "int32"
    if x.dtype.kind != "f":
        return y, values.argmax(axis).astype(kind)
    missing = values != values
    if any(slide.before) or any(slide.after):  # a border never wins
        values = seen(bordered(xp, x, slide, math.nan))
        missing = seen(bordered(xp, x != x, slide, False))
    first = (values == xp.expand_dims(y, axis)).argmax(axis)
    last = size - 1 - xp.flip(missing, axis).argmax(axis)  # of several nan the last, as PyTorch
    return y, xp.where(y != y, last, first).astype(kind)


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


def _check_ordered(x, name):
    if x.dtype.kind in "bc":
        raise _not_implemented(x, name)


def _not_implemented(x, name):
    return NotImplementedError(f'"{name}" not implemented for \'{legacy_name(x.dtype)}\'')


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
        if x.dtype.kind in "bc" or x.dtype.kind in "iu" and x.dtype != "int64":
            raise _not_implemented(x, f"avg_pool{max(2, len(slide.sizes))}d")
        if ours(x) and kernels().flat(slide):
            return kernels().mean_of(x, slide, count_border, divisor)
        kind, x, y = x.dtype, bordered(self.xp, precise(x), slide, 0), None
        for _, here in slide.places():
            y = x[..., *here].copy() if y is None else self.xp.add(y, x[..., *here], out=y)
        count = _counted(self.xp, slide, count_border, divisor, x.dtype)
        if kind.kind != "f":
            return _toward_zero(self.xp, y, count)
        y = y / count
        return y.astype(kind) if kind.char == "e" else y

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
        if ours(y) and kernels().flat(slide):
            return kernels().mean_back(y, slide, count_border, divisor)
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
    if not any((*slide.before, *slide.after)):
        return math.prod(slide.kernel)
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


# --- what learners call: the largest


def _max_pool(name, dims, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    settings = [tuple(s) if isinstance(s, list) else s for s in (
        kernel_size, stride, padding, dilation)]  # fmt: skip
    check_tensors(name, input=input)
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
    check_tensors(name, input=input)
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
