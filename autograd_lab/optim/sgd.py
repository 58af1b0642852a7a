"""Stochastic gradient descent."""

from collections import defaultdict

from ..backends.cuda import kernels, ours
from ..creation import zeros_like
from ..writes import wrote
from . import live
from .optimizer import Optimizer, check_rates
from .pieces import BLOCK


class SGD(Optimizer):
    """Step against the gradient: w = w - lr * grad.

    With momentum, against a velocity that remembers earlier gradients:
    v = momentum * v + (1 - dampening) * grad, then w = w - lr * v; the first v is the gradient
    itself (I. Sutskever and others, https://proceedings.mlr.press/v28/sutskever13.html).

    In a training, for each batch: ``optimizer.zero_grad()``, ``loss.backward()``,
    ``optimizer.step()``.

    Args:
        params: what to change, as ``model.parameters()``; or groups, each with settings of its own:
            ``[{"params": ..., "lr": 0.1}, {"params": ...}]``.
        lr: the learning rate, how long a step is.
        momentum: how much of the velocity is kept; 0.9 is usual, 0 has none.
        dampening: how much of the new gradient is left out.
        weight_decay: pulls every weight towards 0: adds ``weight_decay * weight`` to its gradient.
        nesterov: looks ahead: steps by grad + momentum * v.
        maximize: climbs instead.
        foreach, fused: PyTorch's ways to compute the same; accepted and ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    replayable = True

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
        """Change the parameters of one group: in two lines where nothing but momentum is asked."""
        momentum, altered = group["momentum"], group["weight_decay"] or group["maximize"]
        plain = not (altered or momentum and (group["nesterov"] or group["dampening"]))
        parameters = [p for p in group["params"] if p._grad is not None]
        for parameter in self.move_together(parameters, group):
            step = parameter._grad.array
            if plain and (not momentum or step.size <= BLOCK and step.dtype.kind == "f"):
                if momentum:
                    step = self.pushed(parameter, step, momentum, group)
                self.descend(parameter.shared(), step, self.rate(group, step))
            else:
                self.move(parameter, self.state[parameter] if momentum else {}, group)

    def pushed(self, parameter, gradient, momentum, group):
        """Let a gradient change the velocity; give that."""
        state = self.state[parameter]
        self.fresh(parameter, state, group)
        velocity = state["momentum_buffer"].shared()
        velocity *= momentum
        velocity += gradient
        return velocity

    def fresh(self, parameter, state, group) -> float:
        """Tell how much of a gradient goes into the velocity: of the first one, all."""
        if not group["momentum"] or state.get("momentum_buffer") is not None:
            return 1.0 - group["dampening"]
        live.refuse_first_step()
        state["momentum_buffer"] = zeros_like(parameter)
        return 1.0

    def move_together(self, parameters, group) -> list:
        """Change all of them by one kernel of our own, where that is on."""
        if not (parameters and ours(parameters[0].shared())):
            return parameters
        left, alike = [], defaultdict(list)
        for p in parameters:
            state = self.state[p] if group["momentum"] else {}
            if ours(p.shared()) and kernels().lies_well(p, p._grad, state.get("momentum_buffer")):
                fresh = self.fresh(p, state, group)
                tensors = [p, p._grad, state.get("momentum_buffer")]
                alike[fresh, p.shared().dtype].append(tensors)
            else:
                left.append(p)
        for (fresh, _), some in alike.items():
            kernels().sgd(some, group, self.rate(group, some[0][0].array), fresh)
            for p, *_ in some:
                wrote(p.shared())
        return left

    def move(self, parameter, state, group) -> None:
        """Change one parameter by its velocity."""
        momentum, rate = group["momentum"], self.rate(group, parameter.array)
        fresh = self.fresh(parameter, state, group)
        for w, g, velocity in self.walk(parameter, group, "momentum_buffer"):
            if momentum:
                velocity *= momentum
                velocity += g if fresh == 1 else fresh * g
                g = g + momentum * velocity if group["nesterov"] else velocity
            w -= self.scaled(g, rate)
        wrote(parameter.array)

    def rate(self, group, like):
        """Give the learning rate of this step; see ``live``."""
        if live.present.graph is None:
            return float(group["lr"])
        return live.live(1, lambda: [float(group["lr"])], like)[0]
