"""The graph as plain data: what pictures, exercises and tests read, and nothing else.

``record(loss)`` turns the nodes behind a tensor into frozen dataclasses. Values and gradients of
what lies between are found by computing the recorded operations once more, so nothing has to be
kept while the learner's own code runs.
"""

import json
import linecache
import math
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from . import watching, writes
from .core import FREED, Leaf, Output, Tensor
from .device import cpu, device_of, move
from .replay import Replay, inputs_of, operation_name, told_operands, user_node
from .watching import site_of

SHOWN = 24  # a preview holds at most this many numbers


@dataclass(frozen=True)
class Preview:
    """A short look at an array: some of its numbers, and what they amount to."""

    values: tuple
    size: int
    low: float | None
    high: float | None
    mean: float | None
    norm: float | None
    bad: int  # how many are nan or infinite


@dataclass(frozen=True)
class Source:
    """The learner's own line that made a node."""

    cell: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Node:
    """One operation, one parameter or one input."""

    id: int
    kind: str  # "op", "parameter" or "input"
    op: str = ""
    name: str = ""
    shape: tuple = ()
    dtype: str = ""
    device: str = "cpu"
    requires_grad: bool = True
    formula: str = ""
    gradient: str = ""
    value: Preview | None = None
    grad: Preview | None = None
    module: tuple = ()
    calls: tuple = ()
    source: Source | None = None


@dataclass(frozen=True)
class Edge:
    """A value on its way from the node that made it to a node that uses it."""

    source: int
    target: int
    slot: int
    operand: str = ""
    stretched: bool = False  # broadcasting repeats it on the way


@dataclass(frozen=True)
class Graph:
    """What was computed, as data.

    Values are those of now: ``stale`` says that weights or data were written to after this was
    computed, so that it was computed again with other numbers. ``earlier`` says that the leaves'
    gradients are those of an earlier moment: of a backward pass before that, or through another
    graph. What lies between has no gradient then.

    >>> import autograd_lab as torch
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> [node.op or node.name for node in record(x * x).nodes]
    ['x', 'mul']
    """

    nodes: tuple = ()
    edges: tuple = ()
    root: int = 0
    stale: bool = field(default=False, compare=False)
    earlier: bool = field(default=False, compare=False)

    def to_dict(self) -> dict:
        """Give the graph as dictionaries and lists that JSON can hold."""
        return plain_data(self)

    def to_json(self) -> str:
        """Give the graph as JSON text."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def to_dot(self) -> str:
        """Give the graph in Graphviz's language, for those who have ``dot``."""
        lines = ["digraph {", "  rankdir=TB", "  node [shape=box, style=rounded]"]
        lines += [f"  n{n.id} [label={_quoted(_label(n))}]" for n in self.nodes]
        lines += [f"  n{e.source} -> n{e.target}" for e in self.edges]
        return "\n".join([*lines, "}"])

    def to_graphviz(self):
        """Give an object of the ``graphviz`` package, which draws itself where ``dot`` is."""
        import graphviz

        return graphviz.Source(self.to_dot())


def plain_data(value) -> Any:
    """Give data as JSON can hold it: lists for tuples, words for what is no number."""
    if isinstance(value, float):  # most of it are numbers
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, dict):
        return {k: plain_data(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_data(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {k: plain_data(v) for k, v in vars(value).items()}
    return value


def _label(node):
    title = node.op or node.name
    name = f"{node.name} = " if node.op and node.name else ""
    return f"{name}{title}\n{' x '.join(map(str, node.shape)) or 'scalar'}"


def _quoted(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(c if c.isprintable() else " " for c in text) + '"'


@lru_cache(256)
def _sample(size):
    """Choose which numbers are shown, evenly spaced."""
    return np.unique(np.linspace(0, max(size - 1, 0), min(SHOWN, size)).astype(int))


def preview(array) -> Preview:
    """Look at an array: a few numbers of it, and their extremes, mean and norm."""
    flat = np.asarray(move(array, cpu)).reshape(-1)
    if flat.dtype.kind == "c":
        flat = np.abs(flat)
    numbers = flat.astype(np.float64)
    good = numbers[np.isfinite(numbers)]
    shown = tuple(float(f"{v:.6g}") for v in numbers[_sample(flat.size)].tolist())
    if not good.size:
        return Preview(shown, flat.size, None, None, None, None, flat.size)
    with np.errstate(all="ignore"):
        facts = good.min(), good.max(), good.mean(), np.sqrt(good @ good)
    low, high, mean, norm = (float(f"{v:.6g}") for v in facts)
    return Preview(shown, flat.size, low, high, mean, norm, int(flat.size - good.size))


def record(
    root: Tensor, names: dict | None = None, depth: int = 1, caller: str = "record"
) -> Graph:
    """Give the graph behind a tensor as plain data.

    ``names`` maps variable names to tensors and modules; without it they are read from the frame
    that calls (``depth`` frames up).

    >>> import autograd_lab as torch
    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> loss = (w * 3).sum()
    >>> record(loss).to_dict()["nodes"][-1]["name"]
    'loss'
    """
    return recorder(root, names, depth + 1, caller=caller).graph()


def recorder(
    root: Tensor, names: dict | None = None, depth: int = 1, most: int = 0, caller: str = "record"
) -> "Recorder":
    """Give what ``record`` works with: it also knows the engine's node behind each node.

    ``most`` leaves only the newest operations; what they began with then counts as input.
    ``caller`` is what the learner called: its name stands in what is said of a wrong ``root``.
    """
    if not isinstance(root, Tensor):
        called = hasattr(root, "named_parameters") and callable(root)
        hint = " Call it with data first, and give what comes out." if called else ""
        raise TypeError(
            f"{caller}() needs the tensor at the end of your computation, for example the loss, "
            f"not a {type(root).__name__}.{hint}"
        )
    if root.node is None:
        raise RuntimeError(
            f"{caller}(): there is no graph behind this tensor: it does not require grad. Make a "
            "leaf with requires_grad=True, compute with it, and give the result (not under "
            "no_grad, not after detach)."
        )
    if names is None:
        frame = sys._getframe(depth)
        names = {**frame.f_locals, **{k: v for k, v in frame.f_globals.items()
                                      if k not in frame.f_locals}}  # fmt: skip
    return Recorder(root, names, most)


def arrays(root: Tensor) -> dict:
    """Give whole values and gradients: {id in ``record(root)``: (array, array)}, or None for one.

    >>> import autograd_lab as torch
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> [float(value) for value, _ in arrays(x * x).values()]
    [3.0, 9.0]
    """
    made = Recorder(root, {})
    made.graph()
    return {number: made.arrays(key) for key, number in made.ids.items()}


class Recorder:
    """Walks the nodes behind one tensor: for ``record``, or for those who look closer."""

    def __init__(self, root, names, most=0):
        self.root = root
        self.replay = replay = Replay(root)
        self.ops = replay.ops[-most:]
        self.names = Names(names, root)
        self.ids, self.nodes, self.edges = {}, [], []
        self.given = {}  # the tensors of inputs
        self.calls = {}
        self.stale = any(map(_stale, self.ops))
        self.values = replay.values
        happened = _happened(replay)
        self.grads = replay.gradients if happened and not self.stale else {}
        self.earlier = happened is not None and not self.grads

    def graph(self):
        for node in self.ops:
            inputs = self._inputs(node)
            target = self._number(node)
            for slot, (key, _, stretched) in inputs.items():
                operand = _operand(node, slot)
                self.edges.append(Edge(self.ids[key], target, slot, operand, stretched))
            self.nodes.append(self._op(node, target))
        root = user_node(self.root.node)
        if root not in self.ids:
            self._input(root, self.root)
        nodes, edges = tuple(self.nodes), tuple(self.edges)
        return Graph(nodes, edges, self.ids[root], self.stale, self.earlier)

    def arrays(self, key):
        """Give value and gradient of a node, None for what is not at hand."""
        tensor = self.given[key] if key in self.given else self.names.tensor_of(key)
        value, grad = self.values.get(key), self.grads.get(key)
        if value is None and tensor is not None:
            value = tensor.array
        return value, grad if tensor is None or tensor._grad is None else tensor._grad.array

    def _number(self, key):
        self.ids[key] = len(self.ids)
        return self.ids[key]

    def _inputs(self, node):
        """Give a node's operands, {slot: (key, tensor, stretched)}, each numbered before it."""
        found = {}
        for slot, came_from in zip(node.edges or range(len(node.next)), node.next):
            stretched = came_from.implicit
            key = user_node(came_from.next[0] if stretched else came_from)
            tensor = key.tensor() if type(key) is Leaf else None
            found[slot] = (key, tensor, stretched)
        for slot, operand in enumerate(told_operands(node)):
            if slot not in found and isinstance(operand, Tensor):
                stretched = operand.array.shape != self._broadcast_shape(node, operand)
                found[slot] = (self._data_key(operand), operand, stretched)
        found = dict(sorted(found.items()))
        for key, tensor, _ in found.values():
            if key not in self.ids:
                self._input(key, tensor)
        return found

    def _data_key(self, operand):
        """Tell data apart by the tensor; a result that no gradient flows from is that node."""
        made_by = None if operand.node is None else user_node(operand.node)
        return made_by if made_by in self.ids else ("data", id(operand))

    def _broadcast_shape(self, node, operand):
        value = self.values.get(node)
        return value.shape if value is not None and type(node).broadcast else operand.array.shape

    def _input(self, key, tensor):
        self.given[key] = tensor
        name = self.names.of(tensor)
        parameter = self.names.is_parameter(tensor)
        array = tensor.array if tensor is not None else None
        grad = tensor._grad if tensor is not None else None
        self.nodes.append(
            Node(
                self._number(key),
                "parameter" if parameter else "input",
                name=name,
                requires_grad=type(key) is Leaf,
                **_facts(array),
                value=None if array is None else preview(array),
                grad=None if grad is None else preview(grad.array),
            )
        )

    def _op(self, node, number):
        site = site_of(node)
        module, calls = self._modules(site)
        (array, grad), cls = self.arrays(node), type(node)
        return Node(
            number,
            "op",
            op=operation_name(node),
            name=self.names.of_node(node),
            **(_facts(array) or _facts_told(node)),
            formula=cls.formula,
            gradient=cls.gradient,
            value=None if array is None else preview(array),
            grad=None if grad is None else preview(grad),
            module=module,
            calls=calls,
            source=source_of(site) if site else None,
        )

    def _modules(self, site):
        """Name the modules whose calls an operation was part of, and which call of each it was."""
        path, calls, parent = [], [], None
        for call in site.modules if site else ():
            path.append(self.names.of_module(call.module, parent))
            seen = self.calls.setdefault(id(call.module), {})
            calls.append(seen.setdefault(call, len(seen)))
            parent = call.module
        return tuple(path), tuple(calls)


def _happened(replay) -> bool | None:
    """Say whether the leaves' gradients come from a backward pass through here; None without any.

    Only then has the rest a gradient, too. A pass frees what it went through, unless it is told
    to retain it; then the gradients themselves tell. Zeros may be what zero_grad() left.
    """
    if replay.result is None or replay.result.size != 1:
        return None
    leaves = dict.fromkeys(m for n in replay.ops for _, m in inputs_of(n) if type(m) is Leaf)
    tensors = {m: m.tensor() for m in leaves}
    held = {m: move(t._grad.array, cpu) for m, t in tensors.items() if t is not None and
            t._grad is not None}  # fmt: skip
    if not held:
        return None
    if user_node(replay.root.node).saved is FREED and any(map(np.any, held.values())):
        return True
    here = {m: move(g, cpu) for m, g in replay.gradients.items() if m in held}
    return any(np.allclose(held[m], g, 1e-4, equal_nan=True) for m, g in here.items())


def _stale(node):
    """Say whether something that an operation used was written to since."""
    came_from = dict(inputs_of(node))
    return any(type(m) is Leaf and _changed(m, node) for m in came_from.values()) or any(
        isinstance(x, Tensor) and writes.written_since(x.array, node.seq)
        for slot, x in enumerate(told_operands(node)) if slot not in came_from
    )  # fmt: skip


def _operand(node, slot):
    names = type(node).operands
    return names[slot] if slot < len(names) else f"{names[0]}[{slot}]" if names else str(slot)


def _changed(leaf, node):
    """Say whether a leaf was written to after this node used it."""
    tensor = leaf.tensor()
    return tensor is not None and writes.changed_since(tensor, node.seq)


def _facts_told(node):
    """Give shape and dtype of a result that is not at hand any more."""
    told = getattr(node, "told", None)
    if told is None:
        return {}
    operands = [x for x in told_operands(node) if isinstance(x, Tensor)]
    return {
        "shape": told.shape,
        "dtype": str(told.dtype),
        "device": str(operands[0].device if operands else cpu),
    }


def _facts(array):
    if array is None:
        return {}
    return {
        "shape": tuple(array.shape),
        "dtype": str(array.dtype),
        "device": str(device_of(array)),
    }


class Names:
    """What the learner calls things: read from variables, never guessed."""

    def __init__(self, variables, root):
        self.tensors, self.nodes, self.modules, self.parameters = {}, {}, {}, {}
        self.node_tensors, self.results, self.children = {}, {}, {}
        for name, value in list(variables.items()):
            if not isinstance(name, str) or name.startswith("_"):
                continue
            if isinstance(value, Tensor):
                self.tensors.setdefault(id(value), name)
                if not value.is_leaf:
                    self._result(value, name)
            elif not isinstance(value, ModuleType):  # `torch` itself would look for such a name
                self._module(name, value)
        if not root.is_leaf and not _place(root.node):
            self.node_tensors.setdefault(user_node(root.node), root)

    def _result(self, value, name):
        """Note a name; an operation with several results is called as its first one is."""
        node, place = user_node(value.node), _place(value.node)
        if type(value.node) is Output:
            self.results.setdefault(node, {}).setdefault(place, name)
        if not place:
            self.nodes.setdefault(node, name)
            self.node_tensors.setdefault(node, value)

    def of_results(self, node) -> str:
        """Name all results of an operation, as far as they have names: ``o, hn, cn``."""
        names = self.results.get(node, {})
        if not any(names):  # at most the first has a name
            return ""
        return ", ".join(names.get(place, "_") for place in range(max(names) + 1))

    def _module(self, name, module):
        try:
            for path, parameter in module.named_parameters():
                self.parameters.setdefault(id(parameter), f"{name}.{path}")
        except Exception:
            return  # no module, or a stranger's object that only looks like one
        self.modules.setdefault(id(module), name)

    def of(self, tensor):
        return self.tensors.get(id(tensor)) or self.parameters.get(id(tensor), "")

    def of_node(self, node):
        return self.nodes.get(node, "")

    def tensor_of(self, node):
        return self.node_tensors.get(node)

    def is_parameter(self, tensor):
        return id(tensor) in self.parameters or type(tensor).__name__ == "Parameter"

    def of_module(self, module, parent):
        if id(parent) not in self.children:
            every = parent.named_children() if parent is not None else ()
            self.children[id(parent)] = {id(child): name for name, child in every}
        name = self.children[id(parent)].get(id(module))
        return name or self.modules.get(id(module), type(module).__name__)


def _place(node) -> int:
    return node.place if type(node) is Output else 0


def source_of(site) -> Source:
    """Find the cell (or file), line and exact columns of a call."""
    file = site.code.co_filename
    line, end_line, column, end_column = (n or 0 for n in site.positions)
    text, end_text = (linecache.getline(file, n).rstrip("\n") for n in (line, end_line))
    return Source(
        watching.cell_name(file), line, characters(text, column), end_line or line,
        characters(end_text, end_column), text,
    )  # fmt: skip


def characters(text, column) -> int:
    """Count characters up to a column: Python counts bytes, and a Chinese character has three."""
    return len(text.encode()[:column].decode(errors="ignore")) if text else column
