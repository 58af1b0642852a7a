"""TensorView: the numbers of any tensor as heat map, histogram or images, its gradient beside."""

import sys
from contextlib import suppress
from pathlib import Path

import traitlets

from autograd_lab.core import Tensor

from .._called import called
from .._esm import pack
from .._kept import Kept
from .._pace import Pace
from ..graph_view import GraphView
from . import picture
from .content import arrays_of, described, facts_of, guess, part_of, sides

HERE = Path(__file__).parent
LOOKS = ("map", "histogram", "image")
FACETS = ("auto", "steps", "wall")


class TensorView(Kept):
    """Show the numbers of ``x``: as a heat map, a histogram or images, its gradient beside.

    ``x`` is a tensor, an array or a nested list. The pointer (or the arrow keys) reads each value;
    leading dimensions are stepped through or stand on a wall. ``look`` is "map", "histogram" or
    "image" at first, ``facets`` "steps" or "wall"; ``names`` names the axes, ``grad=False`` leaves
    the gradient out, ``grad=array`` shows that one. `update` shows newer numbers.

    >>> import autograd_lab as torch
    >>> weight = torch.tensor([[1.0, -2.0], [0.5, 0.0]], requires_grad=True)
    >>> (weight**2).sum().backward()
    >>> TensorView(weight)
    TensorView: weight, 2×2 float32, from −2 to 1, mean −0.125; its gradient from −4 to 2

    A GraphView in place of ``x``: the view follows it, and shows the value and the gradient of the
    card that is clicked there.
    """

    _pack = pack(HERE / "index.js", HERE.parent / "grid.css", HERE / "style.css")
    _graph = None  # a GraphView that is followed
    _kind = "op"  # of the tensor that it showed last
    data = traitlets.Dict().tag(sync=True)  # what is told, and the numbers as buffers
    at = traitlets.List(None, allow_none=True).tag(sync=True)  # the element the reader stands on

    def __init__(
        self, x=None, *, grad=None, names=None, name=None, look="auto", facets="auto", width=None
    ):
        for word, given, known in ("look", look, LOOKS), ("facets", facets, FACETS):
            if given not in known and given != "auto":
                choices = ", ".join(f'"{choice}"' for choice in known if choice != "auto")
                raise ValueError(f'{word} is "auto", {choices}, not {given!r}')
        self._pace = Pace(self._draw)
        self._names, self._look, self._facets, self._width = names, look, facets, width
        self._first = self._chosen = 0
        self._tell = ("", [], "")  # a title, tabs and a note instead of the learner's own tensor
        self._x, self._grad = None, grad
        self._name = name or called(x, sys._getframe(1))
        graph = x if isinstance(x, GraphView) else None
        self._array = self._slope = None
        if graph is None and x is not None:
            self._x = x
            self._array, self._slope = arrays_of(x, grad)
        super().__init__(data=self._shown_data())
        if graph is not None:
            self.follow(graph)

    def update(self, x=None, grad=None) -> None:
        """Show ``x`` now, or the same tensor's newer numbers; call it once a step.

        At most 20 times a second and a twentieth of the loop's time; the last state is always
        shown.
        """
        with self._pace.lock:
            if x is not None:
                self._x, self._grad = x, self._grad if grad is None else grad
            self._watch()
            self._pace.wish()

    def flush(self) -> None:
        """Show the last state now."""
        self._pace.flush()

    def follow(self, graph):
        """Show what is selected in a GraphView, now and whenever that changes."""
        self._graph, self._name = graph, ""
        self._pace.lock = graph.pace.lock  # one lock for both: neither can wait for the other
        graph.observe(self._selected, "selected")
        graph.after_drawing.append(self._graph_drawn)
        self._selected()
        return self

    def close(self):
        """Close the widget; a graph that it followed is let go."""
        if self._graph is not None:
            with suppress(ValueError):
                self._graph.unobserve(self._selected, "selected")
                self._graph.after_drawing.remove(self._graph_drawn)
            self._graph = None
        super().close()

    def to_svg(self) -> str:
        """Return the picture as SVG text: complete in itself, for any page or paper."""
        with self._pace.lock:
            self.flush()
            panels = [("value" if self._slope is not None else "", self._array)]
            panels += [("gradient", self._slope)] if self._slope is not None else []
            return picture.draw(panels, self.data, repr(self), self._look_now())

    def __repr__(self):
        return f"TensorView: {picture.summary(self.data)}"

    def on_batch_end(self, run) -> None:
        """Show the same tensor after this batch: a callback of ``train_model``."""
        self.update()

    # what is shown

    def _draw(self):
        """Look at the tensor again and send what the page needs."""
        if self._graph is not None:
            self._look_up()
        elif self._x is not None:
            self._array, self._slope = arrays_of(self._x, self._grad)
        self._renew()

    def _renew(self):
        self.data = self._shown_data()

    def _look_now(self):
        return (
            guess(self._array) if self._look == "auto" and self._array is not None else self._look
        )

    def _shown_data(self):
        title, tabs, note = self._tell
        told = {"tabs": tabs, "chosen": self._chosen, "note": note, "width": self._width}
        if self._array is None:
            waits = (
                "click a card of the graph" if self._graph is not None else "waiting for a tensor"
            )
            return {**told, "empty": note or waits, "says": note or waits}
        array = _channels_first(self._array, self._look_now())
        last = array is not self._array
        lead, rows, columns = sides(array.shape)
        part = part_of(array, self._first)
        data = {
            **told, **described(self._array, title or self._name, self._names), "last": last,
            "lead": list(lead), "rows": rows, "columns": columns, "look": self._look_now(),
            "facets": self._facets, "stripe": self._stripe(), "first": part.first,
            "count": part.count, "per": list(part.per), "value": _packed(array, part),
        }  # fmt: skip
        if self._slope is not None:
            slope = _channels_first(self._slope, self._look_now())
            data["grad"] = _packed(slope, part_of(slope, part.first))
        return {**data, "says": picture.summary(data)}

    def _stripe(self):
        """Say what the tensor is: computed, learned, or given."""
        if not isinstance(self._x, Tensor):
            return self._kind if self._graph is not None else "input"
        if not self._x.is_leaf:
            return "op"
        return "parameter" if self._x.requires_grad else "input"

    def _hear(self, _widget, message, _buffers):
        """Send another part of a large tensor, or another tensor of the card."""
        if not isinstance(message, dict):
            return
        with self._pace.lock:
            if message.get("do") == "part" and isinstance(message.get("first"), int):
                self._first = max(0, message["first"])
                self._renew()
            elif message.get("do") == "choose" and isinstance(message.get("tab"), int):
                self._chosen, self._first = max(0, message["tab"]), 0
                self._draw()

    # a graph that is followed

    def _selected(self, _change=None):
        with self._pace.lock:
            self._chosen = self._first = 0
            self._draw()

    def _graph_drawn(self):
        if self._graph.selected:
            self.update()

    def _look_up(self):
        """Find the arrays behind the selected card; without them, the numbers of its preview."""
        found = self._graph.behind(self._graph.selected) if self._graph.selected else []
        tabs = [tensor.name for tensor in found]
        self._chosen = min(self._chosen, max(len(tabs) - 1, 0))
        self._array = self._slope = None
        self._tell = ("", [], "" if found or not self._graph.selected else "no values are known")
        if found:
            tensor = found[self._chosen]
            self._array, self._slope = tensor.value, tensor.grad
            self._kind = tensor.kind
            self._tell = (tensor.name, tabs if len(tabs) > 1 else [], tensor.note)
            if self._array is None:
                self._slope = None


def _packed(array, part):
    found = {**facts_of(array), "numbers": part.numbers.tobytes(), "bytes": part.numbers.itemsize}
    return found if part.phases is None else {**found, "phases": part.phases.tobytes()}


def _channels_first(array, look):
    """See an image that has its colours last like one that has them first."""
    shape = array.shape
    if look == "image" and len(shape) > 2 and shape[-1] in (3, 4) and shape[-3] not in (1, 3):
        return array.transpose(*range(len(shape) - 3), -1, -3, -2)
    return array
