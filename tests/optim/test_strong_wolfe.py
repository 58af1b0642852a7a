"""The line search ends where PyTorch's ends, on easy and on mean functions."""

import math

import numpy as np
import pytest
import torch as theirs
from torch.optim.lbfgs import _strong_wolfe

from autograd_lab.optim.strong_wolfe import Place, lowest_of_cubic, strong_wolfe

FUNCTIONS = {
    "parabola": (lambda t: ((t - 3) ** 2, 2 * (t - 3)), 1.0),
    "far": (lambda t: ((t - 300) ** 2, 2 * (t - 300)), 0.5),
    "too far": (lambda t: ((t - 0.01) ** 2, 2 * (t - 0.01)), 5.0),
    "waves": (lambda t: (math.cos(3 * t) - t / 9, -3 * math.sin(3 * t) - 1 / 9), 2.0),
    "kink": (lambda t: (abs(t - 1) ** 1.5, 1.5 * abs(t - 1) ** 0.5 * (1 if t > 1 else -1)), 9.0),
    "cliff": (lambda t: (t**4 - t, 4 * t**3 - 1), 30.0),
    "steep": (lambda t: (math.exp(-t) + 0.001 * t, -math.exp(-t) + 0.001), 0.1),
}


@pytest.mark.parametrize("looks", [25, 3, 1])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_ends_where_pytorch_s_ends(name, looks):
    function, length = FUNCTIONS[name]
    loss, slope = function(0.0)

    def look(t):
        loss, slope = function(float(t))
        return loss, np.array([slope])

    def other(x, t, d):
        loss, slope = function(float(t))
        return loss, theirs.tensor([slope], dtype=theirs.float64)

    one = theirs.ones(1, dtype=theirs.float64)
    down = theirs.tensor(slope, dtype=theirs.float64)
    its = _strong_wolfe(other, None, length, one, loss, one * slope, down, max_ls=looks)
    mine = strong_wolfe(look, length, np.ones(1), loss, np.array([slope]), slope, max_calls=looks)
    for a, b in zip(mine, its, strict=True):
        assert float(np.squeeze(a)) == pytest.approx(float(b), rel=1e-6, abs=1e-12)


def test_a_flat_stretch_is_halved():
    flat = Place(0, 1.0, None, 0.0), Place(2, 1.0, None, 0.0)
    assert lowest_of_cubic(*flat, 0, 2) == 1
    assert lowest_of_cubic(flat[0], flat[0], 0, 2) == 1
