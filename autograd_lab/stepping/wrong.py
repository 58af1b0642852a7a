"""What a backward pass would give that goes depth first, without waiting for all gradients."""

from dataclasses import dataclass

import numpy as np

from ..core import Leaf
from ..replay import inputs_of, user_node
from .numbers import shown
from .rule import host, place


@dataclass(frozen=True)
class Leafs:
    """One leaf at its entry in play: the right number, and the one that the wrong order gives."""

    node: int
    name: str
    right: str
    wrong: str
    same: bool


@dataclass(frozen=True)
class Wrong:
    """The visits of the wrong order, and what came of it."""

    visits: list
    leaves: tuple
    says: str


def depth_first(ops) -> list:
    """List operations as a recursion without a plan reaches them: each once, when first reached."""
    known, seen, order = set(ops), set(), []
    todo = [ops[-1]] if ops else []
    while todo:
        node = todo.pop()
        if node in seen or node not in known:
            continue
        seen.add(node)
        order.append(node)
        todo += [user_node(source) for _, source in reversed(inputs_of(node))]
    return order


def walk_wrong(walk) -> Wrong:
    """Go depth first, and say where a gradient was lost."""
    visits = walk.replay.visits(walk.gradient, depth_first(walk.ops))
    arrived = {}
    for n, visit in enumerate(visits):
        for gift in visit.given:
            arrived.setdefault(user_node(gift.source), []).append((n, gift))
    leaves = tuple(
        _leaf(walk, key, arrived.get(key, ()))
        for key, number in walk.ids.items()
        if type(key) is Leaf and number in walk.arrivals
    )
    return Wrong(visits, leaves, _says(walk, visits, arrived, leaves))


def _leaf(walk, key, gifts):
    number = walk.ids[key]
    index = walk.play(number)
    right = host(walk.gradients[number])[index].item()
    wrong = sum((host(gift.gradient)[index].item() for _, gift in gifts), 0.0)
    same = shown(right, 6) == shown(wrong, 6)
    return Leafs(number, walk.name(number) + place(index), shown(right), shown(wrong), same)


def _says(walk, visits, arrived, leaves):
    """Name the first node that handed on too little, and how much."""
    turn = {visit.node: n for n, visit in enumerate(visits)}
    lost = []
    for node, gifts in arrived.items():
        late = [gift for n, gift in gifts if node in turn and n > turn[node]]
        if late:
            lost.append((turn[node], node, len(gifts) - len(late), len(gifts), late))
    if not lost:
        return ("Nothing is lost here: no value is used by two operations, so every order that "
                "starts at the result gives the same numbers.")  # fmt: skip
    _, node, came, of, late = min(lost, key=lambda found: found[0])
    number = walk.ids[node]
    amount = sum(float(np.linalg.norm(host(gift.gradient).astype(complex))) for gift in late)
    amount = shown(amount) if np.ndim(late[0].gradient) else shown(
        sum(host(gift.gradient).item() for gift in late)
    )  # fmt: skip
    size = "" if not np.ndim(late[0].gradient) else " (norm)"
    more = f" The same happened at {len(lost) - 1} more." if len(lost) > 1 else ""
    bad = sum(not leaf.same for leaf in leaves)
    at = "No leaf that is shown notices." if not bad else ""
    return (f"{walk.name(number)} was visited when {came} of its {of} gradients had arrived: the "
            f"other {'one' if of - came == 1 else of - came}, {amount}{size}, came too late and "
            f"never went on.{more} {at}").strip()  # fmt: skip
