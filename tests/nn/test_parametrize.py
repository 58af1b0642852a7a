"""Computed parameters against PyTorch: registered, chained, assigned to, cached, removed."""

import copy
import pickle
import threading

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import same_error

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


def parts(torch):
    """Make the parts of which the tests are made."""

    class Symmetric(torch.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(0, 1)

        def right_inverse(self, x):
            return x.triu()

    class Doubled(torch.nn.Module):
        def forward(self, x):
            return 2 * x

        def right_inverse(self, x):
            return x / 2

    class Sum(torch.nn.Module):
        def forward(self, x, y):
            return x + y

        def right_inverse(self, x):
            return x * 0.25, x * 0.75

    class OneWay(torch.nn.Module):
        def forward(self, x):
            return x * 1

    class Wrong(torch.nn.Module):
        def __init__(self, change):
            super().__init__()
            self.change = change

        def forward(self, x):
            return self.change(x)

    class Back(OneWay):
        def __init__(self, change):
            super().__init__()
            self.change = change

        def right_inverse(self, x):
            return self.change(x)

    return Symmetric, Doubled, Sum, OneWay, Wrong, Back


def layer_with(torch, *names, layer=None):
    kinds = dict(zip(("Symmetric", "Doubled", "Sum", "OneWay", "Wrong", "Back"), parts(torch)))
    layer = layer or torch.nn.Linear(3, 3)
    for name in names:
        torch.nn.utils.parametrize.register_parametrization(layer, "weight", kinds[name]())
    return layer


CHAINS = [("Symmetric",), ("Doubled",), ("Doubled", "Symmetric"), ("Sum",), ("Sum", "Doubled"),
          ("OneWay",)]  # fmt: skip


@pytest.mark.parametrize("names", CHAINS, ids=str)
def test_values_names_gradients(names):
    found = []
    for torch in (ours, theirs):
        plain = torch.nn.Linear(3, 3)
        with torch.no_grad():
            plain.weight.copy_(torch.arange(9.0).reshape(3, 3) / 7)
            plain.bias.copy_(torch.ones(3))
        layer = layer_with(torch, *names, layer=plain)
        layer(torch.arange(6.0).reshape(2, 3)).square().sum().backward()
        found.append((
            repr(layer), layer.weight.tolist(), layer.parametrizations.weight.training,
            [(n, p.tolist(), p.grad.tolist()) for n, p in layer.named_parameters()],
            list(layer.state_dict()), torch.nn.utils.parametrize.is_parametrized(layer),
        ))  # fmt: skip
    mine, its = found
    assert mine[0] == its[0]
    assert mine[2:3] + mine[4:] == its[2:3] + its[4:]
    assert ours.allclose(ours.tensor(mine[1]), ours.tensor(its[1]))
    for (n, p, g), (m, q, h) in zip(mine[3], its[3]):
        assert n == m
        assert ours.allclose(ours.tensor(p), ours.tensor(q))
        assert ours.allclose(ours.tensor(g), ours.tensor(h), rtol=1e-4)


@BOTH
def test_the_original_is_the_parameter_that_an_optimizer_holds(torch):
    layer = torch.nn.Linear(3, 3)
    weight = layer.weight
    layer_with(torch, "Symmetric", layer=layer)
    assert layer.parametrizations.weight.original is weight
    torch.nn.utils.parametrize.remove_parametrizations(layer, "weight")
    assert layer.weight is weight
    assert type(layer) is torch.nn.Linear


@BOTH
@pytest.mark.parametrize("names", CHAINS[:5], ids=str)
def test_an_assignment_is_undone_by_the_parts(torch, names):
    layer = layer_with(torch, *names)
    wanted = torch.eye(3) * 4
    with torch.no_grad():
        layer.weight = wanted
    assert torch.allclose(layer.weight, wanted)
    with pytest.raises(RuntimeError, match="parametrization OneWay does not implement right_inv"):
        layer_with(torch, "OneWay").weight = wanted


@BOTH
@pytest.mark.parametrize("leave", [True, False])
def test_removing(torch, leave):
    layer = layer_with(torch, "Doubled")
    value, original = layer.weight.detach(), layer.parametrizations.weight.original.detach().clone()
    torch.nn.utils.parametrize.remove_parametrizations(layer, "weight", leave)
    assert torch.equal(layer.weight, value if leave else original)
    assert list(layer.state_dict()) == ["bias", "weight"]
    assert not torch.nn.utils.parametrize.is_parametrized(layer)


@BOTH
def test_two_tensors_of_one_layer(torch):
    _, Doubled, *_ = parts(torch)
    parametrize = torch.nn.utils.parametrize
    layer = layer_with(torch, "Symmetric")
    parametrize.register_parametrization(layer, "bias", Doubled())
    twin = copy.deepcopy(layer)
    parametrize.remove_parametrizations(layer, "weight")
    assert parametrize.is_parametrized(layer, "bias")
    assert not parametrize.is_parametrized(layer, "weight")
    assert parametrize.type_before_parametrizations(layer) is torch.nn.Linear
    parametrize.remove_parametrizations(layer, "bias")
    assert type(layer) is torch.nn.Linear
    if torch is ours:  # PyTorch's copy loses its own with the first one's
        assert parametrize.is_parametrized(twin, "weight")
        assert ours.equal(twin.weight, twin.weight.T)


@BOTH
def test_a_buffer(torch):
    _, Doubled, *_ = parts(torch)
    layer = torch.nn.Module()
    layer.register_buffer("scale", torch.ones(2))
    torch.nn.utils.parametrize.register_parametrization(layer, "scale", Doubled())
    assert layer.scale.tolist() == [1, 1]
    assert [name for name, _ in layer.named_buffers()] == ["parametrizations.scale.original"]
    torch.nn.utils.parametrize.remove_parametrizations(layer, "scale")
    assert [name for name, _ in layer.named_buffers()] == ["scale"]


@BOTH
def test_cached(torch):
    layer = layer_with(torch, "Doubled")
    assert layer.weight is not layer.weight
    with torch.nn.utils.parametrize.cached():
        first = layer.weight
        with torch.nn.utils.parametrize.cached():
            assert layer.weight is first
        assert layer.weight is first
    assert layer.weight is not first


def test_cached_weights_belong_to_their_module():
    """A module that is gone leaves its id to the next one, but not its weights."""
    part = parts(ours)[3]()
    with ours.nn.utils.parametrize.cached():
        for number in range(50):
            layer = ours.nn.Linear(1, 1)
            layer.weight.data = ours.full((1, 1), float(number))
            ours.nn.utils.parametrize.register_parametrization(layer, "weight", part)
            assert layer.weight.item() == number
            del layer


def test_cached_is_asked_for_by_one_thread():
    layer, seen = layer_with(ours, "Doubled"), []

    def look():
        seen.append(layer.weight is layer.weight)

    with ours.nn.utils.parametrize.cached():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [False]


@BOTH
def test_copies_states_and_pickles(torch):
    layer = layer_with(torch, "Doubled")
    twin = copy.deepcopy(layer)
    twin.load_state_dict({k: v * 2 for k, v in layer.state_dict().items()})
    assert torch.allclose(twin.weight, layer.weight * 2)
    with pytest.raises(RuntimeError, match="only supported through state_dict"):
        pickle.dumps(layer)


@BOTH
def test_training_reaches_the_parts(torch):
    layer = layer_with(torch, "Doubled").eval()
    assert not layer.parametrizations.weight[0].training


def refused(part, *args, name="weight", unsafe=False):
    def call(torch):
        made = dict(zip(("Symmetric", "Doubled", "Sum", "OneWay", "Wrong", "Back"), parts(torch)))
        part_of = made[part](*[(lambda x, a=a: a(torch, x)) for a in args])
        torch.nn.utils.parametrize.register_parametrization(
            torch.nn.Linear(3, 3), name, part_of, unsafe=unsafe
        )

    return call


@pytest.mark.parametrize("call", [
    refused("Doubled", name="nope"), refused("Wrong", lambda t, x: x.double()),
    refused("Wrong", lambda t, x: x[0]), refused("Wrong", lambda t, x: 3),
    refused("Back", lambda t, x: x.double()), refused("Back", lambda t, x: 3),
    lambda t: t.nn.utils.parametrize.remove_parametrizations(t.nn.ReLU(), "weight"),
    lambda t: t.nn.utils.parametrize.remove_parametrizations(layer_with(t, "Sum"), "weight", False),
    lambda t: t.nn.utils.parametrize.ParametrizationList([], t.ones(1)),
])  # fmt: skip
def test_errors(call):
    same_error(call)


@BOTH
def test_unsafe_may_change_the_shape(torch):
    *_, Wrong, _ = parts(torch)
    layer = torch.nn.utils.parametrize.register_parametrization(
        torch.nn.Linear(3, 3, bias=False), "weight", Wrong(lambda x: x[:2]), unsafe=True
    )
    assert layer(torch.ones(1, 3)).shape == (1, 2)
