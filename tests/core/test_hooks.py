"""Hooks: when they are called, in which order, with what, and what they may change."""

import gc
import weakref

import pytest

import autograd_lab
from tests.core.oracle import both, refused


def leaf(torch, *numbers):
    """Make a float64 leaf."""
    data = list(numbers) if len(numbers) > 1 else numbers[0]
    return torch.tensor(data, requires_grad=True, dtype=torch.float64)


# --- hooks on tensors


@both
def test_a_hook_sees_the_gradient(torch):
    x, seen = leaf(torch, 1.0, 2.0), []
    h = x * 3
    h.register_hook(seen.append)
    (h * h).sum().backward()
    return seen, x.grad


@both
def test_a_hook_replaces_the_gradient(torch):
    x = leaf(torch, 1.0, 2.0)
    h = x * 3
    h.register_hook(lambda g: g * 10)
    h.register_hook(lambda g: None)
    x.register_hook(lambda g: g + 1)
    (h * h).sum().backward()
    return x.grad


@both
def test_hooks_run_in_the_order_of_registration(torch):
    x = leaf(torch, 1.0)
    h = x * 3
    for n in range(12):
        h.register_hook(lambda g, n=n: g * 2 + n)
    h.backward()
    return x.grad


@both
def test_a_hook_is_called_once_with_the_whole_gradient(torch):
    x, seen = leaf(torch, 1.0), []
    h = x.exp()
    h.register_hook(seen.append)
    x.register_hook(seen.append)
    (h * h + h * x + x).backward()
    return seen


@both
def test_hooks_at_every_backward(torch):
    x, seen = leaf(torch, 1.0), []
    x.register_hook(seen.append)
    y = x.exp()
    y.backward(retain_graph=True)
    y.backward()
    (x * 2).backward()
    return seen, x.grad


@both
def test_removing_a_hook(torch):
    x, seen = leaf(torch, 1.0), []
    first = x.register_hook(lambda g: seen.append("first"))
    x.register_hook(lambda g: seen.append("second"))
    (x * 2).backward()
    first.remove()
    first.remove()
    (x * 2).backward()
    with x.register_hook(lambda g: seen.append("third")):
        (x * 2).backward()
    (x * 2).backward()
    return seen


@both
def test_a_hook_that_removes_itself(torch):
    x, seen = leaf(torch, 1.0), []

    def once(g):
        seen.append(g)
        handle.remove()

    handle = x.register_hook(once)
    x.register_hook(seen.append)
    for _ in range(2):
        (x * 2).backward()
    return seen


@both
def test_a_hook_changes_what_grad_gives(torch):
    x = leaf(torch, 1.0)
    h = x * 2
    h.register_hook(lambda g: g * 100)
    x.register_hook(lambda g: g + 0.5)
    y = h * h
    return [torch.autograd.grad(y, t, retain_graph=True) for t in (x, h)]


@both
def test_a_hook_on_the_root(torch):
    x = leaf(torch, 2.0)
    y = x * x
    y.register_hook(lambda g: g * 5)
    y.backward()
    return x.grad


@both
def test_a_hook_on_one_of_several_outputs(torch):
    x, seen = leaf(torch, 1.0, 2.0, 3.0, 4.0), []
    a, b = x.split(2)
    a.register_hook(lambda g: seen.append(("a", g)))
    b.register_hook(lambda g: g * 10)
    (a * b).sum().backward()
    return seen, x.grad


@refused("cannot register a hook on a tensor that doesn't require gradient")
def test_a_hook_on_data(torch):
    torch.ones(2).register_hook(print)


class Stop(Exception):
    """What a hook of these tests raises."""


@both
def test_an_error_in_a_hook_reaches_the_caller(torch):
    x = leaf(torch, 1.0)

    def fail(g):
        raise Stop

    handle = x.register_hook(fail)
    with pytest.raises(Stop):
        (x * 2).backward()
    handle.remove()
    (x * 2).backward()
    return x.grad


@both
def test_hooks_do_not_record_unless_asked(torch):
    x, seen = leaf(torch, 2.0), []
    h = x * x
    h.register_hook(lambda g: seen.append((torch.is_grad_enabled(), (g * x).requires_grad)))
    (h * h).backward(retain_graph=True)
    (h * h).backward(create_graph=True)
    return seen


@both
def test_a_replaced_gradient_under_create_graph(torch):
    x = leaf(torch, 2.0)
    h = x * x
    h.register_hook(lambda g: g * x)
    (g,) = torch.autograd.grad(h * h, x, create_graph=True)
    return g, torch.autograd.grad(g, x)


@both
def test_a_hook_that_goes_backward_through_another_graph(torch):
    x, z = leaf(torch, 2.0), leaf(torch, 5.0)

    def inner(g):
        with torch.enable_grad():
            (z * z * g.detach()).backward()

    (x * x).register_hook(inner)
    h = x * x
    h.register_hook(inner)
    (h * 3).backward()
    return x.grad, z.grad


@both
def test_a_hook_that_asks_for_a_gradient_through_the_same_leaf(torch):
    x, seen = leaf(torch, 2.0), []

    def inner(g):
        with torch.enable_grad():
            seen.append(torch.autograd.grad(x * x * x, x)[0])

    h = x.exp()
    h.register_hook(inner)
    h.backward()
    return x.grad, seen


@both
def test_a_hook_belongs_to_the_value_it_was_registered_on(torch):
    x, seen = leaf(torch, 1.0, 2.0), []
    y = x * 2
    y.register_hook(lambda g: seen.append(("before the write", g)))
    y.mul_(3)
    y.register_hook(lambda g: seen.append(("after", g)))
    y.sum().backward()
    return seen, x.grad


@both
def test_a_hook_may_write_into_nothing_of_ours(torch):
    x, kept = leaf(torch, 1.0, 2.0), []
    h = x * 1
    h.register_hook(kept.append)
    h.sum().backward()
    x.grad.mul_(7)
    return kept, x.grad


# --- retain_grad


@both
def test_retain_grad(torch):
    x = leaf(torch, 1.0, 2.0)
    h = x * 3
    before = h.retains_grad
    h.retain_grad()
    h.retain_grad()
    (h * h).sum().backward(retain_graph=True)
    first = h.grad.clone()
    (h * h).sum().backward()
    x.retain_grad()
    return before, h.retains_grad, x.retains_grad, first, h.grad, x.grad


@both
def test_retain_grad_keeps_what_the_hooks_made_of_it(torch):
    x = leaf(torch, 1.0, 2.0)
    h = x * 3
    h.retain_grad()
    h.register_hook(lambda g: g * 10)
    h.sum().backward()
    return h.grad, x.grad


@both
def test_retain_grad_follows_a_write_in_place(torch):
    x = leaf(torch, 1.0, 2.0)
    h = x * 3
    h.retain_grad()
    h.mul_(5)
    (h * 2).sum().backward()
    return h.grad, x.grad


@both
def test_retain_grad_under_create_graph(torch):
    x = leaf(torch, 2.0)
    h = x * x
    h.retain_grad()
    (h * h).backward(create_graph=True)
    return h.grad, torch.autograd.grad(h.grad, x)


@refused("can't retain_grad on Tensor that has requires_grad=False")
def test_retain_grad_of_data(torch):
    torch.ones(2).retain_grad()


@both
def test_retained_gradients_of_all_steps(torch):
    x = leaf(torch, 0.3, 0.7)
    steps = [x * 2]
    for _ in range(4):
        steps.append(steps[-1].tanh() * x)
    for h in steps:
        h.retain_grad()
    steps[-1].sum().backward()
    return [h.grad for h in steps]


# --- after accumulation


@both
def test_a_hook_after_accumulation(torch):
    x, seen = leaf(torch, 1.0, 2.0), []
    handle = x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, t.grad.clone())))
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    handle.remove()
    (x * 4).sum().backward()
    return seen, x.grad


@both
def test_training_inside_backward(torch):
    w = leaf(torch, 1.0, -1.0)

    def step(p):
        with torch.no_grad():
            p -= 0.1 * p.grad
        p.grad = None

    w.register_post_accumulate_grad_hook(step)
    for _ in range(3):
        (w * w).sum().backward()
    return w, w.grad


@both
def test_order_of_all_hooks_of_a_leaf(torch):
    x, order = leaf(torch, 1.0), []
    x.register_post_accumulate_grad_hook(lambda t: order.append("then 1"))
    x.register_hook(lambda g: order.append("tensor 1"))
    x.register_post_accumulate_grad_hook(lambda t: order.append("then 2"))
    x.register_hook(lambda g: order.append("tensor 2"))
    (x * x).backward()
    return order


@both
def test_a_hook_after_accumulation_into_inputs(torch):
    x, seen = leaf(torch, 1.0), []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.clone()))
    (x * x).backward(inputs=[x])
    torch.autograd.grad(x * x, x)
    return seen


@refused("post accumulate grad hooks cannot be registered on non-leaf tensors")
def test_a_hook_after_accumulation_on_a_result(torch):
    (leaf(torch, 1.0) * 2).register_post_accumulate_grad_hook(print)


# --- hooks on nodes


@both
def test_a_hook_on_a_node(torch):
    x, z, seen = leaf(torch, 2.0), leaf(torch, 5.0), []
    y = x * z
    y.grad_fn.register_hook(lambda ins, outs: seen.append((ins, outs)))
    y.backward()
    return seen, x.grad, z.grad


@both
def test_a_node_hook_replaces_the_gradients(torch):
    x, z = leaf(torch, 2.0), leaf(torch, 5.0)
    y, e = x * z, (x * 1).exp()
    y.grad_fn.register_hook(lambda ins, outs: (ins[0] * 10, ins[1] * 100))
    e.grad_fn.register_hook(lambda ins, outs: (ins[0] * 2,))
    (y + e).backward()
    return x.grad, z.grad


@both
def test_a_hook_before_a_node(torch):
    x = leaf(torch, 2.0)
    y = x.exp()
    handle = y.grad_fn.register_prehook(lambda outs: (outs[0] * 3,))
    y.backward(retain_graph=True)
    handle.remove()
    y.backward()
    return x.grad


@both
def test_tensor_hooks_come_before_node_hooks(torch):
    x, order = leaf(torch, 2.0), []
    y = x.exp()
    y.grad_fn.register_hook(lambda ins, outs: order.append("node after"))
    y.grad_fn.register_prehook(lambda outs: order.append("node before"))
    y.register_hook(lambda g: order.append("tensor"))
    y.retain_grad()
    y.backward()
    return order, y.grad


# --- memory


def test_a_hook_does_not_keep_a_graph_alive():
    gc.collect()
    gc.disable()
    try:
        x = leaf(autograd_lab, 1.0, 2.0)
        h = x * 3
        h.register_hook(lambda g: g * 2)
        h.retain_grad()
        node, tensor = weakref.ref(h.grad_fn), weakref.ref(h)
        h.sum().backward()
        del h
        assert node() is None and tensor() is None
    finally:
        gc.enable()


def test_a_removed_hook_costs_nothing_later():
    from autograd_lab.hooks import hooked

    gc.collect()
    before = len(hooked)
    h = leaf(autograd_lab, 1.0) * 3
    h.register_hook(lambda g: g * 2)
    assert len(hooked) == before + 1
    del h
    assert len(hooked) == before


# --- hooks on several tensors


@both
def test_a_hook_waits_for_several_gradients(torch):
    """PyTorch's own example: what backward does not reach is None, and not waited for."""
    a, b, seen = leaf(torch, 2.0), leaf(torch, 3.0), []
    c, d = a * b, a * b
    handle = torch.autograd.graph.register_multi_grad_hook((a, b, c, d), seen.append)
    c.sum().backward(retain_graph=True)
    c.sum().backward(inputs=(a,), retain_graph=True)
    handle.remove()
    c.sum().backward()
    return seen, a.grad, b.grad


@both
def test_a_hook_waits_for_the_first_gradient(torch):
    a, b, seen = leaf(torch, 2.0), leaf(torch, 3.0), []
    c = a * b
    constant = torch.tensor(1.0)
    hook = torch.autograd.graph.register_multi_grad_hook
    with hook((a, c, b, constant), seen.append, mode="any"):
        for _ in range(2):
            (c * 2).backward(retain_graph=True)
    c.backward()
    return seen


def test_a_hook_does_not_wait_for_constants():
    with pytest.raises(RuntimeError, match="on a tensor that doesn't require gradient"):
        autograd_lab.autograd.graph.register_multi_grad_hook([autograd_lab.ones(2)], print)


@refused("Expects mode to be one of")
def test_a_hook_waits_for_all_or_any(torch):
    torch.autograd.graph.register_multi_grad_hook([], print, mode="some")


def test_a_hook_on_several_tensors_keeps_no_graph():
    x = leaf(autograd_lab, 2.0)
    hook = autograd_lab.autograd.graph.register_multi_grad_hook
    hook([x], lambda g: None, mode="any")
    y = x.exp()
    node = weakref.ref(y.node)
    y.backward()
    del y
    gc.collect()
    assert node() is None
