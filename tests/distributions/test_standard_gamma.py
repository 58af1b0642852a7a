"""How a gamma draw moves with its concentration: PyTorch's slope, and the mean of it is 1."""

import numpy as np
import pytest
import torch as theirs

from autograd_lab.distributions.standard_gamma import digamma_of, slope_of_draw


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
        return theirs.special.gammainc(theirs.full((3,), concentration).double(), theirs.tensor(x))

    moved = place(a + h, x + h * slope) - place(a - h, x - h * slope)
    still = place(a + h, x) - place(a - h, x)
    assert (abs(moved) < 1e-5 * abs(still)).all()


def test_digamma():
    x = np.array([1e-3, 0.5, 1.0, 7.3, 400.0])
    expected = theirs.digamma(theirs.tensor(x)).numpy()
    np.testing.assert_allclose(digamma_of(x), expected, rtol=1e-10)
