"""Adamax: Adam that measures gradients by the largest, not by the usual."""

from ..device import device_of
from .optimizer import Optimizer, check_betas, check_rates, tick


class Adamax(Optimizer):
    r"""Step by the mean of recent gradients, divided by the largest of them.

    $m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad
    u \leftarrow \max(\beta_2 u, |g| + \epsilon),\quad
    \theta \leftarrow \theta - \frac{\gamma}{1 - \beta_1^t}\, m / u$
    (D. Kingma and J. Ba, https://arxiv.org/abs/1412.6980, section 7).

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        betas: how much is kept of the mean, and of the largest.
        eps: keeps the division from blowing up, $\epsilon$.
        weight_decay: pulls every weight towards 0.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    numbers, memory = ("step",), ("exp_avg", "exp_inf")

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *,
        maximize=False, differentiable=False, capturable=False,
    ):  # fmt: skip
        check_rates(lr=lr, eps=eps)
        check_betas(betas)
        check_rates(weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        xp, (keep, keep_largest) = device_of(parameter.array).xp, group["betas"]
        rate = float(group["lr"]) / (1 - keep ** tick(state))
        for w, g, mean, largest in self.walk(parameter, group, "exp_avg", "exp_inf"):
            mean *= keep
            mean += (1 - keep) * g
            xp.maximum(keep_largest * largest, abs(g) + group["eps"], out=largest)
            w -= rate * mean / largest
