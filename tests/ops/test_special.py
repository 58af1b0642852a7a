"""The error function and its family, digit by digit against Python's own."""

import math

import numpy as np
import pytest

import autograd_lab as lab

POINTS = np.concatenate([np.linspace(-8, 8, 4001), np.logspace(-300, 0, 301)])


def errors(call, expected, points, dtype):
    """How far off a function is, in units of the last digit."""
    with np.errstate(all="ignore"):
        found = call(lab.tensor(points, dtype=dtype)).numpy()
    exact = np.array([expected(x) for x in points.astype(found.dtype).tolist()])
    digit = np.spacing(np.abs(exact).astype(found.dtype)).astype(float)
    return np.abs(found - exact) / digit


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_every_digit_of_double_precision(name):
    points = POINTS if name == "erf" else POINTS[POINTS > -8]
    assert errors(getattr(lab, name), getattr(math, name), points, lab.float64).max() <= 5


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_digit_of_single_precision():
    points = POINTS[np.abs(POINTS) > 1e-30]
    assert errors(lab.erf, math.erf, points, lab.float32).max() <= 5


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_erfinv_undoes_erf_and_knows_its_ends():
    x = np.concatenate([np.linspace(-1, 1, 2001)[1:-1], [1 - 1e-12, 1e-300, -1e-9]])
    y = lab.erfinv(lab.tensor(x)).numpy()
    np.testing.assert_allclose([math.erf(v) for v in y.tolist()], x, rtol=1e-15, atol=1e-300)
    ends = lab.erfinv(lab.tensor([1.0, -1.0, 1.5, 0.0]))
    assert str(ends.tolist()) == "[inf, -inf, nan, 0.0]"
