"""NAdam: Adam that looks one step ahead, as Nesterov's momentum does."""

import math

from ..creation import tensor
from .optimizer import Optimizer, check_betas, check_rates, tick


class NAdam(Optimizer):
    r"""Step as Adam does, with the next step's share of the momentum already in it.

    $\mu_t = \beta_1 (1 - \tfrac12\, 0.96^{t \psi})$, $m$ and $v$ as in Adam,
    $\hat m = \frac{\mu_{t+1}}{1 - \prod_{i \le t+1} \mu_i} m +
    \frac{1 - \mu_t}{1 - \prod_{i \le t} \mu_i} g$,
    $\theta \leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)$
    (T. Dozat, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ).

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        betas: how much of the two means is kept.
        eps: keeps the division from blowing up, $\epsilon$.
        weight_decay: pulls every weight towards 0.
        momentum_decay: how fast the momentum grows to its full size, $\psi$.
        decoupled_weight_decay: decays the weights themselves, not by way of the gradient.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8944], requires_grad=True)
    """

    numbers, memory = ("step", "mu_product"), ("exp_avg", "exp_avg_sq")

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3,
        decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False,
        differentiable=False,
    ):  # fmt: skip
        check_rates(lr=lr, eps=eps)
        check_betas(betas)
        check_rates(weight_decay=weight_decay, momentum_decay=momentum_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable,
        })  # fmt: skip

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        return super().start(parameter, group) | {"mu_product": tensor(1.0)}

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        rate, steps, (keep, keep_square) = float(group["lr"]), tick(state), group["betas"]
        now, ahead = (
            keep * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (steps, steps + 1)
        )
        product = state["mu_product"].shared()
        product *= now
        of_g = rate * (1 - now) / (1 - float(product))
        of_mean = rate * ahead / (1 - float(product) * ahead)
        root = math.sqrt(1 - keep_square**steps)
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
            w -= (of_g * g + of_mean * mean) / (square**0.5 / root + group["eps"])
