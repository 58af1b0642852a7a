"""One step of an LSTM, forward and back: the whole of it, with the product of state and weights.

``_lstm_forward`` and ``_lstm_backward`` in ``ops/recurrent.py`` do the same for NumPy.
"""

from ...device import device_of
from .kernel import Kernel

NARROW = 256  # with so many cells the state's product is quickly done beside the rest; else cuBLAS

lstm_step = Kernel("""
// The gates come as half of what goes into i, f and o: sigmoid(x) = tanh(x / 2) / 2 + 1 / 2.
__device__ number to_sigmoid(number t) { return t * (number)0.5 + (number)0.5; }

// One thread opens the four gates of one cell, and changes its memory. It multiplies the state with
// its four columns of weights itself, unless ``heard`` holds the products.
__global__ void lstm_step(
    real *gates, const real *state, const real *weights, const real *heard, const real *before,
    real *after, real *h, int64 rows, int64 size, int64 gates_step, int64 heard_step,
    int64 state_step, int64 count
) {
    int64 at = thread();
    if (at >= count) return;
    int64 way = at / (rows * size), row = at / size % rows, j = at % size;
    real *a = gates + way * gates_step + row * 4 * size + j;
    number i = a[0], f = a[size], g = a[2 * size], o = a[3 * size];
    if (heard) {
        heard += way * heard_step + row * 4 * size + j;
        i += (number)heard[0];
        f += (number)heard[size];
        g += (number)heard[2 * size];
        o += (number)heard[3 * size];
    } else {
        state += way * state_step + row * size;
        weights += way * size * 4 * size + j;
        for (int64 k = 0; k < size; k++, weights += 4 * size) {
            number s = state[k];
            i += s * (number)weights[0];
            f += s * (number)weights[size];
            g += s * (number)weights[2 * size];
            o += s * (number)weights[3 * size];
        }
    }
    i = to_sigmoid(tanh(i));
    f = to_sigmoid(tanh(f));
    g = tanh(g);
    o = to_sigmoid(tanh(o));
    int64 place = way * state_step + row * size + j;
    number c = f * (number)before[place] + i * g;
    a[0] = i; a[size] = f; a[2 * size] = g; a[3 * size] = o;
    after[place] = c;
    h[place] = o * tanh(c);
}
""")

lstm_step_back = Kernel("""
// One thread gives the gradients of what went into the four gates of one cell. What the step after
// this one asks of its state, where ``later`` rows took part in that, it multiplies out itself.
__global__ void lstm_step_back(
    const real *gates, const real *before, const real *after, real *into, const real *of_h,
    const real *dh, real *dc, const real *asking, const real *weights,
    int64 rows, int64 size, int64 later, int64 gates_step, int64 before_step, int64 after_step,
    int64 of_h_step, int64 dh_step, int64 dc_step, int64 count
) {
    int64 at = thread();
    if (at >= count) return;
    int64 way = at / (rows * size), row = at / size % rows, j = at % size;
    int64 gate = way * gates_step + row * 4 * size + j, inside = row * size + j;
    number asked = of_h[way * of_h_step + inside];
    if (row < later) {
        asking += way * gates_step + row * 4 * size;
        weights += way * 4 * size * size + j;
        for (int64 k = 0; k < 4 * size; k++) asked += (number)asking[k] * (number)weights[k * size];
    } else {
        asked += (number)dh[way * dh_step + inside];
    }
    number i = gates[gate], f = gates[gate + size];
    number g = gates[gate + 2 * size], o = gates[gate + 3 * size];
    number seen = tanh((number)after[way * after_step + inside]);
    int64 carried = way * dc_step + inside;
    number delta = (number)dc[carried] + asked * o * (1 - seen * seen);
    into[gate] = delta * g * i * (1 - i);
    into[gate + size] = delta * (number)before[way * before_step + inside] * f * (1 - f);
    into[gate + 2 * size] = delta * i * (1 - g * g);
    into[gate + 3 * size] = asked * seen * o * (1 - o);
    dc[carried] = delta * f;
}
""")


def _step(x):
    """Count the elements from one direction to the next."""
    return x.strides[0] // x.itemsize


def lstm_forward(gates, state, weights, before, after, h) -> None:
    """Take one step of an LSTM: open the gates, change the memory, show what is to be seen.

    ``gates`` holds what the inputs gave, and then the gates. ``state`` is h before the step, of
    the same array as h after it; ``before`` and ``after`` are parts of one that is like it.
    """
    directions, rows, size = after.shape
    heard = device_of(gates).xp.matmul(state, weights) if size > NARROW else None
    steps = _step(gates), rows * 4 * size, _step(after)
    told = gates, state, weights, heard, before, after, h, rows, size, *steps
    lstm_step.each(directions * rows * size, *told)


def lstm_backward(gates, before, after, into, of_h, dh, dc, asking, weights) -> None:
    """Go back through one step: give the gradient of what went into the gates, and carry on.

    ``asking`` is that of the step after this one, None for the last.
    """
    directions, rows, size = after.shape
    later = 0 if asking is None else asking.shape[1]
    if later and size > NARROW:
        device_of(gates).xp.matmul(asking, weights, out=dh[:, :later])
        later = 0
    steps = map(_step, (gates, before, after, of_h, dh, dc))
    told = gates, before, after, into, of_h, dh, dc, asking, weights, rows, size, later, *steps
    lstm_step_back.each(directions * rows * size, *told)
