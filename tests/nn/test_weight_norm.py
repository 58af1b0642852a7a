"""The older weight_norm against PyTorch."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, numbers, same_error

pytestmark = pytest.mark.filterwarnings("ignore:.torch.nn.utils.weight_norm. is deprecated")


@pytest.mark.parametrize("dim", [0, 1, None])
def test_values_gradients_and_removal(dim):
    layers = (t.nn.Linear(3, 4).double() for t in (ours, theirs))
    mine, its = (t.nn.utils.weight_norm(next(layers), dim=dim) for t in (ours, theirs))
    mine.load_state_dict({k: ours.tensor(v.numpy()) for k, v in its.state_dict().items()})
    assert [n for n, _ in mine.named_parameters()] == [n for n, _ in its.named_parameters()]
    agree(mine, its, numbers(5, 3))
    for t, layer in ((ours, mine), (theirs, its)):
        assert t.nn.utils.remove_weight_norm(layer) is layer
    assert list(mine.state_dict()) == list(its.state_dict())
    agree(mine, its, numbers(5, 3))
    assert not mine._forward_pre_hooks


def test_it_computes_what_it_did_before():
    layer = ours.nn.Linear(3, 4)
    before = layer.weight.detach().clone()
    assert ours.allclose(ours.nn.utils.weight_norm(layer).weight, before)


def test_it_says_what_is_newer():
    for t in (ours, theirs):
        with pytest.warns(FutureWarning, match=r"in favor of .torch.nn.utils.parametrizations"):
            t.nn.utils.weight_norm(t.nn.Linear(1, 1))


@pytest.mark.parametrize("call", [
    lambda U, t: U.weight_norm(U.weight_norm(t.nn.Linear(1, 1))),
    lambda U, t: U.remove_weight_norm(t.nn.Linear(1, 1)),
    lambda U, t: U.weight_norm(t.nn.LazyLinear(1)),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.utils, t))
