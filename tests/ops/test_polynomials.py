"""Families of polynomials: PyTorch's values, and the slopes that PyTorch does not give."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as torch
from tests.ops.calls import alike_on_the_gpu

NAMES = [name for name in torch.special.__all__ if "_polynomial_" in name]
X = np.array([-2.5, -1.0, -0.3, 0.0, 0.5, 1.0, 4.0, np.inf])
DEGREES = np.array([-1.0, 0.0, 1.0, 2.0, 3.9, 7.0, 12.0, np.inf, np.nan])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("x", "n"),
    [
        (X[:, None], DEGREES), (X.astype("float32"), 3), (0.5, DEGREES),
        (X[:-1].astype("int64"), 2), (np.array([0, 2], "uint8"), np.array([1, 2])),
        (np.zeros((0, 2)), 3), (np.array([0.3], "float32"), DEGREES),
    ],
)  # fmt: skip
def test_values(name, x, n):
    mine, its = (
        getattr(t.special, name)(*[t.tensor(a) if isinstance(a, np.ndarray) else a for a in (x, n)])
        for t in (torch, oracle)
    )
    assert str(mine.dtype) == str(its.dtype)
    near = 1e-9 if mine.dtype is torch.float64 else 1e-4
    np.testing.assert_allclose(mine.numpy(), its.numpy(), near, near)


@pytest.mark.parametrize("name", NAMES)
def test_slopes(name):
    x = torch.tensor(X[:-1], requires_grad=True)
    for n in (0, 1, 5):
        assert torch.autograd.gradcheck(lambda x, n=n: getattr(torch.special, name)(x, n), (x,))


def test_on_the_gpu(gpu):
    alike_on_the_gpu(lambda t, x, n: t.special.legendre_polynomial_p(x, n), X[:-1], np.array(4))
    alike_on_the_gpu(lambda t, x: t.special.hermite_polynomial_he(x, 3), X[:-1])
