"""ChannelShuffle against PyTorch."""

import pytest

import autograd_lab as ours
from tests.nn.pairs import alike_on_the_gpu, numbers, outputs, same


def test_values_and_repr():
    import torch as theirs

    x = numbers(2, 6, 3, 4)
    mine, its = ours.nn.ChannelShuffle(3), theirs.nn.ChannelShuffle(3)
    assert repr(mine) == repr(its)
    (a,), (b,) = outputs(mine(ours.tensor(x))), outputs(its(theirs.tensor(x)))
    same(a.numpy(), b.numpy())


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_on_the_gpu(gpu, groups):
    alike_on_the_gpu(ours.nn.ChannelShuffle(groups), numbers(2, 6, 3))
