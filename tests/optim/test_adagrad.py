"""Adagrad walks as PyTorch's does."""

import pytest

import autograd_lab as torch
from tests.optim.oracle import check_moving, check_path, check_refusals

MODES = [{}, {"lr": 0.1, "lr_decay": 0.5}, {"weight_decay": 0.1, "maximize": True},
         {"initial_accumulator_value": 0.3, "eps": 0.1}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    check_path("Adagrad", mode)


def test_complex_numbers():
    check_path("Adagrad", {"initial_accumulator_value": 0.3}, [(2, 3)], ["complex128"])


def test_states_move():
    check_moving("Adagrad", {"lr": 0.1})


def test_refusals():
    check_refusals("Adagrad", [
        {"lr": -1}, {"lr_decay": -1}, {"eps": -1}, {"weight_decay": -1},
        {"initial_accumulator_value": -1},
    ])  # fmt: skip


def test_state_is_there_before_the_first_step():
    optimizer = torch.optim.Adagrad([torch.ones(2).requires_grad_()])
    assert list(optimizer.state_dict()["state"][0]) == ["step", "sum"]


def test_a_group_that_comes_later():
    optimizer = torch.optim.Adagrad([torch.ones(2).requires_grad_()])
    late = torch.ones(2).requires_grad_()
    optimizer.add_param_group({"params": [late]})
    late.sum().backward()
    optimizer.step()
    assert late.tolist() == pytest.approx([0.99, 0.99])
