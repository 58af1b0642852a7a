"""Adam: every weight gets a step of its own length."""

from collections import defaultdict

from ..backends.cuda import kernels, ours
from ..creation import zeros_like
from ..device import device_of
from ..writes import wrote
from .optimizer import Optimizer, check_betas, check_rates


class Adam(Optimizer):
    """Step by the mean of recent gradients, divided by their usual size.

    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad ** 2
    w = w - lr * m' / (sqrt(v') + eps), with m' = m / (1 - beta1 ** t) and v' = v / (1 - beta2 ** t)

    The last two make up for the start of m and v from 0; t counts the steps. So at first each
    weight moves by about ``lr``, whatever the size of its gradient (D. Kingma and J. Ba,
    https://arxiv.org/abs/1412.6980).

    In a training, for each batch: ``optimizer.zero_grad()``, ``loss.backward()``,
    ``optimizer.step()``.

    Args:
        params: what to change, as ``model.parameters()``; or groups, each with settings of its own:
            ``[{"params": ..., "lr": 1e-4}, {"params": ...}]``.
        lr: the learning rate, how long a step is.
        betas: how much of the two means is kept, (beta1, beta2).
        eps: keeps the division from blowing up.
        weight_decay: pulls every weight towards 0: adds ``weight_decay * weight`` to its gradient.
        amsgrad: divides by the largest v so far (https://openreview.net/forum?id=ryQu7f-RZ).
        maximize: climbs instead.
        decoupled_weight_decay: decays the weights themselves, not by way of the gradient: AdamW.
        foreach, capturable, fused: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    numbers, memory = ("step",), ("exp_avg", "exp_avg_sq")
    replayable = True

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

    def now(self, states, group, like):
        """Count a step; give its rate and eps, and how much of the weights decay leaves."""
        keep, keep_square = group["betas"]
        own_decay = group["decoupled_weight_decay"] and group["weight_decay"]

        def numbers(steps, rate):
            root = (1 - keep_square**steps) ** 0.5
            return rate * root / (1 - keep**steps), group["eps"] * root, 1 - rate * own_decay

        return self.counted(3, numbers, states, group, like)

    def move_together(self, parameters, group) -> list:
        """Change all that have made as many steps by one kernel of our own, where that is on."""
        if not (parameters and ours(parameters[0].shared())):
            return parameters
        left, alike = [], defaultdict(list)
        for p in parameters:
            state = self.state[p]
            tensors = [p, p._grad, *map(state.get, ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"))]
            if ours(p.shared()) and kernels().lies_well(*tensors):
                steps = id(p) if state["step"].is_cuda else float(state["step"].shared())
                alike[steps, p.shared().dtype].append(tensors)
            else:
                left.append(p)
        for some in alike.values():
            now = self.now([self.state[p] for p, *_ in some], group, some[0][0].array)
            kernels().adam(some, group, now)
            for p, *_ in some:
                wrote(p.shared())
        return left

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        xp, (keep, keep_square) = device_of(parameter.array).xp, group["betas"]
        own_decay = group["decoupled_weight_decay"] and group["weight_decay"]
        rate_now, eps_now, own = self.now([state], group, parameter.array)
        names = "exp_avg", "exp_avg_sq", "max_exp_avg_sq"
        for w, g, mean, square, largest in self.walk(parameter, group, *names, decay=not own_decay):
            scratch = self.room(w)
            if own_decay:
                w *= own
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
    """Do as Adam, with a weight decay that pulls at the weights themselves.

    In each step w = w - lr * weight_decay * w, then the step of Adam by the gradient alone: so
    weights with large gradients decay like all others. See I. Loshchilov and F. Hutter,
    https://arxiv.org/abs/1711.05101.

    Args:
        params: what to change, as ``model.parameters()``; or groups with settings of their own.
        lr: the learning rate, how long a step is.
        betas, eps, amsgrad, maximize: as in ``Adam``.
        weight_decay: how strongly every weight is pulled towards 0; 0.01 unless said.
        foreach, capturable, fused: PyTorch's ways to compute the same; ignored.

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
