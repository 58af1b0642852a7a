"""Sort what a route brings by rows, columns, samples, channels or single entries."""

import math

import numpy as np

from ..core import Part
from .answer import Breakdown, Group
from .walk import exact

SHOWN = 6
AXES = {1: ("entry",), 2: ("row", "column"), 4: ("sample", "channel", "row", "column")}


def breakdowns(ways, chain, step_of) -> tuple[Breakdown, ...]:
    """Sort a route's contribution where it first passes through more than one number.

    The step that arrives there, times the gradient that comes back by this very route, is what
    each number of that result passes on: their sum is the route's contribution.
    """
    if chain[-1].shut:
        return ()
    for at, way in enumerate(chain[1:-1], 1):
        if np.count_nonzero(way.step) > 1:
            passed = way.step * _back(ways, chain, at)
            return tuple(_by_axes(passed, way.step != 0, step_of(way)))
    return ()


def _back(ways, chain, at):
    """Give the gradient that comes back to a place by the rest of this route alone."""
    if ways.counts[chain[at].key] == 1:
        return ways.gradient(chain[at].key)
    g = ways.gradients[ways.root]
    for way in chain[:at:-1]:
        node, place = way.key
        several = isinstance(next(v.gradient for v in ways.visits if v.node is node), Part)
        given = ways.replay.pull(node, Part({place: g}) if several else g)
        g = next(gift.gradient for gift in given if gift.slot == way.through.slot)
    return exact(g)


def _by_axes(passed, reached, at):
    """Sort by each axis along which there is more than one part, then by single numbers."""
    dims, count, single = passed.ndim, reached.sum(), False
    for axis in range(dims if dims > 1 else 0):
        others = tuple(i for i in range(dims) if i != axis)
        places = np.flatnonzero(reached.any(others))
        if len(places) > 1:
            single |= len(places) == count
            by, sums = _axis(axis, dims), passed.sum(others)[places]
            yield _breakdown(by, at, [":" for _ in others], axis, places, sums)
    if not single:
        yield _breakdown("entry", at, [], 0, np.argwhere(reached), passed[reached])


def _breakdown(by, at, others, axis, places, sums):
    """Name the largest sums by their place along an axis, or by their whole place."""
    order = np.argsort(-abs(sums), kind="stable")[:SHOWN]
    groups = []
    for i in order:
        label = [*others[:axis], *np.atleast_1d(places[i]), *others[axis:]]
        groups.append(Group(f"[{', '.join(map(str, label))}]", float(sums[i])))
    left = len(sums) - len(groups)
    rest = math.fsum(sums) - math.fsum(g.contribution for g in groups)
    return Breakdown(by, at, tuple(groups), rest if left else 0.0, left)


def _axis(axis, dims):
    return AXES[dims][axis] if dims in AXES else f"axis {axis}"

