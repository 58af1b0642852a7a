"""Lazy layers: parameters without a shape until the first input comes, as in PyTorch."""

import copy
import pickle

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import same_error

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


@BOTH
def test_the_first_input_gives_the_shape(torch):
    layer = torch.nn.LazyLinear(3)
    assert layer.has_uninitialized_params()
    assert repr(layer) == "LazyLinear(in_features=0, out_features=3, bias=True)"
    assert repr(layer.weight) == "<UninitializedParameter>"
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    parameter = layer.weight
    assert layer(torch.ones(2, 5)).shape == (2, 3)
    assert type(layer) is torch.nn.Linear
    assert layer.weight is parameter
    assert type(parameter) is torch.nn.Parameter
    assert repr(layer) == "Linear(in_features=5, out_features=3, bias=True)"
    assert layer.weight.abs().max() < 1


@BOTH
def test_it_trains_as_an_ordinary_layer(torch):
    net = torch.nn.Sequential(torch.nn.LazyLinear(4), torch.nn.ReLU(), torch.nn.LazyLinear(1))
    net(torch.ones(1, 3)).sum().backward()
    assert net[0].weight.grad.shape == (4, 3)
    assert not net._forward_pre_hooks
    assert not net[0]._forward_pre_hooks


@BOTH
def test_state_before_and_after(torch):
    layer = torch.nn.LazyLinear(3)
    state = layer.state_dict()
    assert list(state) == ["weight", "bias"]
    assert all(type(v).__name__ == "UninitializedParameter" for v in state.values())
    full = torch.nn.Linear(5, 3).state_dict()
    assert repr(layer.load_state_dict(full)) == "<All keys matched successfully>"
    assert not layer.has_uninitialized_params()
    assert torch.equal(layer.weight, full["weight"])
    layer(torch.ones(1, 5))
    assert type(layer) is torch.nn.Linear
    assert layer.in_features == 5


@BOTH
def test_lazy_state_into_a_lazy_layer(torch):
    layer = torch.nn.LazyLinear(3)
    layer.load_state_dict(torch.nn.LazyLinear(3).state_dict())
    assert layer.has_uninitialized_params()


@pytest.mark.parametrize("call", [
    lambda t: t.nn.LazyLinear(3).weight.shape,
    lambda t: t.nn.Linear(2, 3).load_state_dict(t.nn.LazyLinear(3).state_dict()),
    lambda t: t.nn.LazyLinear(3).weight.share_memory_(),
    lambda t: t.nn.modules.lazy.LazyModuleMixin.initialize_parameters(t.nn.LazyLinear(3)),
])  # fmt: skip
def test_errors(call):
    same_error(call)


def test_computing_with_it():
    with pytest.raises(ValueError, match="Attempted to use an uninitialized parameter in "):
        ours.nn.LazyLinear(3).weight + 1
    with pytest.raises(ValueError, match="Call `forward` with a dummy batch"):
        ours.nn.functional.linear(ours.ones(1, 2), ours.nn.LazyLinear(3).weight)


@BOTH
def test_a_dtype_waits_with_it(torch):
    layer = torch.nn.LazyLinear(3).double()
    assert layer.weight.dtype is torch.float64
    assert layer(torch.ones(1, 2, dtype=torch.float64)).dtype is torch.float64
    assert torch.nn.LazyLinear(2, dtype=torch.float64).weight.dtype is torch.float64


@BOTH
def test_copies_wait_by_themselves(torch):
    layer = torch.nn.LazyLinear(3)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        twin(torch.ones(1, 2))
        assert type(twin) is torch.nn.Linear
    assert layer.has_uninitialized_params()


@BOTH
def test_a_lazy_module_of_one_s_own(torch):
    lazy = torch.nn.modules.lazy

    class Scale(lazy.LazyModuleMixin, torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.UninitializedParameter()
            self.seen = torch.nn.UninitializedBuffer()

        def initialize_parameters(self, x):
            self.scale.materialize((x.shape[-1],))
            self.seen.materialize((1,))
            with torch.no_grad():
                self.scale.fill_(2.0)
                self.seen.fill_(0.0)

        def forward(self, x):
            return x * self.scale

    layer = Scale()
    assert [name for name, _ in layer.named_buffers()] == ["seen"]
    for _ in range(2):
        assert layer(torch.ones(3)).tolist() == [2, 2, 2]
    assert type(layer) is Scale
    assert layer.scale.requires_grad
    assert torch.nn.parameter.is_lazy(Scale().scale)


@BOTH
def test_one_that_forgets_a_parameter(torch):
    class Forgetful(torch.nn.modules.lazy.LazyModuleMixin, torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.UninitializedParameter()

        def initialize_parameters(self, x): ...

    with pytest.raises(RuntimeError, match="module Forgetful has not been fully initialized"):
        Forgetful()(torch.ones(1))


def test_on_the_gpu(gpu):
    layer = ours.nn.LazyLinear(3).cuda()
    assert layer.weight.device.type == "cuda"
    assert layer(ours.ones(2, 5, device="cuda")).device.type == "cuda"
    assert layer.weight.device.type == "cuda"
