"""Containers against PyTorch's."""

import copy
from collections import OrderedDict

import pytest
import torch as theirs

import autograd_lab as ours

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


def sequence(torch):
    nn = torch.nn
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))


def changed(change):
    def story(torch):
        net = sequence(torch)
        answer = change(torch, net)
        return repr(net), repr(answer), list(net.state_dict())
    return story


STORIES = {
    "index": changed(lambda t, net: net[-1]),
    "slice": changed(lambda t, net: net[0:2]),
    "set": changed(lambda t, net: net.__setitem__(1, t.nn.Tanh())),
    "delete": changed(lambda t, net: net.__delitem__(1)),
    "delete slice": changed(lambda t, net: net.__delitem__(slice(0, 2))),
    "append": changed(lambda t, net: net.append(t.nn.Tanh())),
    "extend": changed(lambda t, net: net.extend([t.nn.Tanh(), t.nn.Tanh()])),
    "insert": changed(lambda t, net: net.insert(1, t.nn.Tanh())),
    "pop": changed(lambda t, net: net.pop(0)),
    "add": changed(lambda t, net: net + t.nn.Sequential(t.nn.Tanh())),
    "times": changed(lambda t, net: net * 2),
    "named": lambda t: repr(t.nn.Sequential(OrderedDict(a=t.nn.ReLU(), b=t.nn.Tanh()))),
    "empty": lambda t: repr(t.nn.Sequential()),
    "list": lambda t: repr(t.nn.ModuleList([t.nn.Linear(2, 2), t.nn.Linear(2, 2), t.nn.ReLU()])),
    "list of lists": lambda t: repr(t.nn.ModuleList([t.nn.Sequential(t.nn.ReLU())] * 3)),
    "list slice": lambda t: repr(t.nn.ModuleList([t.nn.ReLU(), t.nn.Tanh()])[1:]),
    "list sum": lambda t: repr(t.nn.ModuleList([t.nn.ReLU()]) + [t.nn.Tanh()]),  # noqa: RUF005
    "list length": lambda t: len(t.nn.ModuleList([t.nn.ReLU()])),
    "dict": lambda t: repr(t.nn.ModuleDict({"a": t.nn.ReLU(), "b": t.nn.Linear(1, 1)})),
    "dict keys": lambda t: [*t.nn.ModuleDict({"a": t.nn.ReLU()}).keys()],
    "dict in": lambda t: "a" in t.nn.ModuleDict([("a", t.nn.ReLU())]),
    "parameters": lambda t: repr(t.nn.ParameterList([t.nn.Parameter(t.ones(2, 3)), t.ones(2)])),
    "one parameter": lambda t: repr(t.nn.ParameterList([t.nn.Parameter(t.ones(2, 3))])),
    "parameter names": lambda t: [*t.nn.ParameterList([t.ones(1), t.ones(2)]).state_dict()],
    "last parameter": lambda t: t.nn.ParameterList([t.ones(1), t.ones(2)])[-1].shape,
}


@pytest.mark.parametrize("what", STORIES)
def test_it_does_what_pytorch_does(what):
    assert STORIES[what](ours) == STORIES[what](theirs)


@pytest.mark.parametrize("wrong", [
    lambda t: sequence(t)[7], lambda t: t.nn.Sequential(3), lambda t: sequence(t).append(3),
    lambda t: sequence(t).insert(9, t.nn.ReLU()), lambda t: t.nn.ModuleList([t.nn.ReLU()])[3],
    lambda t: t.nn.ModuleDict()["z"], lambda t: sequence(t) * 0,
])  # fmt: skip
def test_it_refuses_what_pytorch_refuses(wrong):
    with pytest.raises(Exception) as their_error:  # noqa: PT011
        wrong(theirs)
    with pytest.raises(type(their_error.value)):
        wrong(ours)


def test_a_shared_part_runs_twice_and_is_listed_once():
    layer = ours.nn.Linear(2, 2)
    net = ours.nn.Sequential(layer, layer)
    assert len(list(net.parameters())) == 2
    assert len(net) == 2
    x = ours.ones(1, 2)
    assert net(x).tolist() == layer(layer(x)).tolist()


# --- what PyTorch says and shows, whatever one does with a container

ACTIONS = {
    "a dict": "nn.ParameterDict({'a': ones(2, 3), 'b': nn.Parameter(ones(1)), 'c': 3})",
    "from pairs": "nn.ParameterDict([('a', ones(1))])",
    "from a dict": "nn.ParameterDict(nn.ParameterDict({'a': ones(1)}))",
    "joined": "nn.ParameterDict({'a': ones(1)}) | {'b': ones(2)}",
    "joined from the right": "{'b': ones(2)} | nn.ParameterDict({'a': ones(1)})",
    "backwards": "list(reversed(nn.ParameterDict({'a': ones(1), 'b': ones(1)})))",
    "keys": "list(nn.ParameterDict({'a': ones(1), 'b': ones(1)}).keys())",
    "items": "[k for k, v in nn.ParameterDict({'a': ones(1), 'b': ones(1)}).items()]",
    "values": "len(list(nn.ParameterDict({'a': ones(1), 'b': ones(1)}).values()))",
    "get": "nn.ParameterDict({'a': ones(1)}).get('b', 3)",
    "setdefault": "nn.ParameterDict({'a': ones(1)}).setdefault('b', 3)",
    "fromkeys": "nn.ParameterDict().fromkeys(['a', 'b'], ones(1))",
    "copy": "nn.ParameterDict({'a': ones(1)}).copy()",
    "length": "len(nn.ParameterDict({'a': ones(1)}))",
    "in it": "'a' in nn.ParameterDict({'a': ones(1)})",
    "names": "[n for n, _ in nn.ParameterDict({'b': ones(1), 'a': ones(1)}).named_parameters()]",
    "state": "list(nn.ParameterDict({'b': ones(1), 'a': ones(1)}).state_dict())",
    "no such name": "nn.ParameterDict()['nope']", "nothing to pop": "nn.ParameterDict().pop('no')",
    "not text": "nn.ParameterDict({3: ones(1)})", "no pairs": "nn.ParameterDict([1])",
    "no dict": "nn.ParameterDict(3)", "three": "nn.ParameterDict([('a', ones(1), 3)])",
    "a list": "nn.ParameterList([ones(2, 3), 3, 'x'])", "of numbers": "list(nn.ParameterList([1]))",
    "part of it": "nn.ParameterList([ones(2), ones(1)])[:1]", "no list": "nn.ParameterList(3)",
    "beyond": "nn.ParameterList([ones(1)])[4]", "no modules": "nn.ModuleList(3)",
    "no module": "nn.ModuleList([3])", "no list to add": "nn.ModuleList().extend(3)",
    "insert": "nn.ModuleList([nn.ReLU()]).insert(9, nn.Tanh())",
    "no dict of modules": "nn.ModuleDict(3)", "no pairs of modules": "nn.ModuleDict([1])",
    "a number for a name": "nn.ModuleDict({1: nn.ReLU()})",
    "a taken name": "nn.ModuleDict({'type': nn.ReLU()})",
    "pairs": "nn.ModuleDict([['a', nn.ReLU()], ('b', nn.Tanh())])",
    "a plain dict": "nn.Sequential({'a': nn.ReLU()})",
    "a slice": "nn.Sequential(nn.ReLU(), nn.Tanh(), nn.GELU())[1:]",
    "a slice of a slice": "nn.Sequential(nn.ReLU(), nn.Tanh(), nn.GELU())[1:][0]",
    "turned round": "nn.Sequential(nn.ReLU(), nn.Tanh())[::-1]",
    "pop": "nn.Sequential(nn.ReLU(), nn.Tanh()).pop(0)",
    "before the last": "nn.Sequential(nn.ReLU(), nn.Tanh()).insert(-1, nn.GELU())",
    "too far": "nn.Sequential(nn.ReLU()).insert(5, nn.ReLU())",
    "twice": "nn.Sequential(nn.ReLU(), nn.Tanh()) * 2", "sum": "nn.Sequential(nn.ReLU()) + 3",
    "one and one": "nn.Sequential(nn.ReLU()) + nn.Sequential(nn.Tanh())",
    "by text": "nn.Sequential(nn.ReLU())['0']", "by half": "nn.Sequential(nn.ReLU())[0.5]",
    "empty": "nn.Sequential()(3)",
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_as_in_pytorch(action):
    found = []
    for torch in (theirs, ours):
        try:
            answer = eval(ACTIONS[action], {"nn": torch.nn, "ones": torch.ones})
            found.append(repr(answer))
        except Exception as error:
            found.append((type(error), str(error)))
    assert found[1] == found[0]


@BOTH
def test_a_parameter_dict_changes(torch):
    held = torch.nn.ParameterDict({"a": torch.ones(1), "b": torch.ones(2)})
    held.update({"c": torch.ones(3)})
    held |= {"d": torch.ones(4)}
    assert [p.numel() for p in held.parameters()] == [1, 2, 3, 4]
    assert held.popitem()[0] == "d"
    assert held.pop("a").numel() == 1
    del held["b"]
    assert list(held) == ["c"]
    held.clear()
    assert len(held) == len(list(held.parameters())) == 0


@BOTH
def test_sequential_times_in_place(torch):
    net = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh())
    net *= 2
    assert len(net) == 4
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        net *= 0
    with pytest.raises(TypeError, match="unsupported operand"):
        net *= 0.5


def emptied(torch):
    """Do everything that is done with containers that have empty places."""
    nn = torch.nn
    layers = nn.ModuleList([None, nn.ReLU(), nn.Linear(2, 2)])
    parts = nn.ModuleDict({"norm": None, "act": nn.Tanh(), "last": None})
    told = [repr(layers), len(layers), layers[0] is None, list(layers.state_dict())]
    layers.append(None).insert(1, None)
    layers[2] = None
    told += [repr(layers), [name for name, _ in layers.named_modules()], repr(layers[1:])]
    layers[0] = nn.Tanh()
    del layers[1]
    told += [repr(layers), len(layers.eval()), layers.pop(1) is None, repr(layers)]
    parts["norm"] = nn.Linear(1, 1)
    parts["act"] = None
    told += [repr(parts), list(parts), parts["act"] is None, "last" in parts, len(parts)]
    told += [parts.pop("last") is None, list(parts.keys()), list(parts.state_dict())]
    again = nn.ModuleDict(parts)
    again.load_state_dict(parts.state_dict())
    told += [repr(again), len(list(again.parameters())), repr(nn.Sequential(None, nn.ReLU()))]
    parts.extra = None  # an attribute is no place
    return [*told, repr(copy.deepcopy(parts)), list(parts), [n for n, _ in parts.named_children()]]


def test_empty_places():
    assert emptied(ours) == emptied(theirs)
