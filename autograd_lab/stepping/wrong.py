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


def depth_first(ops, last=False) -> list:
    """List operations as a recursion without a plan reaches them: each once, when first reached.

    It follows the first operand first, or the ``last``.
    """
    known, seen, order = set(ops), set(), []
    todo = [ops[-1]] if ops else []
    while todo:
        node = todo.pop()
        if node in seen or node not in known:
            continue
        seen.add(node)
        order.append(node)
        sources = [user_node(source) for _, source in inputs_of(node)]
        todo += sources if last else sources[::-1]
    return order


def walk_wrong(walk) -> Wrong:
    """Go depth first, and say where a gradient was lost: by the operand where that happens."""
    tries = (_try(walk, last) for last in (False, True))
    visits, arrived, lost = max(tries, key=lambda found: bool(found[2]))
    leaves = tuple(
        _leaf(walk, key, arrived.get(key, ()))
        for key, number in walk.ids.items()
        if type(key) is Leaf and number in walk.arrivals
    )
    return Wrong(visits, leaves, _says(walk, lost, leaves))


def _try(walk, last):
    """Give visits, what arrives where, and what came late: [(visit, node, came, of, gifts)]."""
    visits = walk.replay.visits(walk.gradient, depth_first(walk.ops, last))
    turn = {visit.node: n for n, visit in enumerate(visits)}
    arrived, lost = {}, []
    for n, visit in enumerate(visits):
        for gift in visit.given:
            arrived.setdefault(user_node(gift.source), []).append((n, gift))
    for node, gifts in arrived.items():
        late = [gift for n, gift in gifts if node in turn and n > turn[node]]
        if late:
            lost.append((turn[node], node, len(gifts) - len(late), len(gifts), late))
    return visits, arrived, lost


def _leaf(walk, key, gifts):
    number = walk.ids[key]
    index = walk.play(number)
    right = host(walk.gradients[number])[index].item()
    wrong = sum((host(gift.gradient)[index].item() for _, gift in gifts), 0.0)
    same = shown(right, 6) == shown(wrong, 6)
    return Leafs(number, walk.name(number) + place(index), shown(right), shown(wrong), same)


def _says(walk, lost, leaves):
    """Name the first node that handed on too little, and how much."""
    if not lost:
        return (
            "Nothing is lost here: whenever an operation is reached, all its gradients have "
            "arrived. Use a value twice, once directly and once through another operation."
        )
    _, node, came, of, late = min(lost, key=lambda found: found[0])
    number = walk.ids[node]
    amount = sum(float(np.linalg.norm(host(gift.gradient).astype(complex))) for gift in late)
    amount = shown(amount) if np.ndim(late[0].gradient) else shown(
        sum(host(gift.gradient).item() for gift in late)
    )  # fmt: skip
    size = "" if not np.ndim(late[0].gradient) else " (norm)"
    others = f"{len(lost) - 1} more operation{'s' * (len(lost) > 2)}"
    more = f" The same happened at {others}." if len(lost) > 1 else ""
    at = "" if any(not leaf.same for leaf in leaves) else "The entries in play do not show it."
    rest = "one" if of - came == 1 else of - came
    return (
        f"{walk.name(number)} was visited when {came} of its {of} gradients had arrived: the other "
        f"{rest}, {amount}{size}, came too late and never went on.{more} {at}"
    ).strip()
