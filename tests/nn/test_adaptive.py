"""AdaptiveLogSoftmaxWithLoss against PyTorch."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair, same, same_error

TARGETS = np.array([0, 2, 3, 19, 7, 8, 5])


@pytest.mark.parametrize("settings", [{}, {"head_bias": True, "div_value": 2.0}], ids=str)
@pytest.mark.parametrize("cutoffs", [[3], [3, 8], [1, 5, 19]], ids=str)
def test_values_and_gradients(cutoffs, settings):
    mine, its = pair("AdaptiveLogSoftmaxWithLoss", 128, 20, cutoffs, **settings)
    agree(mine, its, numbers(7, 128), TARGETS)
    agree(mine, its, numbers(128), np.array(9))
    x = numbers(7, 128, seed=1)
    for name in ("log_prob", "predict"):
        found = [getattr(layer, name)(t.tensor(x)) for t, layer in ((ours, mine), (theirs, its))]
        same(*[y.detach().numpy() for y in found])
    assert mine.log_prob(ours.tensor(x)).exp().sum().item() == pytest.approx(7)


def test_on_the_gpu(gpu):
    layer = ours.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [3, 8]).double()
    alike_on_the_gpu(layer, numbers(7, 16), TARGETS)


def made(t):
    return t.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [2, 5])


@pytest.mark.parametrize("call", [
    lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 10, []),
    lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5, 2]),
    lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [2, 10]),
    lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [2.5]),
    lambda t: made(t)(t.ones(2, 4), t.zeros(3).long()),
    lambda t: made(t)(t.ones(2, 2, 4), t.zeros(2).long()),
    lambda t: made(t)(t.ones(2, 4), t.tensor(0)),
    lambda t: made(t)(t.ones(2, 4), t.zeros(2, 2).long()),
    lambda t: made(t)(t.ones(2, 4), t.tensor([0, 10])),
])  # fmt: skip
def test_errors(call):
    same_error(call)
