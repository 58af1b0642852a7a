"""The ways of the real optimizers down a bowl, with the numbers of every step."""

import math
from typing import NamedTuple

import numpy as np

from autograd_lab import enable_grad, optim

from .bowl import Bowl

# name -> how to make it; `kind` in a path says which rule the page can write out.
OPTIMIZERS = {
    "SGD": lambda params, lr: optim.SGD(params, lr=lr),
    "momentum": lambda params, lr: optim.SGD(params, lr=lr, momentum=0.9),
    "Adam": lambda params, lr: optim.Adam(params, lr=lr),
}
# place, loss there, gradient there; what was stepped along and divided by to get to the next row
COLUMNS = ("x", "y", "loss", "gx", "gy", "ax", "ay", "sx", "sy")


class Path(NamedTuple):
    """One optimizer's way: a row for each place, see `COLUMNS`."""

    name: str
    kind: str
    rows: np.ndarray
    settings: dict


def named(optimizer):
    """Give the name of an optimizer and a function (params, lr) that makes it.

    >>> named("momentum")[0], named(optim.RMSprop)[0]
    ('momentum', 'RMSprop')
    """
    if isinstance(optimizer, str):
        if optimizer in OPTIMIZERS:
            return optimizer, OPTIMIZERS[optimizer]
        made = getattr(optim, optimizer, None)
        if isinstance(made, type) and issubclass(made, optim.Optimizer):
            return optimizer, made
        raise ValueError(
            f"no optimizer is called {optimizer!r:.40}: take one of {', '.join(OPTIMIZERS)}, a "
            "name from optim, an optimizer class, or a function of (params, lr)"
        )
    if isinstance(optimizer, optim.Optimizer):
        raise TypeError(
            f"Descent makes an optimizer for each path: give the class {type(optimizer).__name__}, "
            "or a function of (params, lr), not one that is made"
        )
    if not callable(optimizer):
        raise TypeError(f"an optimizer is a name, a class or a function, not {optimizer!r:.40}")
    name = getattr(optimizer, "__name__", type(optimizer).__name__)
    return ("yours" if name == "<lambda>" else name), optimizer


@enable_grad()
def walk(bowl: Bowl, start, name, make, lr, steps) -> Path:
    """Let an optimizer take ``steps`` steps; end early where numbers end."""
    leaves = bowl.leaves(start)
    optimizer = make(leaves, lr)
    if not isinstance(optimizer, optim.Optimizer):
        raise TypeError(f"{name} made {type(optimizer).__name__}, not an optimizer")
    kind, rows = rule_of(optimizer), []
    for step in range(steps + 1):
        optimizer.zero_grad()
        loss = bowl.value(leaves)
        loss.backward()
        slope = _numbers([leaf.grad for leaf in leaves], leaves)
        row = [*_numbers(leaves, leaves), float(loss), *slope]
        rows.append(row + [math.nan] * 4)
        if step == steps or not all(map(math.isfinite, row)):
            break
        optimizer.step()
        rows[-1][5:] = _parts(optimizer, leaves, kind, slope)
    group = optimizer.param_groups[0]
    keep = {key: group[key] for key in ("momentum", "betas", "eps") if key in group}
    return Path(name, kind, np.array(rows), keep)


def rule_of(optimizer):
    """Name the rule of an optimizer, if it is one that can be written in a line."""
    group = optimizer.param_groups[0]
    bare = not group.get("weight_decay") and not group.get("maximize")
    if type(optimizer) is optim.SGD and bare:
        if not group["momentum"]:
            return "plain"
        return "other" if group["nesterov"] or group["dampening"] else "momentum"
    return "adam" if type(optimizer) is optim.Adam and bare and not group["amsgrad"] else "other"


def _parts(optimizer, leaves, kind, slope):
    """Give what the step went along, and what it was divided by."""
    states = [optimizer.state.get(leaf, {}) for leaf in leaves]
    if kind == "momentum":
        return [*_numbers([s.get("momentum_buffer") for s in states], leaves), 1.0, 1.0]
    if kind == "adam":
        (keep, keep_square), eps = (optimizer.param_groups[0][k] for k in ("betas", "eps"))
        time = int(states[0]["step"])
        mean = _numbers([s["exp_avg"] for s in states], leaves)
        square = _numbers([s["exp_avg_sq"] for s in states], leaves)
        return [m / (1 - keep**time) for m in mean] + [
            math.sqrt(s / (1 - keep_square**time)) + eps for s in square
        ]
    return [*slope, 1.0, 1.0]


def _numbers(tensors, leaves):
    """Read the two numbers that are spread over some tensors."""
    flat = []
    for tensor, leaf in zip(tensors, leaves):
        none = tensor is None
        flat += [0.0] * leaf.numel() if none else tensor.detach().reshape(-1).tolist()
    return [float(x) for x in flat]
