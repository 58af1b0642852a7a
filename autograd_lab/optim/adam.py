"""Adam: every weight gets a step of its own length."""

import math

from ..creation import zeros_like
from ..device import device_of
from .optimizer import Optimizer, check_betas, check_rates, tick


class Adam(Optimizer):
    r"""Step by the mean of recent gradients, divided by their usual size.

    $m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2$,
    $\theta \leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)$, where
    $\hat m = m / (1 - \beta_1^t)$ and $\hat v = v / (1 - \beta_2^t)$ make up for the start from 0
    (D. Kingma and J. Ba, https://arxiv.org/abs/1412.6980).

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        betas: how much of the two means is kept.
        eps: keeps the division from blowing up, $\epsilon$.
        weight_decay: pulls every weight towards 0.
        amsgrad: divides by the largest $v$ so far (https://openreview.net/forum?id=ryQu7f-RZ).
        maximize: climbs instead.
        decoupled_weight_decay: decays the weights themselves, not by way of the gradient.
        foreach, capturable, fused: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    numbers, memory = ("step",), ("exp_avg", "exp_avg_sq")

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *,
        foreach=None, maximize=False, capturable=False, differentiable=False, fused=None,
        decoupled_weight_decay=False,
    ):  # fmt: skip
        check_rates(lr=lr, eps=eps)
        check_betas(betas)
        check_rates(weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        })  # fmt: skip

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        largest = {"max_exp_avg_sq": zeros_like(parameter)} if group["amsgrad"] else {}
        return super().start(parameter, group) | largest

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        xp, (keep, keep_square) = device_of(parameter.array).xp, group["betas"]
        rate, decay, steps = float(group["lr"]), group["weight_decay"], tick(state)
        own_decay = group["decoupled_weight_decay"] and decay
        root = math.sqrt(1 - keep_square**steps)
        rate_now, eps_now = rate * root / (1 - keep**steps), group["eps"] * root
        names = "exp_avg", "exp_avg_sq", "max_exp_avg_sq"
        for w, g, mean, square, largest in self.walk(parameter, group, *names, decay=not own_decay):
            scratch = self.room(w)
            if own_decay:
                w *= 1 - rate * decay
            xp.multiply(g, 1 - keep, out=scratch)
            mean *= keep
            mean += scratch
            xp.multiply(g, g, out=scratch)
            scratch *= 1 - keep_square
            square *= keep_square
            square += scratch
            if largest is not None:
                square = xp.maximum(largest, square, out=largest)
            xp.sqrt(square, out=scratch)
            scratch += eps_now
            xp.divide(mean, scratch, out=scratch)
            scratch *= rate_now
            w -= scratch


class AdamW(Adam):
    r"""Adam whose weight decay pulls at the weights themselves, not at their gradients.

    See I. Loshchilov and F. Hutter, https://arxiv.org/abs/1711.05101.

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
