"""Linear: its values, its start, its errors."""

import math

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn import pairs


def pair(**settings):
    layer, other = ours.nn.Linear(3, 4, **settings), theirs.nn.Linear(3, 4, **settings)
    layer.load_state_dict({k: ours.tensor(v.numpy()) for k, v in other.state_dict().items()})
    return layer, other


@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 5, 3), (0, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_values_and_gradients(shape, bias):
    layer, other = pair(bias=bias)
    x = np.random.default_rng(0).standard_normal(shape).astype("float32")
    mine = ours.tensor(x, requires_grad=True)
    its = theirs.tensor(x, requires_grad=True)
    layer(mine).square().sum().backward()
    other(its).square().sum().backward()
    for a, b in [(mine, its), *zip(layer.parameters(), other.parameters())]:
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-4, atol=1e-5)


def test_weights_start_as_in_pytorch():
    ours.manual_seed(0)
    layer = ours.nn.Linear(400, 500)
    bound = 1 / math.sqrt(400)
    for parameter in layer.parameters():
        values = parameter.detach().numpy()
        assert abs(values).max() <= bound
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
        assert abs(values.mean()) < 0.05 * bound + bound / math.sqrt(len(values.ravel()))


@pytest.mark.parametrize("call", [
    lambda t: t.nn.Linear(10, 5)(t.ones(32, 20)),
    lambda t: t.ones(32, 10) @ t.ones(20, 5),
    lambda t: t.ones(2, 3, 4) @ t.ones(5, 4),
    lambda t: t.ones(3, 10) @ t.ones(4),
    lambda t: t.ones(3) @ t.ones(4),
    lambda t: t.ones(2, 3, 4) @ t.ones(2, 5, 5),
    lambda t: t.ones(2, 3, 4) @ t.ones(3, 4, 5),
    lambda t: t.ones(2, 3) @ t.tensor(1.0),
    lambda t: t.mm(t.ones(2), t.ones(2, 2)),
    lambda t: t.mm(t.ones(2, 3), t.ones(3, 2, dtype=t.float64)),
    lambda t: t.bmm(t.ones(2, 3, 4), t.ones(3, 4, 5)),
    lambda t: t.dot(t.ones(2), t.ones(3)),
    lambda t: t.einsum("ij,jk->il", t.ones(2, 3), t.ones(3, 4)),
    lambda t: t.einsum("ij,jk", t.ones(2, 3), t.ones(4, 4)),
    lambda t: t.einsum("ijk", t.ones(2, 3)),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_told_in_pytorch_s_words(call):
    with pytest.raises(RuntimeError) as its:
        call(theirs)
    with pytest.raises(RuntimeError) as mine:
        call(ours)
    assert str(mine.value).startswith(str(its.value))


@pytest.mark.parametrize(("a", "b"), [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((2, 3, 4), (4, 5)),
])  # fmt: skip
def test_the_node_has_pytorch_s_name(a, b):
    def name(torch):
        return (torch.ones(a).requires_grad_() @ torch.ones(b)).grad_fn.name()

    assert name(ours) == name(theirs)


@pytest.mark.parametrize("lead", [(), (5,), (2, 5)])
@pytest.mark.parametrize("bias", [True, False])
def test_bilinear(lead, bias):
    mine, its = pairs.pair("Bilinear", 3, 4, 2, bias=bias)
    pairs.agree(mine, its, pairs.numbers(*lead, 3), pairs.numbers(*lead, 4, seed=1))


def test_bilinear_on_the_gpu(gpu):
    layer = ours.nn.Bilinear(3, 4, 2)
    pairs.alike_on_the_gpu(
        layer, pairs.numbers(5, 3).astype("float32"), pairs.numbers(5, 4).astype("float32")
    )


def test_where_bilinear_starts():
    for parameter in ours.nn.Bilinear(16, 4, 50).parameters():
        assert 0.2 < parameter.abs().max().item() <= 0.25


@pytest.mark.parametrize("call", [
    lambda t: t.nn.Bilinear(0, 1, 1),
    lambda t: t.bilinear(t.ones(2, 3), t.ones(3, 4), t.ones(5, 3, 4)),
    lambda t: t.bilinear(t.ones(2, 3), t.ones(2, 4), t.ones(5, 4, 4)),
    lambda t: t.bilinear(t.ones(2, 3), t.ones(2, 4), t.ones(5, 3, 4), t.ones(4)),
    lambda t: t.bilinear(t.ones(2, 3), t.ones(2, 4), t.ones(5, 3, 5)),
    lambda t: t.bilinear(t.ones(2, 3), t.ones(1, 2, 4), t.ones(5, 3, 4)),
])  # fmt: skip
def test_bilinear_s_errors(call):
    pairs.same_error(call)


def test_no_outputs_at_all():
    """PyTorch's gradient of what went in is 0 then, and has its shape."""
    x = ours.ones(2, 5, 8, requires_grad=True)
    y = ours.nn.functional.linear(x, ours.ones(0, 8), ours.ones(0))
    y.sum().backward()
    assert y.shape == (2, 5, 0) and x.grad.tolist() == ours.zeros(2, 5, 8).tolist()


MISFITS = [
    ((2, 3), (), None), ((3,), (), (4,)), ((), (4, 3), (4,)), ((2, 3), (2, 4, 3), None),
    ((2, 3), (2, 3, 3), (3,)), ((2, 5, 3), (1, 4, 3), None), ((2, 3), (3,), ()),
    ((2, 3), (3,), (2,)), ((5, 2, 3), (3,), (1,)), ((3,), (3,), (1,)),
    ((2, 3), (4, 3), (3,)), ((2, 3), (4, 3), (3, 4)), ((2, 3), (4, 3), (1, 1, 4)),
    ((5, 2, 3), (4, 3), (10, 4)), ((5, 2, 3), (4, 3), (2, 3)), ((3,), (4, 3), (2, 1)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", MISFITS)
def test_shapes_that_do_not_fit(shapes):
    said = []
    for torch in (ours, theirs):
        with pytest.raises(RuntimeError) as error:
            torch.nn.functional.linear(*[None if s is None else torch.ones(s) for s in shapes])
        said.append(str(error.value))
    assert said[0].startswith(said[1])


def test_a_weight_may_change_that_no_gradient_asks_for():
    """Two heads on one layer: PyTorch's layer keeps the weight for its input's gradient alone."""
    for torch in (ours, theirs):
        layer, x = torch.nn.Linear(3, 2), torch.ones(1, 3)
        y = layer(x).sum()
        y.backward(retain_graph=True)
        with torch.no_grad():
            layer.weight.mul_(2)
        y.backward()
        assert layer.weight.grad.tolist() == [[2.0] * 3] * 2
        y = layer(x.clone().requires_grad_()).sum()
        with torch.no_grad():
            layer.weight.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.backward()
