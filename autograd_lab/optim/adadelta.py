"""Adadelta: steps whose length is taken from earlier steps, without a learning rate to tune."""

from .optimizer import Optimizer, check_rates, tick


class Adadelta(Optimizer):
    r"""Step by the gradient, times the usual size of a step over the usual size of a gradient.

    $v \leftarrow \rho v + (1 - \rho) g^2,\quad
    \Delta = g \sqrt{u + \epsilon} / \sqrt{v + \epsilon},\quad
    u \leftarrow \rho u + (1 - \rho) \Delta^2,\quad \theta \leftarrow \theta - \gamma \Delta$
    (M. Zeiler, https://arxiv.org/abs/1212.5701).

    Args:
        params: what to change.
        lr: multiplies the step, $\gamma$.
        rho: how much of the two means is kept, $\rho$.
        eps: keeps the division from blowing up, and lets the first step happen, $\epsilon$.
        weight_decay: pulls every weight towards 0.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adadelta([w], eps=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.6877], requires_grad=True)
    """

    numbers, memory = ("step",), ("square_avg", "acc_delta")

    def __init__(
        self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *,
        capturable=False, maximize=False, differentiable=False,
    ):  # fmt: skip
        check_rates(lr=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_rates(eps=eps, weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "capturable": capturable, "foreach": foreach, "differentiable": differentiable,
        })  # fmt: skip

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        tick(state)
        rate, keep, eps = float(group["lr"]), group["rho"], group["eps"]
        for w, g, square, moved in self.walk(parameter, group, "square_avg", "acc_delta"):
            square *= keep
            square += (1 - keep) * (g * g)
            step = g * (moved + eps) ** 0.5 / (square + eps) ** 0.5
            moved *= keep
            moved += (1 - keep) * (step * step)
            w -= rate * step
