"""Module hooks: the same calls, in the same order, with the same effects as in PyTorch."""

import pytest
import torch as theirs

import autograd_lab as ours

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


@BOTH
def test_forward_hooks_see_and_replace(torch):
    layer, seen = torch.nn.Identity(), []
    first = layer.register_forward_pre_hook(lambda m, args: seen.append("pre") or (args[0] + 1,))
    layer.register_forward_hook(lambda m, args, out: seen.append("post") or out * 10)
    layer.register_forward_hook(lambda m, args, out: seen.append("early"), prepend=True)
    assert layer(torch.ones(1)).item() == 20
    assert seen == ["pre", "early", "post"]
    first.remove()
    assert layer(torch.ones(1)).item() == 10


@BOTH
def test_forward_hooks_see_keywords(torch):
    class Scale(torch.nn.Module):
        def forward(self, x, by=1):
            return x * by

    layer, seen = Scale(), []
    layer.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"by": kwargs["by"] + 1}), with_kwargs=True
    )
    layer.register_forward_hook(lambda m, a, k, out: seen.append(k["by"]), with_kwargs=True)
    assert layer(torch.ones(1), by=2).item() == 3
    assert seen == [3]


@BOTH
def test_a_hook_that_is_always_called_hears_of_a_failure(torch):
    class Broken(torch.nn.Module):
        def forward(self, x):
            raise ValueError("broken")

    layer, seen = Broken(), []
    layer.register_forward_hook(lambda m, args, out: seen.append(out), always_call=True)
    layer.register_forward_hook(lambda m, args, out: seen.append("never"))
    with pytest.raises(ValueError, match="broken"):
        layer(torch.ones(1))
    assert seen == [None]


def shown(grads):
    return [None if g is None else g.tolist() for g in grads]


def backward_story(torch, needs_grad=True, replace=False):
    """Run a layer with backward hooks: all that they were shown, and the gradient that came out."""
    class Product(torch.nn.Module):
        def forward(self, x, y):
            return x * y, x + y

    layer, story = Product(), []

    def after(module, grad_input, grad_output):
        story.append(("after", shown(grad_input), shown(grad_output)))
        return tuple(g * 10 for g in grad_input) if replace else None

    layer.register_full_backward_pre_hook(lambda m, g: story.append(("pre", shown(g))))
    layer.register_full_backward_hook(after)
    x = torch.tensor([2.0], requires_grad=needs_grad)
    y = torch.tensor([3.0], requires_grad=needs_grad)
    w = torch.tensor([1.0], requires_grad=True)
    a, b = layer(x * 1, y * 1) if needs_grad else layer(x * w, y)
    (a + 2 * b).sum().backward()
    return story, shown([x.grad, y.grad, w.grad])


# PyTorch warns that a hook sees no gradient of inputs where none needs one
@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("needs_grad", [False, True])
def test_backward_hooks_see_what_pytorch_s_see(needs_grad, replace):
    if replace and not needs_grad:
        replace = False
    assert backward_story(ours, needs_grad, replace) == backward_story(theirs, needs_grad, replace)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@BOTH
def test_a_layer_whose_input_needs_no_gradient_still_reports(torch):
    layer, story = torch.nn.Linear(1, 1), []
    layer.register_full_backward_hook(lambda m, gi, go: story.append((shown(gi), shown(go))))
    layer(torch.ones(1, 1)).sum().backward()
    assert story == [([None], [[[1.0]]])]
    assert layer.weight.grad is not None


def test_without_hooks_a_module_remembers_none():
    layer = ours.nn.Identity()
    handle = layer.register_forward_hook(lambda *_: None)
    assert layer._module_hooks
    handle.remove()
    assert layer._module_hooks is None


def told_of(torch, register, run):
    """Hang a hook on all modules, run, take it off; list what it was told, and what comes later."""
    told = []
    hook = lambda m, *rest: told.append((type(m).__name__, len(rest)))  # noqa: E731
    handle = register(torch.nn.modules.module)(hook)
    run(torch)
    handle.remove()
    run(torch)
    return told


def trained(torch):
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    net(torch.ones(1, 2, requires_grad=True)).sum().backward()


@pytest.mark.parametrize("name", [
    "register_module_forward_pre_hook", "register_module_forward_hook",
    "register_module_full_backward_pre_hook", "register_module_full_backward_hook",
    "register_module_parameter_registration_hook", "register_module_buffer_registration_hook",
    "register_module_module_registration_hook",
])  # fmt: skip
def test_hooks_on_all_modules(name):
    def run(torch):
        trained(torch)
        torch.nn.Module().register_buffer("mean", torch.ones(1))

    mine, its = (told_of(t, lambda module: getattr(module, name), run) for t in (ours, theirs))
    assert mine == its
    assert ours.nn.Module._module_hooks is None


@BOTH
def test_hooks_on_all_come_before_a_module_s_own(torch):
    layer, seen = torch.nn.Identity(), []
    layer.register_forward_hook(lambda *args: seen.append("own"))
    register = torch.nn.modules.module.register_module_forward_hook
    with register(lambda *args: seen.append("all")):
        layer(torch.ones(1))
    layer(torch.ones(1))
    assert seen == ["all", "own", "own"]


@BOTH
def test_a_registration_hook_may_give_something_else(torch):
    register = torch.nn.modules.module.register_module_parameter_registration_hook
    with register(lambda m, name, p: torch.nn.Parameter(p.detach() * 0 + 5)):
        module = torch.nn.Module()
        module.scale = torch.nn.Parameter(torch.ones(1))
    assert module.scale.item() == 5


@BOTH
def test_hooks_by_key(torch):
    layer = torch.nn.Identity()
    assert len(layer._forward_hooks) == len(layer._backward_hooks) == 0

    def hook(m, args, output):
        return output + 1

    layer.register_forward_hook(hook)
    assert list(layer._forward_hooks.values()) == [hook]
    layer._forward_hooks.clear()
    assert layer(torch.ones(1)).item() == 1


@BOTH
def test_an_answer_of_the_wrong_kind(torch):
    layer = torch.nn.Identity()
    layer.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple of"):
        layer(torch.ones(1))


@BOTH
def test_a_failing_hook_is_heard_by_those_that_want_to_hear(torch):
    layer, seen = torch.nn.Identity(), []

    def broken(m, args, output):
        raise ValueError("broken")

    layer.register_forward_hook(broken)
    layer.register_forward_hook(lambda m, args, out: seen.append(out.item()), always_call=True)
    with pytest.raises(ValueError, match="broken"):
        layer(torch.ones(1))
    assert seen == [1]
