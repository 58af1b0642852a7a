"""Windows that slide over images, in two dimensions: one thread for one pixel of the result.

On the way back each pixel of the image has its thread, which looks at the windows that saw it: so
no two threads write to the same place, and the sum has one order.
"""

import functools
import math

from ...device import device_of
from .kernel import Kernel, in_a_row, struct

# The parameters of a slide, for each of two dimensions: see ``ops/columns.py``. A pixel of the
# result begins at its number times stride, less the border before the image.
SLIDE = """
struct Slide {
    int64 size[2], kernel[2], stride[2], dilation[2], border[2], after[2], count[2];
};

// Where a window's number k looks along one dimension; -1 for the border.
__device__ int64 seen(Slide s, int d, int64 window, int64 k) {
    int64 at = window * s.stride[d] - s.border[d] + k * s.dilation[d];
    return 0 <= at && at < s.size[d] ? at : -1;
}

// Which window sees a pixel as its number k, along one dimension; -1 for none.
__device__ int64 seeing(Slide s, int d, int64 at, int64 k) {
    int64 begin = at + s.border[d] - k * s.dilation[d], window = begin / s.stride[d];
    return begin >= 0 && begin % s.stride[d] == 0 && window < s.count[d] ? window : -1;
}

// By how much the mean of a window is divided: with the border, or without.
__device__ int64 counted(Slide s, int d, int64 window, int with_border) {
    int64 begin = window * s.stride[d] - s.border[d], end = begin + s.kernel[d];
    int64 last = with_border ? s.size[d] + s.border[d] : s.size[d];
    if (end > last) end = last;
    return end - (with_border || begin > 0 ? begin : 0);
}
"""

max_windows = Kernel(SLIDE + """
// One thread finds the largest number of one window, and where it stands. Of equal ones the first
// wins, of several nan the last; the border never.
__global__ void max_windows(const real *x, real *y, unsigned char *won, Slide s, int64 count) {
    int64 i = thread();
    if (i >= count) return;
    int64 down = i / s.count[1] % s.count[0], right = i % s.count[1];
    x += i / (s.count[0] * s.count[1]) * s.size[0] * s.size[1];
    number best = 0;
    int place = -1;
    for (int a = 0; a < s.kernel[0]; a++) for (int b = 0; b < s.kernel[1]; b++) {
        int64 row = seen(s, 0, down, a), column = seen(s, 1, right, b);
        if (row < 0 || column < 0) continue;
        number v = x[row * s.size[1] + column];
        if (place < 0 || v > best || v != v) { best = v; place = a * s.kernel[1] + b; }
    }
    y[i] = best;
    won[i] = place;
}
""")

max_windows_back = Kernel(SLIDE + """
// One thread adds up, for one pixel, the gradients of the windows in which it won.
__global__ void max_windows_back(
    const real *g, const unsigned char *won, real *slope, Slide s, int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    int64 down = i / s.size[1] % s.size[0], right = i % s.size[1];
    int64 image = i / (s.size[0] * s.size[1]) * s.count[0] * s.count[1];
    number sum = 0;
    for (int a = 0; a < s.kernel[0]; a++) for (int b = 0; b < s.kernel[1]; b++) {
        int64 row = seeing(s, 0, down, a), column = seeing(s, 1, right, b);
        if (row < 0 || column < 0) continue;
        int64 window = image + row * s.count[1] + column;
        if (won[window] == a * s.kernel[1] + b) sum += (number)g[window];
    }
    slope[i] = sum;
}
""")

mean_windows = Kernel(SLIDE + """
// One thread takes the mean of one window.
__global__ void mean_windows(
    const real *x, real *y, Slide s, int with_border, int64 divisor, int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    int64 down = i / s.count[1] % s.count[0], right = i % s.count[1];
    x += i / (s.count[0] * s.count[1]) * s.size[0] * s.size[1];
    number sum = 0;
    for (int a = 0; a < s.kernel[0]; a++) for (int b = 0; b < s.kernel[1]; b++) {
        int64 row = seen(s, 0, down, a), column = seen(s, 1, right, b);
        if (row >= 0 && column >= 0) sum += (number)x[row * s.size[1] + column];
    }
    int64 by = divisor ? divisor
        : counted(s, 0, down, with_border) * counted(s, 1, right, with_border);
    y[i] = sum / by;
}
""")

mean_windows_back = Kernel(SLIDE + """
// One thread adds up what one pixel gets from the means of all windows that saw it.
__global__ void mean_windows_back(
    const real *g, real *slope, Slide s, int with_border, int64 divisor, int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    int64 down = i / s.size[1] % s.size[0], right = i % s.size[1];
    g += i / (s.size[0] * s.size[1]) * s.count[0] * s.count[1];
    number sum = 0;
    for (int a = 0; a < s.kernel[0]; a++) for (int b = 0; b < s.kernel[1]; b++) {
        int64 row = seeing(s, 0, down, a), column = seeing(s, 1, right, b);
        if (row < 0 || column < 0) continue;
        int64 by = divisor ? divisor
            : counted(s, 0, row, with_border) * counted(s, 1, column, with_border);
        sum += (number)g[row * s.count[1] + column] / by;
    }
    slope[i] = sum;
}
""")

lay_out = Kernel(SLIDE + """
// One thread copies one number that one window sees to its place in the matrix of all windows:
// (image and channel, place in the window, window). The border holds zeros.
__global__ void lay_out(const real *x, real *y, Slide s, int64 count) {
    int64 i = thread();
    if (i >= count) return;
    int64 windows = s.count[0] * s.count[1], places = s.kernel[0] * s.kernel[1];
    int64 window = i % windows, place = i / windows % places;
    int64 row = seen(s, 0, window / s.count[1], place / s.kernel[1]);
    int64 column = seen(s, 1, window % s.count[1], place % s.kernel[1]);
    x += i / (windows * places) * s.size[0] * s.size[1];
    y[i] = row < 0 || column < 0 ? (number)0 : (number)x[row * s.size[1] + column];
}
""")

lay_over = Kernel(SLIDE + """
// One thread adds up, for one pixel, what such a matrix has for it: the way back.
__global__ void lay_over(const real *y, real *x, Slide s, int64 count) {
    int64 i = thread();
    if (i >= count) return;
    int64 windows = s.count[0] * s.count[1], places = s.kernel[0] * s.kernel[1];
    int64 down = i / s.size[1] % s.size[0], right = i % s.size[1];
    y += i / (s.size[0] * s.size[1]) * places * windows;
    number sum = 0;
    for (int a = 0; a < s.kernel[0]; a++) for (int b = 0; b < s.kernel[1]; b++) {
        int64 row = seeing(s, 0, down, a), column = seeing(s, 1, right, b);
        if (row >= 0 && column >= 0)
            sum += (number)y[(a * s.kernel[1] + b) * windows + row * s.count[1] + column];
    }
    x[i] = sum;
}
""")

# Windows that shall be so many: the first begins at 0, the last ends at the end.
SHARE = """
__device__ int64 begin(int64 window, int64 size, int64 count) { return window * size / count; }
__device__ int64 end(int64 window, int64 size, int64 count) {
    return ((window + 1) * size + count - 1) / count;
}
"""

mean_shares = Kernel(SHARE + """
// One thread takes the mean of one of ``high`` x ``across`` windows.
__global__ void mean_shares(
    const real *x, real *y, int64 rows, int64 columns, int64 high, int64 across, int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    int64 down = i / across % high, right = i % across;
    x += i / (high * across) * rows * columns;
    int64 top = begin(down, rows, high), bottom = end(down, rows, high);
    int64 left = begin(right, columns, across), stop = end(right, columns, across);
    number sum = 0;
    for (int64 r = top; r < bottom; r++)
        for (int64 c = left; c < stop; c++) sum += (number)x[r * columns + c];
    y[i] = sum / ((bottom - top) * (stop - left));
}
""")

mean_shares_back = Kernel(SHARE + """
// One thread adds up what one pixel gets from the means of the windows that it is in.
__global__ void mean_shares_back(
    const real *g, real *slope, int64 rows, int64 columns, int64 high, int64 across, int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    int64 down = i / columns % rows, right = i % columns;
    g += i / (rows * columns) * high * across;
    number sum = 0;
    for (int64 r = down * high / rows; r < high && begin(r, rows, high) <= down; r++)
        for (int64 c = right * across / columns; c < across && begin(c, columns, across) <= right;
             c++)
            sum += (number)g[r * across + c] / (
                (end(r, rows, high) - begin(r, rows, high))
                * (end(c, columns, across) - begin(c, columns, across)));
    slope[i] = sum;
}
""")

SETTINGS = "sizes", "kernel", "stride", "dilation", "before", "after", "counts"


def flat(slide) -> bool:
    """Say whether windows slide over pictures or sequences, and are not too large for a kernel."""
    return len(slide.sizes) <= 2 and math.prod(slide.kernel) <= 255


@functools.lru_cache(maxsize=1024)
def _struct(slide):
    """Write down a slide as a kernel takes it; a sequence is a picture of one row."""
    one = {"before": 0, "after": 0}
    two = [(one.get(k, 1), *getattr(slide, k))[-2:] for k in SETTINGS]
    return struct(two)


def _like(x, xp, slide, sizes, dtype=None):
    """Make room for as many images as x has, of other sizes."""
    lead = x.shape[: x.ndim - len(slide.sizes)]
    return xp.empty((*lead, *sizes), dtype or x.dtype)


def largest_of(x, slide):
    """Give the largest number of each window, and the number of its place in the window."""
    xp = device_of(x).xp
    (x,) = in_a_row(xp, x)
    y, won = _like(x, xp, slide, slide.counts), _like(x, xp, slide, slide.counts, "uint8")
    max_windows.each(y.size, x, y, won, _struct(slide))
    return y, won


def largest_back(g, won, slide):
    """Lead the gradient of each window back to the pixel that won there."""
    xp = device_of(g).xp
    (g, won), slope = in_a_row(xp, g, won), _like(g, xp, slide, slide.sizes)
    max_windows_back.each(slope.size, g, won, slope, _struct(slide))
    return slope


def mean_of(x, slide, count_border, divisor):
    """Give the mean of each window."""
    xp = device_of(x).xp
    (x,), y = in_a_row(xp, x), _like(x, xp, slide, slide.counts)
    mean_windows.each(y.size, x, y, _struct(slide), count_border, divisor or 0)
    return y


def mean_back(g, slide, count_border, divisor):
    """Lead the gradient of each mean back to its pixels."""
    xp = device_of(g).xp
    (g,), slope = in_a_row(xp, g), _like(g, xp, slide, slide.sizes)
    mean_windows_back.each(slope.size, g, slope, _struct(slide), count_border, divisor or 0)
    return slope


def laid_out(x, slide):
    """Copy what windows see: (N, C, *sizes) becomes (N, C, places in the window, windows)."""
    xp, places = device_of(x).xp, math.prod(slide.kernel)
    (x,), y = in_a_row(xp, x), xp.empty((*x.shape[:2], places, math.prod(slide.counts)), x.dtype)
    lay_out.each(y.size, x, y, _struct(slide))
    return y


def lay_columns_over(columns, slide, x) -> None:
    """Add such columns up where their windows were: back to x, (N, C, *sizes), in a row."""
    (columns,) = in_a_row(device_of(columns).xp, columns)
    lay_over.each(x.size, columns, x, _struct(slide))


def _two(sizes):
    return (1, *sizes)[-2:]


def means_of_shares(x, counts):
    """Take the means of so many windows along the last one or two dimensions."""
    xp, lead = device_of(x).xp, x.ndim - len(counts)
    (x,), y = in_a_row(xp, x), xp.empty((*x.shape[:lead], *counts), x.dtype)
    mean_shares.each(y.size, x, y, *_two(x.shape[lead:]), *_two(counts))
    return y


def means_of_shares_back(g, sizes):
    """Lead the gradients of such means back to images of these sizes."""
    xp, lead = device_of(g).xp, g.ndim - len(sizes)
    (g,), slope = in_a_row(xp, g), xp.empty((*g.shape[:lead], *sizes), g.dtype)
    mean_shares_back.each(slope.size, g, slope, *_two(sizes), *_two(g.shape[lead:]))
    return slope
