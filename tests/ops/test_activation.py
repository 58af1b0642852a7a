"""What activations keep for the way back."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as torch
from autograd_lab.nn import functional as F
from autograd_lab.ops import activation
from tests.core.oracle import both


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gelu_goes_back_by_the_probability_that_it_kept(monkeypatch, dtype, approximate):
    x = torch.linspace(-6, 6, 99, dtype=dtype, requires_grad=True)
    expected, = torch.autograd.grad(F.gelu(x, approximate).sum(), x, create_graph=True)
    for again in "normal_cdf", "tanh", "exp":
        monkeypatch.delattr(activation, again)
    F.gelu(x, approximate).sum().backward()
    near = 1e-12 if dtype is torch.float64 else 1e-5
    np.testing.assert_allclose(x.grad.numpy(), expected.detach().numpy(), atol=near)


def test_gelu_keeps_nothing_that_it_does_not_use():
    x = torch.ones(3, dtype=torch.float16, requires_grad=True)
    y = F.gelu(x)
    assert [type(kept) for kept in y.grad_fn.saved].count(np.ndarray) == 1
    y.sum().backward()
    assert x.grad.dtype == torch.float16


BENT = {
    "relu": lambda F, x: F.relu(x), "leaky_relu": lambda F, x: F.leaky_relu(x, 0.2),
    "relu6": lambda F, x: F.relu6(x), "hardtanh": lambda F, x: F.hardtanh(x),
    "threshold": lambda F, x: F.threshold(x, 0.1, 0.0), "softshrink": lambda F, x: F.softshrink(x),
    "hardshrink": lambda F, x: F.hardshrink(x), "prelu": lambda F, x: F.prelu(x, x[:1].detach()),
}  # fmt: skip


@pytest.mark.parametrize("name", BENT)
@both
def test_the_second_derivative_of_straight_pieces_is_0(torch, name):
    x = torch.tensor([-1.5, 0.7, 2.5, -0.2, float("inf")], requires_grad=True)
    (g,) = torch.autograd.grad(BENT[name](torch.nn.functional, x).sum(), x, create_graph=True)
    return g, torch.autograd.grad(g.sum(), x)


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "PReLU", "Tanh"])
@both
def test_a_gradient_penalty_reaches_the_same_parameters(torch, name):
    layers = torch.nn.Linear(3, 4), getattr(torch.nn, name)(), torch.nn.Linear(4, 1)
    D = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for p in D.parameters():
            p.copy_(torch.linspace(-1.0, 0.8, p.numel()).reshape(p.shape))
    x = torch.linspace(-1.0, 1.0, 6).reshape(2, 3).requires_grad_()
    (g,) = torch.autograd.grad(D(x).sum(), x, create_graph=True)
    (g.norm(2, dim=1) - 1).square().mean().backward()
    return [p.grad for p in D.parameters()]


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_of_halves_keeps_its_left_side(approximate):
    found = []
    for lib in (torch, oracle):
        x = lib.linspace(-5.5, 5.5, 45).half().requires_grad_()
        y = lib.nn.functional.gelu(x, approximate=approximate)
        y.sum().backward()
        found.append([y.detach().numpy(), x.grad.numpy()])
    for mine, its in zip(*found):
        assert mine.dtype == its.dtype
        np.testing.assert_allclose(mine, its, rtol=2e-3, atol=2e-6)
