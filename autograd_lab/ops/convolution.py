r"""Convolution: a small filter slides over an image and multiplies what it sees.

Three tensors meet in a convolution: the image $x$, the filter $w$ and the map $y$ of what the
filter found. Together they make one number, the sum over all places $i$ of the filter and all
windows $p$ of $y_p\, w_i\, x_{sp+di}$. Take two of the three and leave the third open: that gives
the three operations ``slide_filter`` ($y$), ``spread_filter`` ($x$) and ``compare`` ($w$), and
each one's gradients are the other two. All layers, forwards and backwards, are made of them.
"""

import functools
import math
import operator

import numpy as np

from ..backends.cuda import kernels, ours
from ..core import CPP_NAMES, Array, Op
from ..device import on_host
from ..dispatch import op
from ..dtypes import legacy_name
from ..threads import at_once
from .columns import Bands, Slide, apart, beside, blocks, columns, overlaid
from .dims import of_images, spread, whole_each
from .products import by_rows, ones
from .reduce import sum
from .shape import reshape

FEW = 3  # so many numbers in a window for each filter: see bands_of
DEEP = 8192  # so many weights for each window of an image: see is_deep
GRADIENT = (
    r"\bar x_{ncq} = \sum_{sp+di=q} w_{oci}\, \bar y_{nop},\quad "
    r"\bar w_{oci} = \sum_{n,p} \bar y_{nop}\, x_{n,c,sp+di},\quad \bar b_o = \sum \bar y_{nop}"
)
GRADIENT_TRANSPOSED = (
    r"\bar x_{nop} = \sum_{c,i} w_{oci}\, \bar y_{n,c,sp+di},\quad "
    r"\bar w_{oci} = \sum_{n,p} x_{nop}\, \bar y_{n,c,sp+di},\quad \bar b_c = \sum \bar y_{ncq}"
)


@op
class slide_filter(Op):
    r"""Slide filters over images, and write down what each finds at each place.

    >>> slide = plan(1, (1, 1, 4), (1, 1, 2), None)
    >>> slide_filter(torch.arange(4.).reshape(1, 1, 4), torch.ones(1, 1, 2), slide)
    tensor([[[1., 3., 5.]]])
    """

    formula = r"y_{nop} = \sum_{c,i} w_{oci}\, x_{n,c,sp+di}"
    gradient = r"\bar x = \mathrm{spread}(\bar y, w),\quad \bar w = \mathrm{compare}(x, \bar y)"
    torch_name = "ConvolutionBackward0"

    def forward(self, x: Array, w: Array, slide):
        self.slide = slide
        return slid(self.xp, x, w, slide)

    def backward_x(self, g, w):
        return spread_filter(g, w.conj(), self.slide)

    def backward_w(self, g, x):
        return compare(x.conj(), g, self.slide)


@op
class spread_filter(Op):
    r"""Stamp filters on empty images, each as strongly as the map says, and add up.

    >>> slide = plan(1, (1, 1, 4), (1, 1, 2), None)
    >>> spread_filter(torch.tensor([[[1., 0., 5.]]]), torch.ones(1, 1, 2), slide)
    tensor([[[1., 1., 5., 5.]]])
    """

    formula = r"x_{ncq} = \sum_{o,\, sp + di = q} w_{oci}\, y_{nop}"
    gradient = r"\bar y = \mathrm{slide}(\bar x, w),\quad \bar w = \mathrm{compare}(\bar x, y)"
    torch_name = "ConvolutionBackward0"

    def forward(self, found: Array, w: Array, slide):
        self.slide = slide
        return stamped(self.xp, found, w, slide)

    def backward_found(self, g, w):
        return slide_filter(g, w.conj(), self.slide)

    def backward_w(self, g, found):
        return compare(g, found.conj(), self.slide)


@op
class compare(Op):
    r"""Find the filters that look like what images hold wherever the maps are large.

    >>> slide = plan(1, (1, 1, 4), (1, 1, 2), None)
    >>> compare(torch.arange(4.).reshape(1, 1, 4), torch.tensor([[[0., 0., 1.]]]), slide)
    tensor([[[2., 3.]]])
    """

    formula = r"w_{oci} = \sum_{n,p} y_{nop}\, x_{n,c,sp+di}"
    gradient = r"\bar x = \mathrm{spread}(y, \bar w),\quad \bar y = \mathrm{slide}(x, \bar w)"
    torch_name = "ConvolutionBackward0"

    def forward(self, x: Array, found: Array, slide):
        self.slide = slide
        return compared(self.xp, x, found, slide)

    def backward_x(self, g, found):
        return spread_filter(found.conj(), g, self.slide)

    def backward_found(self, g, x):
        return slide_filter(x.conj(), g, self.slide)


# --- the three, on arrays: a block of images at a time


@functools.lru_cache(maxsize=1024)
def bands_of(xp, slide, channels, filters):
    """Choose how to lay the windows out: as bands, or (None) every window as a column.

    Columns serve groups and windows with gaps, and are faster where a window has few numbers for
    each filter, or one pixel: copying windows is then cheaper than turning the maps around. On a
    GPU, few large products are better than many small ones.
    """
    pixels = math.prod(slide.kernel)
    few = pixels == 1 or channels * pixels <= FEW * filters
    if slide.groups > 1 or slide.dilation[0] > 1 or few or not on_host(xp):
        return None
    return Bands(slide, channels, filters)


def is_deep(xp, slide, channels, filters) -> bool:
    """Say whether images should lie beside each other: many weights, and few windows an image.

    Then it takes longer to read the weights than to multiply by them: once for many images pays.
    """
    weights = channels // slide.groups * math.prod(slide.kernel) * filters
    return on_host(xp) and weights >= DEEP * math.prod(slide.counts)


def numbers_of(slide, channels, filters):
    """Count what is laid out for one image, if every window becomes a column."""
    seen, windows = channels * math.prod(slide.kernel), math.prod(slide.counts)
    return seen * windows + filters * max(windows, seen // slide.groups)


def _by_blocks(xp, work, images, numbers, slide, weights, take=None):
    """Work on blocks of images, several at once; so many numbers are laid out for each image.

    One image alone is left to the threads of the BLAS. A block of several is not: where some layers
    have many blocks and others one, the two kinds of threads would be in each other's way.
    """
    multiplications = math.prod(slide.counts) * weights if len(images) == 1 else 0
    at_once(xp, work, blocks(xp, len(images), numbers, images.dtype), take, multiplications)


def in_single_precision(compute):
    """Compute with half-precision numbers in single precision: NumPy multiplies those fast."""

    @functools.wraps(compute)
    def computed(xp, first, second, slide, *bias):
        if first.dtype != "float16" or not on_host(xp):
            return compute(xp, first, second, slide, *bias)
        bias = [None if b is None else b.astype("float32") for b in bias]
        first, second = first.astype("float32"), second.astype("float32")
        return compute(xp, first, second, slide, *bias).astype("float16")

    return computed


@in_single_precision
def slid(xp, x, w, slide, bias=None):
    """Compute the maps: what the windows see, times the filters."""
    y = xp.empty((len(x), len(w), *slide.counts), x.dtype)
    bands = bands_of(xp, slide, x.shape[1], len(w))
    if is_deep(xp, slide, x.shape[1], len(w)):
        _slid_beside(xp, x, w, slide, bias, y)
    elif bands is None:
        _slid_by_columns(xp, x, w, slide, bias, y)
    else:
        _slid_by_bands(xp, x, w, bands, bias, y)
    return y


def holds_nan(block) -> bool:
    """Say whether a block that was just computed holds a nan.

    A band multiplies what a window does not see by 0, and 0 times nan or infinity is nan: then the
    block is computed again, every window by itself.
    """
    flat = block.reshape(-1)
    square = flat @ flat
    return bool(square != square)


def _slid_by_columns(xp, x, w, slide, bias, y):
    each = len(w) // slide.groups
    filters = w.reshape(slide.groups, each, math.prod(w.shape[1:]))
    found = y.reshape(len(y), slide.groups, each, math.prod(slide.counts))

    def find(here):
        xp.matmul(filters, columns(xp, x[here], slide), out=found[here])
        if bias is not None:
            part = found[here]
            part += bias.reshape(slide.groups, each, 1)

    _by_blocks(xp, find, x, numbers_of(slide, x.shape[1], len(w)), slide, w.size)


def _slid_beside(xp, x, w, slide, bias, y):
    for here, wide in _deep_blocks(x, w, slide):
        found = xp.empty((1, len(w), *wide.counts), x.dtype)
        _slid_by_columns(xp, beside(x[here]), w[..., None], wide, bias, found)
        y[here] = apart(found)


def _deep_blocks(images, w, slide):
    """Cut a batch into blocks for whose images, beside each other, the weights are worth it."""
    numbers = (w.size // len(w) * slide.groups + len(w)) * math.prod(slide.counts)
    for here in blocks(np, len(images), numbers, images.dtype, least=w.size):
        yield here, slide.beside(here.stop - here.start)


def _slid_by_bands(xp, x, w, bands, bias, y):
    weights = bands.band(xp, w)
    bias = 0 if bias is None else bias.reshape(-1, *(1,) * len(bands.slide.sizes))

    def find(here):
        seen = bands.lay_out(xp, x[here])
        found = xp.empty((seen.shape[1], len(seen) * bands.width), x.dtype)
        by_rows(seen, weights, out=bands.products(found))
        if holds_nan(found):
            _slid_by_columns(xp, x[here], w, bands.slide, None, y[here])
            y[here] += bias
        else:
            xp.add(bands.maps(found, len(y[here])), bias, out=y[here])

    _by_blocks(xp, find, x, bands.numbers, bands.slide, w.size)


@in_single_precision
def stamped(xp, y, w, slide, bias=None):
    """Compute the images: filters, as strong as the maps say, laid over each other."""
    inputs = w.shape[1] * slide.groups
    x = xp.empty((len(y), inputs, *slide.sizes), y.dtype)
    bands = bands_of(xp, slide, inputs, len(w))
    deep = is_deep(xp, slide, inputs, len(w))
    if bands is not None and not deep and (across := slide.across()):
        turned = w[:, :, *(slice(None, None, -1),) * len(slide.kernel)].swapaxes(0, 1)
        return slid(xp, y, turned, across, bias)
    if deep:
        _stamped_beside(xp, y, w, slide, x)
    elif bands is None:
        _stamped_by_columns(xp, y, w, slide, x)
    else:
        _stamped_by_bands(xp, y, w, bands, x)
    if bias is not None:
        x += bias.reshape(-1, *(1,) * len(slide.sizes))
    return x


def _stamped_by_bands(xp, y, w, bands, x):
    stamps = bands.stamps(xp, w)

    def stamp(here):
        x[here] = bands.stamp(xp, bands.rows(xp, y[here]), stamps, len(y[here]))
        if holds_nan(x[here]):
            _stamped_by_columns(xp, y[here], w, bands.slide, x[here])

    _by_blocks(xp, stamp, y, bands.numbers, bands.slide, w.size)


def _stamped_by_columns(xp, y, w, slide, x):
    outputs = len(w) // slide.groups
    filters = w.reshape(slide.groups, outputs, math.prod(w.shape[1:])).swapaxes(1, 2)
    maps = y.reshape(len(y), slide.groups, outputs, math.prod(slide.counts))

    def stamp(here):
        seen = xp.matmul(filters, maps[here])
        if ours(seen) and kernels().flat(slide):
            kernels().lay_columns_over(seen, slide, x[here])
        else:
            x[here] = overlaid(xp, seen, slide)

    _by_blocks(xp, stamp, y, numbers_of(slide, x.shape[1], len(w)), slide, w.size)


def _stamped_beside(xp, y, w, slide, x):
    for here, wide in _deep_blocks(y, w, slide):
        found = xp.empty((1, x.shape[1], *wide.sizes), y.dtype)
        _stamped_by_columns(xp, beside(y[here]), w[..., None], wide, found)
        x[here] = apart(found)


@in_single_precision
def compared(xp, x, y, slide):
    """Compute the filters: the maps times what the windows of all images see."""
    bands = bands_of(xp, slide, x.shape[1], y.shape[1])
    w = xp.zeros((y.shape[1], x.shape[1] // slide.groups, *slide.kernel), x.dtype)
    if is_deep(xp, slide, x.shape[1], y.shape[1]):
        for here, wide in _deep_blocks(x, w, slide):
            _compared_by_columns(xp, beside(x[here]), beside(y[here]), wide, w)
    elif bands is None:
        _compared_by_columns(xp, x, y, slide, w)
    else:
        return _compared_by_bands(xp, x, y, bands)
    return w


def _compared_by_columns(xp, x, y, slide, w):
    outputs = len(w) // slide.groups
    maps = y.reshape(len(y), slide.groups, outputs, math.prod(slide.counts))
    filters = w.reshape(slide.groups, outputs, math.prod(w.shape[1:]))

    def look(here):
        return xp.matmul(maps[here], columns(xp, x[here], slide).swapaxes(2, 3))

    def add(found):
        if ours(found):
            kernels().column_sums(found.reshape(len(found), -1), into=w)
        else:
            xp.add(filters, found[0] if len(found) == 1 else found.sum(0), out=filters)

    _by_blocks(xp, look, x, numbers_of(slide, x.shape[1], len(w)), slide, w.size, add)


def _compared_by_bands(xp, x, y, bands):
    sums = xp.zeros((bands.tall * bands.row, bands.width), x.dtype)

    def look(here):
        maps = bands.products(bands.rows(xp, y[here]))
        pairs = zip(bands.lay_out(xp, x[here]), maps)
        return functools.reduce(operator.iadd, (by_rows(seen.T, found) for seen, found in pairs))

    _by_blocks(xp, look, x, bands.numbers, bands.slide, bands.weights, sums.__iadd__)
    return bands.unshifted(sums)


# --- where the filters go, and what PyTorch says to sizes that do not fit


@functools.lru_cache(maxsize=1024)
def plan(dims, shape, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """Plan how filters of shape ``weight`` slide over images of ``shape``."""
    stride, dilation, zeros = _settings(dims, shape, weight, stride, padding, dilation, groups)
    _check_images(f"conv{dims}d", dims, shape)
    _check_weight(weight, groups)
    _check_channels(shape, weight, dims, groups, weight[1] * groups)
    _check_bias(weight, bias, weight[0])
    sizes, kernel = shape[-dims:], weight[2:]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    if padding == "same":
        before = tuple([(n - 1) // 2 for n in spans])
        after = tuple([n - 1 - a for n, a in zip(spans, before)])
    else:
        before = after = zeros
    padded = [a + n + b for a, n, b in zip(before, sizes, after)]
    if any(n < span for n, span in zip(padded, spans)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({_by(padded)}). Kernel size: "
            f"({_by(spans)}). Kernel size can't be greater than actual input size"
        )
    counts = tuple([(n - span) // s + 1 for n, span, s in zip(padded, spans, stride)])
    return Slide(sizes, kernel, stride, dilation, before, after, counts, groups)


@functools.lru_cache(maxsize=1024)
def plan_transposed(
    dims, shape, weight, bias, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Plan how a transposed convolution stamps its filters: each number of the input once."""
    stride, dilation, cut = _settings(dims, shape, weight, stride, padding, dilation, groups, True)
    more = _each("output_padding", output_padding, dims)
    if min(more) < 0:
        raise RuntimeError("negative output_padding is not supported")
    _check_images(f"conv_transpose{dims}d", dims, shape)
    _check_weight(weight, groups)
    _check_channels(shape, weight, dims, groups, weight[0], "transposed=1")
    _check_bias(weight, bias, weight[1] * groups, "transposed=1, weight")
    counts, kernel = shape[-dims:], weight[2:]
    if any(a >= s and a >= d for a, s, d in zip(more, stride, dilation)):
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got "
            f"output_padding={more}, stride={stride}, dilation={dilation}"
        )
    sizes = tuple([
        (n - 1) * s + d * (k - 1) + 1 - 2 * p + a
        for n, s, d, k, p, a in zip(counts, stride, dilation, kernel, cut, more)
    ])  # fmt: skip
    if min(sizes) < 1:
        raise RuntimeError(
            f"Given input size per channel: ({_by(counts)}). Calculated output size per channel: "
            f"({_by(sizes)}). Output size is too small"
        )
    return Slide(sizes, kernel, stride, dilation, cut, cut, counts, groups)


def _by(sizes):
    return " x ".join(map(str, sizes))


def _settings(dims, shape, weight, stride, padding, dilation, groups, transposed=False):
    """Give stride, dilation and border for every dimension."""
    if isinstance(padding, str) and padding not in ("same", "valid"):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    zeros = 0 if isinstance(padding, str) else padding
    stride = _each("stride", stride, dims)
    zeros = _each("padding", zeros, dims)
    dilation = _each("dilation", dilation, dims)
    if padding == "same" and max(stride) > 1:
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    if min(zeros) < 0:
        raise RuntimeError("negative padding is not supported")
    for name, values in (("stride", stride), ("dilation", dilation), ("groups", (groups,))):
        if min(values) < 1:
            raise RuntimeError(f"non-positive {name} is not supported")
    if len(weight) != dims + 2:
        raise RuntimeError(
            f"expected stride to be a single integer value or a list of {len(weight) - 2} values "
            f"to match the convolution dimensions, but got stride={list(stride)}"
        )
    return stride, dilation, zeros


def _each(name, setting, dims):
    return whole_each(
        f"argument '{name}'", setting, dims,
        f"expected {name} to be a single integer value or a list of {dims} values to match the "
        f"convolution dimensions, but got {name}={list(spread(setting, dims))}",
    )  # fmt: skip


def _check_images(name, dims, shape):
    if not of_images(shape, dims):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got "
            f"input of size: {list(shape)}"
        )


def _check_weight(weight, groups):
    if weight[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but "
            f"got weight of size {list(weight)} instead"
        )
    if weight[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got weight of size [{list(weight)}] instead"
        )
    if not all(weight[2:]):
        raise RuntimeError(
            f"kernel size should be greater than zero, but got kernel size: {list(weight[2:])}"
        )


def _check_channels(shape, weight, dims, groups, expected, given=""):
    channels = shape[-dims - 1]
    if channels == expected:
        return
    shown = shape if len(shape) == dims + 2 else (1, *shape)
    message = (
        f"Given {given or f'groups={groups}'}, weight of size {list(weight)}, expected "
        f"input{list(shown)} to have {expected} channels, but got {channels} channels instead"
    )
    if shape[-1] == expected:
        order = [*range(len(shape) - dims - 1), len(shape) - 1]
        order += [d for d in range(len(shape)) if d not in order]
        message += (
            f". The channels seem to come last: x.permute({', '.join(map(str, order))}) puts them "
            "where PyTorch expects them"
        )
    raise RuntimeError(message)


def _check_bias(weight, bias, expected, given="weight"):
    if bias is not None and bias != (expected,):
        raise RuntimeError(
            f"Given {given} of size {list(weight)}, expected bias to be 1-dimensional with "
            f"{expected} elements, but got bias of size {list(bias)} instead"
        )


def planned(how, dims, input, weight, bias, *settings):
    """Check what a call was given, and plan it; the plan of the same sizes is not made twice."""
    if weight is None:
        raise TypeError(f"conv{dims}d(): argument 'weight' (position 2) must be Tensor, not None")
    if input.dtype != weight.dtype or bias is not None and bias.dtype != input.dtype:
        _refuse_dtypes(input, weight, bias, how is plan_transposed)
    if input.dtype.kind == "b":
        raise NotImplementedError("\"slow_conv2d_cpu\" not implemented for 'Bool': x.float()")
    settings = [tuple(s) if isinstance(s, list) else s for s in settings]
    return how(dims, input.shape, weight.shape, None if bias is None else bias.shape, *settings)


def _refuse_dtypes(input, weight, bias, transposed):
    bias_differs = bias is not None and bias.dtype != input.dtype
    if bias_differs and (input.dtype == weight.dtype or not transposed):
        x, b = [CPP_NAMES[a.dtype.name] for a in (input, bias)]
        raise RuntimeError(
            f"Input type ({x}) and bias type ({b}) should be the same. Bring them together: "
            "x.to(weight.dtype), or layer.to(x.dtype)"
        )
    x, w = [legacy_name(a.dtype) for a in (input, weight)]
    if x == "Float" != w:
        raise RuntimeError(
            f"Input type (torch.{x}Tensor) and weight type (torch.{w}Tensor) should be the same: "
            "x.to(weight.dtype), or layer.to(x.dtype)"
        )
    raise RuntimeError(
        f"expected scalar type {x} but found {w}: the input is {x}, the weight {w}. Bring them "
        "together: x.to(weight.dtype), or layer.to(x.dtype)"
    )


# --- what learners call


def batched(x, node):
    """See one image as a batch of one."""
    return x if x.ndim == len(node.slide.sizes) + 2 else reshape(x, (1, *x.shape))


def bias_gradient(node, g):
    """Add up what the bias was added to."""
    g = batched(g, node)
    if type(g) is not node.xp.ndarray or not g.size:
        return sum(g, (0, *range(2, g.ndim)))
    if ours(g):
        return kernels().channel_sums(g)
    n, filters, *counts = g.shape  # BLAS adds the rows of each map faster than sum does
    rows = g.reshape(n * filters, math.prod(counts))
    return rows.dot(ones(node.xp, rows.shape[1], g.dtype)).reshape(n, filters).sum(0)


class Sliding(Op):
    """What convolutions have in common that slide filters over their input."""

    __slots__ = ()
    dims: int
    formula = r"y_{nop} = b_o + \sum_{c,i} w_{oci}\, x_{n,c,sp+di}"
    gradient, torch_name = GRADIENT, "ConvolutionBackward0"

    def forward(
        self, input: Array, weight: Array, bias: Array | None = None, stride=1, padding=0,
        dilation=1, groups=1,
    ):  # fmt: skip
        self.old = input.shape
        self.slide = planned(
            plan, self.dims, input, weight, bias, stride, padding, dilation, groups
        )
        y = slid(self.xp, batched(input, self), weight, self.slide, bias)
        return y if input.ndim == y.ndim else y[0]

    def backward_input(self, g, weight):
        return reshape(spread_filter(batched(g, self), weight.conj(), self.slide), self.old)

    def backward_weight(self, g, input):
        return compare(batched(input, self).conj(), batched(g, self), self.slide)

    backward_bias = bias_gradient


@op
class conv1d(Sliding):
    r"""Slide filters along sequences (N, C, length), or along one (C, length).

    Each filter is a stencil, ``kernel`` numbers wide and as deep as the channels. It is laid on
    the beginning of the sequence, multiplied with what lies under it, summed to one number, and
    moved on by ``stride`` until the end. ``padding`` puts zeros at both ends ("same": as many as
    keep the length), ``dilation`` leaves gaps between the numbers that the stencil sees, and with
    ``groups`` each part of the filters sees only its part of the channels.

    >>> x, edge = torch.tensor([[[0., 0., 1., 1.]]]), torch.tensor([[[-1., 1.]]])
    >>> F.conv1d(x, edge)
    tensor([[[0., 1., 0.]]])
    """

    dims = 1


@op
class conv2d(Sliding):
    """Slide filters over images (N, C, height, width), or over one (C, H, W).

    Each filter is a small image itself, as deep as the channels. It is laid on the upper left
    corner, multiplied with what lies under it, summed to one number, and moved to the right by
    ``stride``; at the edge it goes back and down. What filter o found is map o of the result.

    Args:
        input: images (N, C, H, W), or one (C, H, W).
        weight: the filters (out_channels, C / groups, kh, kw).
        bias: a number for each filter, (out_channels,), that is added; or None.
        stride: how far the filter moves each time; 2 halves the size.
        padding: how wide a border of zeros is put around; "same" keeps the size, "valid" is 0.
        dilation: the distance between two pixels that a filter sees; 1: neighbours.
        groups: into how many parts the channels fall that see nothing of each other; both numbers
            of channels must be multiples of it.

    stride, padding and dilation are one number, or two: downwards and to the right. The result is
    (N, out_channels, rows, columns), with rows = floor((H + 2 * padding - dilation * (kh - 1) - 1)
    / stride) + 1, and columns likewise. ``Sliding``, in the same file, says what is computed.

    >>> image = torch.tensor([[[[1., 1., 0.], [1., 1., 0.], [1., 1., 0.]]]])
    >>> edge = torch.tensor([[[[-1., 1.], [-1., 1.]]]])
    >>> F.conv2d(image, edge)
    tensor([[[[ 0., -2.],
              [ 0., -2.]]]])
    """

    dims = 2


@op
class conv3d(Sliding):
    r"""Slide filters through volumes (N, C, depth, height, width), or through one.

    As ``conv2d``, with a box for a filter: it moves to the right, then down, then inwards.

    >>> F.conv3d(torch.ones(1, 1, 3, 3, 3), torch.ones(1, 1, 2, 3, 3))
    tensor([[[[[18.]],
    <BLANKLINE>
              [[18.]]]]])
    """

    dims = 3


class Stamping(Op):
    """What convolutions have in common that stamp filters where the input says."""

    __slots__ = ()
    dims: int
    formula = r"y_{ncq} = b_c + \sum_{o,\, sp + di = q} w_{oci}\, x_{nop}"
    gradient, torch_name = GRADIENT_TRANSPOSED, "ConvolutionBackward0"

    def forward(
        self, input: Array, weight: Array, bias: Array | None = None, stride=1, padding=0,
        output_padding=0, groups=1, dilation=1,
    ):  # fmt: skip
        self.old = input.shape
        self.slide = planned(
            plan_transposed, self.dims, input, weight, bias, stride, padding, output_padding,
            groups, dilation,
        )  # fmt: skip
        y = stamped(self.xp, batched(input, self), weight, self.slide, bias)
        return y if input.ndim == y.ndim else y[0]

    def backward_input(self, g, weight):
        return reshape(slide_filter(batched(g, self), weight.conj(), self.slide), self.old)

    def backward_weight(self, g, input):
        return compare(batched(g, self), batched(input, self).conj(), self.slide)

    backward_bias = bias_gradient


@op
class conv_transpose1d(Stamping):
    r"""Stamp filters along sequences, from short to long: ``conv1d`` backwards.

    Each number of the input presses the filter once onto a longer, empty sequence, as strongly as
    the number is large; the next stamp goes ``stride`` places further, and stamps add up where
    they overlap. ``padding`` cuts both ends, ``output_padding`` leaves more at the end.

    >>> F.conv_transpose1d(torch.tensor([[[1., 2.]]]), torch.tensor([[[1., 1., 1.]]]), stride=2)
    tensor([[[1., 1., 3., 2., 2.]]])
    """

    dims = 1


@op
class conv_transpose2d(Stamping):
    r"""Stamp filters on images, from small to large: ``conv2d`` backwards.

    Each pixel of the input presses the filter once onto a larger, empty image, as strongly as the
    pixel is bright; the next stamp goes ``stride`` pixels further, and stamps add up where they
    overlap. ``padding`` cuts a border off, ``output_padding`` leaves more below and to the right.
    ``Stamping``, in the same file, says what is computed.

    >>> F.conv_transpose2d(torch.tensor([[[[1., 2.]]]]), torch.ones(1, 1, 2, 2))
    tensor([[[[1., 3., 2.],
              [1., 3., 2.]]]])
    """

    dims = 2


@op
class conv_transpose3d(Stamping):
    r"""Stamp filters into volumes, from small to large: ``conv3d`` backwards.

    >>> F.conv_transpose3d(torch.ones(1, 1, 1, 1, 2), torch.ones(1, 1, 1, 1, 2))
    tensor([[[[[1., 2., 1.]]]]])
    """

    dims = 3
