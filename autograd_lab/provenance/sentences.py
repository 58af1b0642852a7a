"""Say what a learner should notice: paths that cancel, what stopped everything, where NaN began."""

import math
from dataclasses import replace

import numpy as np

from ..core import Leaf
from ..replay import inputs_of
from ..writes import changed_since
from .answer import Why, number, signed
from .walk import exact

ALMOST = 0.15  # what is left of two sums, at most, for "almost cancel"


def sentences(found: Why, origins, key, entry) -> Why:
    """Put the sentences that belong to an answer into it."""
    told = []
    if not math.isfinite(found.gradient):
        told += _birth(origins, key, entry)
    else:
        told += _cancelling(found) or (_zero(found) if found.gradient == 0 else [])
    if found.rest_count and not found.routes:
        told.append(
            "The ways from here to the loss are too long to be followed: ask about a tensor nearer "
            "to the loss."
        )
    told += _stale(origins) or _held(found, origins, key, entry)
    return replace(found, sentences=tuple(told))


def _cancelling(found):
    """Say that contributions cancel, at the finest level at which they were told apart."""
    levels = [[p.contribution for p in found.routes], [p.contribution for p in found.paths]]
    levels += [
        [g.contribution for g in b.groups] + [b.rest]
        for p in found.routes for b in p.breakdowns[:1]
    ]  # fmt: skip
    words = ["routes", "paths", *(f"{p.breakdowns[0].by}s" for p in found.routes if p.breakdowns)]
    for parts, what in zip(levels, words):
        up = math.fsum(c for c in parts if c > 0)
        down = math.fsum(c for c in parts if c < 0)
        if up > 0 > down and abs(up + down) <= ALMOST * min(up, -down):
            almost = "cancel" if up + down == 0 else "almost cancel"
            what = what.replace("entrys", "entries")
            return [f"{signed(up)} and {signed(down)} {almost}: the {what} that push up and down."]
    return []


def _zero(found):
    if found.stops and any(stop.share == 1 for stop in found.stops):
        stop = next(stop for stop in found.stops if stop.share == 1)
        line = f" (line {stop.step.line})" if stop.step.line else ""
        return [f"The gradient is 0 because {stop.step.op}{line} lets nothing through here."]
    if found.stops:
        return ["The gradient is 0: what one operation lets through, another one stops."]
    return ["The gradient is 0: no path that brings anything leads from here to the loss."]


def _held(found, origins, key, entry):
    """Say so where ``.grad`` holds something else: it adds up over calls of backward."""
    leaf = getattr(key[0], "tensor", None)
    grad = leaf()._grad if leaf is not None and leaf() is not None else None
    if grad is None or grad.array.shape != origins.ways.gradients[key].shape:
        return []
    held = float(exact(grad.array).flat[entry])
    same = math.isclose(held, found.gradient, rel_tol=1e-4, abs_tol=1e-12)
    if not held or not math.isfinite(held) or same:
        return []
    times = held / found.gradient if found.gradient else 0.0
    name = f"{found.name or 'the tensor'}.grad"
    if times > 1.5 and abs(times - round(times)) < 1e-3:
        again = f"{round(times)} times this gradient: backward ran that often without zero_grad()"
        return [f"{name} holds {number(held)}, {again}."]
    return [f"{name} holds {number(held)}: that does not come from this loss alone."]


def _stale(origins):
    """Say so where a leaf was written to: before all this was computed again, or after."""
    for node in origins.replay.ops:
        for _, came_from in inputs_of(node):
            tensor = came_from.tensor() if type(came_from) is Leaf else None
            if tensor is None or not changed_since(tensor, node.seq):
                continue
            name = origins.name(came_from) or "a leaf"
            if changed_since(tensor, origins.replay.moment):
                return [f"{name} was changed since: all this is told of the values before that."]
            return [
                f"{name} was changed after this loss was computed (by an optimizer's step?): "
                "all this is told of the changed values."
            ]
    return []


# --- NaN and infinity


def _birth(origins, key, entry):
    """Say which operation made the NaN (or infinity) that came here."""
    ways, replay = origins.ways, origins.replay
    kind = "NaN" if math.isnan(float(ways.gradient(key).flat[entry])) else "infinity"
    for node in replay.ops:
        result = replay.tensor(node)
        if _bad(result.array) and not any(_bad(replay.tensor(m).array) for _, m in inputs_of(node)):
            step = origins.step(node)
            return [
                f"The {kind} was born on the way forward: {step.words(False)} is the first "
                "operation whose result is not finite."
            ]
    for _ in range(len(ways.visits) + 1):
        edges = ways.edges.get(key, ())
        wrong = next((e for e in edges if not np.isfinite(e.gift.flat[entry])), None)
        if wrong is None:
            return [f"The {kind} comes from adding up what arrives here: the parts are finite."]
        visit = next(v for v in ways.visits if v.node is wrong.node)
        parts = visit.gradient if isinstance(visit.gradient, dict) else {0: visit.gradient}
        place, g = next(((p, g) for p, g in parts.items() if _bad(g)), (None, None))
        if g is None:
            step = origins.step(wrong.node, wrong.slot)
            return [
                f"The {kind} was born on the way back: a finite gradient came to "
                f"{step.words(False)}, and what its rule made of it is not finite. Its local "
                "derivative is infinite or undefined here."
            ]
        key, entry = (wrong.node, place), int(np.flatnonzero(~np.isfinite(exact(g)))[0])
    return []


def _bad(array):
    return not np.isfinite(exact(array)).all()


