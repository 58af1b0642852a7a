"""gradcheck finds wrong gradients, and only those."""

import numpy as np
import pytest

import autograd_lab as lab
from tests.core.oracle import both, refused


def make(torch, forward, backward):
    """Make a Function with this rule."""
    body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Mine", (torch.autograd.Function,), body).apply


def points(torch, *shape, dtype="float64"):
    """Make a leaf with numbers between 1 and 2."""
    numbers = np.random.default_rng(0).uniform(1, 2, shape)
    if dtype.startswith("complex"):
        numbers = numbers + 1j * numbers[::-1]
    return torch.tensor(numbers, dtype=getattr(torch, dtype), requires_grad=True)


def squares(ctx, x):
    """Save the input and square it."""
    ctx.save_for_backward(x)
    return x * x


WRONG = {
    "twice too large": lambda ctx, g: g * 4 * ctx.saved_tensors[0],
    "wrong sign": lambda ctx, g: g * -2 * ctx.saved_tensors[0],
    "one part in a hundred": lambda ctx, g: g * 2.02 * ctx.saved_tensors[0],
    "one element": lambda ctx, g: g * 2 * _zero_last(ctx.saved_tensors[0]),
    "none": lambda ctx, g: None,
    "constant": lambda ctx, g: g * 2,
    "ignores g": lambda ctx, g: 2 * ctx.saved_tensors[0],
}


def _zero_last(x):
    x = x.detach().clone()
    x.view(-1)[-1] = 0
    return x


def right(ctx, g):
    """Give the true gradient of the square."""
    return g * 2 * ctx.saved_tensors[0]


@both
def test_a_right_rule(torch):
    x = points(torch, 2, 3)
    square = make(torch, squares, right)
    return torch.autograd.gradcheck(square, (x,)), torch.autograd.gradcheck(square, x)


@pytest.mark.parametrize("kind", [kind for kind in WRONG if kind != "ignores g"])
@refused("Jacobian mismatch for output 0 with respect to input 0")
def test_a_wrong_rule(torch, kind):
    torch.autograd.gradcheck(make(torch, squares, WRONG[kind]), (points(torch, 2, 3),))


@pytest.mark.parametrize("kind", WRONG)
@both
def test_a_wrong_rule_without_an_error(torch, kind):
    wrong = make(torch, squares, WRONG[kind])
    return torch.autograd.gradcheck(wrong, (points(torch, 2, 3),), raise_exception=False)


def test_the_error_shows_both_jacobians():
    with pytest.raises(lab.autograd.GradcheckError) as told:
        lab.autograd.gradcheck(make(lab, squares, WRONG["constant"]), (points(lab, 1),))
    assert "numerical" in str(told.value) and "analytical" in str(told.value)
    assert "2." in str(told.value)


@refused("Jacobian mismatch for output 0 with respect to input 1")
def test_the_wrong_input_is_named(torch):
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    def backward(ctx, g):
        _a, b = ctx.saved_tensors
        return g * b, g * b

    torch.autograd.gradcheck(
        make(torch, forward, backward), (points(torch, 2), points(torch, 2, 2)[0] * 3)
    )


@refused("Jacobian mismatch for output 1 with respect to input 0")
def test_the_wrong_output_is_named(torch):
    wrong = make(torch, squares, WRONG["constant"])
    torch.autograd.gradcheck(lambda x: (x * 3, wrong(x)), (points(torch, 2),))


@both
def test_many_kinds_of_functions(torch):
    check = torch.autograd.gradcheck
    a, b, s = points(torch, 2, 3), points(torch, 3), points(torch)
    data, whole = torch.ones(3, dtype=torch.float64), torch.arange(3)
    return [
        check(lambda a, b: a * b / (a + b), (a, b)),
        check(lambda a, s: (a * s).sum(), (a, s)),
        check(lambda a, d, n, k: a * d * n * k, (a, data, whole, 3)),
        check(lambda a: (a.exp(), a.tanh() * 2), (a,)),
        check(lambda a: [a[0], a[:, 1]], (a,)),
        check(lambda a: (a, whole), (a,)),
        check(lambda s: s.expand(2, 2), (s,)),
    ]


@both
def test_complex_functions(torch):
    z, w = points(torch, 3, dtype="complex128"), points(torch, 3)
    check = torch.autograd.gradcheck
    return [check(lambda z: z * z, (z,)), check(lambda z, w: z * w, (z, w)),
            check(lambda z: z.abs(), (z,)), check(lambda z: z.conj() * z, (z,))]  # fmt: skip


@refused("Jacobian mismatch")
def test_a_wrong_complex_rule(torch):
    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0]  # the conjugate is missing

    torch.autograd.gradcheck(
        make(torch, squares, backward), (points(torch, 2, dtype="complex128"),)
    )


@refused("gradcheck expects at least one input tensor to require gradient")
def test_nothing_to_check(torch):
    torch.autograd.gradcheck(lambda x: x * 2, (torch.ones(2),))


def test_it_leaves_things_alone():
    x = points(lab, 2)
    x.grad = before = lab.ones(2, dtype=lab.float64)
    copy = x.detach().clone()
    assert lab.autograd.gradcheck(lambda x: (x * x).exp(), (x,))
    assert x.grad is before and lab.equal(before, lab.ones(2, dtype=lab.float64))
    assert lab.equal(x, copy)


def test_float32_needs_wider_tolerances():
    x = points(lab, 2, dtype="float32")
    assert not lab.autograd.gradcheck(lambda x: x * x * x, (x,), raise_exception=False)
    assert lab.autograd.gradcheck(lambda x: x * x * x, (x,), eps=1e-2, atol=1e-2, rtol=1e-2)


# --- second order


@both
def test_right_second_derivatives(torch):
    a, b = points(torch, 2, 3), points(torch, 3)
    square = make(torch, squares, right)
    check = torch.autograd.gradgradcheck
    return [check(square, (a,)), check(lambda a, b: (a * b).exp() / a, (a, b)),
            check(lambda a: a * 2, (a,)), check(lambda a: (a.tanh(), a * a), (a,)),
            check(lambda a: a * a * a, (a,), torch.ones(2, 3, dtype=torch.float64,
                                                        requires_grad=True))]  # fmt: skip


@refused("Jacobian mismatch")
def test_a_rule_that_is_right_once_and_wrong_twice(torch):
    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0].detach()

    square = make(torch, squares, backward)
    assert torch.autograd.gradcheck(square, (points(torch, 2),))
    torch.autograd.gradgradcheck(square, (points(torch, 2),))


@both
def test_a_wrong_second_order_without_an_error(torch):
    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0].detach()

    square = make(torch, squares, backward)
    return torch.autograd.gradgradcheck(square, (points(torch, 2),), raise_exception=False)
