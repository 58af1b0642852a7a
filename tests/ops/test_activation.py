"""What activations keep for the way back."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.nn import functional as F
from autograd_lab.ops import activation


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
