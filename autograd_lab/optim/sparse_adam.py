"""SparseAdam: Adam that leaves alone the rows which a batch did not look up."""

import math

from ..device import device_of
from .optimizer import Optimizer, check_betas


class SparseAdam(Optimizer):
    r"""Step as Adam does, but only in the rows of a table that have a gradient.

    Plain Adam moves every row of an embedding at every step, by what it remembers of old
    gradients; here the memory and the weights of the other rows wait until they are looked up.
    The formula is Adam's (https://arxiv.org/abs/1412.6980). PyTorch asks for sparse gradients;
    gradients are dense here, and a row counts as looked up if its gradient is not 0.

    Args:
        params: what to change.
        lr: the learning rate.
        betas: how much of the two means is kept.
        eps: keeps the division from blowing up.
        maximize: climbs instead.

    >>> table = torch.ones(3, 1, requires_grad=True)
    >>> optimizer = torch.optim.SparseAdam([table], lr=0.1)
    >>> F.embedding(torch.tensor([0, 2]), table, sparse=True).sum().backward()
    >>> optimizer.step()
    >>> table.T
    tensor([[0.9000, 1.0000, 0.9000]], grad_fn=<PermuteBackward0>)
    """

    memory = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        for name, value in (("learning rate", lr), ("epsilon value", eps)):
            if not value > 0.0:
                raise ValueError(f"Invalid {name}: {value}")
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        places = [
            [i, j] for i, group in enumerate(self.param_groups)
            for j, parameter in enumerate(group["params"]) if parameter.dtype.is_complex
        ]  # fmt: skip
        if places:
            raise ValueError(
                f"Complex params at indices {places}: SparseAdam does not support complex "
                "parameters"
            )

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        return {"step": 0} | super().start(parameter, group)

    def move(self, parameter, state, group) -> None:
        """Change the rows of one table that have a gradient."""
        state["step"] += 1
        (keep, keep_square), steps = group["betas"], state["step"]
        root = math.sqrt(1 - keep_square**steps)
        rate = float(group["lr"]) * root / (1 - keep**steps)
        w, g = parameter.shared(), parameter._grad.shared()
        xp, mean, square = device_of(w).xp, *(state[name].shared() for name in self.memory)
        looked_up = (g != 0).any(axis=tuple(range(1, g.ndim)), keepdims=True)
        g = -g if group["maximize"] else g
        mean[...] = xp.where(looked_up, keep * mean + (1 - keep) * g, mean)
        square[...] = xp.where(looked_up, keep_square * square + (1 - keep_square) * g * g, square)
        w -= xp.where(looked_up, rate * mean / (xp.sqrt(square) + group["eps"]), 0)
