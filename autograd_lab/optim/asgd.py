"""Averaged stochastic gradient descent: keeps the mean of the path beside its end."""

from ..creation import tensor
from .optimizer import Optimizer, check_rates, tick


class ASGD(Optimizer):
    r"""Step against the gradient ever more carefully, and average where the steps have led.

    $\theta \leftarrow (1 - \lambda \eta_t)\, \theta - \eta_t g,\quad
    a \leftarrow a + \mu_t (\theta - a),\quad
    \eta_{t+1} = \gamma / (1 + \lambda \gamma t)^\alpha,\quad
    \mu_{t+1} = 1 / \max(1, t - t_0)$
    (B. Polyak and A. Juditsky, https://doi.org/10.1137/0330046).
    The average $a$ is in ``optimizer.state[parameter]["ax"]``.

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        lambd: how fast steps become shorter, $\lambda$.
        alpha: the power by which they do, $\alpha$.
        t0: the step at which averaging begins, $t_0$.
        weight_decay: pulls every weight towards 0.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.ASGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    numbers, memory = ("step", "eta", "mu"), ("ax",)

    def __init__(
        self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0, foreach=None,
        maximize=False, differentiable=False, capturable=False,
    ):  # fmt: skip
        check_rates(lr=lr, weight_decay=weight_decay)
        super().__init__(params, {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "capturable": capturable,
        })  # fmt: skip

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        first = {"eta": tensor(float(group["lr"])), "mu": tensor(1.0)}
        return super().start(parameter, group) | first

    def move(self, parameter, state, group) -> None:
        """Change one parameter, and the mean of where it has been."""
        length, share, steps = float(state["eta"]), float(state["mu"]), tick(state)
        for w, g, mean in self.walk(parameter, group, "ax"):
            w *= 1 - group["lambd"] * length
            w -= length * g
            mean += share * (w - mean)
        rate = float(group["lr"])
        fall = (1 + group["lambd"] * rate * steps) ** group["alpha"]
        state["eta"].shared()[...] = rate / fall
        state["mu"].shared()[...] = 1 / max(1, steps - group["t0"])
