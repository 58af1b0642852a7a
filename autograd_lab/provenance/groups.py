"""Sort what a route brings by rows, columns, samples, channels or single entries."""

import math

import numpy as np

from ..core import Part
from .answer import Breakdown, Group

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
    return np.asarray(g.get() if hasattr(g, "get") else g, np.float64)


def _by_axes(passed, reached, at):
    dims = passed.ndim
    for axis in range(dims):
        others = tuple(i for i in range(dims) if i != axis)
        places = np.flatnonzero(reached.any(others))
        if 1 < len(places) < reached.sum() or (dims == 1 and len(places) > 1):
            sums = passed.sum(others)[places]
            labels = [_label(axis, int(i), dims) for i in places]
            yield _breakdown(_axis(axis, dims), at, labels, sums)
    if dims > 1:
        places = np.argwhere(reached)
        labels = (str(place.tolist()) for place in places)
        yield _breakdown("entry", at, labels, passed[reached], places)


def _breakdown(by, at, labels, sums, places=None):
    order = np.argsort(-abs(sums), kind="stable")[:SHOWN]
    if places is None:
        named = [labels[i] for i in order]
    else:
        named = [str(places[i].tolist()) for i in order]
    groups = tuple(Group(name, float(sums[i])) for name, i in zip(named, order))
    rest = math.fsum(sums) - math.fsum(g.contribution for g in groups)
    left = len(sums) - len(groups)
    return Breakdown(by, at, groups, rest if left else 0.0, left)


def _axis(axis, dims):
    return AXES[dims][axis] if dims in AXES else f"axis {axis}"


def _label(axis, i, dims):
    return "[" + ", ".join(str(i) if d == axis else ":" for d in range(dims)) + "]"
