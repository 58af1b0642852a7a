"""Module against PyTorch's: what it finds, saves, refuses, and how it looks."""

import copy
import pickle

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab import watching

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


def network(torch):
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))
            self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False))
            self.register_buffer("mean", torch.zeros(3))
            self.register_buffer("scratch", torch.zeros(2), persistent=False)
            self.tied = self.body[0]
            self.register_parameter("nothing", None)

        def forward(self, x):
            return self.body(x - self.mean) * self.scale

    return Net()


def refusal(call, *args):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call(*args)
    return type(caught.value), str(caught.value)


def same_refusal(action):
    """Both refuse, with the same exception and sentence (ours may go on)."""
    their_type, their_text = refusal(action, theirs)
    our_type, our_text = refusal(action, ours)
    assert our_type is their_type
    assert our_text.startswith(their_text.rstrip()) or their_text == our_text, our_text


LISTS = {
    "parameters": lambda net: [n for n, _ in net.named_parameters()],
    "own parameters": lambda net: [n for n, _ in net.named_parameters(recurse=False)],
    "with duplicates": lambda net: [n for n, _ in net.named_parameters(remove_duplicate=False)],
    "prefixed": lambda net: [n for n, _ in net.named_parameters("net")],
    "buffers": lambda net: [n for n, _ in net.named_buffers()],
    "modules": lambda net: [(n, type(m).__name__) for n, m in net.named_modules()],
    "all modules": lambda net: [n for n, _ in net.named_modules(remove_duplicate=False)],
    "children": lambda net: [n for n, _ in net.named_children()],
    "state": lambda net: list(net.state_dict()),
    "state below": lambda net: list(net.body.state_dict(prefix="x.")),
    "shapes": lambda net: [tuple(v.shape) for v in net.state_dict().values()],
    "repr": repr,
    "_modules": lambda net: list(net._modules),
    "_parameters": lambda net: [n for n, p in net._parameters.items() if p is not None],
    "_buffers": lambda net: list(net._buffers),
    "eval": lambda net: [m.training for m in net.eval().modules()],
    "path": lambda net: tuple(net.get_parameter("body.2.weight").shape),
    "buffer": lambda net: tuple(net.get_buffer("mean").shape),
}


@pytest.mark.parametrize("what", LISTS)
def test_it_lists_what_pytorch_lists(what):
    assert LISTS[what](network(ours)) == LISTS[what](network(theirs))


def test_a_pytorch_state_dict_loads_and_computes_the_same():
    other, net = network(theirs), network(ours)
    state = {k: ours.tensor(v.numpy()) for k, v in other.state_dict().items()}
    assert repr(net.load_state_dict(state)) == "<All keys matched successfully>"
    x = np.random.default_rng(0).standard_normal((5, 3)).astype("float32")
    got = net(ours.tensor(x)).detach().numpy()
    np.testing.assert_allclose(got, other(theirs.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)


def loading(**state):
    def action(torch):
        made = {k: torch.ones(v) if isinstance(v, tuple) else v for k, v in state.items()}
        net = torch.nn.Sequential(torch.nn.Linear(2, 3))
        net.load_state_dict(made)
    return action


def setting(build):
    def action(torch):
        build(torch, network(torch))
    return action


class Forgetful:
    """Make classes that set an attribute before ``super().__init__()``."""

    def __init__(self, value):
        self.value = value

    def __call__(self, torch):
        value = self.value

        class Net(torch.nn.Module):
            def __init__(self):
                self.part = value(torch)
        Net()


REFUSALS = {
    "missing and unexpected": loading(**{"0.weight": (3, 2), "zz": (1,), "yy": (1,)}),
    "wrong size": loading(**{"0.weight": (2, 2), "0.bias": (3,)}),
    "everything wrong": loading(**{"0.weight": (2, 2), "q": (3,)}),
    "no dict": lambda torch: torch.nn.Linear(1, 1).load_state_dict(3),
    "tensor over parameter": setting(lambda torch, net: setattr(net, "scale", torch.ones(1))),
    "number over module": setting(lambda torch, net: setattr(net, "body", 3)),
    "number over buffer": setting(lambda torch, net: setattr(net, "mean", 3)),
    "buffer of a taken name": setting(lambda t, net: net.register_buffer("body", t.ones(1))),
    "buffer that is a number": setting(lambda t, net: net.register_buffer("b", 3)),
    "parameter of a taken name":
        setting(lambda t, net: net.register_parameter("train", t.nn.Parameter(t.ones(1)))),
    "tensor as parameter": setting(lambda t, net: net.register_parameter("q", t.ones(1))),
    "dots": setting(lambda t, net: net.add_module("a.b", t.nn.ReLU())),
    "empty name": setting(lambda t, net: net.register_buffer("", t.ones(1))),
    "number as name": setting(lambda t, net: net.add_module(3, t.nn.ReLU())),
    "no module": setting(lambda t, net: net.add_module("k", 3)),
    "unknown part": setting(lambda t, net: net.get_submodule("nope.x")[0]),
    "parameter as part": setting(lambda t, net: net.get_submodule("scale")),
    "part as parameter": setting(lambda t, net: net.get_parameter("body")),
    "unknown attribute": setting(lambda t, net: net.bogus),
    "integers": setting(lambda t, net: net.to(t.int64)),
    "integers of Python": setting(lambda t, net: net.to(dtype=int)),
    "mode": setting(lambda t, net: net.train(3)),
    "no forward": lambda t: t.nn.Module()(1),
    "parameter before init": Forgetful(lambda t: t.nn.Parameter(t.ones(1))),
    "module before init": Forgetful(lambda t: t.nn.ReLU()),
    "buffer before init": Forgetful(lambda t: t.nn.Buffer(t.ones(1))),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_in_pytorch_s_words(what):
    same_refusal(REFUSALS[what])


@BOTH
def test_a_failed_load_still_loads_what_fits(torch):
    net = torch.nn.Linear(2, 2)
    with pytest.raises(RuntimeError):
        net.load_state_dict({"weight": torch.ones(2, 2), "bias": torch.ones(3)})
    assert net.weight.detach().numpy().tolist() == [[1, 1], [1, 1]]


@BOTH
def test_loading_copies_and_assign_replaces(torch):
    net, given = torch.nn.Linear(1, 1, bias=False), torch.ones(1, 1, dtype=torch.float64)
    kept = net.weight
    net.load_state_dict({"weight": given})
    assert net.weight is kept
    assert net.weight.dtype is torch.float32
    net.load_state_dict({"weight": given}, assign=True)
    assert net.weight is not kept
    assert net.weight.dtype is torch.float64
    assert isinstance(net.weight, torch.nn.Parameter)
    assert net.load_state_dict({}, strict=False).missing_keys == ["weight"]


@BOTH
def test_the_state_shares_memory_with_the_model(torch):
    net = torch.nn.Linear(1, 1)
    state = net.state_dict()
    assert not state["weight"].requires_grad
    state["weight"][0, 0] = 7.0
    assert net.weight.item() == 7.0
    assert net.state_dict(keep_vars=True)["weight"] is net.weight


@BOTH
def test_conversions_keep_the_parameter_objects(torch):
    net = network(torch)
    before = list(net.parameters())
    net.body(torch.ones(1, 3)).sum().backward()
    assert net.double() is net
    assert all(a is b for a, b in zip(net.parameters(), before))
    assert {p.dtype for p in net.parameters()} == {torch.float64}
    assert net.mean.dtype is torch.float64
    assert net.body[0].weight.grad.dtype is torch.float64
    assert net.half().scale.dtype is torch.float16
    assert net.to(torch.ones(1)).scale.dtype is torch.float32
    assert net.to(float).scale.dtype is torch.float64
    assert net.to("cpu", torch.float32).scale.dtype is torch.float32
    assert net.to(dtype=float).scale.dtype is torch.float64
    assert torch.ones(1).to("cpu", dtype=int).dtype is torch.int64


@BOTH
def test_gradients_are_forgotten_and_switched_off(torch):
    net = torch.nn.Linear(2, 1)
    net(torch.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad.tolist() == [[0, 0]]
    net.zero_grad()
    assert net.weight.grad is None
    net.requires_grad_(False)
    assert not net(torch.ones(1, 2)).requires_grad


@BOTH
def test_zeroing_heals_a_gradient_that_blew_up(torch):
    net = torch.nn.Linear(2, 1)
    net.weight.grad = torch.tensor([[float("nan"), float("inf")]])
    net.zero_grad(set_to_none=False)
    assert net.weight.grad.tolist() == [[0, 0]]


@BOTH
def test_copies_are_independent_and_tied_parameters_stay_tied(torch):
    net = network(torch)
    twin = copy.deepcopy(net)
    assert twin.tied is twin.body[0]
    assert twin.tied is not net.tied
    with torch.no_grad():
        twin.scale.add_(1)
    assert net.scale.item() == 1
    assert twin.scale.requires_grad


def test_a_module_survives_pickling():
    net = ours.nn.Sequential(ours.nn.Linear(2, 2), ours.nn.ReLU())
    twin = pickle.loads(pickle.dumps(net))
    assert repr(twin) == repr(net)
    assert isinstance(twin[0].weight, ours.nn.Parameter)
    assert twin[0].weight.requires_grad
    np.testing.assert_array_equal(twin[0].weight.detach().numpy(), net[0].weight.detach().numpy())


@BOTH
def test_a_buffer_stays_one_when_it_is_replaced(torch):
    net = network(torch)
    net.mean = torch.ones(3)
    net.count = torch.nn.Buffer(torch.zeros(1), persistent=False)
    assert [n for n, _ in net.named_buffers()] == ["mean", "scratch", "count"]
    assert "count" not in net.state_dict()
    assert net.state_dict()["mean"].tolist() == [1, 1, 1]


def kinds(net):
    return [[n for n, _ in each] for each in (
        net.named_parameters(recurse=False), net.named_buffers(), net.named_children())]


@BOTH
@pytest.mark.parametrize(("values", "kind"), [
    (lambda t: [t.nn.Parameter(t.ones(2))], 0), (lambda t: [t.nn.ReLU()], 2),
    (lambda t: [None, t.ones(2)], 1), (lambda t: [t.nn.Buffer(t.ones(2))], 1),
], ids=["parameter", "part", "none, then tensor", "buffer"])  # fmt: skip
def test_a_buffer_s_name_has_one_kind_at_a_time(torch, values, kind):
    net = torch.nn.Module()
    net.register_buffer("a", torch.zeros(2))
    for value in values(torch):
        net.a = value
    assert kinds(net) == [["a"] if place == kind else [] for place in range(3)]


@BOTH
def test_a_deleted_buffer_is_forgotten(torch):
    net = torch.nn.Module()
    net.register_buffer("a", torch.zeros(2))
    del net.a
    net.a = torch.ones(2)
    assert kinds(net) == [[], [], []]
    assert list(net.state_dict()) == []
    with pytest.raises(AttributeError):
        del net.b


@BOTH
def test_d2l_s_own_sequential_works(torch):
    class MySequential(torch.nn.Module):
        def __init__(self, *parts):
            super().__init__()
            for place, part in enumerate(parts):
                self._modules[str(place)] = part

        def forward(self, x):
            for part in self._modules.values():
                x = part(x)
            return x

    net = MySequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    assert net(torch.ones(1, 2)).shape == (1, 3)
    assert list(net.state_dict()) == ["0.weight", "0.bias"]


def test_apply_visits_the_innermost_first():
    seen = {}
    for torch in (theirs, ours):
        names = seen[torch] = []
        network(torch).apply(lambda m, names=names: names.append(type(m).__name__))
    assert seen[theirs] == seen[ours]


def test_a_watcher_hears_in_which_module_an_operation_ran():
    net, paths = network(ours), []

    def watch(node, result, args):
        paths.append([type(call.module).__name__ for call in watching._local.modules])

    with watching.watch_operations(watch):
        net(ours.ones(1, 3))
    assert ["Net", "Sequential", "Linear"] in paths
    assert ["Net", "Sequential", "ReLU"] in paths
    assert watching._local.modules == []


def test_parameters_look_like_pytorch_s():
    for make in (
        lambda t: t.nn.Parameter(t.tensor([1.0, 2.0])),
        lambda t: t.nn.Parameter(t.ones(2, 2), requires_grad=False),
    ):
        assert repr(make(ours)) == repr(make(theirs))


PARTS = {
    "a new part": lambda net, nn: net.set_submodule("body.3", nn.Tanh()),
    "another part": lambda net, nn: net.set_submodule("body.1", nn.Tanh(), strict=True),
    "at the top": lambda net, nn: net.set_submodule("head", nn.Tanh()),
    "no name": lambda net, nn: net.set_submodule("", nn.Tanh()),
    "no part": lambda net, nn: net.set_submodule("body.1", 3),
    "not there": lambda net, nn: net.set_submodule("body.9", nn.Tanh(), strict=True),
    "no such path": lambda net, nn: net.set_submodule("legs.1", nn.Tanh()),
    "a parameter's place": lambda net, nn: net.set_submodule("scale", nn.Tanh()),
}


@pytest.mark.parametrize("what", PARTS)
def test_set_submodule(what):
    found = []
    for torch in (theirs, ours):
        net = network(torch)
        try:
            PARTS[what](net, torch.nn)
            found.append(repr(net))
        except Exception as error:
            found.append((type(error), str(error)))
    its, mine = found
    if isinstance(its, tuple):
        assert mine[0] is its[0]
        assert mine[1].startswith(its[1])
    else:
        assert mine == its


@BOTH
def test_numbers_are_no_names_to_complete(torch):
    assert not [name for name in dir(torch.nn.Sequential(torch.nn.ReLU())) if name[0].isdigit()]
    assert "weight" in dir(torch.nn.Linear(1, 1))


@BOTH
def test_to_empty_and_share_memory(torch):
    net = network(torch)
    weight = net.body[0].weight
    assert net.to_empty(device="cpu") is net
    assert net.body[0].weight is weight
    assert weight.shape == (4, 3)
    assert net.share_memory() is net


def test_what_is_accepted_and_does_nothing(monkeypatch):
    from autograd_lab import notice

    monkeypatch.setattr(notice, "_said", set())
    net = network(ours)
    with pytest.warns(UserWarning, match="compiles nothing"):
        assert net.compile(mode="default") is None
    with pytest.warns(UserWarning, match="NumPy has no such numbers"):
        net.double().bfloat16()
    assert net.scale.dtype is ours.float32


@BOTH
def test_a_part_may_convert_itself_in_its_own_way(torch):
    class Stubborn(torch.nn.Linear):
        def _apply(self, fn, recurse=True):
            return self

    net = torch.nn.Sequential(Stubborn(1, 1), torch.nn.Linear(1, 1)).double()
    assert [p.dtype for p in net.parameters()] == [torch.float32] * 2 + [torch.float64] * 2


@BOTH
def test_a_copy_has_no_gradients_and_its_own_hooks(torch):
    layer = torch.nn.Linear(2, 1)
    seen = []
    layer.register_forward_hook(lambda *args: seen.append(1))
    twin = copy.deepcopy(layer)
    twin._forward_hooks.clear()
    layer(torch.ones(1, 2))
    twin(torch.ones(1, 2))
    assert seen == [1]


@BOTH
def test_a_buffer_marker(torch):
    net = torch.nn.Module()
    net.mean = torch.nn.Buffer(torch.zeros(2))
    net.scratch = torch.nn.Buffer(torch.zeros(2), persistent=False)
    net.register_buffer("late", torch.nn.Buffer(torch.zeros(1)), persistent=False)
    assert list(net.state_dict()) == ["mean"]
    assert [name for name, _ in net.named_buffers()] == ["mean", "scratch", "late"]
    assert repr(net.mean) == "tensor([0., 0.])"


PLACES = {
    "a tensor for no parameter": (
        lambda m, t: m.register_parameter("w", None), lambda t: t.ones(1)),
    "a tensor for a parameter that was": (
        lambda m, t: (setattr(m, "w", t.nn.Parameter(t.ones(1))), setattr(m, "w", None)),
        lambda t: t.ones(1)),
    "a number for no parameter": (lambda m, t: m.register_parameter("w", None), lambda t: 5),
    "a buffer for no parameter": (
        lambda m, t: m.register_parameter("w", None), lambda t: t.nn.Buffer(t.ones(1))),
    "a tensor for no part": (lambda m, t: m.register_module("w", None), lambda t: t.ones(1)),
    "a number for no buffer": (lambda m, t: m.register_buffer("w", None), lambda t: 5),
    "a parameter for no parameter": (
        lambda m, t: m.register_parameter("w", None), lambda t: t.nn.Parameter(t.ones(1))),
    "a tensor for no buffer": (lambda m, t: m.register_buffer("w", None), lambda t: t.ones(1)),
    "a tensor where nothing was": (
        lambda m, t: (m.register_parameter("w", None), delattr(m, "w")), lambda t: t.ones(1)),
    "none again": (lambda m, t: m.register_parameter("w", None), lambda t: None),
}  # fmt: skip


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("what", PLACES)
def test_a_place_takes_what_belongs_there_even_if_it_is_empty(what, copied):
    before, value = PLACES[what]

    def story(torch):
        module = torch.nn.Module()
        before(module, torch)
        module = copy.deepcopy(module) if copied else module
        try:
            module.w = value(torch)
        except TypeError as error:
            return str(error)
        return [name for name, _ in module.named_parameters()], list(module.state_dict())

    assert story(ours) == story(theirs)


KINDS = {  # how something is registered, and what
    "parameter": ("register_parameter", lambda t: t.nn.Parameter(t.ones(1))),
    "buffer": ("register_buffer", lambda t: t.ones(1)),
    "module": ("register_module", lambda t: t.nn.Linear(1, 1)),
}


@pytest.mark.parametrize("between", ["nothing", "None", "both", "None of the class"])
@pytest.mark.parametrize("after", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_what_was_registered_is_registered_again(before, after, between):
    """A table of positions, None at first, is registered anew each time it has to grow."""

    def story(torch):
        class Named(torch.nn.Module):
            w = None

        module = Named() if between == "None of the class" else torch.nn.Module()
        (first, make), (second, make_anew) = KINDS[before], KINDS[after]
        try:
            if not isinstance(module, Named):
                getattr(module, first)("w", None if between != "nothing" else make(torch))
            if between == "both":
                getattr(module, first)("w", make(torch))
            getattr(module, second)("w", make_anew(torch))
        except KeyError as error:
            return str(error)
        return list(module.state_dict()), len(list(module.children()))

    assert story(ours) == story(theirs)


@BOTH
def test_a_part_is_asked_for_by_its_name(torch):
    class Wrapped(torch.nn.Module):
        def __init__(self, inside):
            super().__init__()
            self.inside = inside

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inside, name)

    inside = torch.nn.Linear(2, 3)
    inside.register_buffer("mean", torch.zeros(1))
    net = torch.nn.Module()
    net.level_1, net.w = inside, inside.weight
    assert net.__getattr__("level_1") is inside and net.__getattr__("w") is inside.weight
    assert inside.__getattr__("mean") is inside.mean
    wrapped = Wrapped(inside)
    assert wrapped.out_features == 3 and wrapped.weight is inside.weight
    assert wrapped.inside is inside and not hasattr(wrapped, "nobody")
    for module in (net, wrapped):
        with pytest.raises(AttributeError, match="has no attribute 'nobody'"):
            module.nobody  # noqa: B018
    assert copy.deepcopy(wrapped).out_features == 3
    assert pickle.loads(pickle.dumps(net)).level_1.out_features == 3


def test_the_error_of_a_property_is_its_own():
    """PyTorch says that the module has no such property; the reader wants to know why."""

    class Net(ours.nn.Module):
        size = property(lambda self: self.weights.shape)

    with pytest.raises(AttributeError, match="'Net' object has no attribute 'weights'"):
        Net().size  # noqa: B018


@BOTH
def test_a_tensor_is_no_bias_of_a_layer_without_one(torch):
    layer = torch.nn.Linear(2, 2, bias=False)
    with pytest.raises(TypeError, match="as parameter 'bias'"):
        layer.bias = torch.zeros(2)
    layer.bias = torch.nn.Parameter(torch.zeros(2))
    assert len(list(layer.parameters())) == 2


@BOTH
@pytest.mark.parametrize("name", ["type", "forward", "float", "half", "constant", "prop"])
@pytest.mark.parametrize("kind", ["Parameter", "Buffer"])
def test_a_parameter_does_not_hide_what_the_class_has(torch, name, kind):
    class Mine(torch.nn.Module):
        constant = None
        prop = property(lambda self: 3)

    module = Mine()
    with pytest.raises(KeyError, match=f"attribute '{name}' already exists"):
        setattr(module, name, getattr(torch.nn, kind)(torch.ones(1)))
    assert name not in vars(module)
    with pytest.raises(KeyError, match="attribute 'keys' already exists"):
        torch.nn.ParameterDict({"keys": torch.nn.Parameter(torch.ones(1))})
