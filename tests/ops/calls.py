"""One call, made in both libraries: do they answer alike, and on the pretend GPU too?"""

import numpy as np
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import entered, same


def answers(torch, call, arrays, device=None):
    """Make a call; give its result and the gradients of everything that may have one."""
    inputs = [entered(x, torch, device) for x in arrays]
    y = call(torch, *inputs)
    leaves = [x for x in inputs if getattr(x, "requires_grad", False)]
    if y.requires_grad:
        weights = np.random.default_rng(1).standard_normal(tuple(y.shape))
        weights = torch.tensor(weights, dtype=y.dtype, device=y.device)
        (y * weights).sum().backward()
    grads = [None if x.grad is None else x.grad.cpu().numpy() for x in leaves]
    return [np.array(y.detach().cpu().numpy()), *grads]


def agree(call, *arrays, near=1e-9):
    """Assert that both libraries give the same numbers and the same gradients."""
    mine, its = answers(ours, call, arrays), answers(theirs, call, arrays)
    assert len(mine) == len(its)
    for x, y in zip(mine, its):
        same(x, y, near)


def alike_on_the_gpu(call, *arrays):
    """Assert that a call gives the same on the pretend GPU."""
    there, here = answers(ours, call, arrays, "cuda"), answers(ours, call, arrays)
    for x, y in zip(there, here):
        same(x, y, 1e-9)
