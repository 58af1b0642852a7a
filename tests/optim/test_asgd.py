"""ASGD walks as PyTorch's does, and averages the same."""

import pytest

from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.1, "lambd": 0.3, "alpha": 0.5}, {"weight_decay": 0.1, "maximize": True},
         {"t0": 2}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("ASGD", mode, dtypes=["float32"])


def test_complex_numbers():
    check_path("ASGD", {"t0": 2}, [(2, 3)], ["complex64"])


def test_states_move():
    check_moving("ASGD", {"t0": 1})


def test_refusals():
    check_refusals("ASGD", [{"lr": -1}, {"weight_decay": -1}])
