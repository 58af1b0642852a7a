"""Find where a gradient was stopped on its way to a number, how much of it, and why."""

import re
from typing import NamedTuple

import numpy as np

from .. import grad_mode, watching
from ..core import OPS, wrap
from ..device import device_of
from ..graph import source_of
from ..replay import operand_places, operation_name
from ..watching import site_of
from .walk import exact

AS_LARGEST = {"min": "max", "min_along": "max_along", "amin": "amax"}
WINDOWS = {"max", "max_along", "amax", "max_pool", "max_pool_indices", "chosen_max_pool"}
WINDOWS |= set(AS_LARGEST)
DROPOUT = re.compile(r"[\w.]*dropout\w*\s*\(")
REASONS = {
    "relu": "are not above 0", "threshold": "are not above the threshold",
    "clamp": "lie outside the limits", "hardtanh": "lie outside the limits",
    "hardsigmoid": "lie outside the limits", "hardswish": "lie where it is 0",
    "where": "were not the side that was chosen", "masked_fill": "are masked",
    "dropout": "were dropped", "abs": "are just 0", "mul": "are multiplied by 0",
    **dict.fromkeys([*WINDOWS, "maximum", "fmax"], "are smaller than another one"),
    **dict.fromkeys([*AS_LARGEST, "minimum", "fmin"], "are larger than another one"),
    **dict.fromkeys(["pick", "look_up", "narrow", "gather"], "were not taken from here"),
    **dict.fromkeys(["matmul", "linear", "mm", "bmm", "conv2d"], "are multiplied by 0"),
    **dict.fromkeys(["sign", "round", "floor", "ceil", "trunc"], "lie where it is flat"),
}  # fmt: skip


class Stopped(NamedTuple):
    """What one use of a result stopped."""

    node: object
    slot: int
    name: str
    reason: str
    share: float  # of the gradient on its way to the number: 0 to 1
    amount: float  # its size
    stopped: int  # how many numbers of the result
    reached: int  # of how many that the chosen number moves, and that a gradient came back to


def stops(ways, start, step, budget) -> list[Stopped]:
    """List what stopped the gradient on its way to a number, the largest share first.

    An operation stops the gradient of a number of its result if that number would move with what
    comes in, were the operation open, and does not move because its local derivative there is 0.
    The measure is the gradient that stood before the gate (it came from the loss), each number of
    it times the size of the step that arrives at its other side: |gradient| · |step|. The share is
    what was stopped of what was stopped or passed.
    """
    found = []
    for edge, before, pushed in ways.reach(start, step):
        budget.take(before, edge.given)
        key = edge.node, 0
        if pushed is None or key not in ways.gradients or (after := pushed.get(key)) is None:
            continue
        reach = _open(ways.replay, edge, before, after.shape)
        if reach is not None:
            with np.errstate(all="ignore"):
                weight = reach * abs(ways.gradient(key))
            shut = (after == 0) & (weight > 0)
            through = float(weight[after != 0].sum())
            amount = float(weight[shut].sum())
            counts = int(shut.sum()), int((weight > 0).sum())
        elif not np.any(after) and np.any(before):
            amount, through = float(abs(ways.gradient(key)).sum()), 0.0
            counts = (int(np.count_nonzero(ways.gradient(key))),) * 2
        else:
            continue
        if amount > 0:
            name = gate_name(edge.node)
            share = amount / (amount + through)
            why = REASONS.get(name, "have a derivative of 0 here")
            found.append(Stopped(edge.node, edge.slot, name, why, share, amount, *counts))
        if budget.left < 0:
            break
    return sorted(found, key=lambda stop: (-stop.share, -stop.amount))


def _open(replay, edge, before, shape):
    """Tell how far each number of a result would move if the operation were open to all.

    None for an operation that is no gate: it mixes the numbers that come in.
    """
    size = abs(before)
    if type(edge.node).broadcast:
        return np.broadcast_to(size, shape)
    if operation_name(edge.node) not in WINDOWS:
        return None
    name = operation_name(edge.node)
    call = OPS[AS_LARGEST[name]] if name in AS_LARGEST else type(edge.node).call
    args = list(edge.node.told.args)
    operand = replay.operand(edge.node, edge.slot).array
    args[operand_places(edge.node)[0]] = wrap(
        device_of(operand).xp.asarray(size, operand.dtype)
    )
    with watching.paused(), grad_mode.no_grad():
        found = call(*args)
    return exact((found[0] if isinstance(found, tuple) else found).array)


def gate_name(node) -> str:
    """Name an operation; a product with the mask of a dropout is called by that name."""
    name, site = operation_name(node), site_of(node)
    if name != "mul" or site is None:
        return name
    module = type(site.modules[-1].module).__name__ if site.modules else ""
    source = source_of(site)
    called = DROPOUT.match(source.text[source.column :])
    return "dropout" if "Dropout" in module or called else name
