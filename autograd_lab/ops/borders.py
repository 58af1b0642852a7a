"""Borders made from the tensor itself, and the patches that a filter sees: pad, unfold, fold."""

import math

from ..core import OPS, Array, Op, wrap
from ..dispatch import op
from .dims import spread
from .join import pad
from .shape import reshape
from .spelling import with_out
from .table import index_select


def pad_with(input, widths, mode):
    """Put a border around the last dimensions, of the tensor's own numbers.

    ``"reflect"`` mirrors, ``"replicate"`` repeats the outermost number, ``"circular"`` goes round.

    >>> pad_with(torch.tensor([[1., 2., 3.]]), (2, 1), "reflect")
    tensor([[3., 2., 1., 2., 3., 2.]])
    """
    _check_border(input, widths, mode)
    for k in range(0, len(widths), 2):
        dim, (left, right) = input.ndim - 1 - k // 2, widths[k : k + 2]
        if left or right:
            input = index_select(input, dim, _places(input, dim, left, right, mode))
    return input


@with_out
def constant_pad_nd(input, pad, value=0):
    """Put a border of one number around a tensor: (left, right, top, bottom, ...).

    >>> torch.constant_pad_nd(torch.ones(2), (1, 0))
    tensor([0., 1., 1.])
    """
    return OPS["pad"](input, pad, value)


def _places(input, dim, left, right, mode):
    """Say which number stands at each place of the bordered dimension."""
    n, xp = input.array.shape[dim], input.device.xp
    _check_width(input, dim, left, right, mode)
    places = xp.arange(-left, n + right)
    if mode == "circular":  # what is cut away is no longer there to go round
        first, length = max(-left, 0), n - max(-left, 0) - max(-right, 0)
        places = first + (places - first) % length
    elif mode == "replicate":
        places = places.clip(0, n - 1)
    else:
        places = n - 1 - abs(n - 1 - abs(places))
    return wrap(places)


def _check_border(input, widths, mode):
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if 0 in input.shape[1:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(input.shape)}"
        )
    if len(widths) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(widths) > 2 * input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(widths)} and input of dimension {input.ndim}"
        )
    count = len(widths) // 2
    if not (1 <= count <= 3 and input.ndim in (count + 1, count + 2)):
        raise NotImplementedError(
            f"Padding size {len(widths)} is not supported for {input.ndim}D input tensor: {mode} "
            "borders go around the last 1, 2 or 3 dimensions of images with channels"
        )


def _check_width(input, dim, left, right, mode):
    n = input.array.shape[dim]
    if n + left + right < 0:
        raise RuntimeError(
            f"Padding of ({left}, {right}) leaves nothing of dimension {dim}, of size {n}"
        )
    if mode == "reflect" and max(left, right) >= n:
        raise RuntimeError(
            "Argument #4: Padding size should be less than the corresponding input dimension, but "
            f"got: padding ({left}, {right}) at dimension {dim} of input {list(input.shape)}"
        )
    if mode == "circular" and max(left, right) > n:
        raise RuntimeError("Padding value causes wrapping around more than once.")


# --- the patches under a sliding window


def windows(sizes, kernel, dilation, stride):
    """Count where a window fits, along each of two dimensions.

    >>> windows((5, 6), (3, 3), (1, 1), (2, 1))
    (2, 4)
    """
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    return tuple([(n - w) // s + 1 for n, w, s in zip(sizes, spans, stride)])


def _seen(kernel, dilation, stride, counts):
    """Give, for each place in the window, the slices of an image that it passes over."""
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            starts = i * dilation[0], j * dilation[1]
            ends = [a + s * (n - 1) + 1 for a, s, n in zip(starts, stride, counts)]
            yield i, j, tuple([slice(a, b, s) for a, b, s in zip(starts, ends, stride)])


@op
class patches(Op):
    r"""List the patches of images (N, C, H, W) under a sliding window, as columns.

    >>> patches(torch.arange(6.).reshape(1, 1, 2, 3), (2, 2))
    tensor([[[0., 1.],
             [1., 2.],
             [3., 4.],
             [4., 5.]]])
    """

    formula = r"y_{(c,i,j),(o,p)} = x_{c,\, so + di,\, sp + dj}"
    gradient = r"\bar x_{cq} = \sum_{\text{windows over } q} \bar y"
    torch_name = "Im2ColBackward0"

    def forward(self, x: Array, kernel, dilation=(1, 1), stride=(1, 1)):
        n, c, *sizes = x.shape
        counts = windows(sizes, kernel, dilation, stride)
        self.sizes, self.settings = tuple(sizes), (kernel, dilation, stride)
        y = self.xp.empty((n, c, *kernel, *counts), x.dtype)
        for i, j, here in _seen(kernel, dilation, stride, counts):
            y[:, :, i, j] = x[:, :, *here]
        return y.reshape(n, c * math.prod(kernel), math.prod(counts))

    def backward(self, g):
        return overlaid(g, self.sizes, *self.settings)


@op
class overlaid(Op):
    r"""Put patches back where they came from, and add up where they overlap.

    >>> overlaid(torch.ones(1, 4, 2), (2, 3), (2, 2))
    tensor([[[[1., 2., 1.],
              [1., 2., 1.]]]])
    """

    formula = r"y_{cq} = \sum_{\text{windows over } q} x"
    gradient = r"\bar x_{(c,i,j),(o,p)} = \bar y_{c,\, so + di,\, sp + dj}"
    torch_name = "Col2ImBackward0"

    def forward(self, x: Array, sizes, kernel, dilation=(1, 1), stride=(1, 1)):
        counts = windows(sizes, kernel, dilation, stride)
        self.settings = (kernel, dilation, stride)
        n, c = x.shape[0], x.shape[1] // math.prod(kernel)
        x = x.reshape(n, c, *kernel, *counts)
        y = self.xp.zeros((n, c, *sizes), x.dtype)
        for i, j, here in _seen(kernel, dilation, stride, counts):
            y[:, :, *here] += x[:, :, i, j]
        return y

    def backward(self, g):
        return patches(g, *self.settings)


def image_patches(input, kernel_size, dilation=1, padding=0, stride=1):
    """List the patches of images under a sliding window: what convolution multiplies.

    >>> F.unfold(torch.ones(1, 3, 4, 4), 2).shape
    torch.Size([1, 12, 9])
    """
    kernel, dilation, padding, stride = _pairs(kernel_size, dilation, padding, stride)
    if input.ndim not in (3, 4) or not all(input.shape[-3:]):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(input.shape)}"
        )
    x = input if input.ndim == 4 else reshape(input, (1, *input.shape))
    x = pad(x, (padding[1], padding[1], padding[0], padding[0])) if any(padding) else x
    counts = windows(x.shape[2:], kernel, dilation, stride)
    if min(counts) < 1:
        raise RuntimeError(
            f"Given input with spatial size ({input.shape[-2]}, {input.shape[-1]}), "
            f"kernel_size={kernel}, dilation={dilation}, padding={padding}, stride={stride}, "
            f"calculated shape of the array of sliding blocks as {counts}, but its components must "
            "be at least one."
        )
    y = patches(x, kernel, dilation, stride)
    return y if input.ndim == 4 else reshape(y, y.shape[1:])


def image_from_patches(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Add patches up into images: the way back from ``F.unfold``.

    >>> F.fold(torch.ones(1, 4, 2), (2, 3), 2)
    tensor([[[[1., 2., 1.],
              [1., 2., 1.]]]])
    """
    kernel, dilation, padding, stride = _pairs(kernel_size, dilation, padding, stride)
    sizes = spread(output_size, 2)
    _check_patches(input, sizes, kernel, dilation, padding, stride)
    x = input if input.ndim == 3 else reshape(input, (1, *input.shape))
    y = overlaid(x, tuple([n + 2 * p for n, p in zip(sizes, padding)]), kernel, dilation, stride)
    y = pad(y, (-padding[1], -padding[1], -padding[0], -padding[0])) if any(padding) else y
    return y if input.ndim == 3 else reshape(y, y.shape[1:])


def _pairs(*settings):
    """Give every setting for both dimensions."""
    return [spread(s, 2) for s in settings]


def _check_patches(input, sizes, kernel, dilation, padding, stride):
    if input.ndim not in (2, 3) or not all(input.shape[-2:]):
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
            f"non-zero dimensions for input, but got: {list(input.shape)}"
        )
    if input.shape[-2] % math.prod(kernel):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
            f"but got input.size(1)={input.shape[-2]} and kernel_size={kernel}."
        )
    padded = [n + 2 * p for n, p in zip(sizes, padding)]
    counts = windows(padded, kernel, dilation, stride)
    if input.shape[-1] != math.prod(counts):
        raise RuntimeError(
            f"Given output_size={sizes}, kernel_size={kernel}, dilation={dilation}, "
            f"padding={padding}, stride={stride}, expected size of input's dimension 2 to match "
            f"the calculated number of sliding blocks {counts[0]} * {counts[1]} = "
            f"{math.prod(counts)}, but got input.size(2)={input.shape[-1]}."
        )
