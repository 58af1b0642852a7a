"""Walk the ways from a number to the loss: what each brings, the largest first.

A *step* is a tangent: how far every number of a result moves for each unit that the chosen number
moves, along one way. A step times the gradient that stands there is the contribution of every path
that begins with this way, so a prefix that is not followed further still counts in full.
"""

import math
import time
from dataclasses import dataclass
from functools import cached_property
from operator import index as whole
from typing import Any, NamedTuple

import numpy as np

from ..core import Output, Part
from ..device import cpu, move
from ..replay import Replay, user_node

OVERHEAD = 4_000  # what one push costs besides its numbers, counted in numbers
NOTHING = np.empty(0)


class Edge(NamedTuple):
    """One use of a result: by which operation, as which operand, and what comes back from it."""

    node: Any
    slot: int
    given: Any  # an array, wherever it lies

    @property
    def gift(self) -> np.ndarray:
        """Give the gradient that came back by this edge, in float64."""
        return exact(self.given)


class Budget:
    """How much work is left, counted in numbers that operations read and write, and in seconds."""

    def __init__(self, numbers, seconds=math.inf):
        self._left = self.given = numbers
        self.until = time.monotonic() + seconds

    @property
    def left(self):
        """Give what is left: nothing when the time is over."""
        return self._left if time.monotonic() < self.until else -math.inf

    def goes_on(self, first=False) -> bool:
        """Say whether there is work left; the first way of all may cost four times as much."""
        return self.left > (-3 * self.given if first else 0)

    def take(self, *arrays):
        """Count the work of one operation."""
        self._left -= OVERHEAD + sum(a.size for a in arrays)


@dataclass(eq=False)
class Way:
    """The beginning of a path, as far as it was followed; ``before`` is what it goes on from.

    ``through`` is the edge it came by and ``key`` where it stands: (node, which result). ``step``
    is None until somebody asks, ``entry`` the place of the one number in numbers mode. ``shut``
    says that it ends before the loss: the operation's rule cannot be taken apart.
    """

    key: tuple | None
    step: np.ndarray | None
    amount: float
    before: "Way | None" = None
    through: Edge | None = None
    entry: int | None = None
    factor: float = 1.0
    shut: bool = False

    def chain(self) -> list["Way"]:
        """List the ways from the chosen number to here."""
        found, way = [], self
        while way is not None:
            found.append(way)
            way = way.before
        return found[::-1]


class Found(NamedTuple):
    """Complete ways, and the sum of all that was not followed to its end."""

    ways: list
    rest: float
    count: int
    sure: bool = False  # no other way is larger than those that are listed


class Ways:
    """All ways through one replayed graph."""

    def __init__(self, replay: Replay, visits=None):
        self.replay = replay
        self.visits = replay.visits() if visits is None else visits
        self.root = key_of(replay.root.node)
        self.gradients, self.edges = {}, {}
        self._columns, self._steps, self._exact = {}, {}, {}
        for visit in self.visits:
            parts = visit.gradient if isinstance(visit.gradient, Part) else {0: visit.gradient}
            for place, g in parts.items():
                self.gradients[visit.node, place] = g
            for gift in visit.given:
                key, g = key_of(gift.source), gift.gradient
                self.edges.setdefault(key, []).append(Edge(visit.node, gift.slot, g))
        if not self.visits:  # the root is a leaf
            self.gradients[self.root] = np.ones(replay.result.shape)
        for key, edges in self.edges.items():
            if key not in self.gradients:  # a leaf
                self.gradients[key] = sum(edge.given for edge in edges[1:]) + edges[0].given

    def gradient(self, key) -> np.ndarray:
        """Give the whole gradient that stands somewhere, in float64."""
        if key not in self._exact:
            self._exact[key] = exact(self.gradients[key])
        return self._exact[key]

    @cached_property
    def cancelled(self) -> set:
        """Name the places from where a 0 on the way back may hide parts that cancel."""
        found, feeds = set(), {}
        for key, edges in self.edges.items():
            for edge in edges:
                feeds.setdefault(edge.node, set()).add(key)
            gifts = sum(abs(edge.gift) for edge in edges)
            if np.any((gifts != 0) & (self.gradient(key) == 0)):
                found.add(key)
        todo = list(found)
        while todo:
            hidden = feeds.get(todo.pop()[0], set()) - found
            found |= hidden
            todo += hidden
        return found

    @cached_property
    def _places(self):
        """Map each operation to the places of its results that a gradient came to."""
        places = {}
        for node, place in self.gradients:
            places.setdefault(node, []).append(place)
        return places

    @cached_property
    def counts(self) -> dict:
        """Count the ways from each place to the root, operation by operation."""
        counts, places = {self.root: 1}, self._places
        for key in self.edges:
            todo = [key]
            while todo:
                top = todo[-1]
                after = [(e.node, p) for e in self.edges.get(top, ()) for p in places[e.node]]
                missing = [k for k in after if k not in counts]
                if missing:
                    todo += missing
                else:
                    counts.setdefault(top, sum(counts[k] for k in after))
                    todo.pop()
        return counts

    def ended(self, way) -> bool:
        """Say whether a way leads no further: it is at the loss, or nothing can be told beyond."""
        return way.shut or way.key == self.root

    def beyond(self, way) -> int:
        """Count the ways from where a way stands to the loss."""
        if way.key is not None:
            return self.counts[way.key]
        node = way.through.node
        return sum(self.counts[node, place] for place in self._places[node])

    def push(self, edge: Edge, step):
        """Take a step through an operation: {key: step}; None if its rule cannot be taken apart.

        The same step is taken once, however many ways begin with it; `forget` it in the end.
        """
        mark = edge.node, edge.slot, id(step)
        if mark not in self._steps:
            self._steps[mark] = step, self._push(edge, step)
        return self._steps[mark][1]

    def forget(self):
        """Let go of the steps that were taken for one question."""
        self._steps.clear()
        self._columns.clear()

    def _push(self, edge, step):
        try:
            pushed = self.replay.push(edge.node, edge.slot, step)
        except Exception:  # a learner's Function, or a rule that has no derivative of its own
            return None
        found = {(edge.node, p): exact(s) for p, s in pushed.items()}
        found = {k: s for k, s in found.items() if k in self.gradients}
        with np.errstate(all="ignore"):
            brought = sum(dot(s, self.gradient(k)) for k, s in found.items())
            owed, size = dot(step, edge.gift), dot(np.abs(step), np.abs(edge.gift))
            passing = sum(dot(np.abs(s), np.abs(self.gradient(k))) for k, s in found.items())
        right = abs(brought - owed) <= 8 * self._slack * max(size, passing)
        return found if right or not math.isfinite(brought - owed) else None

    @cached_property
    def _slack(self):
        """How far two ways to compute one gradient may be apart by rounding."""
        dtype = self.replay.result.dtype
        return math.sqrt(np.finfo(dtype).eps) if dtype.kind == "f" else 0.05

    def column(self, edge, key, entry, budget):
        """Tell what one number moves through an operation: {key: how far}."""
        mark = edge.node, edge.slot, entry
        if mark not in self._columns:
            step = np.zeros(self.gradients[key].shape)
            step.flat[entry] = 1
            budget.take(step, self.gradients.get((edge.node, 0), NOTHING))
            self._columns[mark] = self._push(edge, step)
        return self._columns[mark]

    @cached_property
    def scalar(self) -> bool:
        """Say whether every gradient is a single number: then routes and paths are the same."""
        return all(g.size == 1 for g in self.gradients.values())

    # --- all ways at once

    def reach(self, start, step):
        """Push a step through every use: yield (edge, step before, {key: step after}).

        Oldest operation first, all ways together: one push for each use, however many ways.
        """
        steps = {start: step}
        uses = [(visit.node, gift) for visit in self.visits[::-1] for gift in visit.given]
        for node, gift in uses:
            before = steps.get(key_of(gift.source))
            if before is None:
                continue
            edge = Edge(node, gift.slot, gift.gradient)
            pushed = self.push(edge, before)
            yield edge, before, pushed
            for key, after in (pushed or {}).items():
                if np.any(after):
                    steps[key] = steps[key] + after if key in steps else after


def key_of(node):
    """Tell which result a node stands for: (operation or leaf, its place)."""
    return user_node(node), node.place if type(node) is Output else 0


def place_in(shape, index, name="") -> tuple:
    """Check which number of a tensor is meant, and give it as a tuple of whole numbers.

    >>> place_in((2, 3), [0, -1])
    (0, 2)
    """
    index = tuple(index) if isinstance(index, (tuple, list)) else (index,)
    index = () if index == (None,) else index
    what = f"{name or 'the tensor'} has shape {tuple(shape)}"
    try:
        index = tuple(whole(i) for i in index)
    except TypeError:
        raise ValueError(f"{what}: say which number with whole numbers, not {index}") from None
    if len(index) == 1 and not shape and index[0] == 0:
        index = ()
    if len(index) != len(shape):
        wanted = f"{len(shape)} whole number{'s' * (len(shape) != 1)}" if shape else "()"
        raise ValueError(f"{what}: {wanted} name one number of it, not {index}")
    if not np.prod(shape, dtype=int):
        raise ValueError(f"{what}: there is no number in it")
    for i, n in zip(index, shape):
        if not -n <= i < n:
            raise ValueError(
                f"{what}: the index {index} lies outside and names no number: {i} is not below {n}"
            )
    return tuple(i % n for i, n in zip(index, shape))


def dot(a, b) -> float:
    """Sum the products of two arrays, in float64 and pairwise: no thread of BLAS is woken."""
    return float((a * b).sum())


def exact(array) -> np.ndarray:
    """Give an array on the host, in float64."""
    return np.asarray(move(array, cpu), np.float64)
