"""Adadelta walks as PyTorch's does."""

import pytest

from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.5, "rho": 0.5, "eps": 1e-3}, {"weight_decay": 0.1, "maximize": True}]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("Adadelta", mode)


def test_complex_numbers():
    check_path("Adadelta", {"eps": 1e-3}, [(2, 3)], ["complex128"])


def test_states_move():
    check_moving("Adadelta", {"eps": 1e-3})


def test_refusals():
    check_refusals("Adadelta", [{"lr": -1}, {"rho": 2}, {"eps": -1}, {"weight_decay": -1}])
