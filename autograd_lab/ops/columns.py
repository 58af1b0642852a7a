"""How a window slides over images, and what it sees laid out as a matrix, in three ways.

A convolution is one matrix product once every window has become a column of numbers. ``columns``
copies them all: simple, and right for everything, but each pixel is copied once for every place in
the window. ``Bands`` copies less: it lays out rows of the image so that windows below each other
overlap in memory, too, and need no copies of their own. Images ``beside`` each other are one large
image: the many weights of a deep layer are read once for all of them, not once for each.

None lays out all images at once, which would need many times their memory: a few at a time.
"""

import itertools
import math
from dataclasses import dataclass, replace

from ..backends.cuda import kernels, ours
from ..device import on_host
from .products import by_rows

# Bytes laid out at a time: what stays in a CPU's cache, what keeps a GPU busy.
ENOUGH = {"numpy": 2_400_000, "cupy": 100_000_000}
MUCH = 1.4  # so many times the numbers of a map: up to it, sliding is faster than stamping
NARROW = 12  # a matrix product with so few columns takes twice the time that it should


@dataclass(frozen=True, slots=True)
class Slide:
    """One way for a window to slide over images: all sizes, one number a dimension."""

    sizes: tuple  # of the image
    kernel: tuple  # of the window
    stride: tuple  # from one window to the next
    dilation: tuple  # from one number that the window sees to the next
    before: tuple  # the border of zeros around the image, at its beginning
    after: tuple  # and at its end
    counts: tuple  # how many windows there are
    groups: int = 1  # the channels fall into groups that see nothing of each other

    @property
    def padded(self) -> tuple:
        """Give the sizes of the image with its border."""
        return tuple([a + n + b for a, n, b in zip(self.before, self.sizes, self.after)])

    @property
    def inside(self) -> tuple:
        """Give the slices of a bordered image that hold the image."""
        return tuple([slice(a, a + n) for a, n in zip(self.before, self.sizes)])

    @property
    def spans(self) -> tuple:
        """Give the distance from the first number that a window sees to behind the last."""
        return tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation)])

    def places(self, first=0):
        """List the places in the window, each with what it passes over: slices of an image.

        Of all dimensions, or of those from the ``first`` on.
        """
        steps = [each[first:] for each in (self.dilation, self.stride, self.counts)]
        for place in itertools.product(*map(range, self.kernel[first:])):
            yield place, tuple([
                slice(k * d, k * d + s * (n - 1) + 1, s) for k, d, s, n in zip(place, *steps)
            ])  # fmt: skip

    def across(self):
        """Give the slide over the maps by which turned filters make the images: a stamp's.

        None if windows leap, or if it would compute many more numbers than stamping does: where
        the images are much larger than the maps.
        """
        before, after = [
            tuple([k - 1 - border for k, border in zip(self.kernel, borders)])
            for borders in (self.before, self.after)
        ]
        leaps = any(n > 1 for n in (*self.stride, *self.dilation)) or self.groups > 1
        larger = math.prod(self.sizes) / max(1, math.prod(self.counts))
        if leaps or larger > MUCH or min((*before, *after)) < 0:
            return None
        return replace(self, sizes=self.counts, counts=self.sizes, before=before, after=after)

    def beside(self, images):
        """Give the slide over so many images beside each other: see ``beside``."""
        more = [images, 1, 1, 1, 0, 0, images]
        names = ["sizes", "kernel", "stride", "dilation", "before", "after", "counts"]
        return replace(self, **{k: (*getattr(self, k), n) for k, n in zip(names, more)})


def blocks(xp, batch, numbers, dtype, least=0):
    """Cut a batch into blocks, where so many numbers are laid out for each image.

    ``least`` numbers may be laid out at a time in any case.
    """
    enough = max(ENOUGH.get(xp.__name__, ENOUGH["cupy"]), least * dtype.itemsize)
    most = max(1, enough // max(1, numbers * dtype.itemsize))
    count = -(-batch // most)  # all about as large
    edges = [batch * i // count for i in range(count + 1)] if batch else []
    return [slice(*edge) for edge in itertools.pairwise(edges)]


# --- every window a column


def columns(xp, x, slide):
    """Copy what windows see: (N, C, *sizes) becomes (N, groups, C/groups * kernel, windows)."""
    n, c = x.shape[:2]
    shape = (n, slide.groups, c // slide.groups * math.prod(slide.kernel), math.prod(slide.counts))
    if slide.sizes == slide.padded == slide.counts and math.prod(slide.kernel) == 1:
        return x.reshape(shape)  # windows of one pixel: they are there already
    if ours(x) and kernels().flat(slide):
        return kernels().laid_out(x, slide).reshape(shape)
    if any(slide.before) or any(slide.after):
        bordered = xp.zeros((n, c, *slide.padded), x.dtype)
        bordered[:, :, *slide.inside] = x
        x = bordered
    if not on_host(xp):  # one copy of a view is one kernel, and NumPy would be slow
        return xp.ascontiguousarray(windows(xp, x, slide)).reshape(shape)
    seen = xp.empty((n, c, *slide.kernel, *slide.counts), x.dtype)
    for place, here in slide.places():
        seen[:, :, *place] = x[:, :, *here]
    return seen.reshape(shape)


def windows(xp, x, slide):
    """See images with their borders as (..., *kernel, *windows), in the same memory."""
    lead = x.ndim - len(slide.sizes)
    inside = [d * step for d, step in zip(slide.dilation, x.strides[lead:])]
    along = [s * step for s, step in zip(slide.stride, x.strides[lead:])]
    shape = (*x.shape[:lead], *slide.kernel, *slide.counts)
    return xp.lib.stride_tricks.as_strided(x, shape, (*x.strides[:lead], *inside, *along))


def overlaid(xp, columns, slide):
    """Add columns up where their windows were: from ``columns`` back to (N, C, *sizes)."""
    n, c = len(columns), slide.groups * columns.shape[2] // math.prod(slide.kernel)
    seen = columns.reshape(n, c, *slide.kernel, *slide.counts)
    if not on_host(xp):
        return _overlaid_at_once(xp, seen, slide)[:, :, *slide.inside]
    x = xp.zeros((n, c, *slide.padded), columns.dtype)
    for place, here in slide.places():
        x[:, :, *here] += seen[:, :, *place]
    return x[:, :, *slide.inside]


def _overlaid_at_once(xp, seen, slide):
    """Do the same with three kernels: an image for each place in the window, then their sum."""
    dims = len(slide.sizes)
    images = xp.zeros((*seen.shape[: 2 + dims], *slide.padded), seen.dtype)
    lead, places, steps = images.strides[:2], images.strides[2 : 2 + dims], images.strides[-dims:]
    inside = [p + d * step for p, d, step in zip(places, slide.dilation, steps)]
    along = [s * step for s, step in zip(slide.stride, steps)]
    xp.lib.stride_tricks.as_strided(images, seen.shape, (*lead, *inside, *along))[...] = seen
    return images.sum(tuple(range(2, 2 + dims)))


# --- images beside each other


def beside(images):
    """See images (N, C, *sizes) as one: (1, C, *sizes, N).

    What was the batch is its last dimension, along which a window is one number wide.
    """
    return images.transpose(*range(1, images.ndim), 0)[None]


def apart(image):
    """See such an image as images again: the way back from ``beside``."""
    return image[0].transpose(image.ndim - 2, *range(image.ndim - 2))


# --- windows that share their memory


class Bands:
    """Images laid out so that the windows below each other need no copies.

    For every column of windows, what they see is written down once, row after row; a row holds
    the pixels of the window's width, with all their channels. A window is then a piece of that
    list, and the next window below begins ``stride`` rows later in the same memory: a matrix whose
    rows overlap with the next matrix's. So an image is copied ``width`` times, not
    ``width * height`` times.

    Several windows below each other can be done in one product, their filters shifted against each
    other: a matrix with a band of weights, and zeros around it. That wastes multiplications, but a
    product with few columns is slow: ``together`` is the best compromise.
    """

    def __init__(self, slide, channels, filters):
        self.slide, self.channels, self.filters = slide, channels, filters
        self.row = channels * math.prod(slide.kernel[1:])  # numbers in one row of a window
        self.weights = self.row * slide.kernel[0] * filters
        across, down = math.prod(slide.counts[1:]), slide.counts[0]
        each = self.row * slide.padded[0] + filters * down
        self.numbers = each * across  # laid out for one image
        self.together = min(
            [n for n in range(1, down + 1) if down % n == 0],
            key=lambda n: self.height(n) * (1 + NARROW / (n * filters)),
        )
        self.width = self.together * filters  # columns of one product
        self.tall = self.height(self.together)

    def height(self, windows):
        """Count the rows that so many windows below each other see."""
        return (windows - 1) * self.slide.stride[0] + self.slide.kernel[0]

    def lay_out(self, xp, x):
        """Write down what the windows see: (products, n * windows across, rows seen * row)."""
        slide, n, number = self.slide, len(x), x.dtype.itemsize
        seen = xp.ascontiguousarray(self.view(xp, self.pixels(xp, x))).view(x.dtype)
        rows, along = n * math.prod(slide.counts[1:]), self.row * number
        return xp.lib.stride_tricks.as_strided(
            seen,
            (slide.counts[0] // self.together, rows, self.tall * self.row),
            (self.together * slide.stride[0] * along, slide.padded[0] * along, number),
        )

    def pixels(self, xp, x):
        """Copy images (n, channels, *sizes) to (n, *padded, channels): a pixel in one piece."""
        pixels = xp.zeros((len(x), *self.slide.padded, self.channels), x.dtype)
        inside = pixels[:, *self.slide.inside]
        if self.channels >= 8:
            inside[...] = x.transpose(0, *range(2, x.ndim), 1)
        else:  # NumPy's inner loop would be short
            for channel in range(self.channels):
                inside[..., channel] = x[:, channel]
        return pixels

    def view(self, xp, pixels):
        """View what windows across see: (n, *windows across, rows, ...).

        The last dimension of a window is one piece of memory, if it has no gaps, and can be copied
        as one item; that is twice as fast as number by number.
        """
        slide, strides = self.slide, pixels.strides
        single = slide.kernel[1:] if slide.dilation[-1] > 1 else slide.kernel[1:-1]
        item = self.row // math.prod(single) * pixels.dtype.itemsize
        right = [step * s for step, s in zip(strides[2:], slide.stride[1:])]
        apart = [step * d for step, d in zip(strides[2:], slide.dilation[1:])]
        return xp.ndarray(
            (len(pixels), *slide.counts[1:], slide.padded[0], *single), f"V{item}", pixels, 0,
            (strides[0], *right, strides[1], *apart[: len(single)]),
        )  # fmt: skip

    def band(self, xp, w):
        """Shift the filters against each other: (rows seen * row, windows * filters)."""
        high, stride = self.slide.kernel[0], self.slide.stride[0]
        w = w.transpose(*range(2, w.ndim), 1, 0).reshape(high, self.row, self.filters)
        band = xp.zeros((self.tall, self.row, self.together, self.filters), w.dtype)
        for i in range(self.together):
            band[i * stride : i * stride + high, :, i] = w
        return band.reshape(self.tall * self.row, self.width)

    def unshifted(self, band):
        """Add up what a band holds for each filter: the way back from ``band``."""
        high, stride, slide = self.slide.kernel[0], self.slide.stride[0], self.slide
        band = band.reshape(self.tall, self.row, self.together, self.filters)
        w = band[:high, :, 0].copy()
        for i in range(1, self.together):
            w += band[i * stride : i * stride + high, :, i]
        w = w.reshape(*slide.kernel, self.channels, self.filters)
        return w.transpose(w.ndim - 1, w.ndim - 2, *range(w.ndim - 2)).copy()

    def stamps(self, xp, w):
        """List, for each place across the window, what it passes over and its part of the band."""
        band = self.band(xp, w).T.reshape(
            self.width, self.tall, *self.slide.kernel[1:], self.channels
        )
        return [
            (here, xp.ascontiguousarray(band[:, :, *place]).reshape(self.width, -1))
            for place, here in self.slide.places(1)
        ]

    def stamp(self, xp, rows, stamps, n):
        """Lay bands over each other, as strongly as rows of maps say: (n, channels, *sizes)."""
        slide, step = self.slide, self.together * self.slide.stride[0]
        down, *across = slide.padded
        pixels = xp.zeros((n, *across, down, self.channels), rows.dtype)
        for here, stamp in stamps:
            strip = pixels[:, *here]
            for i, strong in enumerate(self.products(rows)):
                shape = (n, *slide.counts[1:], self.tall, self.channels)
                laid = by_rows(strong, stamp).reshape(shape)
                strip[..., i * step : i * step + self.tall, :] += laid
        last = pixels.ndim - 1
        return pixels.transpose(0, last, last - 1, *range(1, last - 1))[:, :, *slide.inside]

    def products(self, rows):
        """See rows (n * windows across, windows down * filters) as one matrix for each product."""
        return rows.reshape(len(rows), -1, self.width).swapaxes(0, 1)

    def maps(self, rows, n):
        """See such rows as maps (n, filters, *counts)."""
        down, *across = self.slide.counts
        seen = rows.reshape(n, *across, down, self.filters)
        return seen.transpose(0, seen.ndim - 1, seen.ndim - 2, *range(1, seen.ndim - 2))

    def rows(self, xp, y):
        """Lay maps (n, filters, *counts) out as such rows."""
        y = xp.ascontiguousarray(y.transpose(0, *range(3, y.ndim), 2, 1))
        return y.reshape(-1, self.slide.counts[0] * self.filters)
