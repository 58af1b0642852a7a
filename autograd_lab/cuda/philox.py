r"""The processor's random numbers, computed on the GPU: the same seed gives the same dropout mask.

Philox stirs a counter: number i of the stream is a function of i and the seed alone, so a GPU can
compute a million of them at once, in any order. One round multiplies two of the four 64-bit words
by constants, and mixes the halves of the products with the other two and with the key; ten rounds
pass all known tests of randomness. It is the generator behind ``torch.manual_seed`` on the
processor, too, where NumPy computes it one number after the other: Philox4x64-10 of J. Salmon,
M. Moraes, R. Dror and D. Shaw, Parallel random numbers: as easy as 1, 2, 3 (2011),
https://doi.org/10.1145/2063384.2063405.

On a GPU numbers are drawn in main memory and sent there, unless a step is being captured (then a
transfer is impossible) or ``torch.backends.cuda.own_kernels`` is on. All three give the same.
"""

import math

import numpy as np

from ..backends import cuda as switches
from ..device import cupy
from .kernels.kernel import Kernel

MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
KEY_STEPS = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # the golden ratio, and the root of 3 less 1
ROUNDS = 10
LOW = 0xFFFFFFFF
# The state of a stream, as it travels to the GPU, in 64-bit words. One word can be left over in
# half: NumPy gives 32 bits of it to a float32, and keeps the other 32 for the next.
C1, C2, C3, KEY0, KEY1, PLACE, HALF, LEFT_OVER = range(8)
FARTHEST = 1 << 60  # beyond it the counter's lowest word would soon overflow


def read(generator) -> np.ndarray:
    """Take down where a stream is: the state as the GPU wants it."""
    state = generator.bit_generator.state
    counter, key = state["state"]["counter"], state["state"]["key"]
    place = 4 * (int(counter[0]) - 1) + state["buffer_pos"]
    left = state["has_uint32"], state["uinteger"]
    return np.array([*counter[1:], *key, place, *left], np.uint64)


def reachable(generator) -> bool:
    """Say whether the stream's place can be counted in 64 bits: almost for ever."""
    return int(generator.bit_generator.state["state"]["counter"][0]) < FARTHEST


def skip(generator, count: int, bits: int) -> None:
    """Go on in the stream as if ``count`` numbers of 32 or 64 bits had been drawn.

    >>> one, other = (np.random.Generator(np.random.Philox(1)) for _ in "ab")
    >>> _ = one.random(7, dtype=np.float32)
    >>> skip(other, 7, 32)
    >>> one.random() == other.random()
    True
    """
    bit_generator = generator.bit_generator
    state = bit_generator.state
    if bits == 32 and count and state["has_uint32"]:
        generator.random(dtype=np.float32)
        state, count = bit_generator.state, count - 1
    whole = count if bits == 64 else max(count // 2 - 1, 0)
    if whole:
        counter = state["state"]["counter"]
        place = 4 * (int(counter[0]) - 1) + state["buffer_pos"] + whole
        counter[0], state["buffer_pos"] = (place - 1) // 4, 4
        bit_generator.state = state
        bit_generator.random_raw((place - 1) % 4 + 1)
    if bits == 32:  # the last few it draws itself: then it knows what is left over
        generator.random(count - 2 * whole, dtype=np.float32)


def upper(a, b):
    """Give the upper 64 bits of a product of 64-bit numbers, by way of its 32-bit halves."""
    b_low, b_high = np.uint64(b & LOW), np.uint64(b >> 32)
    a_low, a_high = a & np.uint64(LOW), a >> np.uint64(32)
    low = a_high * b_low + (a_low * b_low >> np.uint64(32))
    middle = a_low * b_high + (low & np.uint64(LOW))
    return a_high * b_high + (low >> np.uint64(32)) + (middle >> np.uint64(32))


def stirred(xp, counters, key):
    """Stir counters, four arrays of 64-bit words, with a key of two words: four arrays of chance.

    >>> zero = np.zeros(1, np.uint64)
    >>> print(*[f"{int(word[0]):016x}" for word in stirred(np, [zero] * 4, [zero, zero])])
    16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b
    """
    a, b, c, d = counters
    (m, n), (k, h) = MULTIPLIERS, key
    for _ in range(ROUNDS):
        a, b, c, d = upper(c, n) ^ b ^ k, c * np.uint64(n), upper(a, m) ^ d ^ h, a * np.uint64(m)
        k, h = k + np.uint64(KEY_STEPS[0]), h + np.uint64(KEY_STEPS[1])
    return a, b, c, d


def words(xp, state, count: int):
    """Compute the next ``count`` 64-bit numbers of a stream; its state is an array of words."""
    place = state[PLACE : PLACE + 1]
    first = place // np.uint64(4)
    counter = first + xp.arange(1, (count + 6) // 4 + 1, dtype=np.uint64)
    rest = [xp.broadcast_to(state[i : i + 1], counter.shape) for i in (C1, C2, C3)]
    key = state[KEY0 : KEY0 + 1], state[KEY1 : KEY1 + 1]
    blocks = xp.stack(stirred(xp, [counter, *rest], key), axis=1).reshape(-1)
    return blocks[(place - first * np.uint64(4)).astype(np.int64) + xp.arange(count)]


def uniform64(xp, state, count: int):
    """Draw float64 numbers from [0, 1), and move the state on."""
    drawn = words(xp, state, count)
    state[PLACE] += np.uint64(count)
    return (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53


def uniform32(xp, state, count: int):
    """Draw float32 numbers from [0, 1), and move the state on: two for each word of 64 bits."""
    drawn = words(xp, state, count // 2 + 1)
    left = state[HALF : HALF + 1].astype(np.int64)  # 1 where half a word is left over
    halves = xp.concatenate([state[LEFT_OVER:].astype(np.uint32), drawn.view(np.uint32)])
    bits = halves[xp.arange(count) + (1 - left)]
    used = (count - left + 1) // 2
    state[PLACE] += used.astype(np.uint64)[0]
    state[HALF] = (count - left)[0] % 2
    state[LEFT_OVER] = halves[2 * used][0]
    return (bits >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


DRAWS = {32: uniform32, 64: uniform64}


# --- the same as kernels of our own

NTH = """
typedef unsigned long long word;

// The number-th 64-bit word of the stream: its block is a counter, stirred.
__device__ word nth(const word *state, word number) {
    word block = number / 4, a = block + 1, b = state[0], c = state[1], d = state[2];
    word k = state[3], h = state[4];
    for (int round = 0; round < 10; round++) {
        word high_a = __umul64hi(a, 0xD2E7470EE14C6C93ULL), low_a = a * 0xD2E7470EE14C6C93ULL;
        word high_c = __umul64hi(c, 0xCA5A826395121157ULL), low_c = c * 0xCA5A826395121157ULL;
        a = high_c ^ b ^ k; b = low_c; c = high_a ^ d ^ h; d = low_a;
        k += 0x9E3779B97F4A7C15ULL; h += 0xBB67AE8584CAA73BULL;
    }
    switch (number % 4) { case 0: return a; case 1: return b; case 2: return c; default: return d; }
}
"""
draw32 = Kernel(NTH + """
// One thread draws one number: half a word.
__global__ void draw32(const word *state, float *y, int64 count) {
    int64 i = thread();
    if (i >= count) return;
    word left = state[6], half = state[7];
    if (i >= (int64)left) {
        word j = i - left, whole = nth(state, state[5] + j / 2);
        half = j % 2 ? whole >> 32 : whole;
    }
    y[i] = ((unsigned int)half >> 8) * (1.0f / 16777216.0f);
}
""")
draw64 = Kernel(NTH + """
// One thread draws one number.
__global__ void draw64(const word *state, double *y, int64 count) {
    int64 i = thread();
    if (i < count) y[i] = (nth(state, state[5] + i) >> 11) * (1.0 / 9007199254740992.0);
}
""")
move_on = Kernel(NTH + """
// A single thread moves the state on, when all have drawn.
__global__ void move_on(word *state, int64 drawn, int bits) {
    if (bits == 64) { state[5] += drawn; return; }
    word rest = drawn - state[6], used = (rest + 1) / 2;
    if (used) state[7] = nth(state, state[5] + used - 1) >> 32;
    state[5] += used;
    state[6] = rest % 2;
}
""")
DTYPES = {32: np.float32, 64: np.float64}


def by_kernel(cp, state, count: int, bits: int):
    """Draw numbers from [0, 1) by our kernel; the state stays as it is."""
    y = cp.empty(count, DTYPES[bits])
    (draw32 if bits == 32 else draw64).each(count, state, y)
    return y


def captured(cp, state, count: int, bits: int):
    """Draw numbers in a step that is being captured: the state, on the GPU, moves on."""
    if not switches.own_kernels:
        return DRAWS[bits](cp, state, count)
    y = by_kernel(cp, state, count, bits)
    move_on.start((1,), 1, (state, count, bits))
    return y


def draw(generator, place, shape, bits: int):
    """Draw from [0, 1) on a GPU what the processor would draw; None if it shall do it itself."""
    from ..optim import live

    count, graph = math.prod(shape), live.present.graph
    on_gpu = graph is not None or switches.own_kernels
    if not (on_gpu and count and reachable(generator)):
        return None
    cp = cupy()
    with place.active():
        if graph is not None:
            return graph.draw(generator, count, bits).reshape(shape)
        y = by_kernel(cp, cp.asarray(read(generator)), count, bits)
    skip(generator, count, bits)
    return y.reshape(shape)
