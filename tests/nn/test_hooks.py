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
