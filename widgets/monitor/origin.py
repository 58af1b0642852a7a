"""Find the operation in which a NaN or an infinity was born, and the line that called it."""

import numpy as np

from autograd_lab.core import Tensor
from autograd_lab.device import cpu, move
from autograd_lab.replay import Replay, operation_name, told_operands
from autograd_lab.watching import describe, site_of

from .._paper import number


def origin(loss, names=()) -> tuple[str, str]:
    """Say in words what made the first broken number behind ``loss``, and where; or ("", "").

    The recorded operations are computed once more, first the values, then the gradients. ``names``
    are pairs of a parameter's name and the parameter.

    >>> import autograd_lab as torch
    >>> from autograd_lab.watching import remember, watch_operations
    >>> x = torch.tensor([0.0, 1.0], requires_grad=True)
    >>> with watch_operations(remember):
    ...     loss = x.log().sum()
    >>> origin(loss)[0]
    'log gave −∞'
    >>> with watch_operations(remember):
    ...     loss = x.sqrt().sum()
    >>> origin(loss)[0]
    'the gradient of sqrt is ∞'
    """
    if not isinstance(loss, Tensor) or loss.node is None:
        return "", ""
    with np.errstate(all="ignore"):
        replay = Replay(loss)
        if replay.reason:
            return "", ""
        return _in_values(replay, dict(names)) or _in_gradients(replay) or ("", "")


def _in_values(replay, names):
    for node in replay.ops:
        bad = broken(replay.values[node])
        if bad is None:
            continue
        op = operation_name(node)
        for slot, tensor in enumerate(told_operands(node)):
            given = replay.operand(node, slot)
            if isinstance(given, Tensor) and (was := broken(given.array)) is not None:
                name = next((n for n, p in names.items() if p is tensor), "an input")
                return f"{name} was {number(was)} already, before {op}", place(node)
        return f"{op} gave {number(bad)}", place(node)
    return None


def _in_gradients(replay):
    for visit in replay.visits():
        if broken(visit.gradient) is not None:
            return None
        for gift in visit.given:
            if (bad := broken(gift.gradient)) is not None:
                return f"the gradient of {operation_name(visit.node)} is {number(bad)}", place(
                    visit.node
                )
    return None


def broken(array) -> float | None:
    """Give the first number of an array that is not finite, if there is one.

    >>> broken(np.array([1.0, np.inf, np.nan])), broken(np.ones(3))
    (inf, None)
    """
    if isinstance(array, dict):
        found = map(broken, array.values())
        return next((x for x in found if x is not None), None)
    if getattr(array, "dtype", np.dtype(int)).kind not in "fc":
        return None
    if np.isfinite(float(abs(array).sum())):       # one number to look at, wherever the array is
        return None
    host = np.asarray(move(array, cpu)).reshape(-1)
    bad = host[~np.isfinite(host)]
    return float(np.real(bad[0])) if bad.size else None


def place(node) -> str:
    """Word where in the learner's code an operation was called, if somebody looked."""
    site = site_of(node)
    return describe(site) if site is not None else ""
