"""Compute the operations behind a tensor once more: all values, and each gradient on its way.

Nothing has to be kept while the learner's own code runs. When somebody looks, the recorded calls
are repeated on the values of their inputs, or on other values: what would the loss be then?
"""

from functools import cached_property
from typing import NamedTuple

from . import grad_mode, watching
from .backward import as_gradient, backward
from .core import Leaf, Output, Part, Tensor, born, wrap
from .device import device_of
from .watching import operation_name
from .writes import birth

LARGEST = 50_000_000  # elements: more are not computed again


class Given(NamedTuple):
    """What one visit of the backward pass gives to one operand."""

    slot: int  # which operand
    source: object  # the node that the operand came from
    gradient: object  # the array that is added to that node's gradient


class Visit(NamedTuple):
    """One node's turn in the backward pass: the gradient that has arrived, what it hands on."""

    node: object
    gradient: object  # the array; of an operation with several results a dict {place: array}
    given: tuple[Given, ...]


class Replay:
    """The operations behind ``root``, computed once more.

    ``changed`` maps ``id(tensor)`` of leaves and data to other arrays; what does not depend on them
    is taken over from ``base``, an earlier replay. ``reason`` says why there are no values, "" if
    there are.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with watching.watch_operations(watching.remember):
    ...     y = x * x + 1
    >>> replay = Replay(y)
    >>> [node.name() for node in replay.ops], float(replay.result)
    (['MulBackward0', 'AddBackward0'], 10.0)
    >>> float(replay.gradients[x.node])
    6.0
    >>> float(replay.with_changed(x, torch.tensor(4.0).array).result)
    17.0
    """

    def __init__(self, root: Tensor, changed=None, base=None):
        self.root, self.changed, self.base = root, dict(changed or {}), base
        self.ops = base.ops if base is not None else operations_behind(root.node)
        self.reason = ""
        # when it was computed: what is written to the learner's tensors later does not matter here
        self.moment = birth() if base is None else base.moment
        self._done, self._rules = {}, {}
        self._data = {} if base is None else base._data
        with watching.paused(), grad_mode.enable_grad():
            self._compute()

    def with_changed(self, tensor, array):
        """Compute what follows from one leaf or datum with other numbers in it."""
        return Replay(self.root, {**self.changed, id(tensor): array}, self)

    # --- values

    @property
    def result(self):
        """Give the array of the root; None without values."""
        tensor = self.tensor(self.root.node)
        return None if tensor is None else tensor.array

    def tensor(self, node):
        """Give what a node (an operation, an output of one, a leaf) gave this time, or None.

        Of an operation with several results, the first.
        """
        if type(node) is Output:
            found = self._done.get(node.next[0])
            return found and found[node.place]
        found = self._done.get(node)
        return found[0] if type(found) is tuple else found

    def taken(self, tensor):
        """Give the array of a leaf or of data with which this replay computed."""
        leaf = self._leaf(tensor.node) if type(tensor.node) is Leaf else self._datum(tensor)
        return leaf.array

    def operand(self, node, slot):
        """Give the operand of an operation, as it was used this time: a Tensor or a number."""
        for at, came_from in inputs_of(node):
            if at == slot:
                return self.tensor(came_from)
        operands = told_operands(node)
        return self._datum(operands[slot]) if slot < len(operands) else None

    @cached_property
    def values(self) -> dict:
        """Map each operation to its (first) result, an array; empty without values."""
        return {n: self.tensor(n).array for n in self.ops} if not self.reason else {}

    def _compute(self):
        total = 0
        for node in self.ops:
            self.reason = self._why_not(node)
            if self.reason:
                return self._done.clear()
            self._done[node] = found = self._result_of(node)
            each = found if type(found) is tuple else (found,)
            total += sum(r.array.size for r in each if isinstance(r, Tensor))
            if total > LARGEST:
                self.reason = f"its values are more than {LARGEST:,} numbers"
                return self._done.clear()
        if type(self.root.node) is Leaf:
            self._leaf(self.root.node)

    def _why_not(self, node):
        if getattr(node, "told", None) is None:
            return "it was computed while nobody watched: call remember_lines() before"
        ctx = getattr(node, "ctx", None)
        if ctx is not None and ctx._dirty:
            return f"{operation_name(node)} writes into its inputs, and would do so again"
        if any(type(m) is Leaf and self._leaf(m) is None for _, m in inputs_of(node)):
            return "a tensor that it began with exists no more"
        return ""

    def _result_of(self, node):
        args, places = list(node.told.args), operand_places(node)
        same = self.base is not None
        for i in places:
            args[i] = self._datum(args[i])
            same &= not self._differs(node.told.args[i])
        for slot, came_from in inputs_of(node):
            value = self.tensor(came_from)
            same &= same and value is self.base.tensor(came_from)
            _put_operand(args, places, slot, value)
        if same:
            return self.base._done[node]
        return type(node).call(*_without_writing(node, args))

    def _leaf(self, node):
        """Give a leaf of its own for this replay: no gradient may reach the learner's tensors."""
        if node not in self._done:
            tensor = node.tensor()
            if tensor is None:
                return None
            array = self.changed.get(id(tensor))
            unchanged = self.base is not None and array is self.base.changed.get(id(tensor))
            self._done[node] = (
                self.base._leaf(node) if unchanged
                else wrap(tensor.array.copy() if array is None else array).requires_grad_()
            )  # fmt: skip
        return self._done[node]

    def _datum(self, x):
        """Take data as it was at this moment, or as it was changed to."""
        if isinstance(x, Tensor):
            if id(x) in self.changed:
                return wrap(self.changed[id(x)])
            if id(x) not in self._data:
                self._data[id(x)] = wrap(x.array.copy())
            return self._data[id(x)]
        return [self._datum(each) for each in x] if type(x) in (list, tuple) else x

    def _differs(self, x):
        if type(x) in (list, tuple):
            return any(map(self._differs, x))
        before = self.base.changed if self.base is not None else {}
        return self.changed.get(id(x)) is not before.get(id(x))

    # --- gradients

    def visits(self, gradient=None, order=None) -> list[Visit]:
        """Go backward from the root and tell each visit, in order.

        ``gradient`` (a Tensor) is what backward starts with; a scalar starts with 1. ``order`` (a
        list of operations) visits them in another order, right or wrong.
        """
        root = self.tensor(self.root.node)
        if root is None or root.node is None:
            return []
        arrived = {}
        start = self.root.node
        _add(arrived, user_node(start), _part(start, as_gradient(root, gradient).array))
        found = []
        with grad_mode.no_grad():
            for node in self.ops[::-1] if order is None else order:
                g = arrived.get(node)
                if g is None or self.tensor(node).node is None:
                    continue
                given = self.pull(node, g)
                found.append(Visit(node, g, given))
                for gift in given:
                    part = _part(gift.source, gift.gradient)
                    _add(arrived, user_node(gift.source), part)
        return found

    def pull(self, node, gradient) -> tuple[Given, ...]:
        """Tell what one operation hands on when this gradient arrives."""
        with grad_mode.no_grad():
            return tuple(_given(node, user_node(self.tensor(node).node), gradient))

    @cached_property
    def gradients(self) -> dict:
        """Map each node to its whole gradient (an array), leaves too; needs a scalar root."""
        found = {}
        for visit in self.visits():
            found[visit.node] = visit.gradient
            for gift in visit.given:
                _add(found, user_node(gift.source), _part(gift.source, gift.gradient))
        return {node: _first_part(g) for node, g in found.items()}

    def derivative(self, node, slot, index, place=0):
        """Tell how each number of a result moves with one number of an operand: an array.

        ``index`` is the place of the number in the operand, ``place`` says which result is meant.
        """
        step = _still(self.operand(node, slot).array)
        step[index] = 1
        return self.push(node, slot, step)[place]

    def push(self, node, slot, step) -> dict:
        """Tell how the results of an operation move while one operand moves: {place: array}.

        ``step`` says how far each number of the operand moves. The rule of an operation is linear
        in the gradient that it is given, so its own derivative is the local one: this is how the
        chain rule's factors are found one by one.
        """
        if (node, slot) not in self._rules:
            self._rules[node, slot] = self._rule(node, slot)
        gs, d = self._rules[node, slot]
        found = {g.node: None for g in gs.values()}
        if d is not None and d.node is not None:
            with watching.paused(), grad_mode.no_grad():
                step = wrap(device_of(d.array).xp.asarray(step, d.array.dtype))
                backward([d], [step], retain_graph=True, capture=found)
        still = {place: found[g.node] for place, g in gs.items()}
        return {p: _still(gs[p].array) if g is None else g for p, g in still.items()}

    def _rule(self, node, slot):
        """Apply an operation's rule to gradients of 0, recorded: how they become an operand's."""
        results = self._done[node]
        several = type(results) is tuple
        places = enumerate(results if several else (results,))
        made = {p: r for p, r in places if isinstance(r, Tensor) and r.node is not None}
        again = user_node(next(iter(made.values())).node)
        with watching.paused(), grad_mode.enable_grad():
            gs = {p: wrap(_still(r.array)).requires_grad_() for p, r in made.items()}
            twin = again.as_tensors()
            if type(getattr(twin, "saved", None)) is tuple and twin is not again:
                twin.saved = tuple(map(_apart, twin.saved))  # else each push walks the whole graph
            pulled = twin.pull(Part(gs) if several else gs[0])
            slots = list(again.edges or range(len(again.next)))
            d = pulled if len(slots) == 1 else pulled[slots.index(slot)]
            came_from = again.next[slots.index(slot)]
            if d is not None and came_from.implicit:
                d = came_from.as_tensors().pull(d)
        return gs, d


def _apart(saved):
    """Give what a rule keeps without the graph behind it."""
    if type(saved) is list:
        return [_apart(each) for each in saved]
    return wrap(saved.array) if isinstance(saved, Tensor) else saved


def _still(array):
    """Give an array of zeros like this one, which may be a NumPy scalar or hold infinities."""
    return device_of(array).xp.zeros(array.shape, array.dtype)


def _given(node, again, g):
    """Ask one operation, as it was computed again, what it hands on; skip the engine's helpers."""
    slots = again.edges or range(len(again.next))
    pulled = again.pull(g)
    pulled = (pulled,) if len(again.next) == 1 else pulled
    sources = dict(inputs_of(node))
    for slot, came_from, d in zip(slots, again.next, pulled):
        if d is not None:
            yield Given(slot, sources[slot], came_from.pull(d) if came_from.implicit else d)


def _add(sums, node, g):
    sums[node] = sums[node] + g if node in sums else g


def _part(node, g):
    return Part({node.place: g}) if type(node) is Output else g


def _first_part(g):
    return g.filled(max(g) + 1)[min(g)] if isinstance(g, Part) else g


# --- the recorded graph, as it is read


def user_node(node):
    """Give the operation behind one of its outputs."""
    return node.next[0] if type(node) is Output else node


def operations_behind(root) -> list:
    """List the operations behind a node, oldest first; without the engine's own helpers."""
    found, todo = set(), [root]
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += node.next
    ops = [n for n in found if type(n) not in (Leaf, Output) and not n.implicit]
    return sorted(ops, key=born)


def inputs_of(node) -> list:
    """List the operands that gradients flow to: (slot, node each came from)."""
    slots = node.edges or range(len(node.next))
    return [(s, m.next[0] if m.implicit else m) for s, m in zip(slots, node.next)]


def operand_places(node):
    """Tell where the operands stand among the arguments: in a learner's Function, anywhere."""
    given = range(len(node.told.args))  # an optional operand may not be among them
    return [i for i in type(node).operand_places if i in given] or given


def told_operands(node):
    """List the operands of the call, as they were given; () if nobody watched."""
    told = getattr(node, "told", None)
    if told is None:
        return ()
    operands = [told.args[i] for i in operand_places(node)]
    if len(operands) == 1 and type(operands[0]) in (list, tuple):
        return operands[0]
    return operands


def _put_operand(args, places, slot, value):
    listed = args[places[0]]
    if len(places) == 1 and type(listed) in (list, tuple):
        args[places[0]] = [value if i == slot else x for i, x in enumerate(listed)]
    else:
        args[places[slot]] = value


def _without_writing(node, args):
    """A write through a view has happened: repeating it makes a new tensor."""
    return (*args[:3], False) if type(node).torch_name == "CopySlices" else args
