"""How a window slides over images, and what it sees laid out as the columns of a matrix.

A convolution is one matrix product once every window has become a column. The columns of all
images would need ``kernel`` times the memory of the images, so a few images at a time are done.
"""

import itertools
import math
from dataclasses import dataclass

# Bytes of columns at a time: what stays in a CPU's cache, what keeps a GPU busy.
ENOUGH = {"numpy": 600_000, "cupy": 100_000_000}


@dataclass(frozen=True, slots=True)
class Slide:
    """One way for a window to slide: sizes along each dimension, and how many channels share."""

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

    def places(self):
        """List the places in the window, each with the slices of an image that it passes over."""
        for place in itertools.product(*map(range, self.kernel)):
            yield place, tuple([
                slice(k * d, k * d + s * (n - 1) + 1, s)
                for k, d, s, n in zip(place, self.dilation, self.stride, self.counts)
            ])  # fmt: skip


def blocks(xp, batch, channels, slide, dtype):
    """Cut a batch into blocks whose columns are small enough to stay in the cache."""
    each = channels * math.prod(slide.kernel) * math.prod(slide.counts) * dtype.itemsize
    count = max(1, ENOUGH[xp.__name__] // max(each, 1)) if xp.__name__ in ENOUGH else batch
    return [slice(i, min(i + count, batch)) for i in range(0, batch, max(count, 1))]


def columns(xp, x, slide):
    """Copy what each window sees: images (N, C, *sizes) become (groups, C/groups * kernel, all).

    The last dimension counts the windows of the first image, then those of the second, and so on.
    """
    n, c = x.shape[:2]
    x = x.swapaxes(0, 1)
    if any(slide.before) or any(slide.after):
        bordered = xp.zeros((c, n, *slide.padded), x.dtype)
        bordered[:, :, *slide.inside] = x
        x = bordered
    seen = xp.empty((c, *slide.kernel, n, *slide.counts), x.dtype)
    for place, here in slide.places():
        seen[:, *place] = x[:, :, *here]
    rows = c // slide.groups * math.prod(slide.kernel)
    return seen.reshape(slide.groups, rows, n * math.prod(slide.counts))


def overlaid(xp, columns, slide, n):
    """Add columns up where their windows were: the way back from ``columns``, to (C, n, *sizes)."""
    c = slide.groups * columns.shape[1] // math.prod(slide.kernel)
    seen = columns.reshape(c, *slide.kernel, n, *slide.counts)
    x = xp.zeros((c, n, *slide.padded), columns.dtype)
    for place, here in slide.places():
        x[:, :, *here] += seen[:, *place]
    return x[:, :, *slide.inside]
