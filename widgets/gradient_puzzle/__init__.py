"""Gradients filled in by hand: a small graph with a field at each node.

verdict.py says what a typed number is; in the page index.js lays the fields over the cards, which
are those of the graph view. What is right is known here only: it never travels to the page.
"""

from pathlib import Path
from random import Random
from threading import RLock

import traitlets

import autograd_lab as torch
from autograd_lab.exercises import find
from autograd_lab.exercises.by_hand import OPERATORS, draw
from autograd_lab.exercises.progress import record as keep
from autograd_lab.exercises.progress import typed
from autograd_lab.graph import record
from autograd_lab.watching import remember, watch_operations

from .._esm import pack
from .._kept import Kept
from .._paper import label
from .._typed import number_in
from ..graph_view.fold import folded
from ..graph_view.picture import svg
from ..graph_view.scene import scene_of
from .verdict import verdicts

HERE = Path(__file__).parent
MOST = 40  # characters of a typed number
ROOM = 12  # pixels around a field, so that it covers nothing
ONE = {"values": [1], "size": 1, "low": 1, "high": 1, "mean": 1, "norm": 1, "bad": 0}


class GradientPuzzle(Kept):
    """Fill the gradients into a drawn graph; each field answers at once.

    Tab leads through the fields in the order of a walk back, Enter checks. ``answers`` is the dict
    of the exercise: what is typed goes into it, and what stands in it is shown. What was typed at
    its own lines is kept with the progress: run the cells again, and it is there again.

    >>> answers = {"q": -6, "p": ..., "y": ..., "x": ...}
    >>> puzzle = GradientPuzzle("ch2.fill_gradients", answers)
    >>> puzzle
    GradientPuzzle: p = x * y; q = x - p; loss = q * p with x = -2, y = 3: 1 of 4 gradients found
    >>> puzzle.fill(p=4)
    p: Where a value is used twice you kept one message instead of adding up. It ...
    >>> answers["p"]
    4.0
    """

    _pack = pack(
        HERE / "index.js", HERE.parent / "graph_view" / "cards.css", HERE / "style.css"
    )  # fmt: skip
    scene = traitlets.Dict(help="cards and lines, and the lines of code").tag(sync=True)
    fields = traitlets.List(help="what was typed, and what is said of it").tag(sync=True)
    said = traitlets.Unicode(help="about all of it").tag(sync=True)

    def __init__(self, exercise="ch2.fill_gradients", answers=None):
        self._exercise = find(exercise)
        if not isinstance(answers, dict | None):
            raise TypeError(
                f"GradientPuzzle writes what you type into a dict, such as {{'q': ...}}, not into "
                f"a {type(answers).__name__}: run the cell above anew"
            )
        self._answers = {} if answers is None else answers
        self._fill_in_again()
        self._lock, self._random = RLock(), Random()
        super().__init__()
        self._begin(self._exercise.lines)

    def fill(self, **gradients) -> None:
        """Fill in by name, as if it were typed; print what the fields say."""
        with self._lock:
            for name, value in gradients.items():
                print(f"{name}: {self._try(name, _written(value))['said']}")

    def another(self) -> "GradientPuzzle":
        """Draw other lines with other numbers."""
        with self._lock:
            self._begin(draw(self._random, self._lines))
        return self

    # How it comes about. -------------------------------------------------------------------------

    def _fill_in_again(self):
        """Put back what was typed before the cell above was run anew, where it left a gap."""
        before = typed(self._exercise.name)
        for name in self._exercise.lines.unknown:
            value = number_in(before.get(name, ""))
            if value is not None and self._answers.get(name, ...) is ...:
                self._answers[name] = value

    def _begin(self, lines):
        """Lay out other lines; those of the exercise begin with what stands in its dict."""
        self._lines = lines
        own = lines is self._exercise.lines
        given = self._answers if own else {}
        self._typed = {name: _written(given.get(name)) for name in lines.unknown}
        with self.hold_sync():
            self.scene = {**_drawn(lines), "other": not own}
            self._answer()

    def _try(self, name, text):
        """Take what was typed at a node; at our own lines, remember it in the dict and the file."""
        if name not in self._typed:
            known = ", ".join(self._typed)
            raise ValueError(f"no gradient of {name!r} is asked for: there are {known}")
        self._typed[name] = text = label(text, MOST)
        value = number_in(text)
        own = self._lines is self._exercise.lines
        if own:
            self._answers[name] = ... if value is None else value
            keep(self._exercise.name, "typed", f"{name}={text}")
        self._answer()
        field = next(field for field in self.fields if field["name"] == name)
        if own and field["state"] == "wrong" and value is not None:
            keep(self._exercise.name, "wrong", field["mistake"])
        if own and self._solved:
            keep(self._exercise.name, "right")
        return field

    def _answer(self):
        """Say of every field what it is."""
        told = verdicts(self._exercise, self._lines, self._typed)
        self.fields = [{"name": n, "typed": text, **told[n]} for n, text in self._typed.items()]
        right = self._found
        self._solved = right == len(self.fields)
        self.said = f"{right} of {right}. {self._exercise.after}" if self._solved else ""
        for card in self.scene["cards"]:
            field = next((f for f in self.fields if f["name"] == card["name"]), None)
            if field:
                card.pop("grad", None)
            if field and field["state"] == "right":
                card["grad"] = {**ONE, "values": [number_in(field["typed"])]}

    @property
    def _found(self):
        return sum(field["state"] == "right" for field in self.fields)

    def _hear(self, _widget, content, _buffers):
        """Do as the page asks: a number was typed, or other lines are wanted."""
        do = content.get("do") if isinstance(content, dict) else None
        with self._lock:
            if do == "try" and content.get("name") in self._typed:
                self._try(content["name"], str(content.get("text", "")))
            elif do == "another":
                self.another()
            elif do == "back":
                self._begin(self._exercise.lines)
            else:
                return
        self._watch()

    # What the notebook keeps. --------------------------------------------------------------------

    def flush(self):
        """Nothing waits: each answer is sent as it comes."""

    def to_svg(self):
        """Draw the graph, with the gradients that were found."""
        return svg(self.scene, repr(self))

    def __repr__(self):
        given = ", ".join(f"{name} = {v:g}" for name, v in self._lines.numbers.items())
        return (f"GradientPuzzle: {'; '.join(self._lines.text)} with {given}: "
                f"{self._found} of {len(self.fields)} gradients found")  # fmt: skip


def _written(value) -> str:
    """Write what stands in a dict as it would be typed."""
    if value is None or value is ...:
        return ""
    try:
        return f"{float(value):.10g}"
    except (TypeError, ValueError):
        return label(value, MOST)


def _drawn(lines) -> dict:
    """Run the lines and lay their graph out; each card knows the name of its value."""
    names = {name: torch.tensor(v, requires_grad=True) for name, v in lines.numbers.items()}
    with watch_operations(remember):
        for target, (left, right), sign in lines.parts:
            names[target] = OPERATORS[sign](names[left], names[right])
    graph = record(names["loss"], names=names).to_dict()
    for node in graph["nodes"]:
        node["source"] = None  # it is our line, not the learner's
    scene = scene_of(folded(graph), wait="?", room=ROOM)
    written = {line.split()[0]: line for line in lines.text}
    for card in scene["cards"]:
        if card.pop("title", ""):
            card["says"] = card["says"].replace(", learned", "")
        if card["name"] in written:
            card["line2"] = written[card["name"]]
        if card.get("root"):
            card["grad"] = ONE
    given = ", ".join(f"{name} = {v:g}".replace("-", "−") for name, v in lines.numbers.items())
    return {**scene, "code": [given, *lines.text]}
