"""autograd.Function: operations that learners write themselves."""

import gc
import weakref

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both, refused


def leaf(torch, *numbers):
    """Make a float64 leaf."""
    data = list(numbers) if len(numbers) > 1 else numbers[0]
    return torch.tensor(data, requires_grad=True, dtype=torch.float64)


def make(torch, forward, backward, **more):
    """Make a Function of these."""
    body = {k: staticmethod(v) for k, v in
            {"forward": forward, "backward": backward, **more}.items()}  # fmt: skip
    return type("Mine", (torch.autograd.Function,), body)


def cube(torch):
    """A Function that saves its input."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x * x

    return Cube


@both
def test_one_input(torch):
    x = leaf(torch, 1.0, 2.0)
    y = cube(torch).apply(x * 2)
    y.sum().backward()
    return y, x.grad, y.grad_fn.name(), type(y.grad_fn).__name__


@both
def test_settings_and_several_inputs(torch):
    def forward(ctx, a, b, scale, text):
        ctx.scale, ctx.text = scale, text
        ctx.save_for_backward(a, b)
        return a * b * scale

    def backward(ctx, g):
        a, b = ctx.saved_tensors
        return g * b * ctx.scale, g * a * ctx.scale, None, None

    a, b = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    y = make(torch, forward, backward).apply(a, b, 10, "text")
    y.sum().backward()
    return y, a.grad, b.grad


@both
def test_needs_input_grad(torch):
    seen = []

    def forward(ctx, a, b, n):
        seen.append(ctx.needs_input_grad)
        return a * b

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g, None, None

    a, b = leaf(torch, 1.0), torch.tensor(2.0)
    Mine = make(torch, forward, backward)
    Mine.apply(a, b, 3).backward()
    with torch.no_grad():
        quiet = Mine.apply(a, b, 3)
    return seen[:2], a.grad, quiet


@both
def test_a_gradient_of_data_is_ignored(torch):
    a, b = leaf(torch, 1.0), torch.tensor(2.0)
    Mine = make(torch, lambda ctx, a, b: a * b, lambda ctx, g: (g * 5, g * 7))
    Mine.apply(a, b).backward()
    return a.grad, b.grad


@both
def test_trailing_nones_may_be_more(torch):
    a = leaf(torch, 1.0)
    Mine = make(torch, lambda ctx, a: a * 2, lambda ctx, g: (g * 5, None, None))
    Mine.apply(a).backward()
    return a.grad


@both
def test_no_gradient_at_all(torch):
    a = leaf(torch, 1.0)
    Mine = make(torch, lambda ctx, a: a * 2, lambda ctx, g: None)
    (Mine.apply(a) + a).backward()
    return a.grad


@both
def test_data_in_data_out(torch):
    y = cube(torch).apply(torch.tensor([1.0, 2.0]))
    return y, y.requires_grad, y.grad_fn


@both
def test_the_forward_is_not_recorded(torch):
    seen = []

    def forward(ctx, x):
        y = x * 2
        seen.append((torch.is_grad_enabled(), y.requires_grad))
        return y

    def backward(ctx, g):
        seen.append(torch.is_grad_enabled())
        return g * 2

    x = leaf(torch, 1.0)
    y = make(torch, forward, backward).apply(x)
    y.backward(retain_graph=True)
    y.backward(create_graph=True)
    return seen, x.grad.tolist()


# --- several outputs


def halves(torch, seen):
    """A Function with two outputs that notes which gradients come."""

    def forward(ctx, x, materialize):
        ctx.set_materialize_grads(materialize)
        return x * 2, x * 3

    def backward(ctx, g, h):
        seen.append((g, h))
        total = 0
        for part, n in ((g, 2), (h, 3)):
            total = total + (0 if part is None else part * n)
        return total, None

    return make(torch, forward, backward)


@both
def test_several_outputs(torch):
    x, seen = leaf(torch, 1.0, 2.0), []
    a, b = halves(torch, seen).apply(x, True)
    (a * b).sum().backward()
    return a, b, x.grad, seen, a.grad_fn is b.grad_fn


@pytest.mark.parametrize("materialize", [True, False])
@both
def test_an_output_nobody_used(torch, materialize):
    x, seen = leaf(torch, 1.0, 2.0), []
    _a, b = halves(torch, seen).apply(x, materialize)
    (b * b).sum().backward()
    return x.grad, seen


@both
def test_gradients_of_each_output(torch):
    x, seen = leaf(torch, 1.0, 2.0), []
    a, b = halves(torch, seen).apply(x, True)
    return [torch.autograd.grad(t.sum(), x, retain_graph=True) for t in (a, b, a)]


@both
def test_outputs_that_are_not_differentiable(torch):
    def forward(ctx, x):
        order = x.detach().argsort()
        ctx.mark_non_differentiable(order)
        ctx.save_for_backward(order)
        return x[order], order

    def backward(ctx, g, _):
        (order,) = ctx.saved_tensors
        back = torch.zeros_like(g)
        back[order] = g
        return back

    x = leaf(torch, 3.0, 1.0, 2.0)
    y, order = make(torch, forward, backward).apply(x)
    (y * torch.arange(3)).sum().backward()
    return y, order, x.grad


@both
def test_a_floating_output_marked_non_differentiable(torch):
    def forward(ctx, x):
        y, z = x * 2, x * 3
        ctx.mark_non_differentiable(z)
        return y, z

    x = leaf(torch, 3.0, 1.0)
    y, z = make(torch, forward, lambda ctx, g, h: g * 2 + h).apply(x)
    y.sum().backward()
    return y, z, x.grad


@both
def test_outputs_that_are_not_tensors(torch):
    Mine = make(torch, lambda ctx, x: (x * 2, "text", None), lambda ctx, g, a, b: g * 2)
    x = leaf(torch, 3.0)
    y, text, none = Mine.apply(x)
    y.backward()
    return y, text, none, x.grad


# --- inputs that come out again


@both
def test_the_input_given_back(torch):
    x = leaf(torch, 1.0, 2.0)
    y = make(torch, lambda ctx, x: x, lambda ctx, g: g * 10).apply(x)
    y.sum().backward()
    return y, y is x, x.grad, x.is_leaf


@both
def test_a_view_of_the_input(torch):
    x = leaf(torch, 1.0, 2.0)
    y = make(torch, lambda ctx, x: x.view_as(x), lambda ctx, g: -g).apply(x)
    y.sum().backward()
    return y, x.grad, y.data_ptr() == x.data_ptr()


@refused("is a view and its base or another view of its base has been modified inplace")
def test_a_view_of_the_input_whose_base_is_written_to(torch):
    h = leaf(torch, 1.0, 2.0) * 1
    y = make(torch, lambda ctx, x: x.view_as(x), lambda ctx, g: -g).apply(h)
    h.mul_(2)
    (y * 1).sum().backward()


@refused("is a view and is being modified inplace")
def test_an_input_given_back_that_is_written_to(torch):
    h = leaf(torch, 1.0, 2.0) * 1
    y = make(torch, lambda ctx, x: x, lambda ctx, g: -g).apply(h)
    y.mul_(2)


@refused(
    "a leaf Variable that requires grad has been used in an in-place operation.",
    ours="a leaf Variable that requires grad is being used in an in-place operation.",
)
def test_a_leaf_that_is_written_to(torch):
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x

    make(torch, forward, lambda ctx, g: g * 3).apply(leaf(torch, 1.0, 2.0))


@both
def test_names_of_ctx_are_free(torch):
    """A learner may call things on ctx as he likes: ours must not be in the way."""

    def forward(ctx, x):
        ctx.saved, ctx.next, ctx.seq, ctx.made, ctx.hooks = x, 2, 3, 4, 5
        ctx.edges = ctx.own = ctx.taken = ctx.told = ctx.kept = ctx.dirty = None
        return x * 2

    x = leaf(torch, 1.0, 2.0)
    y = make(torch, forward, lambda ctx, g: g * ctx.saved * ctx.next).apply(x * 1)
    with torch.no_grad():
        torch.ones(2).add_(1)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    return x.grad


@both
def test_writing_in_place(torch):
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x

    x = leaf(torch, 1.0, 2.0)
    h = x * 1
    y = make(torch, forward, lambda ctx, g: g * 3).apply(h)
    (y * y).sum().backward()
    return y, y is h, h.grad_fn.name(), x.grad


# --- what was saved


@both
def test_saving_the_output(torch):
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y

    x = leaf(torch, 1.0, 2.0)
    y = make(torch, forward, backward).apply(x)
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    return first, torch.autograd.grad(first.sum(), x)


@both
def test_saving_none_and_several(torch):
    def forward(ctx, a, b):
        ctx.save_for_backward(a, None, b)
        return a * b

    def backward(ctx, g):
        a, nothing, b = ctx.saved_tensors
        assert nothing is None
        return g * b, g * a

    a, b = leaf(torch, 2.0), leaf(torch, 3.0)
    make(torch, forward, backward).apply(a, b).backward()
    return a.grad, b.grad


@refused("Trying to backward through the graph a second time")
def test_backward_twice(torch):
    y = cube(torch).apply(leaf(torch, 2.0))
    y.backward()
    y.backward()


@both
def test_retain_graph(torch):
    x = leaf(torch, 2.0)
    y = cube(torch).apply(x)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


@refused("one of the variables needed for gradient computation has been modified by an inplace")
def test_a_saved_tensor_that_was_overwritten(torch):
    h = leaf(torch, 2.0, 3.0) * 1
    y = cube(torch).apply(h)
    h.add_(1)
    y.sum().backward()


def test_saved_tensors_are_given_back():
    gc.collect()
    gc.disable()
    try:
        x = autograd_lab.ones(3, requires_grad=True)
        h = x * 2
        array = weakref.ref(h.array)
        y = cube(autograd_lab).apply(h)
        del h
        assert array() is not None
        y.sum().backward()
        assert array() is None
    finally:
        gc.enable()


def test_a_function_that_saves_its_output_does_not_leak():
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    Mine = make(autograd_lab, forward, lambda ctx, g: g * ctx.saved_tensors[0])
    x = autograd_lab.ones(3, requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        for go_backward in (True, False):
            y = Mine.apply(x)
            array = weakref.ref(y.array)
            if go_backward:
                y.sum().backward()
            del y
            assert array() is None
    finally:
        gc.enable()


@both
def test_attributes_of_ctx(torch):
    def forward(ctx, x):
        ctx.anything, ctx.n = {"a": 1}, 2
        return x * 2

    x = leaf(torch, 2.0)
    y = make(torch, forward, lambda ctx, g: g * ctx.n * ctx.anything["a"]).apply(x)
    y.backward()
    return x.grad, y.grad_fn.n


# --- setup_context, higher orders, errors


@both
def test_setup_context(torch):
    def setup_context(ctx, inputs, output):
        x, n = inputs
        ctx.n = n
        ctx.save_for_backward(x, output)

    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * (x + y) * ctx.n, None

    x = leaf(torch, 2.0, 3.0)
    Mine = make(torch, lambda x, n: x * n, backward, setup_context=setup_context)
    y = Mine.apply(x, 4)
    y.sum().backward()
    return y, x.grad


@both
def test_double_backward(torch):
    x = leaf(torch, 2.0, 3.0)
    y, found = cube(torch).apply(x * x), []
    for _ in range(3):
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        found.append(y)
    return found


@refused("trying to differentiate twice a function that was marked with @once_differentiable")
def test_once_differentiable(torch):
    from importlib import import_module

    once = import_module(torch.__name__ + ".autograd.function").once_differentiable
    x = leaf(torch, 2.0)
    Mine = make(torch, lambda ctx, x: x * 2, once(lambda ctx, g: g * 2))
    y = Mine.apply(x * x)
    (g,) = torch.autograd.grad(y * y, x, create_graph=True)
    g.backward()


@both
def test_once_differentiable_in_ordinary_use(torch):
    from importlib import import_module

    once = import_module(torch.__name__ + ".autograd.function").once_differentiable
    x, seen = leaf(torch, 2.0), []

    def backward(ctx, g):
        seen.append((torch.is_grad_enabled(), g.requires_grad))
        return g * 2

    make(torch, lambda ctx, x: x * 2, once(backward)).apply(x).backward()
    return x.grad, seen


@both
def test_inside_a_larger_graph(torch):
    x, w = leaf(torch, 0.5, 0.7), leaf(torch, 2.0)
    h = (x * w).tanh()
    y = cube(torch).apply(h) * h
    y.sum().backward()
    return x.grad, w.grad


@refused("incorrect number of gradients (expected 2, got 1)")
def test_too_few_gradients(torch):
    a, b = leaf(torch, 2.0), leaf(torch, 3.0)
    make(torch, lambda ctx, a, b: a * b, lambda ctx, g: g).apply(a, b).backward()


@refused("incorrect number of gradients (expected 1, got 2)")
def test_too_many_gradients(torch):
    make(torch, lambda ctx, a: a * 2, lambda ctx, g: (g, g)).apply(leaf(torch, 2.0)).backward()


@refused("returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]")
def test_a_gradient_of_the_wrong_shape(torch):
    x = leaf(torch, 1.0, 2.0)
    grow = lambda ctx, g: torch.ones(3, dtype=torch.float64)  # noqa: E731
    make(torch, lambda ctx, a: a * 2, grow).apply(x).sum().backward()


@both
def test_a_gradient_that_broadcasts_is_summed(torch):
    x = leaf(torch, 1.0, 2.0)
    grow = lambda ctx, g: torch.ones(3, 2, dtype=torch.float64)  # noqa: E731
    make(torch, lambda ctx, a: a * 2, grow).apply(x).sum().backward()
    return x.grad


@both
def test_a_gradient_of_another_dtype_is_converted(torch):
    x = torch.ones(2, requires_grad=True)
    wide = lambda ctx, g: g.to(torch.float64)  # noqa: E731
    make(torch, lambda ctx, a: a * 2, wide).apply(x).sum().backward()
    return x.grad


@refused("You must implement the forward function for custom autograd.Function.")
def test_no_forward(torch):
    type("Mine", (torch.autograd.Function,), {}).apply(leaf(torch, 1.0))


@refused("You must implement either the backward or vjp method")
def test_no_backward(torch):
    body = {"forward": staticmethod(lambda ctx, x: x * 2)}
    type("Mine", (torch.autograd.Function,), body).apply(leaf(torch, 1.0)).backward()


@both
def test_keywords_and_defaults(torch):
    x, seen = leaf(torch, 2.0), []

    def forward(ctx, x, n=3):
        ctx.n = n
        return x * n

    def setup_context(ctx, inputs, output):
        seen.append(inputs[1])
        ctx.n = inputs[1]

    def backward(ctx, g):
        return g * ctx.n, None

    One = make(torch, forward, backward)
    Two = make(torch, lambda x, n=3: x * n, backward, setup_context=setup_context)
    made = [f(x) for f in (One.apply, Two.apply)]
    made += [f(x, n=5) for f in (One.apply, Two.apply)]
    made += [f(n=7, x=x) for f in (One.apply, Two.apply)]
    sum(made).backward()
    return made, seen, x.grad


class Stop(Exception):
    """What a backward of these tests raises."""


@refused("mine")
def test_an_error_in_backward_reaches_the_caller(torch):
    def backward(ctx, g):
        raise Stop("mine")

    make(torch, lambda ctx, x: x * 2, backward).apply(leaf(torch, 1.0)).backward()


@both
def test_a_function_with_numpy_inside(torch):
    def forward(ctx, x):
        values = np.sort(x.detach().numpy())
        ctx.order = np.argsort(x.detach().numpy())
        return torch.from_numpy(values)

    def backward(ctx, g):
        back = np.zeros_like(g.numpy())
        back[ctx.order] = g.numpy()
        return torch.from_numpy(back)

    x = leaf(torch, 3.0, 1.0, 2.0)
    y = make(torch, forward, backward).apply(x)
    (y * y * y).sum().backward()
    return y, x.grad


@both
def test_a_straight_through_estimator(torch):
    x = leaf(torch, -0.3, 0.2, 1.4)
    Sign = make(torch, lambda ctx, x: x.sign(), lambda ctx, g: g)
    (Sign.apply(x) * torch.arange(3.0, dtype=torch.float64)).sum().backward()
    return x.grad


@both
def test_subclasses_share_nothing(torch):
    class Base(torch.autograd.Function):
        factor = 2

        @classmethod
        def scale(cls):
            return cls.factor

        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g * 2

    class Other(Base):
        @staticmethod
        def backward(ctx, g):
            return g * 5

    x, z = leaf(torch, 1.0), leaf(torch, 1.0)
    y = Base.apply(x) + Other.apply(z)
    y.backward()
    return x.grad, z.grad, Other.apply(x).grad_fn.name()


@both
def test_gradcheck_of_a_function(torch):
    x = leaf(torch, 0.5, 1.5)
    return (torch.autograd.gradcheck(cube(torch).apply, (x,)),
            torch.autograd.gradgradcheck(cube(torch).apply, (x,)))  # fmt: skip
