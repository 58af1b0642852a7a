"""Softmax and cross entropy: a block of threads for each row of scores."""

import math

from ...device import device_of
from .kernel import MOST, Kernel, in_a_row

softmax_rows = Kernel("""
// A block of threads makes probabilities of one row of scores, or their logarithms.
__global__ void softmax_rows(const real *x, real *y, int64 wide, int logarithm) {
    x += blockIdx.x * wide;
    y += blockIdx.x * wide;
    number high = x[0], sum = 0;
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x)
        if ((number)x[k] > high) high = x[k];
    high = largest(high);  // taken away from all, so that exp cannot overflow
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) sum += exp((number)x[k] - high);
    sum = total(sum);
    number scale = 1 / sum, shift = log(sum);
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) {
        number away = (number)x[k] - high;
        y[k] = logarithm ? away - shift : exp(away) * scale;
    }
}
""")

softmax_rows_back = Kernel("""
// A block leads the gradient of one row back: what moves all scores alike is taken out.
__global__ void softmax_rows_back(
    const real *g, const real *y, real *slope, int64 wide, int logarithm
) {
    g += blockIdx.x * wide;
    y += blockIdx.x * wide;
    slope += blockIdx.x * wide;
    number sum = 0;
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x)
        sum += (number)g[k] * (logarithm ? (number)1 : (number)y[k]);
    sum = total(sum);
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) {
        number v = y[k], d = g[k];
        slope[k] = logarithm ? d - exp(v) * sum : v * (d - sum);
    }
}
""")

surprise = Kernel("""
// A block tells how surprising the right class of one row is: log(sum of e^x) - x[right]. It leaves
// in ``away`` how far the probabilities are from the truth. The scores of a row lie ``apart`` from
// each other (pixels: the scores of a pixel's first class lie beside those of the next pixel).
__global__ void surprise(
    const real *x, const int64 *target, const real *weight, real *away, real *each, real *share,
    int64 classes, int64 apart, int64 ignored
) {
    int64 row = blockIdx.x, right = target[row];
    x += row / apart * classes * apart + row % apart;
    away += row * classes;
    number high = x[0], sum = 0;
    for (int64 k = threadIdx.x; k < classes; k += blockDim.x)
        if ((number)x[k * apart] > high) high = x[k * apart];
    high = largest(high);
    for (int64 k = threadIdx.x; k < classes; k += blockDim.x)
        sum += exp((number)x[k * apart] - high);
    sum = total(sum);
    for (int64 k = threadIdx.x; k < classes; k += blockDim.x)
        away[k] = exp((number)x[k * apart] - high) / sum - (number)(k == right);
    if (threadIdx.x) return;
    bool exists = 0 <= right && right < classes, counts = right != ignored;
    number w = !counts ? (number)0 : weight && exists ? (number)weight[right] : (number)1;
    share[row] = w;
    each[row] = w == 0 ? (number)0
        : exists ? w * (log(sum) - ((number)x[right * apart] - high))
        : sqrt((number)-1);  // no such class, and nobody to be asked: no number shows it
}
""")

average = Kernel("""
// One block adds up the losses of all rows; of their mean each has its share.
__global__ void average(const real *each, real *share, real *y, int64 rows, int mean) {
    number sum = 0, weights = 0;
    for (int64 i = threadIdx.x; i < rows; i += blockDim.x) {
        sum += (number)each[i];
        weights += (number)share[i];
    }
    sum = total(sum);
    weights = mean ? total(weights) : (number)1;
    if (threadIdx.x == 0) *y = sum / weights;
    if (mean) for (int64 i = threadIdx.x; i < rows; i += blockDim.x)
        if ((number)share[i] != 0) share[i] = (number)share[i] / weights;
}
""")

surprise_back = Kernel("""
// One thread leads the gradient back to one score.
__global__ void surprise_back(
    const real *away, const real *g, const real *share, real *slope, int64 classes, int single,
    int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    int64 row = i / classes;
    slope[i] = (number)away[i] * ((number)g[single ? 0 : row] * (number)share[row]);
}
""")

distance_back = Kernel("""
// One thread: the slope of a squared difference.
__global__ void distance_back(
    const real *a, const real *b, const real *g, real *slope, double factor, int single, int64 count
) {
    int64 i = thread();
    if (i < count)
        slope[i] = ((number)a[i] - (number)b[i]) * ((number)g[single ? 0 : i] * (number)factor);
}
""")


def softmax(x, logarithm=False):
    """Turn scores into probabilities along the last dimension, or into their logarithms."""
    xp = device_of(x).xp
    (x,) = in_a_row(xp, x)
    y, wide = xp.empty_like(x), x.shape[-1]
    softmax_rows.rows(x.size // wide, wide, x, y, wide, logarithm)
    return y


def softmax_back(g, y, logarithm=False):
    """Lead a gradient back through softmax, or through its logarithm."""
    xp = device_of(y).xp
    g, y = in_a_row(xp, g, y)
    slope, wide = xp.empty_like(y), y.shape[-1]
    softmax_rows_back.rows(y.size // wide, wide, g, y, slope, wide, logarithm)
    return slope


def cross_entropy(scores, target, weight, reduction, ignored):
    """Give the loss, how far off the probabilities are, and the share that each row has."""
    xp, dtype = device_of(scores).xp, scores.dtype
    scores, target, weight = in_a_row(xp, scores, target.astype("int64", copy=False), weight)
    classes = scores.shape[0 if scores.ndim == 1 else 1]
    rows, apart = scores.size // classes, math.prod(scores.shape[2:])
    away, each = xp.empty((rows, classes), dtype), xp.empty(target.shape, dtype)
    share = xp.empty(target.shape, dtype)
    told = scores, target, weight, away, each, share
    surprise.rows(rows, classes, *told, classes, apart, ignored)
    if reduction == "none":
        return each, away, share
    y = xp.empty((), dtype)
    average.start((1,), MOST, (each, share, y, rows, reduction == "mean"))
    return y, away, share


def cross_entropy_back(g, away, share):
    """Lead the gradient of the loss back to the scores: a row for each target."""
    xp = device_of(away).xp
    (g,), slope = in_a_row(xp, g), xp.empty_like(away)
    surprise_back.each(away.size, away, g, share, slope, away.shape[1], g.size == 1)
    return slope


def squared_back(g, a, b, factor):
    """Lead the gradient of squared differences back to the first operand."""
    xp = device_of(a).xp
    g, a, b = in_a_row(xp, g, a, b)
    slope = xp.empty_like(a)
    distance_back.each(a.size, a, b, g, slope, factor, g.size == 1)
    return slope
