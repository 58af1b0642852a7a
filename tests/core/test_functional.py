"""jacobian, hessian, vjp, jvp, vhp, hvp: derivatives of whole functions."""

import numpy as np
import pytest

from tests.core.oracle import both, refused


def points(torch, *shape, requires_grad=False):
    """Give numbers between 0.5 and 1.5."""
    numbers = np.random.default_rng(len(shape)).uniform(0.5, 1.5, shape)
    return torch.tensor(numbers, requires_grad=requires_grad)


def two(torch):
    """Give two inputs."""
    return points(torch, 2), points(torch, 2, 2)


CASES = {
    "one to one": lambda t, x: x.exp() * 2,
    "one to a number": lambda t, x: (x * x).sum(),
    "one to several": lambda t, x: (x.exp(), (x * x).sum()),
    "unrelated": lambda t, x: t.ones(2, dtype=t.float64),
    "partly related": lambda t, x: x[0] * 3,
}


@pytest.mark.parametrize("case", CASES)
@both
def test_jacobian(torch, case):
    return torch.autograd.functional.jacobian(lambda x: CASES[case](torch, x), points(torch, 2))


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
@both
def test_jacobian_of_shapes(torch, shape):
    return torch.autograd.functional.jacobian(lambda x: x * x, points(torch, *shape))


@both
def test_jacobian_of_several_inputs(torch):
    jacobian = torch.autograd.functional.jacobian
    return (jacobian(lambda a, b: a * b, two(torch)),
            jacobian(lambda a, b: (a.sum(), a * b), two(torch)),
            jacobian(lambda a, b: a * 2, two(torch)))  # fmt: skip


@both
def test_jacobian_with_a_graph(torch):
    x = points(torch, 3, requires_grad=True)
    made = torch.autograd.functional.jacobian(lambda x: x * x * x, x, create_graph=True)
    (made * made).sum().backward()
    return made, x.grad


@both
def test_nothing_is_left_in_grad(torch):
    x = points(torch, 3, requires_grad=True)
    torch.autograd.functional.jacobian(lambda x: x * x, x)
    torch.autograd.functional.hessian(lambda x: (x * x).sum(), x)
    return x.grad, x.requires_grad, points(torch, 2).requires_grad


@both
def test_hessian(torch):
    hessian = torch.autograd.functional.hessian
    return (hessian(lambda x: (x * x * x).sum() + x[0] * x[1], points(torch, 2)),
            hessian(lambda a, b: (a * b * b).sum(), two(torch)),
            hessian(lambda x: x * x, points(torch)),
            hessian(lambda x: x.sum() * 2, points(torch, 2)),
            hessian(lambda a, b: (a * a).sum(), two(torch)))  # fmt: skip


@both
def test_hessian_with_a_graph(torch):
    x = points(torch, 2, requires_grad=True)
    made = torch.autograd.functional.hessian(lambda x: (x * x * x).sum(), x, create_graph=True)
    made.sum().backward()
    return made, x.grad


@both
def test_vjp(torch):
    vjp = torch.autograd.functional.vjp
    v, w = points(torch, 3), points(torch, 2, 2)
    return (vjp(lambda x: x * x, v, v * 2), vjp(lambda x: (x * x).sum(), v),
            vjp(lambda a, b: a * b, two(torch), w),
            vjp(lambda x: (x.exp(), x.sum()), v, (v, torch.tensor(2.0, dtype=torch.float64))),
            vjp(lambda x: torch.ones(3, dtype=torch.float64), v, v))  # fmt: skip


@both
def test_jvp(torch):
    jvp = torch.autograd.functional.jvp
    v = points(torch, 3)
    return (jvp(lambda x: x * x, v, v * 2), jvp(lambda x: x * x, points(torch)),
            jvp(lambda a, b: a * b, two(torch), two(torch)),
            jvp(lambda x: (x.exp(), x.sum()), v, v),
            jvp(lambda x: torch.ones(3, dtype=torch.float64), v, v),
            jvp(lambda x: x * 3, v, v))  # fmt: skip


@pytest.mark.parametrize("name", ["vhp", "hvp"])
@both
def test_hessian_products(torch, name):
    product = getattr(torch.autograd.functional, name)
    v = points(torch, 3)
    return (product(lambda x: (x * x * x).sum(), v, v * 2), product(lambda x: x * x, points(torch)),
            product(lambda a, b: (a * a * b).sum(), two(torch), two(torch)),
            product(lambda x: x.sum(), v, v))  # fmt: skip


@pytest.mark.parametrize("name", ["vjp", "jvp", "vhp", "hvp"])
@both
def test_products_with_a_graph(torch, name):
    x = points(torch, 3, requires_grad=True)
    product = getattr(torch.autograd.functional, name)
    total = (lambda x: (x * x * x).sum()) if name in ("vhp", "hvp") else (lambda x: x * x * x)
    made, moved = product(total, x, points(torch, 3) * 2, create_graph=True)
    (made.sum() + (moved * moved).sum()).backward()
    return made, moved, x.grad


STRICT = {
    "jacobian": lambda t, x: t.ones(2), "hessian": lambda t, x: t.tensor(1.0),
    "vjp": lambda t, x: t.tensor(1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", STRICT)
@refused("Output 0 of the user-provided function does not require gradients.")
def test_strict(torch, name):
    function = getattr(torch.autograd.functional, name)
    function(lambda x: STRICT[name](torch, x), points(torch, 2), strict=True)


@refused("Output 0 of the user-provided function is independent of input 1.")
def test_strict_about_one_input(torch):
    torch.autograd.functional.jacobian(lambda a, b: a * 2, two(torch), strict=True)


def test_the_jacobian_of_nothing():
    import autograd_lab

    made = autograd_lab.autograd.functional.jacobian(lambda x: x * x, autograd_lab.ones(0))
    assert made.shape == (0, 0)


@refused("should contain a single element")
def test_a_hessian_of_many_outputs(torch):
    torch.autograd.functional.hessian(lambda x: x * x, points(torch, 2))


@refused("The vector v can only be None")
def test_a_vjp_without_a_vector(torch):
    torch.autograd.functional.vjp(lambda x: x * x, points(torch, 2))


@refused("v has invalid size")
def test_a_vector_that_does_not_fit(torch):
    torch.autograd.functional.vjp(lambda x: x * x, points(torch, 2), points(torch, 3))


@both
def test_newton_finds_the_minimum(torch):
    x = points(torch, 2)
    loss = lambda x: (x * x * x * x).sum() + (x - 1)[0] * (x - 1)[0] + x.exp().sum()  # noqa: E731
    for _ in range(6):
        slope = torch.autograd.functional.jacobian(loss, x)
        curve = torch.autograd.functional.hessian(loss, x)
        (a, b), (c, d) = curve
        inverse = torch.stack([torch.stack([d, -b]), torch.stack([-c, a])]) / (a * d - b * c)
        x = x - (inverse * slope).sum(1)
    return x
