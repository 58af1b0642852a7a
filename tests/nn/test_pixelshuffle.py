"""PixelShuffle and PixelUnshuffle against PyTorch."""

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair


def test_values_and_gradients():
    agree(*pair("PixelShuffle", 2), numbers(2, 8, 3, 4))
    agree(*pair("PixelUnshuffle", 2), numbers(2, 2, 4, 6))


def test_one_undoes_the_other():
    x = ours.tensor(numbers(2, 8, 3, 4))
    assert ours.equal(ours.nn.PixelUnshuffle(2)(ours.nn.PixelShuffle(2)(x)), x)


def test_on_the_gpu(gpu):
    alike_on_the_gpu(ours.nn.PixelShuffle(2), numbers(2, 8, 3, 4))
