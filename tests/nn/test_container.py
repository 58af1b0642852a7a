"""Containers against PyTorch's."""

from collections import OrderedDict

import pytest
import torch as theirs

import autograd_lab as ours


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
