"""What changes nothing has the slope 0, even for a gradient that is infinite or nan."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab

SENT = np.array([np.inf, -np.inf, np.nan, 1.0, 0.0])
CALLS = {
    "sign": lambda t, x: t.sign(x),
    "sgn": lambda t, x: t.sgn(x),
    "angle": lambda t, x: t.angle(x),
    "floor": lambda t, x: t.floor(x),
    "ceil": lambda t, x: t.ceil(x),
    "round": lambda t, x: t.round(x),
    "trunc": lambda t, x: t.trunc(x),
    "fill": lambda t, x: t.fill(x, 3.0),
    "divided and rounded": lambda t, x: t.div(x, 2.0, rounding_mode="floor"),
    "the sign of another": lambda t, x: t.copysign(t.ones(5, dtype=t.float64), x),
    "relu of what is negative": lambda t, x: t.relu(x - 10),
    "to the power 0": lambda t, x: x**0,
    "copied over": lambda t, x: (x * 1).copy_(t.ones(5, dtype=t.float64)),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nothing_comes_through(name):
    slopes = []
    for home in (lab, oracle):
        x = home.tensor([1.5, -2.5, 0.0, 4.0, -0.5], dtype=home.float64, requires_grad=True)
        CALLS[name](home, x).backward(home.tensor(SENT))
        slopes.append((x.grad + 0).numpy())  # PyTorch may give a "ZeroTensor"
    np.testing.assert_array_equal(*slopes)
    assert not slopes[0].any()
