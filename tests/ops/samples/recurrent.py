"""Samples of ops/recurrent.py: one and two directions, full batches and packed ones."""

import torch

from tests.ops.samples import S, f

SIZES = (3, 2, 2, 1)  # three sequences of 4, 3 and 1 steps


def oracle(mode, weights):
    """Make a function that computes one layer with PyTorch's own."""

    def layer(x, h, *rest, sizes=None, nonlinearity=None):
        states, rest = ((h, rest[0]), rest[1:]) if mode == "lstm" else (h, rest)
        given = [w for w in rest if w is not None]
        biases = rest[2] is not None
        call = getattr(torch, f"rnn_{nonlinearity or 'tanh'}" if mode == "rnn" else mode)
        settings = (given, biases, 1, 0.0, False, len(rest) > weights)
        if sizes is None:
            return call(x, states, *settings, False)
        return call(x, torch.tensor(sizes), states, *settings)

    return layer


def layer(gates, directions, sizes=None, bias=True, lstm=False, project=None, **settings):
    """Draw an input, states and weights: 3 features, 2 of state."""
    x = f(3, 2, 3) if sizes is None else f(sum(sizes), 3)
    batch = 2 if sizes is None else sizes[0]
    shown = project or 2
    given = [x, f(directions, batch, shown)] + ([f(directions, batch, 2)] if lstm else [])
    for _ in range(directions):
        given += [f(2 * gates, 3), f(2 * gates, shown)]
        given += [f(2 * gates), f(2 * gates)] if bias else [None, None]
        given += ([f(project, 2)] if project else [None]) if lstm else []
    mode = {4: "lstm", 3: "gru", 1: "rnn"}[gates]
    if sizes:
        settings["sizes"] = sizes
    return S(*given, torch=oracle(mode, 5 if lstm else 4), only=("float32",), special=False,
             **settings)  # fmt: skip


SAMPLES = {
    "lstm_layer": [
        layer(4, 1, lstm=True), layer(4, 2, lstm=True), layer(4, 1, lstm=True, bias=False),
        layer(4, 2, SIZES, lstm=True), layer(4, 2, lstm=True, project=1),
        layer(4, 1, SIZES, lstm=True, project=1),
    ],
    "gru_layer": [
        layer(3, 1), layer(3, 2), layer(3, 2, bias=False), layer(3, 2, SIZES), layer(3, 1, SIZES),
    ],
    "rnn_layer": [
        layer(1, 1), layer(1, 2), layer(1, 2, bias=False), layer(1, 2, SIZES),
        layer(1, 2, nonlinearity="relu"), layer(1, 1, SIZES, nonlinearity="relu"),
    ],
}  # fmt: skip
