"""torch.masked and torch.linalg against PyTorch: values, gradients, rows with nothing in them."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab

X = np.random.default_rng(0).normal(size=(4, 3, 5))
MASK = np.random.default_rng(1).random((4, 3, 5)) < 0.6
MASK[1, 2] = False
ROWS = ["amax", "amin", "argmax", "argmin", "cumprod", "cumsum", "log_softmax", "logsumexp", "mean",
        "median", "prod", "softmax", "softmin", "std", "sum", "var"]  # fmt: skip


def both(call, *arrays):
    """Run a call with both libraries; give values and gradients of each."""
    found = []
    for torch in (lab, oracle):
        tensors = [torch.tensor(a) for a in arrays]
        wanted = [t.requires_grad_() for t in tensors if t.is_floating_point()]
        y = call(torch, *tensors)
        found.append([y.detach().numpy()])
        if y.requires_grad:
            weight = torch.tensor(np.linspace(0.5, 2, y.numel()).reshape(tuple(y.shape)))
            found[-1] += [g.numpy() for g in torch.autograd.grad((y * weight).sum(), wanted)]
    return found


def agree(call, *arrays):
    """Check that both libraries give the same shapes, dtypes, values and gradients."""
    ours, theirs = both(call, *arrays)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dim", [0, -1])
def test_along_a_dimension(name, dim):
    agree(lambda torch, x, m: getattr(torch.masked, name)(x, dim, mask=m), X, MASK)


@pytest.mark.parametrize("name", ROWS)
def test_without_a_mask(name):
    agree(lambda torch, x: getattr(torch.masked, name)(x, 1), X)


@pytest.mark.parametrize("name", ROWS)
def test_whole_numbers(name):
    numbers = np.arange(12).reshape(3, 4) - 5
    mask = np.tile([True, False, True, True], (3, 1))
    if name in ("softmax", "log_softmax", "softmin", "mean"):
        def call(torch, x, m):
            return getattr(torch.masked, name)(x, 1, mask=m, dtype=torch.float64)
    else:
        def call(torch, x, m):
            return getattr(torch.masked, name)(x, 1, mask=m)
    agree(call, numbers, mask)


@pytest.mark.parametrize("name", ["amax", "amin", "logsumexp", "mean", "prod", "std", "sum", "var"])
@pytest.mark.parametrize("keepdim", [False, True])
def test_several_dimensions_and_a_small_mask(name, keepdim):
    def call(torch, x, m):
        return getattr(torch.masked, name)(x, (0, 2), keepdim=keepdim, mask=m)

    agree(call, X, MASK[0])


@pytest.mark.parametrize("ord", [2.0, 1.0, 3.0, float("inf"), float("-inf")])
def test_norms(ord):
    agree(lambda torch, x, m: torch.masked.norm(x, ord, 1, mask=m), X, MASK)


def test_normalize():
    agree(lambda torch, x, m: torch.masked.normalize(x, 2.0, 1, mask=m), X, MASK)


def test_logaddexp():
    def call(torch, x, y, m):
        return torch.masked.logaddexp(x, y, input_mask=m, other_mask=~m)

    agree(call, X, X[::-1].copy(), MASK)


def test_a_mask_with_more_dimensions_is_refused():
    with pytest.raises(IndexError):
        lab.masked.sum(lab.ones(3), mask=lab.ones(2, 3).bool())


@pytest.mark.parametrize("name", ["cross", "vecdot"])
def test_linalg_of_two(name):
    agree(lambda torch, x, y: getattr(torch.linalg, name)(x, y, dim=1), X, X[::-1].copy())


def test_linalg_diagonal():
    agree(lambda torch, x: torch.linalg.diagonal(x, offset=1), X)
