"""How a gamma draw moves with its concentration: PyTorch's slope, and the mean of it is 1."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab.distributions.standard_gamma import slope_of_draw, standard_gamma_cdf


@pytest.mark.parametrize("a", [0.05, 0.5, 1.0, 3.0, 20.0, 150.0, 250.0, 1e4])
def test_slope(a):
    x = np.maximum(np.random.default_rng(0).standard_gamma(a, 500), 1e-30)
    a = np.full(500, a)
    expected = theirs._standard_gamma_grad(theirs.tensor(a), theirs.tensor(x)).numpy()
    np.testing.assert_allclose(slope_of_draw(a, x), expected, rtol=1e-3)  # PyTorch is no exacter


@pytest.mark.parametrize("a", [0.5, 2.0, 30.0])
def test_the_slope_holds_the_place_in_the_distribution(a):
    x, h = np.array([0.3, 1.0, 2.0]) * a, 1e-5
    slope = slope_of_draw(np.full(3, a), x)

    def place(concentration, x):
        concentration = theirs.full((3,), concentration, dtype=theirs.float64)
        return theirs.special.gammainc(concentration, theirs.tensor(x))

    moved = place(a + h, x + h * slope) - place(a - h, x - h * slope)
    still = place(a + h, x) - place(a - h, x)
    assert (abs(moved) < 1e-5 * abs(still)).all()


@pytest.mark.parametrize("a", [0.01, 0.5, 1.0, 20.0, 250.0, 1e4])
def test_the_chance_to_lie_below(a):
    x = np.array([0.0, 1e-3, 0.5, 0.9, 1.0, 1.1, 2.0, 30.0]) * a
    a = np.full(len(x), a)
    mine = standard_gamma_cdf(ours.tensor(a), ours.tensor(x)).numpy()
    expected = theirs.special.gammainc(theirs.tensor(a), theirs.tensor(x)).numpy()
    np.testing.assert_allclose(mine, expected, rtol=1e-8, atol=1e-12)


def test_far_out_everything_lies_below():
    a = ours.tensor([0.5, 300.0], requires_grad=True)
    x = ours.tensor([1e6, 1e9], requires_grad=True)
    chance = standard_gamma_cdf(a, x)
    chance.sum().backward()
    assert chance.tolist() == [1, 1]
    assert a.grad.abs().max() < 1e-12
    assert x.grad.abs().max() < 1e-12


def test_gradients_of_the_chance():
    a = ours.tensor([0.5, 2.0, 40.0], dtype=ours.float64, requires_grad=True)
    x = ours.tensor([0.7, 1.0, 44.0], dtype=ours.float64, requires_grad=True)
    assert ours.autograd.gradcheck(standard_gamma_cdf, (a, x))


def test_second_derivatives_of_the_chance():
    a = ours.tensor([0.5, 2.0, 40.0], dtype=ours.float64)
    x = ours.tensor([0.7, 1.0, 44.0], dtype=ours.float64, requires_grad=True)
    assert ours.autograd.gradgradcheck(lambda x: standard_gamma_cdf(a, x), (x,))


def test_the_slope_of_a_draw_has_no_derivative():
    """PyTorch's words; without them a second derivative would be silently wrong."""
    a = ours.tensor([3.0], requires_grad=True)
    draw = ours.distributions.Gamma(a, 1.0).rsample()
    (slope,) = ours.autograd.grad((draw * a).sum(), a, create_graph=True)
    with pytest.raises(NotImplementedError, match="derivative for '_standard_gamma_grad' is not"):
        slope.sum().backward()
