"""NAdam walks as PyTorch's does."""

import pytest

from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.1, "betas": (0.5, 0.7), "momentum_decay": 0.1},
         {"weight_decay": 0.1, "maximize": True},
         {"weight_decay": 0.1, "decoupled_weight_decay": True}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("NAdam", mode, dtypes=["float32"])


def test_complex_numbers():
    check_path("NAdam", {}, [(2, 3)], ["complex64"])


def test_states_move():
    check_moving("NAdam", {"lr": 0.1})


def test_refusals():
    check_refusals("NAdam", [
        {"lr": -1}, {"betas": (1, 0)}, {"eps": -1}, {"weight_decay": -1}, {"momentum_decay": -1},
    ])  # fmt: skip
