"""Why is this number of a gradient what it is? Follow it back along every path from the loss.

The chain rule adds up one product for each path that leads from a number to the loss. ``why``
lists these products, the largest first, sorts them (by rows, samples, ...) where they are many,
says what is left, and names what stopped the others. Everything is found after the fact, from the
recorded operations: nothing has to be asked for beforehand, and no ``backward`` is needed.
"""

import sys
from dataclasses import replace
from functools import cache

import numpy as np

from ..core import Leaf, Tensor
from ..graph import Names, source_of
from ..replay import Replay, inputs_of, operation_name
from ..watching import site_of
from .answer import Path, Step, Stop, Why
from .groups import breakdowns
from .paths import paths
from .routes import routes
from .scrub import Change, Scrub, scrub
from .sentences import sentences
from .stops import gate_name, stops
from .walk import Budget, Found, Ways, key_of, place_in

__all__ = ["Change", "Origins", "Path", "Scrub", "Step", "Stop", "Why", "scrub", "why"]
WORK = 6_000_000  # numbers that operations may read and write for one answer
SECONDS = 0.5  # for each of its three parts
LISTED = 8
NONE = Found([], 0.0, 0, True)


def why(tensor: Tensor, index, loss: Tensor, most: int = LISTED) -> Why:
    """Tell which paths a number of a gradient came along, and what each of them brought.

    ``tensor`` is a leaf or anything computed on the way to ``loss``; ``index`` says which number.
    What is listed, and the rest, add up to the gradient.

    >>> import autograd_lab as torch
    >>> torch.remember_lines()
    >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
    >>> loss = (x.exp() + 3 * x).sum()
    >>> found = why(x, 0, loss)
    >>> [(round(path.contribution, 3), path.steps[1].op) for path in found.paths]
    [(3.0, 'mul'), (2.718, 'exp')]
    >>> round(found.total, 3)
    5.718
    >>> torch.remember_lines(False)
    """
    frame = sys._getframe(1)
    return Origins(loss, {**frame.f_globals, **frame.f_locals}).why(tensor, index, most)


class Origins:
    """The ways through the graph behind one loss: ask ``why`` as often as you like.

    ``replay``, ``visits``, ``ids`` (of nodes in a graph) and ``name_of(node)`` may come from those
    who have them already; else they are made here, with ``names``, the learner's variables.
    """

    def __init__(self, loss, names=None, replay=None, visits=None, ids=None, name_of=None):
        self.loss = loss if visits is not None else _checked(loss)
        self.replay = Replay(loss) if replay is None else replay
        if self.replay.reason:
            raise ValueError(f"there is nothing to follow: {self.replay.reason}")
        self.ways = Ways(self.replay, visits)
        self.ids = ids or {node: i for i, node in enumerate(self.replay.ops)}
        self._names = Names(names or {}, loss) if name_of is None else None
        self._name_of, self._described = name_of, cache(self._describe)

    def why(self, tensor, index, most=LISTED) -> Why:
        """Tell why one number of the gradient of ``tensor`` is what it is."""
        return self.why_at(self._key(tensor), index, most)

    def why_at(self, key, index, most=LISTED) -> Why:
        """Tell it of a node of the graph: (operation or leaf, which of its results)."""
        ways = self.ways
        name = self.name(key[0])
        if key not in ways.gradients:
            return _nothing(name, index)
        g = ways.gradient(key)
        index = place_in(g.shape, index, name)
        entry = int(np.ravel_multi_index(index, g.shape)) if index else 0
        step = np.zeros(g.shape)
        step.flat[entry] = 1
        bad = not np.isfinite(g.flat[entry])
        with np.errstate(all="ignore"):
            budget = Budget(WORK, SECONDS)
            stopped = self._stops(stops(ways, key, step, budget)) if not bad else ()
            fine = paths(ways, key, entry, most, Budget(WORK, SECONDS)) if not bad else NONE
            coarse = NONE if bad else fine if ways.scalar and fine.sure else (
                routes(ways, key, step, most, Budget(WORK, SECONDS)))  # fmt: skip
        listed = tuple(self._path(way, False) for way in _largest(coarse.ways))
        single = tuple(self._path(way, True) for way in _largest(fine.ways))
        found = Why(
            name, index, float(g.flat[entry]), listed, coarse.rest, coarse.count,
            single, fine.rest, fine.count, stopped, (), (coarse.sure, fine.sure),
        )  # fmt: skip
        ways.forget()
        return sentences(found, self, key, entry)

    def name(self, node) -> str:
        """Give the learner's name of a result or a leaf, "" without one."""
        if self._name_of is not None:
            return self._name_of(node)
        if type(node) is Leaf:
            return self._names.of(node.tensor())
        return self._names.of_node(node)

    def step(self, node, slot=None, index=None, factor=None) -> Step:
        """Describe one operation or leaf on a path."""
        plain = self._described(node, slot)
        return plain if index is None else replace(plain, index=index, factor=factor)

    def _describe(self, node, slot):
        number, name = self.ids.get(node, -1), self.name(node)
        if type(node) is Leaf:
            return Step(number, "", name)
        site = site_of(node)
        source = source_of(site) if site else None
        sources = [came_from for _, came_from in inputs_of(node)]
        operands = type(node).operands if len(set(sources)) < len(sources) else ()
        operand = operands[slot] if slot is not None and slot < len(operands) else ""
        place = (source.cell, source.line) if source else ("", 0)
        return Step(number, gate_name(node), name, operand, *place)

    def _path(self, way, numbers):
        chain = way.chain()
        steps = [self._station(way, numbers) for way in chain]
        groups = () if numbers else breakdowns(
            self.ways, chain, lambda way: self._station(way, False)
        )  # fmt: skip
        start = 1.0
        if numbers and not way.shut:
            start = float(self.ways.gradient(self.ways.root).flat[way.entry])
        return Path(way.amount, tuple(steps), not way.shut, groups, start)

    def _station(self, way, numbers):
        node = way.key[0]
        index, factor, slot = None, None, way.through and way.through.slot
        if numbers:
            shape = self.ways.gradients[way.key].shape
            index = tuple(int(i) for i in np.unravel_index(way.entry, shape))
            factor = None if way.before is None else way.factor / (way.before.factor or 1)
        if way.before is None and type(node) is not Leaf:
            name = self.name(node) or operation_name(node)
            return Step(self.ids.get(node, -1), "", name, index=index)
        return self.step(node, slot, index, factor)

    def _stops(self, found):
        return tuple(
            Stop(self.step(s.node, s.slot), s.share, s.amount, s.stopped, s.reached, s.reason)
            for s in found
        )

    def _key(self, tensor):
        if not isinstance(tensor, Tensor):
            raise TypeError(f"why() asks about a number of a Tensor, not a {_kind(tensor)}")
        if tensor.node is None:
            raise ValueError(
                "this tensor does not require grad, so no gradient comes to it: make it with "
                "requires_grad=True (or call requires_grad_()) before the loss is computed"
            )
        key = key_of(tensor.node)
        used = key in self.ways.gradients or any(
            key_of(m) == key for op in self.replay.ops for _, m in inputs_of(op)
        )
        if not used:
            raise ValueError(
                "this tensor has no part in this loss: nothing that the loss was computed from "
                "was computed from it. Was it changed in place, detached or replaced after the "
                "loss was computed, or does another loss use it?"
            )
        return key


def _checked(loss):
    if not isinstance(loss, Tensor):
        raise TypeError(f"the loss is a Tensor with one number, not a {_kind(loss)}")
    if loss.node is None:
        raise ValueError(
            "there is no graph behind this loss: it was computed from tensors that do not require "
            "grad, under no_grad, or was detached"
        )
    if loss.array.dtype.kind == "c":
        raise ValueError("the paths of complex numbers are not told apart here: take .abs() first")
    if loss.array.size != 1:
        raise ValueError(
            f"paths begin at one number, and this tensor has {loss.array.size:,}: ask about "
            "its sum, its mean or one entry of it"
        )
    return loss


def _kind(x):
    return type(x).__name__


def _largest(ways):
    return sorted(ways, key=lambda way: -abs(way.amount))


def _nothing(name, index):
    """Answer for a number that no gradient came to."""
    index = tuple(index) if isinstance(index, (tuple, list)) else (index,)
    told = "Nothing arrives here: on every way to the loss an operation passes no gradient on."
    return Why(name, index, 0.0, (), 0.0, 0, (), 0.0, 0, (), (told,))
