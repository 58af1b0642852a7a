"""Adagrad: steps become shorter where gradients have been large."""

from ..creation import full_like
from .optimizer import Optimizer, check_rates, tick


class Adagrad(Optimizer):
    r"""Step by the gradient, divided by the root of the sum of all squared gradients so far.

    $s \leftarrow s + g^2,\quad
    \theta \leftarrow \theta - \frac{\gamma}{1 + (t - 1) \eta}\, g / (\sqrt s + \epsilon)$
    (J. Duchi and others, https://jmlr.org/papers/v12/duchi11a.html).

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        lr_decay: makes the learning rate fall with the number of steps, $\eta$.
        weight_decay: pulls every weight towards 0.
        initial_accumulator_value: what the sum $s$ starts from.
        eps: keeps the division from blowing up, $\epsilon$.
        maximize: climbs instead.
        foreach, fused: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    numbers = ("step",)

    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10,
        foreach=None, *, maximize=False, differentiable=False, fused=None,
    ):  # fmt: skip
        check_rates(
            lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps,
        )  # fmt: skip
        super().__init__(params, {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "fused": fused,
        })  # fmt: skip
        for group in self.param_groups:
            for parameter in group["params"]:
                self.state[parameter] = self.start(parameter, group)

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        first = group["initial_accumulator_value"]
        first = complex(first, first) if parameter.dtype.is_complex else first
        return super().start(parameter, group) | {"sum": full_like(parameter, first)}

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        rate = float(group["lr"]) / (1 + (tick(state) - 1) * group["lr_decay"])
        for w, g, total in self.walk(parameter, group, "sum"):
            total += g * g
            w -= rate * g / (total**0.5 + group["eps"])
