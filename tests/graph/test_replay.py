"""What was computed, computed once more: values, each gradient on its way, local derivatives."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn import functional as F
from autograd_lab.replay import Replay
from autograd_lab.watching import remember_lines


@pytest.fixture(autouse=True)
def watched():
    remember_lines()
    yield
    remember_lines(False)


def leaf(*shape):
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


def diamond(x):
    a = x + x
    return (a * a).sum()


def wide(x):
    return ((x @ x.t() + x.sum(1)).tanh() * torch.ones(3, dtype=torch.float64)).mean()


def several(x):
    first, second = (x * 2).split([1, 1], 1)
    return torch.cat([first.exp(), second * first, x], 1).sum()


def chosen(x):
    values, places = x.max(1)
    return (values**2).sum() + x[places[0], 1] * F.relu(x).sum()


def written(x):
    y = x * 1
    y[0] = y[1] * 2
    y += x
    return (y**2).sum()


def recurrent(x):
    out, (h, _) = nn.LSTM(2, 4).double()(x.unsqueeze(1))
    return out.sum() * h.mean()


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


def own(x):
    return Cube.apply(x).sum()


PROGRAMS = [diamond, wide, several, chosen, written, recurrent, own]


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_and_gradients_are_those_of_backward(program):
    x = leaf(3, 2)
    loss = program(x)
    replay = Replay(loss)
    assert replay.reason == "" and x.grad is None
    loss.backward()
    np.testing.assert_array_equal(replay.result, loss.array)
    np.testing.assert_allclose(replay.gradients[x.node], x.grad.array, rtol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS)
def test_gifts_add_up_to_what_arrives(program):
    x = leaf(3, 2)
    replay = Replay(program(x))
    arrived = 0
    for visit in replay.visits():
        for gift in visit.given:
            if gift.source is x.node:
                arrived = arrived + gift.gradient
    np.testing.assert_allclose(arrived, replay.gradients[x.node], rtol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_changed_leaf_gives_what_the_program_would_give(program):
    torch.manual_seed(0)
    x = leaf(3, 2)
    torch.manual_seed(1)
    loss = program(x)
    other = x.array + 0.01
    changed = Replay(loss).with_changed(x, other)
    torch.manual_seed(1)
    twin = torch.tensor(other, requires_grad=True)
    loss_of_twin = program(twin)
    loss_of_twin.backward()
    np.testing.assert_allclose(changed.result, loss_of_twin.array, rtol=1e-12)
    np.testing.assert_allclose(changed.gradients[x.node], twin.grad.array, rtol=1e-12)


def test_what_does_not_depend_on_the_change_is_not_computed_again():
    x, y = leaf(2), leaf(2)
    a, b = x.exp(), y.exp()
    loss = (a * b).sum()
    before = Replay(loss)
    after = before.with_changed(y, y.array * 2)
    assert after.tensor(a.node) is before.tensor(a.node)
    assert after.tensor(b.node) is not before.tensor(b.node)
    back = after.with_changed(y, y.array)
    np.testing.assert_array_equal(back.result, before.result)


def test_data_can_be_changed_too():
    x, data = leaf(2), torch.ones(2, dtype=torch.float64)
    loss = (x * data).sum()
    changed = Replay(loss).with_changed(data, np.array([2.0, 3.0]))
    np.testing.assert_allclose(changed.result, x.array @ [2.0, 3.0])
    np.testing.assert_allclose(changed.gradients[x.node], [2.0, 3.0])


@pytest.mark.parametrize("program", PROGRAMS)
def test_local_derivatives_are_the_factors_of_the_chain_rule(program):
    replay = Replay(program(leaf(3, 2)))
    gradients = replay.gradients
    for visit in replay.visits():
        if isinstance(visit.gradient, dict):
            continue
        for gift in visit.given:
            for index in list(np.ndindex(np.shape(gift.gradient)))[:3]:
                column = replay.derivative(visit.node, gift.slot, index)
                product = (column * visit.gradient).sum()
                np.testing.assert_allclose(product, gift.gradient[index], rtol=1e-9, atol=1e-12)
    assert gradients


def test_another_order_gives_another_number():
    x = torch.tensor(1.0, requires_grad=True)
    a = x + x
    loss = a * a + x * a
    replay = Replay(loss)
    right = float(replay.gradients[x.node])
    wrong = sorted(replay.ops, key=lambda n: n.name() != "AddBackward0")
    arrived = sum(
        float(gift.gradient)
        for visit in replay.visits(order=wrong)
        for gift in visit.given
        if gift.source is x.node
    )
    assert right == 12.0 and arrived != right


def test_it_says_why_there_is_nothing():
    remember_lines(False)
    replay = Replay(leaf(2).exp().sum())
    assert "remember_lines()" in replay.reason and replay.values == {} and replay.visits() == []


def test_a_leaf_is_its_own_result():
    x = torch.tensor(2.0, requires_grad=True)
    replay = Replay(x)
    assert replay.ops == [] and float(replay.result) == 2.0


def test_what_backward_starts_with_can_be_given():
    x = leaf(3)
    y = x * 2
    (visit,) = Replay(y).visits(torch.tensor([1.0, 0.0, 2.0], dtype=torch.float64))
    np.testing.assert_array_equal(visit.given[0].gradient, [2.0, 0.0, 4.0])
