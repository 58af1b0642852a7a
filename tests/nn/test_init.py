"""Where weights start: the distributions of PyTorch's initialisers."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

CASES = {
    "uniform_": (-2, 3), "normal_": (1.0, 2.0), "trunc_normal_": (), "constant_": (3.0,),
    "ones_": (), "zeros_": (), "eye_": (), "xavier_uniform_": (2.0,), "xavier_normal_": (),
    "kaiming_uniform_": (0.5,), "kaiming_normal_": (0.1, "fan_out"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_spread_and_limits_are_pytorch_s(name):
    ours.manual_seed(0)
    theirs.manual_seed(0)
    mine, its = ours.empty(300, 200), theirs.empty(300, 200)
    assert getattr(ours.nn.init, name)(mine, *CASES[name]) is mine
    getattr(theirs.nn.init, name)(its, *CASES[name])
    a, b = mine.numpy(), its.numpy()
    for measure in (np.mean, np.std, lambda x: np.quantile(x, 0.9)):
        assert measure(a) == pytest.approx(measure(b), rel=0.03, abs=0.02 * float(b.std() + 1e-9))
    if "normal" not in name:
        assert abs(a).max() == pytest.approx(abs(b).max(), rel=0.01)


@pytest.mark.parametrize("args", [
    ("relu",), ("tanh",), ("leaky_relu", 0.2), ("linear",), ("selu",), ("conv2d",),
])  # fmt: skip
def test_gain(args):
    assert ours.nn.init.calculate_gain(*args) == theirs.nn.init.calculate_gain(*args)


def test_a_vector_has_no_fans():
    with pytest.raises(ValueError, match="Fan in and fan out can not be computed"):
        ours.nn.init.xavier_uniform_(ours.empty(3))


def test_a_parameter_stays_a_leaf():
    parameter = ours.nn.Parameter(ours.empty(2, 2))
    ours.nn.init.normal_(parameter)
    assert parameter.is_leaf
    assert parameter.requires_grad


def test_repeatable():
    def draw():
        ours.manual_seed(3)
        return ours.nn.Linear(3, 3).weight.tolist()

    assert draw() == draw()
