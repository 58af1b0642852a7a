"""Walk through a graph, forwards and backwards, and tell each step."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .. import graph
from ..core import Output, Tensor
from ..formula import plain
from ..replay import user_node
from .code import listing
from .names import labels_of
from .recurrent import step_rules, step_slices, steps_in
from .rule import Rule, clause_of, gradient_rule, host, place, value_rule
from .slices import inside, largest, slice_of
from .sums import meeting
from .wrong import Wrong, walk_wrong

MOST = 2000  # operations that are played


@dataclass(frozen=True)
class Gift:
    """What a visit hands to one operand, and what has then arrived there."""

    to: int
    slot: int
    nth: int  # this is the nth gradient that arrives there
    of: int  # of so many: more than one at a fork
    sum: graph.Preview


@dataclass(frozen=True)
class Step:
    """One position of the deck: an operation is computed, or visited on the way back."""

    kind: str  # "forward" or "backward"
    node: int
    gives: tuple = ()


@dataclass(frozen=True)
class Beat:
    """All about one step: its rules with live numbers, sums where paths meet, tensors."""

    rules: tuple
    sums: tuple
    slices: tuple

    def to_dict(self) -> dict:
        """Give the step as dictionaries and lists that JSON can hold."""
        return graph.plain_data(self)


def walk(
    root: Tensor, names: dict | None = None, gradient=None, depth: int = 1, most: int = MOST,
    caller: str = "walk",
):  # fmt: skip
    """Give the walk through the graph behind ``root``.

    ``gradient`` is what backward starts with, for a ``root`` that is no scalar; ``names`` are the
    learner's variables (without it, those ``depth`` frames up); of a very large graph only the
    newest ``most`` operations are played.

    >>> import autograd_lab as torch
    >>> a, b = torch.tensor(2.0, requires_grad=True), torch.tensor(-3.0, requires_grad=True)
    >>> torch.remember_lines()
    >>> c = a * b
    >>> deck = walk(c)
    >>> [(step.kind, deck.name(step.node)) for step in deck.steps]
    [('forward', 'c'), ('backward', 'c')]
    >>> for rule in deck.beat(1).rules:
    ...     print(f"{rule.left} += {rule.names} = {rule.numbers} = {rule.result}")
    ∂c/∂a += ∂c/∂c · b = 1 · (−3) = −3
    ∂c/∂b += ∂c/∂c · a = 1 · 2 = 2
    >>> torch.remember_lines(False)
    """
    return Walk(graph.recorder(root, names, depth + 1, most, caller), gradient)


class Walk:
    """The steps through one graph, and whatever they are told with."""

    def __init__(self, recorder, gradient=None):
        self.graph, self.replay = recorder.graph(), recorder.replay
        if self.replay.reason:
            raise RuntimeError(f"this cannot be stepped through: {self.replay.reason}")
        _check_start(self.replay.result, gradient)
        self.gradient = gradient
        self.ops = recorder.ops
        self.left_out = len(self.replay.ops) - len(self.ops)
        self.ids = recorder.ids
        self.made = {number: key for key, number in self.ids.items() if type(key) is not tuple}
        self.tensors = {self.ids[key]: tensor for key, tensor in recorder.given.items()}
        self.nodes = {node.id: node for node in self.graph.nodes}
        self.picked = {}  # the entries that the learner chose
        self.visits = self.replay.visits(gradient, self.ops[::-1])
        self.labels = labels_of(self.graph)
        self._names = recorder.names

    # --- names

    @cached_property
    def result_name(self) -> str:
        """Name what is differentiated: a short name of its own, else L."""
        name = self.nodes[self.graph.root].name
        return name if 0 < len(name) <= 3 else "L"

    def name(self, number) -> str:
        """Say what the learner calls a node; else its operation, with a number if need be."""
        return self.labels[number]

    def part(self, number, which=0, several=False) -> str:
        """Name one of several results: by its own name, else "split(1)"."""
        known = self._names.results.get(self.made.get(number), {})
        if which in known:
            return known[which]
        return self.name(number) + (f"({which})" if several or which else "")

    def results(self, number) -> str:
        """Name all results of an operation that has several: "o, hn, cn"; else ""."""
        return self._names.of_results(self.made.get(number))

    def partial(self, number, index=(), which=0, several=False) -> str:
        """Write the gradient of an entry: ∂L/∂w[0,1]."""
        name = self.part(number, which, several)
        return f"∂{self.result_name}/∂{name}{place(index)}"

    def operand_name(self, came_from, told, slot) -> str:
        """Name an operand; "" if it is only a number."""
        key = user_node(came_from) if came_from is not None else None
        if key is None and slot < len(told):
            operand = told[slot]
            key = ("data", id(operand))
            if isinstance(operand, Tensor) and operand.node is not None:
                key = user_node(operand.node)
        if key not in self.ids:
            return ""
        return self.part(self.ids[key], came_from.place if type(came_from) is Output else 0)

    def clause(self, node, slot) -> str:
        """Give the rule of an operation for one operand as it stands in the book."""
        return plain(clause_of(node, slot) or type(node).gradient)

    # --- arrays and the entry in play

    def value(self, number):
        """Give the whole value of a node, an array; None if there is none."""
        key = self.made.get(number)
        if key in self.replay.values:
            return self.replay.values[key]
        tensor = self.tensors.get(number)
        return None if tensor is None else tensor.array

    @cached_property
    def arrivals(self) -> dict:
        """Map each node to what it is given in the walk: [(visit's number, gift), ...]."""
        return arrivals_in(self.visits, self.ids)

    @cached_property
    def gradients(self) -> dict:
        """Map each node to the gradient that arrives in all; of several results, the first's."""
        found = {self.graph.root: host(self._seed)}
        for number, gifts in self.arrivals.items():
            first = _which(gifts[0][1])
            total = sum(host(g.gradient) for _, g in gifts if _which(g) == first)
            found[number] = found[number] + total if number in found else total
        return found

    @property
    def _seed(self):
        if self.gradient is not None:
            return self.gradient.array
        return np.ones_like(host(self.replay.result))

    def play(self, number) -> tuple:
        """Give the entry in play: the learner's choice, else where the gradient is largest.

        What is not a finite number comes first.
        """
        if number in self.picked:
            return self.picked[number]
        found = self.gradients.get(number), self.value(number)
        found = [host(array) for array in found if array is not None]
        bad = [array for array in found if not np.all(np.isfinite(array))]
        return largest([*bad, *found][0]) if found else ()

    def pick(self, number, index) -> None:
        """Put another entry of a tensor in play."""
        array = self.value(number)
        if array is None:
            raise ValueError("the values of this tensor are not at hand")
        index = tuple(int(i) for i in index)
        if len(index) == 2 and np.ndim(array) == 3:  # a unit and a step of the gates
            index = index[1], self.play(number)[1], index[0]
        if len(index) != np.ndim(array) or not all(0 <= i < n for i, n in zip(index, array.shape)):
            raise ValueError(f"there is no entry {list(index)} in shape {list(array.shape)}")
        self.picked[number] = index

    # --- steps

    @cached_property
    def steps(self) -> list[Step]:
        """List the positions of the deck: forwards, then backwards."""
        forward = [Step("forward", self.ids[node]) for node, _ in self.forward]
        return forward + self._backward(self.visits)

    @cached_property
    def forward(self) -> list:
        """List what is computed: (operation, which of its own steps)."""
        return [(node, turn) for node in self.ops for turn in range(steps_in(self, node))]

    @cached_property
    def wrong(self) -> Wrong:
        """Walk backwards in a plain depth-first order, and see what is lost."""
        return walk_wrong(self)

    def wrong_steps(self) -> list[Step]:
        """List the backward steps of the wrong order."""
        return self._backward(self.wrong.visits)

    def _backward(self, visits):
        coming = arrivals_in(visits, self.ids)
        sums, nth, steps = {}, {}, []
        for visit in visits:
            gives = []
            for gift in visit.given:
                to, key = self.ids.get(user_node(gift.source)), (gift.source)
                if to is None:
                    continue
                g = host(gift.gradient)
                sums[key] = sums[key] + g if key in sums else g
                nth[to] = nth.get(to, 0) + 1
                seen = graph.preview(sums[key])
                gives.append(Gift(to, gift.slot, nth[to], len(coming[to]), seen))
            steps.append(Step("backward", self.ids[visit.node], tuple(gives)))
        return steps

    def beat(self, at: int, wrong: bool = False) -> Beat:
        """Tell step number ``at`` (from 0) with live numbers."""
        count = len(self.forward)
        if at < count:
            return self._forward_beat(*self.forward[at])
        visits = self.wrong.visits if wrong else self.visits
        return self._backward_beat(visits, at - count)

    def _forward_beat(self, node, turn):
        number = self.ids[node]
        at, array = self.play(number), self.replay.values[node]
        if not np.size(array):
            return Beat((), (), ())
        at = at if inside(at, array) else largest(host(array))
        if steps_in(self, node) > 1:
            at = (turn, *at[1:])
            slices = (slice_of(self, number, "value", array, at), *step_slices(self, node, at))
            return Beat(tuple(step_rules(self, node, at)), (), slices)
        shown = slice_of(self, number, "value", array, at)
        return Beat((value_rule(self, node, at),), (), (shown,))

    def _backward_beat(self, visits, at):
        visit = visits[at]
        rules, sums, slices = [], [], []
        coming = arrivals_in(visits[: at + 1], self.ids)
        g = visit.gradient
        first = g[min(g)] if isinstance(g, dict) else g
        slices.append(slice_of(self, self.ids[visit.node], "grad", first))
        for gift in visit.given:
            to = self.ids.get(user_node(gift.source))
            if to is None:
                continue
            if not np.size(gift.gradient):
                rules.append(Rule(self.partial(to), self.clause(visit.node, gift.slot)))
                sums.append("")
                continue
            same = [g for n, g in coming[to] if _which(g) == _which(gift)]
            before = same[: next(i for i, g in enumerate(same) if g is gift)]
            index = self._entry(to, gift)
            rule = gradient_rule(self, visit, gift, index)
            rules.append(rule)
            arrays = [host(g.gradient) for g in before]
            sums.append(meeting(arrays, host(gift.gradient), index))
            total = sum((host(g.gradient) for g in before), host(gift.gradient))
            slices.append(slice_of(self, to, "grad", total, index))
        return Beat(tuple(rules), tuple(sums), tuple(slices))

    def _entry(self, to, gift):
        """Give the entry that a gift is told with: one that it gives something to, if it can be."""
        index, given = self.play(to), host(gift.gradient)
        if to in self.picked and inside(index, given):
            return index
        if _which(gift) or not inside(index, given) or not given[index]:
            return largest(given)
        return index

    # --- all of it

    @cached_property
    def code(self) -> tuple[list, dict]:
        """The learner's cells and files, and the place of each operation in them."""
        return listing({self.ids[node]: node for node in self.ops})


def _check_start(result, gradient):
    """Refuse what backward could not start from, and say what it could."""
    if gradient is None and result.size != 1:
        shape = list(result.shape)
        hint = "nothing to add up there" if not result.size else f"gradient=torch.ones({shape})"
        raise RuntimeError(
            f"backward starts from one number, and this tensor has shape {shape}. Step through "
            f"its .sum() or .mean(), or say what it starts with: {hint}."
        )
    if gradient is None and result.dtype.kind == "c":
        raise RuntimeError(
            "backward starts from one real number, and this one is complex. Step through its "
            ".abs() or .real, or say what it starts with: gradient=torch.tensor(1.0 + 0j)."
        )


def arrivals_in(visits, ids) -> dict:
    """Map each node's number to what arrives there: [(visit's number, gift), ...]."""
    found = {}
    for n, visit in enumerate(visits):
        for gift in visit.given:
            to = ids.get(user_node(gift.source))
            if to is not None:
                found.setdefault(to, []).append((n, gift))
    return found


def _which(gift) -> int:
    return gift.source.place if type(gift.source) is Output else 0


