"""state_dict and load_state_dict against PyTorch: hooks, what classes add, and every complaint."""

from collections import OrderedDict

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import same_error

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


def network(torch):
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Sequential(torch.nn.Linear(3, 1)))
    net.register_buffer("mean", torch.zeros(2))
    net.register_buffer("scratch", torch.zeros(2), persistent=False)
    return net


@BOTH
def test_versions_travel_with_the_state(torch):
    class Second(torch.nn.Linear):
        _version = 2

    state = torch.nn.Sequential(Second(1, 1)).state_dict()
    assert dict(state._metadata) == {"": {"version": 1}, "0": {"version": 2}}


@BOTH
def test_a_destination_and_the_old_order(torch):
    found = OrderedDict(first=1)
    assert network(torch).state_dict(destination=found, prefix="net.") is found
    assert list(found)[:2] == ["first", "net.mean"]
    with pytest.warns(FutureWarning, match="Positional args are being deprecated"):
        assert "x.mean" in network(torch).state_dict({}, "x.")


@BOTH
def test_keep_vars(torch):
    net = network(torch)
    assert net.state_dict(keep_vars=True)["0.weight"] is net[0].weight
    assert not net.state_dict()["0.weight"].requires_grad


@BOTH
def test_assign(torch):
    net, state = network(torch), network(torch).state_dict()
    net[0].weight.requires_grad_(False)
    net.load_state_dict(state, assign=True)
    assert net[0].weight.data_ptr() == state["0.weight"].data_ptr()
    assert net.mean is state["mean"]
    assert isinstance(net[0].weight, torch.nn.Parameter)
    assert [p.requires_grad for p in net.parameters()] == [False, True, True, True]


def test_assigning_once_does_not_assign_for_ever():
    """PyTorch notes the wish down in the state, and every load after it shares memory too."""
    torch = ours
    state = network(torch).state_dict()
    network(torch).load_state_dict(state, assign=True)
    assert state._metadata["0"] == {"version": 1}
    net = network(torch)
    net.load_state_dict(state)
    assert net[0].weight.data_ptr() != state["0.weight"].data_ptr()


@BOTH
def test_a_parameter_that_is_assigned_is_the_very_object(torch):
    layer, weight = torch.nn.Linear(1, 1, bias=False), torch.nn.Parameter(torch.ones(1, 1))
    layer.weight.requires_grad_(False)
    layer.load_state_dict({"weight": weight}, assign=True)
    assert layer.weight is weight
    assert not weight.requires_grad


@BOTH
def test_a_number_of_old_has_a_dimension(torch):
    layer = torch.nn.Module()
    layer.scale = torch.nn.Parameter(torch.tensor(1.0))
    layer.load_state_dict({"scale": torch.tensor([3.0])})
    assert layer.scale.item() == 3


def story(torch):
    """Hang every kind of hook on a network and its part; list what they are told."""
    net, told = network(torch), []
    for name, module in (("net", net), ("part", net[1])):
        module.register_state_dict_pre_hook(
            lambda m, prefix, keep, name=name: told.append((name, "save", prefix, keep))
        )
        module.register_state_dict_post_hook(
            lambda m, state, prefix, about, name=name: told.append(
                (name, "saved", list(state), prefix, dict(about))
            )
        )
        module.register_load_state_dict_pre_hook(
            lambda m, state, prefix, about, strict, *lists, name=name: told.append(
                (name, type(m).__name__, list(state), prefix, dict(about), strict, lists)
            )
        )
        module.register_load_state_dict_post_hook(
            lambda m, keys, name=name: told.append((name, list(keys.missing_keys)))
        )
    net.load_state_dict(net.state_dict(keep_vars=True))
    del net[0].bias
    net.load_state_dict({"mean": torch.zeros(2)}, strict=False)
    return told


def test_hooks_are_told_what_pytorch_tells_them():
    assert story(ours) == story(theirs)


@BOTH
def test_hooks_change_what_is_saved_and_loaded(torch):
    net = network(torch)
    net.register_state_dict_post_hook(lambda m, state, prefix, about: state.__delitem__("mean"))
    assert "mean" not in net.state_dict()
    handle = net._register_load_state_dict_pre_hook(
        lambda state, prefix, *rest: state.update(mean=torch.ones(2))
    )
    net.load_state_dict(net.state_dict())
    assert net.mean.tolist() == [1, 1]
    handle.remove()
    with pytest.raises(RuntimeError, match="Missing key"):
        net.load_state_dict(net.state_dict())
    net.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.clear())
    net.load_state_dict(net.state_dict())


@BOTH
def test_the_older_hook_may_give_another_dict(torch):
    net = torch.nn.Linear(1, 1)
    net._register_state_dict_hook(lambda m, state, prefix, about: {"all": 1})
    assert net.state_dict() == {"all": 1}


@BOTH
def test_more_than_tensors(torch):
    class Counter(torch.nn.Module):
        count = 7

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    net = torch.nn.Sequential(Counter())
    state = net.state_dict()
    assert list(state) == ["0._extra_state"]
    net[0].count = 0
    net.load_state_dict(state)
    assert net[0].count == 7
    with pytest.raises(RuntimeError, match=r'Missing key.* in state_dict: "0\._extra_state"'):
        net.load_state_dict({})
    with pytest.raises(RuntimeError, match=r'Unexpected key.* in state_dict: "_extra_state"'):
        torch.nn.ReLU().load_state_dict({"_extra_state": 1})


@BOTH
def test_a_class_may_save_and_load_in_its_own_way(torch):
    class Doubled(torch.nn.Linear):
        def _save_to_state_dict(self, destination, prefix, keep_vars):
            super()._save_to_state_dict(destination, prefix, keep_vars)
            destination[prefix + "weight"] = destination[prefix + "weight"] * 2

        def _load_from_state_dict(self, state_dict, prefix, *rest):
            state_dict[prefix + "weight"] = state_dict[prefix + "weight"] / 2
            super()._load_from_state_dict(state_dict, prefix, *rest)

    net = torch.nn.Sequential(Doubled(1, 1))
    before, state = net[0].weight.item(), net.state_dict()
    assert state["0.weight"].item() == 2 * before
    net.load_state_dict(state)
    assert net[0].weight.item() == before


def changed(**values):
    def call(torch):
        net = network(torch)
        state = net.state_dict()
        for name, value in values.items():
            name = name.replace("_", ".")
            if value is None:
                del state[name]
            else:
                state[name] = value(torch) if callable(value) else value
        net.load_state_dict(state)

    return call


@pytest.mark.parametrize("call", [
    changed(mean=None), changed(more=1, mean=None), changed(mean=lambda t: t.zeros(3)),
    changed(mean=3), changed(a_b=lambda t: t.ones(1)), changed(**{"0_more": lambda t: t.ones(1)}),
    changed(**{"0_weight": lambda t: t.ones(9), "1_0_bias": None, "what": 2}),
    lambda t: network(t).load_state_dict([1]), lambda t: network(t).load_state_dict(None),
    lambda t: t.nn.Linear(1, 1, bias=False).load_state_dict(t.nn.Linear(1, 1).state_dict()),
    lambda t: t.nn.Linear(1, 1).load_state_dict({}),
    lambda t: t.nn.Module().get_extra_state(), lambda t: t.nn.Module().set_extra_state(1),
])  # fmt: skip
def test_complaints(call):
    said = []
    for torch in (theirs, ours):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            call(torch)
        said.append((type(caught.value), str(caught.value).rstrip()))
    (its_type, its), (our_type, mine) = said
    assert our_type is its_type
    assert mine.startswith(its.split("Please file")[0].rstrip()) or mine == its


@BOTH
def test_what_fits_is_loaded_even_if_the_rest_is_not(torch):
    net = network(torch)
    with pytest.raises(RuntimeError, match="size mismatch"):
        net.load_state_dict({"0.weight": torch.ones(3, 2), "mean": torch.ones(5)})
    assert torch.equal(net[0].weight, torch.ones(3, 2))
    answer = net.load_state_dict({"mean": torch.ones(2)}, strict=False)
    assert answer.missing_keys == ["0.weight", "0.bias", "1.0.weight", "1.0.bias"]


def test_a_hook_that_answers_is_told_so():
    def answers(torch):
        net = network(torch)
        net.register_load_state_dict_post_hook(lambda m, keys: 1)
        net.load_state_dict(net.state_dict())

    same_error(answers)

    def gives(torch):
        net = network(torch)
        net.register_state_dict_post_hook(lambda *args: 1)
        net.state_dict()

    same_error(gives)
