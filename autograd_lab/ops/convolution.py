r"""Convolution: a small filter slides over an image and multiplies what it sees.

Three tensors meet in a convolution: the image $x$, the filter $w$ and the map $y$ of what the
filter found. Together they make one number, the sum over all places $i$ of the filter and all
windows $p$ of $y_p\, w_i\, x_{sp+di}$. Take two of the three and leave the third open: that gives
the three operations ``slide_filter`` ($y$), ``spread_filter`` ($x$) and ``compare`` ($w$), and
each one's gradients are the other two. All layers, forwards and backwards, are made of them.
"""

import functools
import math

from ..core import Array, Op
from ..dispatch import op
from .columns import Slide, blocks, columns, overlaid
from .dims import spread
from .reduce import sum
from .shape import reshape


@op
class slide_filter(Op):
    r"""Slide filters over images, and write down what each finds at each place.

    >>> slide = ways(1, (1, 1, 4), (1, 1, 2), None)
    >>> slide_filter(torch.arange(4.).reshape(1, 1, 4), torch.ones(1, 1, 2), slide)
    tensor([[[1., 3., 5.]]])
    """

    formula = r"y_{nop} = \sum_{c,i} w_{oci}\, x_{n,c,sp+di}"
    gradient = r"\bar x = \mathrm{spread}(\bar y, w),\quad \bar w = \mathrm{compare}(x, \bar y)"
    torch_name, holomorphic = "ConvolutionBackward0", True

    def forward(self, x: Array, w: Array, slide):
        self.slide = slide
        return slid(self.xp, x, w, slide)

    def backward_x(self, g, w):
        return spread_filter(g, w, self.slide)

    def backward_w(self, g, x):
        return compare(x, g, self.slide)


@op
class spread_filter(Op):
    r"""Stamp filters on empty images, each as strongly as the map says, and add up.

    >>> slide = ways(1, (1, 1, 4), (1, 1, 2), None)
    >>> spread_filter(torch.tensor([[[1., 0., 5.]]]), torch.ones(1, 1, 2), slide)
    tensor([[[1., 1., 5., 5.]]])
    """

    formula = r"x_{ncq} = \sum_{o,\, sp + di = q} w_{oci}\, y_{nop}"
    gradient = r"\bar y = \mathrm{slide}(\bar x, w),\quad \bar w = \mathrm{compare}(\bar x, y)"
    torch_name, holomorphic = "ConvolutionBackward0", True

    def forward(self, y: Array, w: Array, slide):
        self.slide = slide
        return stamped(self.xp, y, w, slide)

    def backward_y(self, g, w):
        return slide_filter(g, w, self.slide)

    def backward_w(self, g, y):
        return compare(g, y, self.slide)


@op
class compare(Op):
    r"""Find the filters that look like what images hold wherever the maps are large.

    >>> slide = ways(1, (1, 1, 4), (1, 1, 2), None)
    >>> compare(torch.arange(4.).reshape(1, 1, 4), torch.tensor([[[0., 0., 1.]]]), slide)
    tensor([[[2., 3.]]])
    """

    formula = r"w_{oci} = \sum_{n,p} y_{nop}\, x_{n,c,sp+di}"
    gradient = r"\bar x = \mathrm{spread}(y, \bar w),\quad \bar y = \mathrm{slide}(x, \bar w)"
    torch_name, holomorphic = "ConvolutionBackward0", True

    def forward(self, x: Array, y: Array, slide):
        self.slide = slide
        return compared(self.xp, x, y, slide)

    def backward_x(self, g, y):
        return spread_filter(y, g, self.slide)

    def backward_y(self, g, x):
        return slide_filter(x, g, self.slide)


# --- the three, on arrays: a block of images at a time


def slid(xp, x, w, slide, bias=None):
    """Compute the maps: filters as rows times windows as columns."""
    y = xp.empty((x.shape[0], w.shape[0], *slide.counts), x.dtype)
    rows = w.reshape(slide.groups, w.shape[0] // slide.groups, math.prod(w.shape[1:]))
    for here in blocks(xp, x.shape[0], x.shape[1], slide, x.dtype):
        found = xp.matmul(rows, columns(xp, x[here], slide))
        if bias is not None:
            found += bias.reshape(slide.groups, -1, 1)
        y[here] = found.reshape(w.shape[0], -1, *slide.counts).swapaxes(0, 1)
    return y


def stamped(xp, y, w, slide, bias=None):
    """Compute the images: filters as columns times maps as rows, laid over each other."""
    outputs, inputs = w.shape[0] // slide.groups, w.shape[1] * slide.groups
    rows = w.reshape(slide.groups, outputs, math.prod(w.shape[1:])).swapaxes(1, 2)
    x = xp.empty((y.shape[0], inputs, *slide.sizes), y.dtype)
    for here in blocks(xp, y.shape[0], inputs, slide, y.dtype):
        seen = xp.matmul(rows, _by_channel(xp, y[here], slide))
        x[here] = overlaid(xp, seen, slide, len(y[here])).swapaxes(0, 1)
    if bias is not None:
        x += bias.reshape(-1, *(1,) * len(slide.sizes))
    return x


def compared(xp, x, y, slide):
    """Compute the filters: maps as rows times the windows of all images."""
    outputs, inputs = y.shape[1], x.shape[1] // slide.groups
    w = xp.zeros(
        (slide.groups, outputs // slide.groups, inputs * math.prod(slide.kernel)), x.dtype
    )
    for here in blocks(xp, x.shape[0], x.shape[1], slide, x.dtype):
        w += xp.matmul(_by_channel(xp, y[here], slide), columns(xp, x[here], slide).swapaxes(1, 2))
    return w.reshape(outputs, inputs, *slide.kernel)


def _by_channel(xp, y, slide):
    """Lay maps (n, O, *counts) out as (groups, O/groups, all windows)."""
    n, outputs = y.shape[:2]
    y = xp.ascontiguousarray(y.swapaxes(0, 1))
    return y.reshape(slide.groups, outputs // slide.groups, n * math.prod(slide.counts))


# --- what learners call


@op
class conv1d(Op):
    r"""Slide filters along sequences (N, C, length), or along one (C, length).

    Each filter is a stencil as wide as the kernel and as deep as the channels. It is laid on the
    beginning of the sequence, multiplied with what lies under it, summed to one number, and moved
    on by ``stride``. ``padding`` puts zeros at both ends ("same": as many as keep the length),
    ``dilation`` spreads the stencil out, ``groups`` lets each part of the filters see only its
    part of the channels.

    >>> x, edge = torch.tensor([[[0., 0., 1., 1.]]]), torch.tensor([[[-1., 1.]]])
    >>> F.conv1d(x, edge)
    tensor([[[0., 1., 0.]]])
    """

    formula = r"y_{nop} = b_o + \sum_{c,i} w_{oci}\, x_{n,c,sp+di}"
    gradient = (
        r"\bar x_{ncq} = \sum_{sp+di=q} w_{oci}\, \bar y_{nop},\quad "
        r"\bar w_{oci} = \sum_{n,p} \bar y_{nop}\, x_{n,c,sp+di},\quad \bar b_o = \sum \bar y_{nop}"
    )
    torch_name, holomorphic = "ConvolutionBackward0", True

    def forward(
        self, input: Array, weight: Array, bias: Array | None = None, stride=1, padding=0,
        dilation=1, groups=1,
    ):  # fmt: skip
        self.old = input.shape
        self.slide = plan(1, input, weight, bias, (stride, padding, dilation, groups))
        return slid_once(self, input, weight, bias)

    def backward_input(self, g, weight):
        return reshape(spread_filter(batched(g, self), weight, self.slide), self.old)

    def backward_weight(self, g, input):
        return compare(batched(input, self), batched(g, self), self.slide)

    def backward_bias(self, g):
        return per_channel(g, self)
