"""What all optimizers share, against PyTorch: groups, state, hooks, errors."""

import copy
import importlib

import pytest
import torch as theirs

import autograd_lab as ours

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


def leaf(torch, *values):
    return torch.nn.Parameter(torch.tensor([float(v) for v in values or (1,)]))


def refusal(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call()
    return type(caught.value), str(caught.value)


REFUSALS = {
    "no parameters": lambda t: t.optim.SGD([], 0.1),
    "a tensor": lambda t: t.optim.SGD(t.ones(2), 0.1),
    "a set": lambda t: t.optim.SGD([{"params": {leaf(t)}}], 0.1),
    "a number": lambda t: t.optim.SGD([3], 0.1),
    "no leaf": lambda t: t.optim.SGD([leaf(t) * 2], 0.1),
    "lr": lambda t: t.optim.SGD([leaf(t)], -1),
    "momentum": lambda t: t.optim.SGD([leaf(t)], 0.1, momentum=-1),
    "weight decay": lambda t: t.optim.SGD([leaf(t)], 0.1, weight_decay=-1),
    "nesterov": lambda t: t.optim.SGD([leaf(t)], 0.1, nesterov=True),
    "group": lambda t: t.optim.SGD([leaf(t)], 0.1).add_param_group(3),
    "group without parameters": lambda t: t.optim.SGD([{"lr": 1}]),
    "twice": lambda t: (lambda p: t.optim.SGD([{"params": [p]}, {"params": [p]}], 0.1))(leaf(t)),
    "half named": lambda t: t.optim.SGD([("a", leaf(t)), leaf(t)], 0.1),
    "named later":
        lambda t: t.optim.SGD([leaf(t)], 0.1).add_param_group({"params": [("a", leaf(t))]}),
    "other groups": lambda t: t.optim.SGD([leaf(t)], 0.1).load_state_dict(
        t.optim.SGD([{"params": [leaf(t)]}, {"params": [leaf(t)]}], 0.1).state_dict()),
    "other parameters": lambda t: t.optim.SGD([leaf(t), leaf(t)], 0.1).load_state_dict(
        t.optim.SGD([leaf(t)], 0.1).state_dict()),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_in_pytorch_s_words(what):
    (kind, words), (its, first) = [refusal(lambda t=t: REFUSALS[what](t)) for t in (ours, theirs)]
    assert kind is its and words.startswith(first)


def test_a_parameter_given_twice_is_warned_about():
    said = []
    for torch in (theirs, ours):
        p = leaf(torch)
        with pytest.warns(UserWarning, match="duplicate parameters") as caught:
            torch.optim.SGD([p, p], 0.1)
        said.append(str(caught[0].message))
    assert said[0] == said[1]


def story(torch, change):
    a, b = leaf(torch, 1, 2), leaf(torch, 3)
    optimizer = torch.optim.SGD([{"params": [a], "lr": 0.5}, {"params": b}], 0.1, momentum=0.9)
    for _ in range(2):
        optimizer.zero_grad()
        (a.sum() * b.sum()).backward()
        optimizer.step()
    return change(torch, optimizer, a, b)


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, list):
        return [plain(v) for v in x]
    return [round(v, 5) for v in x.tolist()] if hasattr(x, "tolist") else x


@pytest.mark.parametrize("change", [
    lambda t, o, a, b: plain(o.state_dict()),
    lambda t, o, a, b: repr(o),
    lambda t, o, a, b: repr(t.optim.SGD([("w", a)], 0.1)),
    lambda t, o, a, b: plain(t.optim.SGD([("w", a)], 0.1).state_dict()),
    lambda t, o, a, b: o.add_param_group({"params": leaf(t), "momentum": 0}) or repr(o),
])  # fmt: skip
def test_state_and_looks(change):
    assert story(ours, change) == story(theirs, change)


@BOTH
def test_training_goes_on_from_a_saved_state(torch):
    def run(steps, save_at):
        p = leaf(torch, 1, 2)
        optimizer = torch.optim.SGD([p], 0.1, momentum=0.9)
        for i in range(steps):
            if i == save_at:
                state = copy.deepcopy(optimizer.state_dict())
                optimizer = torch.optim.SGD([p], 7.0)
                optimizer.load_state_dict(state)
            optimizer.zero_grad()
            p.square().sum().backward()
            optimizer.step()
        return p.tolist()

    assert run(6, 3) == run(6, None)


def test_a_setting_that_a_saved_state_lacks_has_its_default():
    p = leaf(ours)
    optimizer = ours.optim.SGD([p], 0.1, nesterov=True, momentum=0.9)
    saved = optimizer.state_dict()
    del saved["param_groups"][0]["nesterov"]
    saved["param_groups"][0]["lr"] = 0.5
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["nesterov"] is True
    assert optimizer.param_groups[0]["lr"] == 0.5
    p.sum().backward()
    optimizer.step()


@BOTH
def test_names_outlive_a_saved_state_without_them(torch):
    saved = torch.optim.SGD([leaf(torch)], 0.5).state_dict()
    optimizer = torch.optim.SGD([("w", leaf(torch))], 0.1)
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["param_names"] == ["w"]
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_a_pytorch_state_dict_loads():
    state = story(theirs, lambda t, o, a, b: o.state_dict())
    numbers = {
        k: {n: ours.tensor(v.numpy()) for n, v in each.items()}
        for k, each in state["state"].items()
    }
    a, b = leaf(ours, 1, 2), leaf(ours, 3)
    optimizer = ours.optim.SGD([{"params": [a]}, {"params": [b]}], 0.3)
    optimizer.load_state_dict({"state": numbers, "param_groups": state["param_groups"]})
    assert [g["lr"] for g in optimizer.param_groups] == [0.5, 0.1]
    assert plain(optimizer.state_dict()) == plain(state)


def test_a_bad_state_dict_changes_nothing():
    p = leaf(ours, 1, 2)
    optimizer = ours.optim.Adam([p], 0.1)
    p.sum().backward()
    optimizer.step()
    before, bad = repr(optimizer.state_dict()), copy.deepcopy(optimizer.state_dict())
    bad["state"][0]["step"] = "x"
    with pytest.raises(ValueError, match="x"):
        optimizer.load_state_dict(bad)
    assert repr(optimizer.state_dict()) == before


@BOTH
def test_hooks_and_closures(torch):
    p, seen = leaf(torch, 2), []
    optimizer = torch.optim.SGD([p], 0.1)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", p.item())))
    handle = optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append("after"))

    def closure():
        optimizer.zero_grad()
        loss = p.square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert seen == [("before", 2.0), "after"]
    assert p.item() == pytest.approx(1.6)
    handle.remove()
    optimizer.step()
    assert seen[2:] == [("before", pytest.approx(1.6))]


@BOTH
def test_gradients_are_forgotten_or_zeroed(torch):
    p = leaf(torch, 2)
    optimizer = torch.optim.SGD([p], 0.1)
    p.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0]
    optimizer.zero_grad()
    assert p.grad is None


@BOTH
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("whose", ["optimizer's", "module's"])
@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_gradient_is_zeroed_in_its_own_memory(torch, recorded, whose):
    net = torch.nn.Linear(2, 1, bias=False)
    (net.weight**3).sum().backward(create_graph=recorded)
    g, part, numbers = net.weight.grad, net.weight.grad[0], net.weight.grad.detach().numpy()
    owner = net if whose == "module's" else torch.optim.SGD([net.weight], 0.1)
    owner.zero_grad(set_to_none=False)
    assert g is net.weight.grad and not g.requires_grad
    assert g.tolist() == [[0, 0]] and part.tolist() == [0, 0] and numbers.tolist() == [[0, 0]]


@BOTH
@pytest.mark.parametrize("of_a_recorded_one", [False, True])
def test_a_gradient_that_is_a_part_of_a_larger_tensor_is_zeroed(torch, of_a_recorded_one):
    whole = torch.ones(2, 2, requires_grad=of_a_recorded_one)
    p = leaf(torch, 1, 2)
    with torch.no_grad():
        p.grad = (whole * 1)[0] if of_a_recorded_one else whole[0]
    torch.optim.SGD([p], 0.1).zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0, 0]
    assert of_a_recorded_one or whole.tolist() == [[0, 0], [1, 1]]


@BOTH
def test_zeroing_heals_a_gradient_that_blew_up(torch):
    p = leaf(torch, 1, 2)
    p.grad = torch.tensor([float("nan"), float("inf")])
    torch.optim.SGD([p], 0.1).zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0, 0]


@BOTH
def test_a_learner_s_own_optimizer(torch):
    class Halve(torch.optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"by": 2.0})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    self.state[p]["count"] = self.state[p].get("count", 0) + 1
                    p.div_(group["by"])

    p = leaf(torch, 8)
    optimizer = Halve([p])
    optimizer.step()
    optimizer.step()
    assert p.item() == 2
    assert optimizer.state_dict()["state"] == {0: {"count": 2}}


@BOTH
def test_backward_after_a_step_is_refused_not_wrong(torch):
    p = leaf(torch, 2)
    optimizer = torch.optim.SGD([p], 0.1)
    loss = (p * p).sum()
    p.sum().backward()
    optimizer.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@BOTH
def test_views_of_a_parameter_see_the_step(torch):
    p = leaf(torch, 2)
    view = p.detach()
    optimizer = torch.optim.SGD([p], 0.5)
    p.sum().backward()
    optimizer.step()
    assert view.item() == 1.5


@BOTH
def test_a_hook_may_change_what_a_step_is_given(torch):
    p, seen = leaf(torch, 2), []
    optimizer = torch.optim.SGD([p], 0.1)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((o, lambda: seen.append("new")), {}))
    optimizer.step(lambda: seen.append("old"))
    assert seen == ["new"]
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match=r"must return None or a tuple of \(new_args, new_kw"):
        optimizer.step()


@BOTH
def test_hooks_see_the_step_of_a_subclass(torch):
    class Twice(torch.optim.Optimizer):
        def step(self, closure=None, times=2):
            for p in self.param_groups[0]["params"]:
                p.data -= times

    p, seen = leaf(torch, 5), []
    optimizer = Twice([p], {})
    optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append((args[1:], kwargs)))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(p.item()))
    optimizer.step(times=3)
    assert seen == [((), {"times": 3}), 2.0] or seen == [((), {"times": 3}), 2]


def test_hooks_see_a_step_that_builds_on_another_once():
    class More(ours.optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            return "done"

    optimizer, seen = More([leaf(ours)], 0.1), []
    optimizer.register_step_post_hook(lambda *_: seen.append(1))
    assert optimizer.step() == "done"
    assert seen == [1]


@BOTH
def test_hooks_around_saving_and_loading(torch):
    optimizer, seen = torch.optim.SGD([leaf(torch)], 0.5), []

    def say(word):
        def hook(*args):
            seen.append((word, len(args)))

        return hook

    optimizer.register_state_dict_pre_hook(say("second"))
    optimizer.register_state_dict_pre_hook(say("first"), prepend=True)
    handle = optimizer.register_state_dict_post_hook(say("after"))
    saved = optimizer.state_dict()
    assert seen == [("first", 1), ("second", 1), ("after", 2)]
    handle.remove()
    optimizer.register_state_dict_post_hook(lambda o, found: {**found, "more": 1})
    assert optimizer.state_dict()["more"] == 1
    seen.clear()
    optimizer.register_load_state_dict_post_hook(say("loaded"))
    optimizer.register_load_state_dict_pre_hook(say("loading"))
    half = {"state": {}, "param_groups": [saved["param_groups"][0] | {"lr": 0.25}]}
    optimizer.register_load_state_dict_pre_hook(lambda o, found: half)
    optimizer.load_state_dict(saved)
    assert seen == [("loading", 2), ("loaded", 1)]
    assert optimizer.param_groups[0]["lr"] == 0.25


@BOTH
def test_flags_that_cannot_be_together(torch):
    for flags, words in (
        ({"fused": True, "foreach": True}, "`fused` and `foreach` cannot be `True` together."),
        ({"fused": True, "differentiable": True}, "`fused` does not support `differentiable`"),
    ):
        with pytest.raises(RuntimeError, match=words):
            torch.optim.Adam([leaf(torch)], **flags)


def test_flags_of_speed_change_nothing():
    ends = []
    for flags in ({}, {"foreach": True}, {"fused": True}, {"capturable": True}):
        p = leaf(ours, 1, 2)
        optimizer = ours.optim.Adam([p], 0.1, **flags)
        p.square().sum().backward()
        optimizer.step()
        ends.append(p.tolist())
    assert ends.count(ends[0]) == 4


def test_differentiable_steps_are_refused_with_a_way_out():
    with pytest.raises(NotImplementedError, match=r"create_graph=True"):
        ours.optim.SGD([leaf(ours)], 0.1, differentiable=True)


@BOTH
def test_a_copy_is_another_optimizer(torch):
    p = leaf(torch, 1, 2)
    optimizer = torch.optim.Adam([p], 0.1)
    p.sum().backward()
    optimizer.step()
    twin = copy.deepcopy(optimizer)
    q = twin.param_groups[0]["params"][0]
    q.grad = torch.ones(2)
    twin.step()
    assert q.tolist() != p.tolist()
    assert twin.state[q]["step"].item() == 2
    assert optimizer.state[p]["step"].item() == 1


def test_a_state_with_pytorch_s_own_tensors_loads():
    state = story(theirs, lambda t, o, a, b: o.state_dict())
    optimizer = ours.optim.SGD([{"params": [leaf(ours, 1, 2)]}, {"params": [leaf(ours, 3)]}], 0.3)
    optimizer.load_state_dict(state)
    assert plain(optimizer.state_dict()) == plain(state)


def test_large_scratch_memory_is_kept_and_not_saved():
    p = ours.zeros(200_000).requires_grad_()
    optimizer = ours.optim.Adam([p])
    p.sum().backward()
    optimizer.step()
    kept = [id(array) for array in optimizer._room.values()]
    optimizer.step()
    assert [id(array) for array in optimizer._room.values()] == kept
    assert sum(array.size for array in optimizer._room.values()) < 200_000
    assert not copy.copy(optimizer)._room


@BOTH
def test_hooks_on_all_optimizers(torch):
    place, told = importlib.import_module(f"{torch.__name__}.optim.optimizer"), []
    before = place.register_optimizer_step_pre_hook(
        lambda optimizer, args, kwargs: told.append(("all before", type(optimizer).__name__)))
    after = place.register_optimizer_step_post_hook(
        lambda optimizer, args, kwargs: told.append(("all after", len(args), kwargs)))
    try:
        sgd = torch.optim.SGD([leaf(torch)], 0.1)
        sgd.register_step_pre_hook(lambda *_: told.append("own before"))
        sgd.step()
        lbfgs = torch.optim.LBFGS([leaf(torch)])
        lbfgs.step(lambda: torch.tensor(0.0))
    finally:
        before.remove()
        after.remove()
    sgd.step()
    assert [t if isinstance(t, str) else t[:2] for t in told][:2] == [
        ("all before", "SGD"), "own before"]
    assert [t[0] for t in told].count("all before") == [t[0] for t in told].count("all after") == 2
    assert told[-1] != "all after" and told.count("own before") == 2


@pytest.mark.parametrize("name", [
    "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "NAdam", "RAdam", "RMSprop",
    "Rprop", "SGD",
])  # fmt: skip
def test_complex_parameters_that_lie_turned_in_memory(name):
    def story(torch):
        w = torch.zeros(2, 3, dtype=torch.complex64).t().requires_grad_()
        settings = {"momentum": 0.9} if name == "SGD" else {}
        optimizer = getattr(torch.optim, name)([w], lr=0.1, **settings)
        aim = torch.arange(6.0).reshape(3, 2) + 1j

        def loss():
            optimizer.zero_grad()
            found = ((w - aim).abs() ** 2).sum()
            found.backward()
            return found

        for _ in range(3):
            optimizer.step(loss)
        return torch.view_as_real(w.detach()).reshape(-1).tolist()

    assert story(ours) == pytest.approx(story(theirs), rel=1e-4, abs=1e-6)


@BOTH
def test_a_setting_that_each_group_must_give(torch):
    """Optimizers copied from a paper's program say ``lr=required``."""
    required = importlib.import_module(f"{torch.__name__}.optim.optimizer").required

    class Steps(torch.optim.Optimizer):
        def __init__(self, params, lr=required):
            super().__init__(params, {"lr": lr})

    first, second = leaf(torch), leaf(torch)
    assert Steps([{"params": first, "lr": 2}, {"params": second, "lr": 3}]).defaults == {
        "lr": required}  # fmt: skip
    kind, words = refusal(lambda: Steps([{"params": first, "lr": 2}, {"params": second}]))
    assert kind is ValueError and words.startswith(
        "parameter group didn't specify a value of required optimization parameter lr")
    assert repr(required) == "<required parameter>"
