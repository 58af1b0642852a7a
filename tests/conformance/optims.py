"""PyTorch's settings for its optimizers (`optim_db`): five steps down the same small hill."""

import numpy as np
import torch as theirs
from torch.testing._internal.common_optimizers import optim_db

import autograd_lab as ours
from tests.conformance.across import at, crossed, same

MATRICES = {"Muon"}


def entries():
    """Name each optimizer that our library has, with the check of it."""
    for entry in optim_db:
        name = entry.optim_cls.__name__
        mine = at(ours.optim, name)
        if mine is not None:
            yield name, lambda entry=entry, mine=mine: _check(entry, mine)


def _check(entry, mine):
    for one in entry.optim_inputs_func(device="cpu"):
        what = one.desc or "default"
        same(
            _walk(ours, mine, crossed(one.kwargs)),
            _walk(theirs, entry.optim_cls, one.kwargs),
            what,
            close=1e-6,
        )


def _walk(torch, kind, settings):
    """Give the weights after each of five steps."""
    weights, loss = _hill(torch, kind.__name__)
    optimizer = kind(weights, **settings)

    def closure():
        optimizer.zero_grad()
        height = loss()
        height.backward()
        return height

    path = []
    for _ in range(5):
        optimizer.step(closure)
        path += [w.detach().clone() for w in weights]
    return path


def _hill(torch, name):
    """A regression with two layers; an embedding with sparse gradients for SparseAdam."""
    draw = np.random.default_rng(0).standard_normal
    x, y = torch.tensor(draw((8, 4))), torch.tensor(draw((8, 3)))
    first, second = (torch.tensor(draw(shape)).requires_grad_() for shape in ((4, 6), (6, 3)))
    bias = torch.tensor(draw(6)).requires_grad_()
    if name == "SparseAdam":
        rows = torch.tensor([0, 2, 2, 1])
        embedding = torch.nn.functional.embedding
        return [first], lambda: (embedding(rows, first, sparse=True) ** 2).sum()
    if name in MATRICES:
        return [first, second], lambda: (((x @ first).tanh() @ second - y) ** 2).mean()
    return [first, bias, second], lambda: (((x @ first + bias).tanh() @ second - y) ** 2).mean()
