"""Channels to pixels and back, against PyTorch."""

import pytest

from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

CALLS = [
    (lambda t, x: t.pixel_shuffle(x, 2), (2, 8, 3, 4)),
    (lambda t, x: t.pixel_shuffle(x, 3), (9, 1, 2)),
    (lambda t, x: t.pixel_shuffle(x, 2), (2, 3, 4, 1, 2)),
    (lambda t, x: t.pixel_unshuffle(x, 2), (2, 3, 4, 6)),
    (lambda t, x: t.pixel_unshuffle(x, 3), (1, 3, 6)),
    (lambda t, x: t.channel_shuffle(x, 2), (2, 6, 3)),
    (lambda t, x: t.channel_shuffle(x, 3), (2, 6, 3, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("call", "shape"), CALLS)
def test_values_and_gradients(call, shape):
    agree(call, numbers(*shape))


@pytest.mark.parametrize(("call", "shape"), CALLS[::3])
def test_on_the_gpu(gpu, call, shape):
    alike_on_the_gpu(call, numbers(*shape))


@pytest.mark.parametrize("call", [
    lambda t: t.pixel_shuffle(t.ones(2, 2), 2), lambda t: t.pixel_shuffle(t.ones(1, 5, 2, 2), 2),
    lambda t: t.pixel_shuffle(t.ones(1, 4, 2, 2), -2), lambda t: t.pixel_unshuffle(t.ones(3, 2), 2),
    lambda t: t.pixel_unshuffle(t.ones(1, 4, 3, 2), 2),
    lambda t: t.pixel_unshuffle(t.ones(1, 4, 4, 3), 2),
    lambda t: t.pixel_unshuffle(t.ones(3, 2, 2), 0), lambda t: t.channel_shuffle(t.ones(2, 2), 2),
    lambda t: t.channel_shuffle(t.ones(1, 5, 2, 2), 2),
    lambda t: t.channel_shuffle(t.ones(1, 5, 2, 2), 0),
])  # fmt: skip
def test_errors(call):
    same_error(call)
