"""Check the rule of each operation in a graph: what it says of an operand, and what nudging says.

One operation at a time, so a wrong rule does not spoil the others: each is asked about every pair
of a number that went in and a number that came out, as `torch.autograd.gradcheck` does. Nudging is
done in float64, except where an operation takes or gives fewer digits.
"""

from typing import NamedTuple

import numpy as np

import autograd_lab as torch
from autograd_lab import watching
from autograd_lab.core import Output, wrap
from autograd_lab.exercises.limits import TimeLimit
from autograd_lab.graph import recorder
from autograd_lab.replay import inputs_of, operand_places, user_node

EPS, RTOL, ATOL = 1e-6, 1e-3, 1e-4
MOST = 4096  # pairs of one operation; larger ones are not checked


class Check(NamedTuple):
    """What came of one operand of one operation; ``rule`` and ``nudged`` where they differ most."""

    source: int  # ids of the nodes in ``record(root)``
    target: int
    right: bool
    rule: float = 0.0
    nudged: float = 0.0
    where: str = ""  # "the result[0, 1] by its input[0, 1]"
    trouble: str = ""


def checks(root) -> list[Check]:
    """Check all rules behind a tensor.

    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> with watching.watch_operations(watching.remember):
    ...     y = (x * x).sum()
    >>> [check.right for check in checks(y)]
    [True, True, True]
    """
    made = recorder(root, {}, caller="RuleView")
    made.graph()
    if made.replay.reason:
        raise RuntimeError(f"RuleView cannot nudge here: {made.replay.reason}")
    found = []
    for node in made.replay.ops:
        for slot, came_from in inputs_of(node):
            check = _check(made.replay, node, slot)
            if check is not None:
                ids = made.ids[user_node(came_from)], made.ids[node]
                found.append(check._replace(source=ids[0], target=ids[1]))
    return found


def _check(replay, node, slot):
    result, operand = replay.tensor(node), replay.operand(node, slot)
    several = type(result.node) is Output or type(node).torch_name == "CopySlices"
    if several or not 0 < result.numel() * operand.numel() <= MOST or result.is_complex():
        return None
    try:
        rule = _rule(replay, node, slot, result, operand)
    except TimeLimit:
        return Check(0, 0, False, trouble="it takes too long")
    except Exception as error:  # the learner's own rule may raise anything
        return Check(0, 0, False, trouble=f"{type(error).__name__}: {error}".splitlines()[0])
    found = _experiment(replay, node, slot)
    return found and _compare(rule, *found, result.shape, operand.shape)


def _experiment(replay, node, slot):
    """Nudge an operand: the slopes, and how far rounding may spoil them; None if it cannot be."""
    operand = replay.operand(node, slot).detach().cpu()
    for widen in (torch.Tensor.double, torch.Tensor.clone):     # some take their own dtype only
        again, start = _again(replay, node, slot, widen), widen(operand).numpy()
        try:
            result = again(start)
            fine = max(np.finfo(x.dtype).eps for x in (start, result))
            step = max(EPS, fine ** (1 / 3))
            nudged = _nudged(again, start, step)
        except TimeLimit:
            raise
        except Exception:  # the learner's own operation may raise anything
            continue
        largest = np.abs(np.nan_to_num(result.astype(float), posinf=0, neginf=0)).max()
        return nudged, 2 * fine * largest / step
    return None


def _compare(rule, nudged, doubt, came_out, went_in):
    with np.errstate(all="ignore"):
        apart = np.abs(rule - nudged) - RTOL * np.abs(nudged) - doubt
    apart = np.where(np.isfinite(rule), apart, np.inf)
    worst = np.unravel_index(int(np.argmax(apart)), apart.shape)
    where = f"the result{_place(worst[0], came_out)} by its input{_place(worst[1], went_in)}"
    right = not apart[worst] > ATOL
    return Check(0, 0, right, float(rule[worst]), float(nudged[worst]), where)


def _place(flat, shape):
    return str([int(i) for i in np.unravel_index(flat, shape)]) if shape else ""


def _rule(replay, node, slot, result, operand):
    """Ask the rule about one number of the result after the other: a row each."""
    rows = []
    for k in range(result.numel()):
        seed = torch.zeros_like(result.detach())
        seed.view(-1)[k] = 1
        given = {gift.slot: gift.gradient for gift in replay.pull(node, seed.array)}
        row = wrap(given[slot]).cpu().numpy() if slot in given else np.zeros(operand.shape)
        rows.append(row.reshape(-1))
    return np.array(rows, float)


def _nudged(again, value, far):
    """Nudge each number of the operand a little up and down: a column each."""
    columns = []
    for j in range(value.size):
        ends = []
        for step in (far, -far):
            moved = value.copy()
            moved.reshape(-1)[j] += step
            ends.append((again(moved).astype(float), float(moved.reshape(-1)[j])))
        (above, high), (below, low) = ends
        columns.append((above - below) / (high - low))
    return np.array(columns).T


def _again(replay, node, slot, widen):
    """Give a function that computes an operation anew, its operands widened, with another one."""
    places, args = operand_places(node), list(node.told.args)
    listed = len(places) == 1 and type(args[places[0]]) in (list, tuple)
    operands = list(args[places[0]]) if listed else [args[place] for place in places]
    operands = [_widened(replay.operand(node, i), widen) for i in range(len(operands))]

    def again(array):
        mine = [wrap(array) if i == slot else x for i, x in enumerate(operands)]
        for place, value in zip(places, [mine] if listed else mine):
            args[place] = value
        with watching.paused(), torch.no_grad():
            return type(node).call(*args).numpy().reshape(-1)

    return again


def _widened(value, widen):
    """Widen fractions; take labels and numbers as they are."""
    floats = isinstance(value, torch.Tensor) and value.is_floating_point()
    return widen(value.detach().cpu()) if floats else value
