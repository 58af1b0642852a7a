"""Gradients on roads that few take: their values and their dtypes are PyTorch's."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab
import autograd_lab.nn.functional


def leaf(t, data, dtype="float32"):
    return t.tensor(data, dtype=getattr(t, dtype), requires_grad=True)


def complex_leaf(t):
    return leaf(t, [[1 + 2j, 3j, 4.0], [5.0, 6.0, 7 - 1j]], "complex64")


def pairs(t):
    return leaf(t, [[1.0, 2.0], [3.0, 4.0]])


# Each gives its leaf and what backward starts from.
CALLS = {
    "pairs of parts, sum": lambda t: (z := complex_leaf(t), t.view_as_real(z).sum()),
    "pairs of parts, mean": lambda t: (z := complex_leaf(t), t.view_as_real(z).mean()),
    "pairs of parts, turned": lambda t: (
        z := complex_leaf(t), t.view_as_real(z).permute(2, 0, 1)[1].exp().sum(),
    ),
    "parts of one number": lambda t: (z := leaf(t, 1 + 2j, "complex64"),
                                      t.view_as_real(z).sum()),
    "a number of parts": lambda t: (x := pairs(t), t.view_as_complex(x).real.sum()),
    "an infinite gradient of the largest": lambda t: (x := leaf(t, [-1.0, 0.0]), t.sqrt(x.max())),
    "an infinite gradient of the smallest": lambda t: (
        x := leaf(t, [[0.0, 1.0], [0.0, 2.0]]), t.sqrt(x.min()),
    ),
    "nan is the largest": lambda t: (x := leaf(t, [float("nan"), 1.0]), x.max()),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_gradient(name):
    (mine, end), (its, their_end) = CALLS[name](lab), CALLS[name](oracle)
    end.backward()
    their_end.backward()
    assert str(mine.grad.dtype) == str(its.grad.dtype)
    assert mine.grad.shape == its.grad.shape
    np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-5, atol=1e-7)
