"""RAdam walks as PyTorch's does, before and after it trusts its division."""

import pytest

from autograd_lab.optim.radam import trust
from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.1, "betas": (0.5, 0.7)}, {"betas": (0.9, 0.97)},
         {"weight_decay": 0.1, "maximize": True},
         {"weight_decay": 0.1, "decoupled_weight_decay": True}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("RAdam", mode)


def test_trust_begins_on_the_way():
    assert [trust(t, 0.9) > 0 for t in (3, 8)] == [False, True]
    check_path("RAdam", {"betas": (0.9, 0.9), "lr": 0.1})


def test_complex_numbers():
    check_path("RAdam", {}, [(2, 3)], ["complex128"])


def test_states_move():
    check_moving("RAdam", {"lr": 0.1})


def test_refusals():
    check_refusals("RAdam", [{"lr": -1}, {"betas": (1, 0)}, {"eps": -1}, {"weight_decay": -1}])
