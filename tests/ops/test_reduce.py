"""Large sums are added up in rows: every number once, whatever the size and the memory's order."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as torch

MANY = 1 << 15


@pytest.mark.parametrize("count", [MANY - 1, MANY, MANY + 1, MANY + 255, 3 * MANY + 256])
def test_every_number_is_added_once(count):
    x = torch.arange(count, dtype=torch.float64)
    assert x.sum().item() == count * (count - 1) / 2
    assert x.mean().item() == (count - 1) / 2


def test_a_turned_and_a_cut_matrix_have_the_same_sum():
    x = torch.arange(400 * 300, dtype=torch.float64).reshape(400, 300)
    assert x.T.sum().item() == x.sum().item()
    assert x[:, 1:].sum().item() == x.sum().item() - x[:, 0].sum().item()


def test_dimensions_are_kept_if_they_should_be():
    assert torch.ones(200, 200).sum(dim=None, keepdim=True).shape == (1, 1)


@pytest.mark.parametrize("number", [0.1, 1e4 + 0.7])
def test_alike_numbers_do_not_drift(number):
    x = np.full(1_000_000, number, "float32")
    found = torch.tensor(x).sum().item()
    assert found == pytest.approx(x.astype("float64").sum(), rel=1e-6)


def test_an_infinite_number_stays():
    x = np.ones(MANY)
    x[7] = np.inf
    assert torch.tensor(x).sum().item() == np.inf
    x[8] = -np.inf
    assert np.isnan(torch.tensor(x).sum().item())


@pytest.mark.parametrize(("shape", "dim"), [((0,), 0), ((2, 0), 1), ((0, 0), 0)])
@pytest.mark.parametrize("call", [
    lambda x, dim: x.max(dim), lambda x, dim: x.min(dim), lambda x, dim: x.amax(dim),
    lambda x, dim: x.argmin(dim), lambda x, dim: x.median(dim), lambda x, dim: x.nanmedian(dim),
    lambda x, dim: x.mode(dim), lambda x, dim: x.kthvalue(1, dim),
])  # fmt: skip
def test_there_is_nothing_to_choose_from(call, shape, dim):
    with pytest.raises(IndexError, match="Expected reduction dim") as its:
        call(theirs.zeros(shape), dim)
    with pytest.raises(IndexError) as mine:
        call(torch.zeros(shape), dim)
    assert str(mine.value) == str(its.value)


@pytest.mark.parametrize("count", [65_519, 65_520, 70_001, 1_310_723])
@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_the_gradient_of_a_mean_of_many_is_pytorch_s_to_the_last_digit(kind, count):
    slopes = []
    for library in (torch, theirs):
        x = library.zeros(count, dtype=getattr(library, kind)).requires_grad_()
        for scale in (1.0, 3.0, 1000.0):
            (slope,) = library.autograd.grad(x.mean() * scale, x)
            slopes.append(slope[0].item())
    assert slopes[:3] == slopes[3:]


def test_a_mean_of_many_halves_has_a_second_gradient():
    x = torch.ones(70_000, dtype=torch.float16).requires_grad_()
    (slope,) = torch.autograd.grad(x.mean() ** 2, x, create_graph=True)
    (second,) = torch.autograd.grad(slope.float().sum() * 0.5, x)
    assert second.dtype is torch.float16 and abs(second[0].item() * 70_000 - 1) < 0.01
