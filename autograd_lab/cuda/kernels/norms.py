"""Normalization: a block of threads for what is brought to mean 0 and spread 1 together."""

import math

from ...device import device_of
from .kernel import MOST, Kernel, in_a_row

layer_forward = Kernel("""
// A block of threads brings one row to mean 0 and spread 1, then stretches and shifts it.
__global__ void layer_forward(
    const real *x, const real *weight, const real *bias, real *y, real *centre, real *scale,
    int64 wide, double eps
) {
    x += blockIdx.x * wide;
    y += blockIdx.x * wide;
    number sum = 0, squares = 0;
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) sum += (number)x[k];
    number mean = total(sum) / wide;
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) {
        number away = (number)x[k] - mean;
        squares += away * away;
    }
    number by = 1 / sqrt(total(squares) / wide + (number)eps);
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) {
        number hat = ((number)x[k] - mean) * by;
        if (weight) hat *= (number)weight[k];
        y[k] = bias ? hat + (number)bias[k] : hat;
    }
    if (threadIdx.x == 0) { centre[blockIdx.x] = mean; scale[blockIdx.x] = by; }
}
""")

layer_back = Kernel("""
// A block leads the gradient of one row back to its numbers: what moves all alike, or stretches
// all alike, is taken out.
__global__ void layer_back(
    const real *g, const real *x, const real *weight, const real *centre, const real *scale,
    real *slope, int64 wide
) {
    g += blockIdx.x * wide;
    x += blockIdx.x * wide;
    slope += blockIdx.x * wide;
    number mean = centre[blockIdx.x], by = scale[blockIdx.x], alone = 0, together = 0;
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) {
        number u = (number)g[k] * (weight ? (number)weight[k] : (number)1);
        alone += u;
        together += u * ((number)x[k] - mean) * by;
    }
    alone = total(alone) / wide;
    together = total(together) / wide;
    for (int64 k = threadIdx.x; k < wide; k += blockDim.x) {
        number u = (number)g[k] * (weight ? (number)weight[k] : (number)1);
        slope[k] = by * (u - alone - ((number)x[k] - mean) * by * together);
    }
}
""")

layer_of_weights = Kernel("""
// The block adds up 32 columns, for the gradients of weight and bias. 32 threads beside each other
// read 32 numbers beside each other, in one go; 16 such teams share the rows.
__global__ void layer_of_weights(
    const real *g, const real *x, const real *centre, const real *scale, real *of_weight,
    real *of_bias, int64 rows, int64 wide
) {
    __shared__ number seen[512], seen_too[512];
    int64 column = (int64)blockIdx.x * 32 + threadIdx.x % 32;
    int team = threadIdx.x / 32;
    number together = 0, alone = 0;
    if (column < wide) for (int64 row = team; row < rows; row += 16) {
        number d = g[row * wide + column];
        alone += d;
        together += d * ((number)x[row * wide + column] - (number)centre[row]) * (number)scale[row];
    }
    seen[threadIdx.x] = together;
    seen_too[threadIdx.x] = alone;
    __syncthreads();
    if (team == 0 && column < wide) {
        for (int other = 1; other < 16; other++) {
            together += seen[other * 32 + threadIdx.x];
            alone += seen_too[other * 32 + threadIdx.x];
        }
        of_weight[column] = together;
        of_bias[column] = alone;
    }
}
""")

PLACE = """
// Where the i-th number of a channel lies: images are (samples, channels, places).
__device__ int64 place(int64 i, int64 places) {
    return (i / places * gridDim.x + blockIdx.x) * places + i % places;
}
"""
batch_forward = Kernel(PLACE + """
// A block of threads brings one channel, of all samples, to mean 0 and spread 1, and moves the
// running mean and variance a little towards those that it found.
__global__ void batch_forward(
    const real *x, const real *weight, const real *bias, real *running_mean, real *running_var,
    real *y, real *centre, real *scale, int64 samples, int64 places, double momentum, double eps
) {
    int64 count = samples * places, c = blockIdx.x;
    number sum = 0, squares = 0;
    for (int64 i = threadIdx.x; i < count; i += blockDim.x) sum += (number)x[place(i, places)];
    number mean = total(sum) / count;
    for (int64 i = threadIdx.x; i < count; i += blockDim.x) {
        number away = (number)x[place(i, places)] - mean;
        squares += away * away;
    }
    number spread = total(squares) / count, by = 1 / sqrt(spread + (number)eps);
    number stretch = weight ? (number)weight[c] * by : by, shift = bias ? (number)bias[c] : 0;
    for (int64 i = threadIdx.x; i < count; i += blockDim.x)
        y[place(i, places)] = ((number)x[place(i, places)] - mean) * stretch + shift;
    if (threadIdx.x) return;
    centre[c] = mean;
    scale[c] = by;
    if (running_mean)
        running_mean[c] = (number)running_mean[c] * (number)(1 - momentum)
                        + (number)momentum * mean;
    if (running_var)
        running_var[c] = (number)running_var[c] * (number)(1 - momentum)
                       + (number)momentum * spread * ((number)count / (count - 1));
}
""")

batch_back = Kernel(PLACE + """
// A block leads the gradients of one channel back: to its numbers, its weight and its bias.
__global__ void batch_back(
    const real *g, const real *x, const real *weight, const real *centre, const real *scale,
    real *slope, real *of_weight, real *of_bias, int64 samples, int64 places
) {
    int64 count = samples * places, c = blockIdx.x;
    number mean = centre[c], by = scale[c], alone = 0, together = 0;
    for (int64 i = threadIdx.x; i < count; i += blockDim.x) {
        number d = g[place(i, places)];
        alone += d;
        together += d * ((number)x[place(i, places)] - mean) * by;
    }
    alone = total(alone);
    together = total(together);
    if (threadIdx.x == 0) { of_weight[c] = together; of_bias[c] = alone; }
    number stretch = weight ? (number)weight[c] * by : by;
    for (int64 i = threadIdx.x; i < count; i += blockDim.x) {
        number hat = ((number)x[place(i, places)] - mean) * by, d = g[place(i, places)];
        slope[place(i, places)] = stretch * (d - alone / count - hat * (together / count));
    }
}
""")


def layer_norm(rows, weight, bias, eps):
    """Normalize the rows of a matrix; give also their means and 1 / spread."""
    xp = device_of(rows).xp
    rows, weight, bias = in_a_row(xp, rows, weight, bias)
    y, (centre, scale) = xp.empty_like(rows), xp.empty((2, len(rows)), rows.dtype)
    told = rows, weight, bias, y, centre, scale
    layer_forward.rows(len(rows), rows.shape[1], *told, rows.shape[1], eps)
    return y, centre, scale


def layer_norm_back(g, rows, weight, centre, scale):
    """Give the gradient of the rows."""
    xp = device_of(rows).xp
    g, rows, weight = in_a_row(xp, g, rows, weight)
    slope, wide = xp.empty_like(rows), rows.shape[1]
    layer_back.rows(len(rows), wide, g, rows, weight, centre, scale, slope, wide)
    return slope


def layer_norm_of_weights(g, rows, centre, scale):
    """Give the gradients of weight and bias."""
    xp, wide = device_of(rows).xp, rows.shape[1]
    g, rows = in_a_row(xp, g, rows)
    of_weight, of_bias = xp.empty(wide, rows.dtype), xp.empty(wide, rows.dtype)
    told = g, rows, centre, scale, of_weight, of_bias, *rows.shape
    layer_of_weights.start((-(-wide // 32),), MOST, told)
    return of_weight, of_bias


def batch_norm(x, weight, bias, running_mean, running_var, momentum, eps):
    """Normalize the channels of (samples, channels, ...); give also their means and 1 / spread."""
    xp, samples, channels = device_of(x).xp, *x.shape[:2]
    x, weight, bias = in_a_row(xp, x, weight, bias)
    y, (centre, scale) = xp.empty_like(x), xp.empty((2, channels), x.dtype)
    places = math.prod(x.shape[2:])
    told = x, weight, bias, running_mean, running_var, y, centre, scale, samples, places
    batch_forward.rows(channels, samples * places, *told, momentum, eps)
    return y, centre, scale


def batch_norm_back(g, x, weight, centre, scale):
    """Give the gradients of the numbers, of weight and of bias."""
    xp, samples, channels = device_of(x).xp, *x.shape[:2]
    g, x, weight = in_a_row(xp, g, x, weight)
    of_weight, of_bias = xp.empty(channels, x.dtype), xp.empty(channels, x.dtype)
    slope, places = xp.empty_like(x), math.prod(x.shape[2:])
    told = g, x, weight, centre, scale, slope, of_weight, of_bias, samples, places
    batch_back.rows(channels, samples * places, *told)
    return slope, of_weight, of_bias
