"""RMSprop walks as PyTorch's does."""

import pytest

from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.1, "alpha": 0.5, "eps": 0.1}, {"momentum": 0.9}, {"centered": True},
         {"centered": True, "momentum": 0.5, "weight_decay": 0.1, "maximize": True}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("RMSprop", mode, dtypes=["float64"])


def test_single_precision():
    check_path("RMSprop", {"momentum": 0.9}, dtypes=["float32"])


def test_complex_numbers():
    check_path("RMSprop", {"centered": True, "momentum": 0.5}, [(2, 3)], ["complex128"])


def test_states_move():
    check_moving("RMSprop", {"momentum": 0.5, "centered": True})


def test_refusals():
    check_refusals("RMSprop", [
        {"lr": -1}, {"momentum": -1}, {"eps": -1}, {"weight_decay": -1}, {"alpha": -1},
    ])  # fmt: skip
