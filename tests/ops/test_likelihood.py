"""Losses by likelihood against PyTorch: values, gradients, every reduction, errors."""

import numpy as np
import pytest

from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

x, target = numbers(5, 3), numbers(5, 3, seed=1)
counts = np.array([[0, 1, 2], [3, 10, 1], [0, 0, 4], [1, 1, 1], [2, 5, 7]])
variances = np.abs(numbers(5, 3, seed=2)) * [[1], [1], [1], [1], [1e-9]]  # the last: below eps
CALLS = {
    "poisson": ("poisson_nll_loss", {}, x, counts),
    "poisson full": ("poisson_nll_loss", {"full": True}, x, counts),
    "poisson plain": ("poisson_nll_loss", {"log_input": False, "eps": 0.1}, np.abs(x), counts),
    "gaussian": ("gaussian_nll_loss", {}, x, target, variances),
    "gaussian full": ("gaussian_nll_loss", {"full": True, "eps": 0.01}, x, target, variances),
    "gaussian rows": ("gaussian_nll_loss", {}, x, target, variances[:, 0]),
    "gaussian columns": ("gaussian_nll_loss", {}, x, target, variances[:, :1]),
    "gaussian one": ("gaussian_nll_loss", {}, x, target, 0.5),
    "multilabel": ("multilabel_soft_margin_loss", {}, x, 1.0 * (target > 0)),
    "multilabel weighed": ("multilabel_soft_margin_loss", {}, x, 1.0 * (target > 0), x[0] ** 2),
}  # fmt: skip


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients(name, reduction):
    function, settings, *args = CALLS[name]
    agree(lambda t, *xs: getattr(t.nn.functional, function)(
        *xs, reduction=reduction, **settings), *args)  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_on_the_gpu(gpu, name):
    function, settings, *args = CALLS[name]
    alike_on_the_gpu(lambda t, *xs: getattr(t.nn.functional, function)(*xs, **settings), *args)


@pytest.mark.parametrize("call", [
    lambda F, o: F.multilabel_soft_margin_loss(o(2, 3), o(2, 3), reduction="x"),
    lambda F, o: F.poisson_nll_loss(o(2, 3), o(2, 3), reduction="x"),
    lambda F, o: F.gaussian_nll_loss(o(2, 3), o(2, 3), o(2, 3), reduction="x"),
    lambda F, o: F.gaussian_nll_loss(o(2, 3), o(2, 3), -o(2, 3)),
    lambda F, o: F.gaussian_nll_loss(o(2, 3), o(2, 3), -1.0),
    lambda F, o: F.gaussian_nll_loss(o(2, 3), o(2, 3), o(4)),
    lambda F, o: F.gaussian_nll_loss(o(2, 3, 4), o(2, 3, 4), o(1, 1, 4)),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.functional, t.ones))
