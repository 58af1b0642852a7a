"""Stochastic gradient descent."""

from ..core import wrap
from .optimizer import Optimizer, check_rates, descend, follow


class SGD(Optimizer):
    r"""Step against the gradient: $\theta \leftarrow \theta - \gamma\, g$.

    With momentum, against a velocity that remembers earlier gradients:
    $v \leftarrow \mu v + (1 - \tau) g,\ \theta \leftarrow \theta - \gamma v$.

    Args:
        params: what to change.
        lr: the learning rate $\gamma$.
        momentum: how much of the velocity is kept, $\mu$.
        dampening: how much of the new gradient is left out, $\tau$.
        weight_decay: pulls every weight towards 0: adds ``weight_decay * weight`` to its gradient.
        nesterov: looks ahead: steps by $g + \mu v$.
        maximize: climbs instead.
        foreach, differentiable, fused: PyTorch's ways to compute the same; accepted and ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *,
        maximize=False, foreach=None, differentiable=False, fused=None,
    ):  # fmt: skip
        check_rates(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize, "foreach": foreach,
            "differentiable": differentiable, "fused": fused,
        })  # fmt: skip

    def update(self, group) -> None:
        """Change the parameters of one group."""
        rate = group["lr"] if type(group["lr"]) is float else float(group["lr"])
        plain = not (group["momentum"] or group["weight_decay"] or group["maximize"])
        for parameter in group["params"]:
            grad = parameter._grad
            if grad is not None:
                step = grad.array if plain else self.direction(parameter, grad.array, group)
                descend(parameter.shared(), step, rate)

    def direction(self, parameter, g, group):
        """Give what to step against: the gradient after decay and momentum."""
        if group["maximize"]:
            g = -g
        if group["weight_decay"]:
            g = g + group["weight_decay"] * parameter.array
        momentum = group["momentum"]
        if not momentum:
            return g
        state = self.state[parameter]
        velocity = state.get("momentum_buffer")
        if velocity is None:
            velocity = state["momentum_buffer"] = wrap(+g)
        else:
            fresh = g if group["dampening"] == 0 else (1 - group["dampening"]) * g
            follow(velocity.shared(), momentum, fresh)
        return g + momentum * velocity.array if group["nesterov"] else velocity.array
