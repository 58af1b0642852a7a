"""Ops that share their rules: the engine finds them on a parent, too."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.core import OPS, Array, Op
from autograd_lab.dispatch import op


class Scaling(Op):
    """What several ops share: a rule for each operand, PyTorch's name, a rarer spelling."""

    __slots__ = ()
    torch_name = "ScalingBackward0"

    def backward_x(self, g, w):
        return g * w

    def backward_w(self, g, x):
        return g * x * self.sign

    @staticmethod
    def also(x, w, times):
        return OPS["scaled_up"](x, w) * times


@pytest.fixture
def family():
    """Give two ops that take their rules from ``Scaling``; the second replaces one."""

    @op
    class scaled_up(Scaling):
        def forward(self, x: Array, w: Array):
            self.sign = 1.0
            return x * w

    @op
    class scaled_down(Scaling):
        def forward(self, x: Array, w: Array):
            self.sign = -1.0
            return x / w

        def backward_x(self, g, w):
            return g / w

        def backward_w(self, g, x, w):
            return g * x * self.sign / (w * w)

    yield scaled_up, scaled_down
    del OPS["scaled_up"], OPS["scaled_down"]


def test_a_rule_may_stand_on_a_parent(family):
    up, down = family
    x, w = (torch.tensor(v, requires_grad=True) for v in ([1.0, 2.0], [4.0, 5.0]))
    up(x, w).sum().backward()
    assert x.grad.tolist() == [4, 5] and w.grad.tolist() == [1, 2]
    x.grad = w.grad = None
    down(x, w).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1 / 4, 1 / 5])
    np.testing.assert_allclose(w.grad.numpy(), [-1 / 16, -2 / 25])


def test_only_what_an_inherited_rule_names_is_kept(family):
    x, w = torch.ones(2, requires_grad=True), torch.ones(2)
    assert family[0](x, w).grad_fn.keep == ("w",)


def test_a_name_and_a_rarer_spelling_may_stand_on_a_parent(family):
    x = torch.ones(2, requires_grad=True)
    assert family[0](x, x).grad_fn.name() == "ScalingBackward0"
    assert family[0](x, x, times=3).tolist() == [3, 3]
