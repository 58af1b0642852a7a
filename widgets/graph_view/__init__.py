"""GraphView: the computation graph behind a tensor, drawn live."""

import inspect
import math
import sys
import weakref
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import traitlets
from ipywidgets import Widget, widget_serialization

from autograd_lab.graph import arrays, record

from .._esm import pack
from .._kept import Kept
from .._pace import Pace
from .fold import folded, in_order, shape_of, structure
from .picture import svg
from .scene import clean, moment_of, preview, scene_of, short

HERE = Path(__file__).parent
WORDS = {"op": "operation", "parameter": "parameter", "input": "input"}
NOTHING = {"root": None, "nodes": [], "edges": []}


class Behind(NamedTuple):
    """A tensor behind a card: its arrays, or None where they are not known any more."""

    name: str
    value: Any
    grad: Any
    kind: str = "op"  # "op", "parameter" (it learns) or "input"
    note: str = ""


class GraphView(Kept):
    """Draw the graph behind ``root``: every operation with its value, gradient and formula.

    Click a card, or walk with the arrow keys; Enter shows all about it, + and − open and close
    boxes. ``fold`` names modules to start closed, ``direction`` is "TB" (down) or "LR" (right),
    ``expand`` shows the nodes that only broadcast, ``unroll`` shows every step of a loop, and
    ``width`` limits the width in pixels. `update` draws the graph of a newer tensor.

    >>> import autograd_lab as torch
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> y = x * x + 1
    >>> GraphView(y)
    GraphView: 2 operations, 1 input; the result is y, a scalar

    A step that is captured on a GPU, a ``torch.cuda.CUDAGraph``, can be drawn, too.

    It is also a callback: ``train_model(..., callbacks=[GraphView()])`` draws the loss.
    """

    _pack = pack(HERE / "index.js", HERE / "cards.css", HERE / "style.css")
    scene = traitlets.Dict().tag(sync=True)
    selected = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    width = traitlets.Int(None, allow_none=True).tag(sync=True)
    deck = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)

    def __init__(
        self, root=None, *, names=None, direction="TB", fold=(), width=None, expand=False,
        unroll=False,
    ):  # fmt: skip
        if direction not in ("TB", "LR"):
            raise ValueError(f'direction is "TB" (down) or "LR" (right), not {direction!r}')
        self._shown_nodes = {"expand": expand, "unroll": unroll}
        self._direction, self._names, self._fold = direction, names, _names(fold)
        self._opened, self._closed = [], []
        self.pace = Pace(self._draw)
        self._latest: Any = None  # (root, names) that is not drawn yet
        self._scope = sys._getframe(1).f_globals
        self._graph = _plain(root, names or _variables(sys._getframe(1)))
        self._root = _weak(root)
        self.after_drawing = []  # called without arguments when newer values are drawn
        super().__init__(scene=self._drawn(), width=width)

    def update(self, root, names=None) -> None:
        """Draw the graph of ``root`` now; call it once a step, from any thread.

        Drawing takes at most a twentieth of a loop's time, at most 20 times a second; the last
        state is always drawn. While the structure stays, only values and gradients travel.
        """
        with self.pace.lock:
            self._latest = root, names or self._names or _variables(sys._getframe(1))
            self._watch()
            self.pace.wish()

    def flush(self) -> None:
        """Draw the last state now: values where the structure is the same, else everything."""
        self.pace.flush()

    def follow(self, module):
        """Draw the result of every call of ``module``; ``.remove()`` what this returns to stop."""
        names = self._names or {"model": module}
        return module.register_forward_hook(lambda _m, _inputs, y: self.update(y, names))

    def behind(self, key) -> list[Behind]:
        """Give the tensors behind a card, whole: its own first, then those of its chips."""
        with self.pace.lock:
            if key not in self._shows:
                return []
            own, chips = self._shows[key]
            nodes, root = in_order(self._graph), self._root()
            known = arrays(root) if root is not None else {}
            return [_behind(nodes[i], known.get(nodes[i]["id"])) for i in (own, *chips)]

    def to_svg(self) -> str:
        """Return the picture as SVG text: complete in itself, for any page or paper."""
        with self.pace.lock:
            self.flush()
            return svg(self.scene, repr(self))

    def __repr__(self):
        nodes = self._graph["nodes"]
        if not nodes:
            return "GraphView: waiting for the first loss"
        root = next(node for node in nodes if node["id"] == self._graph["root"])
        counts = [(sum(n["kind"] == k for n in nodes), w) for k, w in WORDS.items()]
        parts = [f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n]
        name = short(clean(root["name"] or root["op"] or "a leaf"), 40)
        shape = {"scalar": ", a scalar", "": ""}.get(shape_of(root), f", of shape {shape_of(root)}")
        moment = f"; {words}" if (words := moment_of(self._graph)) else ""
        return f"GraphView: {', '.join(parts)}; the result is {name}{shape}{moment}"

    # a callback of train_model

    def on_backward_end(self, run) -> None:
        """Draw the loss of this batch while values and gradients belong together."""
        self.update(run.loss_tensor, self._names or _names_in(run, self._scope))
        if run.steps_an_epoch and run.step + 1 == run.epochs * run.steps_an_epoch:
            self.flush()

    def on_train_end(self, run) -> None:
        """Draw the last state; after an interrupt its gradients are gone, so the one before."""
        if run.interrupted:
            self.pace.forget()
            self._latest = None
        super().on_train_end(run)

    # what is drawn

    def _draw(self):
        """Draw the latest tensor: to record is to compute everything again, so not for each."""
        (root, names), self._latest = self._latest, None
        self._graph, self._root = _plain(root, names), _weak(root)
        if structure(self._graph) == self._structure:
            self._send_values()
        else:
            self.scene = self._drawn()
        for tell in list(self.after_drawing):
            tell()

    def _drawn(self):
        """Fold and lay out the present graph; remember which card shows which node."""
        sheet = folded(self._graph, self._opened, self._closed, **self._shown_nodes)
        if self._fold:
            self._closed = [
                path for path, _ in sheet.boxes.items()
                if {path[-1][0], ".".join(name for name, _ in path)} & self._fold
            ]  # fmt: skip
            self._fold = set()
            return self._drawn()
        self._structure = structure(self._graph)
        number = {node["id"]: i for i, node in enumerate(in_order(self._graph))}
        self._shows = {
            key: (number[card.node["id"]], [number[chip[1]["id"]] for chip in card.chips])
            for key, card in sheet.cards.items()
            if card.kind not in ("step", "fold")
        }
        self._boxes = {box["key"]: path for path, box in sheet.boxes.items()}
        self._boxes |= {card.key: path for path, card in sheet.closed.items()}
        title = repr(self).removeprefix("GraphView: ").partition("; ")[0].replace(", ", " · ")
        return {
            **scene_of(sheet, self._direction, self._wait()),
            "title": title, "stale": moment_of(self._graph), "steps": self._one_number(),
        }  # fmt: skip

    def _one_number(self):
        """Backward starts from one number: from elsewhere nobody can step."""
        root = [node["shape"] for node in self._graph["nodes"] if node["id"] == self._graph["root"]]
        return bool(root) and math.prod(root[0]) == 1

    def _wait(self):
        """A gradient that is missing after a backward pass was not kept."""
        leaves = (node for node in self._graph["nodes"] if node["kind"] != "op")
        passed = any(node.get("grad") for node in leaves)
        came = self._graph.get("stale") or not self._graph.get("earlier")
        return "not kept" if passed and came else "not yet"

    def _send_values(self):
        nodes, changed, wait = in_order(self._graph), {}, self._wait()
        # The trait's own cards are changed in place: a page that is loaded later gets the latest.
        for card in self.scene["cards"]:
            if card["key"] not in self._shows:
                continue
            place, chips = self._shows[card["key"]]
            news = _renew(card, nodes[place])
            renewed = [
                _renew(chip, nodes[i]) for chip, i in zip(card.get("chips", ()), chips, strict=True)
            ]
            if news or any(renewed):
                changed[card["key"]] = {**news, "chips": renewed}
        words = {"wait": wait, "stale": moment_of(self._graph)}
        if changed or any(self.scene[key] != word for key, word in words.items()):
            self.scene.update(words)
            self.send({"kind": "values", "cards": changed, **words})

    def _step(self):
        """Put the tape deck of the present tensor under the graph."""
        from ..step_view import StepView

        root = self._root()
        try:
            if root is None:
                raise RuntimeError("the tensor is gone; keep it in a variable and draw it again")
            self._put(StepView(root, names=self._names or dict(self._scope)))
        except (RuntimeError, TypeError) as reason:
            self.send({"kind": "note", "text": str(reason)})

    def _put(self, deck):
        old, self.deck = self.deck, deck
        if old is not None:
            old.close()

    def close(self) -> None:
        """Take the graph off every page, and its tape deck."""
        self._put(None)
        super().close()

    def _hear(self, _widget, message, _buffers):
        """Open or close a box that the reader clicked, or bring the tape deck."""
        do = message.get("do") if isinstance(message, dict) else None
        if do == "step":
            with self.pace.lock:
                return self._step()
        if do != "fold":
            return
        path = self._boxes.get(str(message.get("box")))
        if path is None:
            return
        with self.pace.lock:
            for paths in (self._opened, self._closed):
                if path in paths:
                    paths.remove(path)
            (self._opened if message.get("open") else self._closed).append(path)
            self.scene = self._drawn()


def _variables(frame):
    """What the learner's own code calls things, where a widget is made or updated."""
    return {**frame.f_globals, **frame.f_locals}


def _names_in(run, scope):
    """What a training calls things, where the learner has no name for them."""
    *inputs, target = run.batch
    told = zip(inspect.signature(run.model.forward).parameters, inputs, strict=False)
    names = {"model": run.model, **dict(told), "target": target}
    known = {id(value) for value in scope.values()}
    names = {name: value for name, value in names.items() if id(value) not in known}
    return {**scope, **names, "loss": run.loss_tensor}


def _plain(root, names):
    """The graph as plain data, from a tensor, a captured step, or what knows its `to_dict`."""
    if root is None:
        return NOTHING
    if hasattr(root, "drawn"):
        return root.drawn(names)
    if hasattr(root, "to_dict"):
        return root.to_dict()
    return record(root, names=names, caller="GraphView").to_dict()


def _weak(root):
    """Hold a tensor as long as the learner does, and no longer."""
    root = root.tensor() if hasattr(root, "drawn") else root
    return weakref.ref(root) if hasattr(root, "node") else lambda: None


def _behind(node, found):
    name = clean(node.get("name") or node.get("op") or "data")
    learns = node["kind"] == "input" and node.get("requires_grad")
    kind = "parameter" if learns else node["kind"]
    if found is not None and found[0] is not None:
        return Behind(name, *found, kind)
    numbers = [(node.get(which) or {}).get("values") for which in ("value", "grad")]
    value, grad = (None if given is None else np.array(given, float) for given in numbers)
    grad = None if value is None or grad is None or grad.shape != value.shape else grad
    size = (node.get("value") or {}).get("size", 0)
    note = "its numbers are not at hand: nobody watched when it was computed, or its graph is gone"
    if value is not None:
        note = f"its graph is gone: {value.size} of its {size:,} numbers were kept"
    return Behind(name, value, grad, kind, note)


def _names(fold):
    return {fold} if isinstance(fold, str) else set(fold or ())


def _renew(shown, node):
    """Put a node's present value and gradient into ``shown``; return what changed."""
    news = {}
    for which in ("value", "grad"):
        now = preview(node.get(which))
        if now != shown.get(which):
            shown[which] = news[which] = now
    return news
