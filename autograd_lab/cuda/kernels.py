r"""Kernels of our own: what plain CuPy starts ten kernels for, in one.

An LSTM's step, and an optimizer's, are many small operations on the same numbers. As one kernel the
numbers are read once, and one launch is paid, about 5 µs, where each of a hundred steps had nine.
Every kernel is plain arithmetic, one thread for one element: read it beside the NumPy code that it
stands in for, ``_lstm_forward`` and ``_lstm_backward`` in ``ops/recurrent.py``, ``move`` in
``optim/adam.py`` and ``optim/sgd.py``; the tests hold the two together.

They are used where ``torch.backends.cuda.own_kernels`` is on, for float32 and float64.
"""

import functools

import numpy as np

from ..device import cupy

SOURCE = """
// The gates come as half of what goes into i, f and o: sigmoid(x) = tanh(x / 2) / 2 + 1 / 2.
__device__ real to_sigmoid(real t) { return t * (real)0.5 + (real)0.5; }

extern "C" __global__ void lstm_forward(
    real *gates, const real *heard, const real *before, real *after, real *h,
    long long count, long long rows, long long size,
    long long gates_step, long long heard_step, long long state_step
) {
    long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    long long way = at / (rows * size), row = at / size % rows, j = at % size;
    real *a = gates + way * gates_step + row * 4 * size + j;
    const real *b = heard + way * heard_step + row * 4 * size + j;
    long long place = way * state_step + row * size + j;
    real i = to_sigmoid(tanh(a[0] + b[0])), f = to_sigmoid(tanh(a[size] + b[size]));
    real g = tanh(a[2 * size] + b[2 * size]), o = to_sigmoid(tanh(a[3 * size] + b[3 * size]));
    real c = f * before[place] + i * g;
    a[0] = i; a[size] = f; a[2 * size] = g; a[3 * size] = o;
    after[place] = c;
    h[place] = o * tanh(c);
}

extern "C" __global__ void lstm_backward(
    const real *gates, const real *before, const real *after, real *into,
    real *of_h, const real *dh, real *dc,
    long long count, long long rows, long long size,
    long long gates_step, long long before_step, long long after_step, long long of_h_step,
    long long carried_step
) {
    long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    long long way = at / (rows * size), row = at / size % rows, j = at % size;
    long long gate = way * gates_step + row * 4 * size + j, inside = row * size + j;
    long long carried = way * carried_step + inside;
    real i = gates[gate], f = gates[gate + size];
    real g = gates[gate + 2 * size], o = gates[gate + 3 * size];
    real seen = tanh(after[way * after_step + inside]);
    real asked = of_h[way * of_h_step + inside] + dh[carried];
    real delta = dc[carried] + asked * o * (1 - seen * seen);
    of_h[way * of_h_step + inside] = asked;
    into[gate] = delta * g * i * (1 - i);
    into[gate + size] = delta * before[way * before_step + inside] * f * (1 - f);
    into[gate + 2 * size] = delta * i * (1 - g * g);
    into[gate + 3 * size] = asked * seen * o * (1 - o);
    dc[carried] = delta * f;
}

__device__ void adam(
    real *w, real g, real *mean, real *square, real *largest, long long i, int amsgrad, int climb,
    real keep, real fresh, real keep_square, real fresh_square, real pull, real rate, real eps,
    real own
) {
    g = (climb ? -g : g) + pull * w[i];
    real m = mean[i] * keep + g * fresh;
    real s = square[i] * keep_square + g * g * fresh_square;
    mean[i] = m;
    square[i] = s;
    if (amsgrad) s = largest[i] = largest[i] > s ? largest[i] : s;
    w[i] = w[i] * own - rate * (m / (sqrt(s) + eps));
}

extern "C" __global__ void adam_with(
    real *w, const real *g, real *mean, real *square, real *largest, long long count, int amsgrad,
    int climb, real keep, real fresh, real keep_square, real fresh_square, real pull, real rate,
    real eps, real own
) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) adam(w, g[i], mean, square, largest, i, amsgrad, climb, keep, fresh,
                        keep_square, fresh_square, pull, rate, eps, own);
}

extern "C" __global__ void adam_live(
    real *w, const real *g, real *mean, real *square, real *largest, long long count, int amsgrad,
    int climb, real keep, real fresh, real keep_square, real fresh_square, real pull,
    const real *rate, const real *eps, const real *own
) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) adam(w, g[i], mean, square, largest, i, amsgrad, climb, keep, fresh,
                        keep_square, fresh_square, pull, *rate, *eps, *own);
}

__device__ void sgd(
    real *w, real g, real *velocity, long long i, int climb, int ahead,
    real momentum, real fresh, real pull, real rate
) {
    g = (climb ? -g : g) + pull * w[i];
    if (momentum != 0) {
        real v = velocity[i] = velocity[i] * momentum + fresh * g;
        g = ahead ? g + momentum * v : v;
    }
    w[i] -= g * rate;
}

extern "C" __global__ void sgd_with(
    real *w, const real *g, real *velocity, long long count, int climb, int ahead,
    real momentum, real fresh, real pull, real rate
) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) sgd(w, g[i], velocity, i, climb, ahead, momentum, fresh, pull, rate);
}

extern "C" __global__ void sgd_live(
    real *w, const real *g, real *velocity, long long count, int climb, int ahead,
    real momentum, real fresh, real pull, const real *rate
) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) sgd(w, g[i], velocity, i, climb, ahead, momentum, fresh, pull, *rate);
}
"""
THREADS = 256
REALS = {"f": "float", "d": "double"}


@functools.cache
def source(char):
    """Write the kernels above for one dtype."""
    return f"typedef {REALS[char]} real;\n{SOURCE}"


@functools.cache
def kernel(cp, text, name):
    """Compile a kernel, once."""
    made = cp.RawKernel(text, name)
    made.compile()
    return made


def launch(text, name, count, *args):
    """Start a kernel with ``count`` threads; its arguments are arrays, and numbers of ours."""
    if count:
        threads = min(count, THREADS)
        blocks = (count + threads - 1) // threads
        kernel(cupy(), text, name)((blocks,), (threads,), args)


def _launch(name, count, *args):
    launch(source(args[0].dtype.char), name, count, *args)


def _step(x):
    """Count the elements from one direction to the next."""
    return np.int64(x.strides[0] // x.itemsize)


def lstm_forward(gates, heard, before, after, h) -> None:
    """Finish one step of an LSTM: open the gates, change the memory, show what is to be seen.

    ``gates`` holds what the inputs gave, and then the gates; ``heard`` is what the state gave.
    ``before`` and ``after`` are parts of one array, and ``h`` of one that is like it.
    """
    directions, rows, size = after.shape
    count = directions * rows * size
    sizes = np.int64(count), np.int64(rows), np.int64(size)
    steps = _step(gates), _step(heard), _step(after)
    _launch("lstm_forward", count, gates, heard, before, after, h, *sizes, *steps)


def lstm_backward(gates, before, after, into, of_h, dh, dc) -> None:
    """Go back through one step: give the gradient of what went into the gates, and carry on."""
    directions, rows, size = after.shape
    count = directions * rows * size
    sizes = np.int64(count), np.int64(rows), np.int64(size)
    steps = _step(gates), _step(before), _step(after), _step(of_h), _step(dc)
    _launch("lstm_backward", count, gates, before, after, into, of_h, dh, dc, *sizes, *steps)


def _whole(*tensors):
    """Give the arrays of an optimizer's tensors, in a row each; None if they do not lie so."""
    arrays = [tensor.shared() for tensor in tensors]
    fit = all(a.flags.c_contiguous and a.dtype == arrays[0].dtype for a in arrays)
    return arrays if fit else None


def _numbers(name, dtype, numbers):
    """Choose the kernel that takes numbers as they come: Python's, or on the GPU (``live``)."""
    kernel(cupy(), source(dtype.char), f"{name}_live")  # loaded now: not while a step is captured
    if all(type(number) is float for number in numbers):
        return f"{name}_with", [dtype.type(number) for number in numbers]
    place = cupy()
    return f"{name}_live", [
        place.full((), n, dtype) if type(n) is float else n for n in numbers
    ]


def adam(parameter, state, group, numbers) -> bool:
    """Take Adam's step with one parameter; False if its memory does not lie in a row."""
    amsgrad, (keep, keep_square) = group["amsgrad"], group["betas"]
    largest = state["max_exp_avg_sq"] if amsgrad else parameter
    found = _whole(parameter, parameter._grad, state["exp_avg"], state["exp_avg_sq"], largest)
    if found is None:
        return False
    dtype = found[0].dtype
    pull = 0.0 if group["decoupled_weight_decay"] else group["weight_decay"]
    flags = np.int32(amsgrad), np.int32(group["maximize"])
    name, numbers = _numbers("adam", dtype, numbers)
    means = keep, 1 - keep, keep_square, 1 - keep_square  # the differences lose digits in float32
    settings = [dtype.type(number) for number in (*means, pull)]
    _launch(name, found[0].size, *found, np.int64(found[0].size), *flags, *settings, *numbers)
    return True


def sgd(parameter, state, group, rate, fresh) -> bool:
    """Take SGD's step with one parameter; False if its memory does not lie in a row."""
    velocity = state["momentum_buffer"] if group["momentum"] else parameter
    found = _whole(parameter, parameter._grad, velocity)
    if found is None:
        return False
    dtype = found[0].dtype
    flags = np.int32(group["maximize"]), np.int32(group["nesterov"])
    name, numbers = _numbers("sgd", dtype, [rate])
    settings = [dtype.type(n) for n in (group["momentum"], fresh, group["weight_decay"])]
    _launch(name, found[0].size, *found, np.int64(found[0].size), *flags, *settings, *numbers)
    return True
