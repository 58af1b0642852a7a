"""Activations and the sums that lead back to a bias: one thread for one element, or for a row."""

import math

from ...device import device_of
from .kernel import MOST, Kernel, in_a_row

relu_slope = Kernel("""
// One thread lets one gradient through, where relu let a number through.
__global__ void relu_slope(const real *g, const real *y, real *slope, int64 count) {
    int64 i = thread();
    if (i < count) slope[i] = (number)y[i] != 0 ? (number)g[i] : (number)0;
}
""")

gelu_forward = Kernel("""
// One thread: y = x * (the chance that a normal number is below x); the chance is kept.
__global__ void gelu_forward(const real *x, real *below, real *y, int roughly, int64 count) {
    int64 i = thread();
    if (i >= count) return;
    number v = x[i], inner = (number)0.7978845608028654 * (v + (number)0.044715 * v * v * v);
    number t = roughly ? tanh(inner) : erf(v * (number)0.7071067811865476);
    number chance = t * (number)0.5 + (number)0.5;
    below[i] = chance;
    y[i] = chance * v;
}
""")

gelu_backward = Kernel("""
// One thread: the slope is the chance below x, and x times how steeply that rises.
__global__ void gelu_backward(
    const real *g, const real *x, const real *below, real *slope, int roughly, int64 count
) {
    int64 i = thread();
    if (i >= count) return;
    number v = x[i], chance = below[i], rises;
    if (roughly) {
        rises = (chance - chance * chance) * (number)1.5957691216057308
              * (1 + (number)0.134145 * v * v);
    } else {
        rises = exp(v * v * (number)-0.5) * (number)0.3989422804014327;
    }
    slope[i] = (number)g[i] * (chance + v * rises);
}
""")

COLUMNS = 32  # columns that lie beside each other in memory are read together
column_total = Kernel("""
// The block adds up 32 columns. 32 threads beside each other read 32 numbers beside each other, in
// one go; 16 such teams share the rows.
__global__ void column_total(const real *x, real *y, int64 rows, int64 wide, int more) {
    __shared__ number seen[512];
    int64 column = (int64)blockIdx.x * 32 + threadIdx.x % 32;
    int team = threadIdx.x / 32;
    number sum = 0;
    if (column < wide)
        for (int64 row = team; row < rows; row += 16) sum += (number)x[row * wide + column];
    seen[threadIdx.x] = sum;
    __syncthreads();
    if (team == 0 && column < wide) {
        for (int other = 1; other < 16; other++) sum += seen[other * 32 + threadIdx.x];
        y[column] = more ? (number)y[column] + sum : sum;
    }
}
""")

channel_total = Kernel("""
// A block of threads adds up one channel: of all samples, all places.
__global__ void channel_total(const real *x, real *y, int64 samples, int64 places) {
    number sum = 0;
    for (int64 i = threadIdx.x; i < samples * places; i += blockDim.x)
        sum += (number)x[(i / places * gridDim.x + blockIdx.x) * places + i % places];
    sum = total(sum);
    if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
""")


def relu_backward(g, y):
    """Lead a gradient back through relu."""
    xp = device_of(y).xp
    g, y = in_a_row(xp, g, y)
    slope = xp.empty_like(y)
    relu_slope.each(y.size, g, y, slope)
    return slope


def gelu(x, roughly):
    """Give GELU, and the chances that it multiplies with."""
    xp = device_of(x).xp
    (x,) = in_a_row(xp, x)
    below, y = xp.empty_like(x), xp.empty_like(x)
    gelu_forward.each(x.size, x, below, y, roughly)
    return y, below


def gelu_back(g, x, below, roughly):
    """Lead a gradient back through GELU."""
    xp = device_of(x).xp
    g, x, below = in_a_row(xp, g, x, below)
    slope = xp.empty_like(x)
    gelu_backward.each(x.size, g, x, below, slope, roughly)
    return slope


def column_sums(x, into=None):
    """Add up the rows of a matrix; ``into`` an array, if one is given, that has something."""
    xp = device_of(x).xp
    (x,), y = in_a_row(xp, x), xp.empty(x.shape[1], x.dtype) if into is None else into
    told = x, y, *x.shape, into is not None
    column_total.start((-(-x.shape[1] // COLUMNS),), MOST, told)
    return y


def channel_sums(x):
    """Add up images (samples, channels, ...) for each channel."""
    xp, places = device_of(x).xp, math.prod(x.shape[2:])
    (x,), y = in_a_row(xp, x), xp.empty(x.shape[1], x.dtype)
    channel_total.rows(x.shape[1], x.shape[0] * places, x, y, x.shape[0], places)
    return y
