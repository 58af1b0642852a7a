"""Adafactor walks as PyTorch's does."""

import pytest

import autograd_lab as torch
from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.5, "beta2_decay": -0.3, "d": 2.0}, {"weight_decay": 0.1, "maximize": True},
         {"eps": (1e-2, 0.5)}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("Adafactor", mode)


def test_more_dimensions():
    check_path("Adafactor", {"lr": 0.1}, [(2, 3, 4), (2, 2, 3, 3)])


def test_states_move():
    check_moving("Adafactor", {"lr": 0.1})


def test_refusals():
    check_refusals("Adafactor", [
        {"lr": -1}, {"beta2_decay": 1}, {"eps": (-1, 1)}, {"eps": (1, -1)}, {"d": 0.5},
        {"weight_decay": -1},
    ])  # fmt: skip


def test_it_remembers_rows_and_columns_only():
    p = torch.ones(30, 40).requires_grad_()
    optimizer = torch.optim.Adafactor([p])
    p.sum().backward()
    optimizer.step()
    assert sum(value.numel() for value in optimizer.state[p].values()) == 1 + 30 + 40


def test_complex_numbers_are_refused():
    p = torch.tensor([1j], requires_grad=True)
    p.abs().sum().backward()
    with pytest.raises(RuntimeError, match="Adafactor does not support complex parameters"):
        torch.optim.Adafactor([p]).step()
