"""Adamax walks as PyTorch's does."""

import pytest

from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1}, {"weight_decay": 0.1, "maximize": True}]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("Adamax", mode)


def test_complex_numbers():
    check_path("Adamax", {}, [(2, 3)], ["complex128"])


def test_states_move():
    check_moving("Adamax", {"lr": 0.1})


def test_refusals():
    check_refusals("Adamax", [{"lr": -1}, {"betas": (1, 0)}, {"eps": -1}, {"weight_decay": -1}])
