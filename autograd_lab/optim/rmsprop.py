"""RMSprop: the gradient, divided by its usual size."""

from ..creation import zeros_like
from .optimizer import Optimizer, check_rates, tick


class RMSprop(Optimizer):
    r"""Step by the gradient, divided by the root of the mean of its recent squares.

    $v \leftarrow \alpha v + (1 - \alpha) g^2,\quad
    \theta \leftarrow \theta - \gamma\, g / (\sqrt v + \epsilon)$; centered: with $v - \bar g^2$
    for $v$, where $\bar g \leftarrow \alpha \bar g + (1 - \alpha) g$
    (G. Hinton, https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf;
    centered: A. Graves, https://arxiv.org/abs/1308.0850).

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        alpha: how much of the mean is kept, $\alpha$.
        eps: keeps the division from blowing up, $\epsilon$.
        weight_decay: pulls every weight towards 0.
        momentum: lets steps add up in a velocity that keeps this share of itself.
        centered: divides by the usual distance from the mean gradient.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.RMSprop([w], lr=0.1, alpha=0.75)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    numbers, memory = ("step",), ("square_avg",)

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False,
        capturable=False, foreach=None, maximize=False, differentiable=False,
    ):  # fmt: skip
        check_rates(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable,
        })  # fmt: skip

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        state = super().start(parameter, group)
        if group["momentum"] > 0:
            state["momentum_buffer"] = zeros_like(parameter)
        if group["centered"]:
            state["grad_avg"] = zeros_like(parameter)
        return state

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        tick(state)
        rate, keep, momentum = float(group["lr"]), group["alpha"], group["momentum"]
        names = "square_avg", "grad_avg", "momentum_buffer"
        for w, g, square, mean, velocity in self.walk(parameter, group, *names):
            square *= keep
            square += (1 - keep) * (g * g)
            spread = square
            if group["centered"]:
                mean *= keep
                mean += (1 - keep) * g
                spread = square - mean * mean
            step = g / (spread**0.5 + group["eps"])
            if momentum > 0:
                velocity *= momentum
                velocity += step
                step = velocity
            w -= rate * step
