"""RAdam: Adam that does not trust its division before it has seen enough gradients."""

import math

from .optimizer import Optimizer, check_betas, check_rates, tick


class RAdam(Optimizer):
    r"""Step as Adam does once the mean of squared gradients can be trusted; before, without it.

    With $m$ and $v$ as in Adam, $\rho_\infty = \frac{2}{1 - \beta_2} - 1$ and
    $\rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t}$:
    while $\rho_t \le 5$, $\theta \leftarrow \theta - \gamma \hat m$; then
    $\theta \leftarrow \theta - \gamma r_t\, \hat m / \sqrt{\hat v}$ where
    $r_t^2 = \frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}$
    (L. Liu and others, https://arxiv.org/abs/1908.03265).

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        betas: how much of the two means is kept.
        eps: keeps the division from blowing up.
        weight_decay: pulls every weight towards 0.
        decoupled_weight_decay: decays the weights themselves, not by way of the gradient.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    numbers, memory = ("step",), ("exp_avg", "exp_avg_sq")

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0,
        decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False,
        differentiable=False,
    ):  # fmt: skip
        check_rates(lr=lr, eps=eps)
        check_betas(betas)
        check_rates(weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay, "differentiable": differentiable,
        })  # fmt: skip

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        rate, steps, (keep, keep_square) = float(group["lr"]), tick(state), group["betas"]
        trusted = trust(steps, keep_square)
        root, rate_now = math.sqrt(1 - keep_square**steps), rate / (1 - keep**steps)
        own_decay = group["decoupled_weight_decay"] and group["weight_decay"]
        for w, g, mean, square in self.walk(
            parameter, group, "exp_avg", "exp_avg_sq", decay=not own_decay
        ):
            if own_decay:
                w *= 1 - rate * own_decay
            mean *= keep
            mean += (1 - keep) * g
            square *= keep_square
            square += (1 - keep_square) * (g * g)
            if trusted:
                w -= rate_now * trusted * root * mean / (square**0.5 + group["eps"])
            else:
                w -= rate_now * mean


def trust(steps: float, keep_square: float) -> float:
    """Tell how far the mean of squared gradients can be trusted after so many: from 0 to 1.

    >>> [round(trust(steps, 0.999), 2) for steps in (5, 6, 100, 10_000)]
    [0, 0.03, 0.22, 1.0]
    """
    power = keep_square**steps
    end = 2 / (1 - keep_square) - 1
    now = end - 2 * steps * power / (1 - power)
    if now <= 5:
        return 0
    return math.sqrt((now - 4) * (now - 2) * end / ((end - 4) * (end - 2) * now))
