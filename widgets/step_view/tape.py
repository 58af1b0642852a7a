"""Write a walk down as the page plays it: nodes, steps, the picture, and who stands where."""

import time

from autograd_lab.stepping import Step, Walk

from .._paper import clean
from ..graph_view.fold import folded, shape_text, whereabouts
from ..graph_view.scene import CHANGED, preview, scene_of

FULL, SHORT = 24, 8  # numbers in a strip; of large graphs fewer travel
LARGE = 400  # nodes
LOOK = 60  # steps that are told together, at most
STALE = CHANGED.format("values and gradients")
HURRY = 0.12  # seconds for it; a kernel tells the others when they come


def tape_of(walk: Walk) -> dict:
    """Return the walk as data: everything but the picture."""
    cells = SHORT if len(walk.graph.nodes) > LARGE else FULL
    forward = len(walk.forward)
    code, places = walk.code
    code = [{**cell, "title": clean(cell["title"])} for cell in code]
    return {
        "root": walk.graph.root, "result": clean(walk.result_name), "forward": forward,
        "operations": len(walk.ops),
        "nodes": {node.id: _node(walk, node, cells) for node in walk.graph.nodes},
        "seed": _cut(preview(_look(walk.gradients[walk.graph.root])), cells),
        "steps": steps_of(walk.steps, cells),
        "cells": code, "places": places,
        "beats": beats_of(walk, _both_ends(walk), hurry=HURRY),
        "note": _note(walk), "stale": STALE if walk.graph.stale else "",
    }  # fmt: skip


def steps_of(steps: list[Step], cells: int = FULL) -> list:
    """Write steps shortly: [node, [[to, nth, of, sum], ...]]."""
    return [
        [step.node, [[g.to, g.nth, g.of, _cut(preview(_plain(g.sum)), cells)] for g in step.gives]]
        for step in steps
    ]


def beats_of(walk: Walk, which, wrong: bool = False, hurry: float = 0) -> dict:
    """Tell these steps with live numbers; in a ``hurry`` (seconds) at least the first."""
    until, found = time.monotonic() + hurry, {}
    for at in which:
        found[at] = walk.beat(at, wrong).to_dict()
        if hurry and time.monotonic() > until:
            break
    return found


def _both_ends(walk):
    """Where a reader begins: with the first steps, forward and backward by turns."""
    count = len(walk.forward)
    half = min(LOOK, count)
    starts = zip(range(half), range(count, count + half))
    return [at for pair in starts for at in pair if at < len(walk.steps)]


def scene_with_places(walk: Walk, opened=(), closed=()) -> tuple[dict, dict]:
    """Fold and lay out the graph; also give the boxes by their keys."""
    recorded = walk.graph.to_dict()
    for node in recorded["nodes"]:
        node["grad"] = None  # the deck fills them in
    sheet = folded(recorded, opened, closed)
    places = whereabouts(recorded, sheet)
    crowd = {}
    for spots in places.values():
        for key, chip in spots:
            crowd[key] = crowd.get(key, 0) + (chip < 0)
    for key, card in sheet.cards.items():
        if card.kind == "op" and crowd.get(key) == 1:
            card.node = {**card.node, "label": walk.name(card.node["id"])}
    boxes = {box["key"]: path for path, box in sheet.boxes.items()}
    boxes |= {card.key: path for path, card in sheet.closed.items()}
    return {**scene_of(sheet), "where": places}, boxes


def _node(walk, node, cells):
    out = {
        "name": clean(walk.name(node.id)), "all": clean(walk.results(node.id)),
        "op": clean(node.op), "kind": node.kind,
        "shape": shape_text(node.shape), "dims": list(node.shape), "learns": node.requires_grad,
        "value": _cut(preview(_plain(node.value)), cells),
    }  # fmt: skip
    return {key: value for key, value in out.items() if value not in (None, "", [])}


def _note(walk):
    if not walk.left_out:
        return ""
    return (f"{walk.left_out + len(walk.ops):,} operations: the newest {len(walk.ops):,} are "
            f"played. More takes longer to draw: step(..., most=…).")  # fmt: skip


def _plain(seen):
    return None if seen is None else vars(seen)


def _look(array):
    from autograd_lab.graph import preview as look

    return vars(look(array))


def _cut(seen, cells):
    """Fewer numbers, evenly spaced."""
    if seen is None or len(seen["values"]) <= cells:
        return seen
    values, last = seen["values"], len(seen["values"]) - 1
    return {**seen, "values": [values[round(i * last / (cells - 1))] for i in range(cells)]}
