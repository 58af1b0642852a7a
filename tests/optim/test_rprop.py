"""Rprop walks as PyTorch's does."""

import pytest

from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.5, "etas": (0.1, 3.0), "step_sizes": (0.3, 0.7)}, {"maximize": True}]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("Rprop", mode)


def test_complex_numbers():
    check_path("Rprop", {"lr": 0.5}, [(2, 3)], ["complex128"])


def test_states_move():
    check_moving("Rprop", {"lr": 0.5})


def test_refusals():
    check_refusals("Rprop", [{"lr": -1}, {"etas": (1.2, 0.5)}])
