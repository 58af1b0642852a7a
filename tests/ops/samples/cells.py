"""Samples of ops/cells.py: what PyTorch computes is put together from its own gates."""

import torch

from tests.ops.samples import S, f


def lstm_step(gates, c):
    """Do as PyTorch's cell does, by its own cell: weights that pass the gates on."""
    eye = torch.eye(gates.shape[1], dtype=gates.dtype)
    return torch.lstm_cell(gates, (torch.zeros_like(c), c), eye, eye[:, : c.shape[1]])


def gru_step(x_gates, h_gates, h):
    """Do as PyTorch's cell does; what the state says comes in as the bias of each row."""
    eye = torch.eye(x_gates.shape[1], dtype=h.dtype)
    rows = [torch.gru_cell(x[None], old[None], eye, 0 * eye[:, : len(old)], 0 * b, b)
            for x, b, old in zip(x_gates, h_gates, h)]  # fmt: skip
    return torch.cat(rows)


SAMPLES = {
    "lstm_step": [S(f(2, 12), f(2, 3), torch=lstm_step, only=("float32",), special=False)],
    "gru_step": [
        S(f(2, 9), f(2, 9), f(2, 3), torch=gru_step, only=("float32",), special=False),
    ],
}
