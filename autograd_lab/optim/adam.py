"""Adam: every weight gets a step of its own length."""

import math

from ..creation import tensor, zeros_like
from ..device import device_of
from .optimizer import Optimizer, check_rates, descend, follow


class Adam(Optimizer):
    r"""Step by the mean of recent gradients, divided by their usual size.

    $m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2$,
    $\theta \leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)$, where
    $\hat m = m / (1 - \beta_1^t)$ and $\hat v = v / (1 - \beta_2^t)$ make up for the start from 0.

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        betas: how much of the two means is kept.
        eps: keeps the division from blowing up, $\epsilon$.
        weight_decay: pulls every weight towards 0.
        amsgrad: divides by the largest $v$ so far.
        maximize: climbs instead.
        decoupled_weight_decay: decays the weights themselves, not by way of the gradient.
        foreach, capturable, differentiable, fused: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *,
        foreach=None, maximize=False, capturable=False, differentiable=False, fused=None,
        decoupled_weight_decay=False,
    ):  # fmt: skip
        check_rates(lr=lr, eps=eps)
        for i, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
        check_rates(weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        })  # fmt: skip

    def update(self, group) -> None:
        """Change the parameters of one group."""
        for parameter in group["params"]:
            if parameter._grad is not None:
                self.move(parameter, parameter._grad.array, group)

    def move(self, parameter, g, group) -> None:
        """Change one parameter."""
        rate, (keep, keep_square) = float(group["lr"]), map(float, group["betas"])
        array, decay = parameter.shared(), group["weight_decay"]
        g = -g if group["maximize"] else g
        if decay and group["decoupled_weight_decay"]:
            descend(array, array, rate * decay)
        elif decay:
            g = g + decay * array
        state = self.state[parameter]
        if not state:
            state["step"] = tensor(0.0)
            names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * bool(group["amsgrad"])
            state.update({name: zeros_like(parameter) for name in names})
        state["step"] = state["step"] + 1
        steps, xp = state["step"].item(), device_of(array).xp
        array, g = as_reals(array), as_reals(g)
        mean, square = as_reals(state["exp_avg"].shared()), as_reals(state["exp_avg_sq"].shared())
        follow(mean, keep, (1 - keep) * g)
        follow(square, keep_square, (1 - keep_square) * (g * g))
        if group["amsgrad"]:
            largest = as_reals(state["max_exp_avg_sq"].shared())
            largest[...] = square = xp.maximum(largest, square)
        size = xp.sqrt(square) / math.sqrt(1 - keep_square**steps) + group["eps"]
        descend(array, mean / size, rate / (1 - keep**steps))


def as_reals(x):
    """Look at complex numbers as pairs of real ones: each part has a step of its own."""
    if x.dtype.kind != "c":
        return x
    return (x if x.ndim else x.reshape(1)).view(x.real.dtype)


class AdamW(Adam):
    r"""Adam whose weight decay pulls at the weights themselves, not at their gradients.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8500], requires_grad=True)
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *,
        maximize=False, foreach=None, capturable=False, differentiable=False, fused=None,
    ):  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
            capturable=capturable, differentiable=differentiable, fused=fused,
            decoupled_weight_decay=True,
        )  # fmt: skip
