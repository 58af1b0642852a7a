"""StepView: the tape deck. Step forwards and backwards through your own code."""

import threading
import time
from itertools import chain
from pathlib import Path

import traitlets

from autograd_lab.stepping import walk
from autograd_lab.stepping.walk import MOST

from .._esm import pack
from .._kept import Kept
from .._paper import clean, short
from ..graph_view.picture import svg
from .answers import ANSWERS, to_record
from .tape import FULL, HURRY, LOOK, beats_of, scene_with_places, steps_of, tape_of

HERE = Path(__file__).parent
MANY = 500_000  # numbers: what led to one of them is not recorded any more
PATIENCE = 10  # seconds to record answers for a page without a kernel
SHEETS = (
    *(HERE.parent / name for name in ("grid.css", "transport.css", "graph_view/cards.css")),
    HERE / "style.css", HERE / "why.css",
)  # fmt: skip


class StepView(Kept):
    """Step through the graph behind ``root``: first as it was computed, then backwards.

    At each step the operation glows, its line in your code is lit, and its rule stands there with
    live numbers. Keys: ← → step, space plays, Home and End jump; a click on a card goes to its
    step. ``gradient`` is what backward starts with if ``root`` is no scalar; of very large graphs
    the newest ``most`` operations are played.

    >>> import autograd_lab as torch
    >>> torch.remember_lines()
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> y = x * x + 1
    >>> StepView(y)
    StepView: 2 steps forward, 2 backward; ∂y/∂x = 4
    >>> torch.remember_lines(False)
    """

    _alone = True
    _pack = pack(HERE / "index.js", *SHEETS)
    tape = traitlets.Dict().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    recorded = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)

    def __init__(self, root, *, gradient=None, names=None, most=MOST, depth=1,
                 caller="StepView"):  # fmt: skip
        self._lock = threading.RLock()
        self._walk = walk(root, names, gradient, depth + 1, most, caller)
        self._opened, self._closed = [], []
        self._picture, self._boxes = scene_with_places(self._walk)
        self._tape = tape_of(self._walk)
        super().__init__(tape=self._tape, scene=self._picture)

    def to_svg(self) -> str:
        """Return the picture as SVG text, with all gradients: complete in itself."""
        final = self._final()
        cards = [{**card, **final.get(card["key"], {})} for card in self._picture["cards"]]
        return svg({**self._picture, "cards": cards}, repr(self))

    def flush(self) -> None:
        """Do nothing: a walk does not change, so nothing waits to be sent."""

    def page_state(self) -> dict:
        """Return what a page without a kernel needs: every step told, every answer recorded."""
        every = dict(self._tape["beats"])
        left = (at for at in range(len(self._walk.steps)) if at not in every)
        every |= beats_of(self._walk, left)
        recorded, until = {}, time.monotonic() + PATIENCE
        numbers = sum(array.size for array in self._walk.replay.values.values())
        asked = to_record(self._walk) if numbers < MANY else ()
        for message in chain([{"do": "wrong"}], asked):
            try:
                whole = {"whole": True} if message["do"] == "wrong" else {}
                recorded[key_of(message)] = self._answer({**message, **whole})
            except ValueError as reason:
                recorded[key_of(message)] = {"error": str(reason)}
            if time.monotonic() > until:
                break
        return {"tape": {**self._tape, "beats": every}, "scene": self._picture, "step": self.step,
                "recorded": recorded}  # fmt: skip

    def __repr__(self):
        deck = self._walk
        forward, backward = len(deck.forward), len(deck.visits)
        said = [f"{forward} step{'s' * (forward != 1)} forward, {backward} backward"]
        for number in deck.arrivals:
            node = deck.nodes[number]
            if node.kind != "op" and not node.shape:
                seen = next(g[3] for _, gives in reversed(self._tape["steps"][forward:])
                            for g in reversed(gives) if g[0] == number)  # fmt: skip
                name = short(clean(deck.name(number)), 20)
                said.append(f"∂{clean(deck.result_name)}/∂{name} = {seen['values'][0]:g}")
        stale = [self._tape["stale"]] if self._tape["stale"] else []
        return "StepView: " + "; ".join(said[:4] + stale)

    def _final(self):
        """Give the gradients at the end, by card."""
        found = {}
        sums = {give[0]: give[3] for _, gives in self._tape["steps"] for give in gives}
        sums[self._walk.graph.root] = self._tape["seed"]
        chips = {
            card["key"]: [dict(chip) for chip in card.get("chips", ())]
            for card in self._picture["cards"]
        }
        for number, spots in self._picture["where"].items():
            for key, chip in spots if number in sums else ():
                if chip < 0:
                    found.setdefault(key, {})["grad"] = sums[number]
                else:
                    chips[key][chip]["grad"] = sums[number]
                    found.setdefault(key, {})["chips"] = chips[key]
        return found

    # what the page asks

    def _hear(self, _widget, message, _buffers):
        """Answer a question of the page."""
        if not isinstance(message, dict):
            return None
        with self._lock:
            return self._answer(message)

    def _answer(self, message):
        do = message.get("do")
        if do in ANSWERS:
            return ANSWERS[do](self._walk, message)
        own = {"beats": self._beats, "wrong": self._wrong, "pick": self._pick, "fold": self._fold}
        if do not in own:
            raise ValueError(f"nobody here knows how to {do!r}")
        return own[do](message)

    def _beats(self, message):
        """Tell the steps around one."""
        wrong = bool(message.get("wrong"))
        end = len(self._walk.forward) + len(self._walk.wrong.visits if wrong else self._walk.visits)
        at = max(0, min(int(message["at"]), end - 1))
        near = range(max(0, at - LOOK), min(end, at + LOOK))
        near = sorted(near, key=lambda n: abs(n - at - 0.1))  # this one, the next, the one before
        return {"beats": beats_of(self._walk, near, wrong, HURRY)}

    def _wrong(self, message):
        found = self._walk.wrong
        hurry = 0 if message.get("whole") else HURRY
        first = len(self._walk.forward)
        steps = range(first, first + len(found.visits))
        return {
            "steps": steps_of(self._walk.wrong_steps(), FULL), "says": found.says,
            "leaves": [vars(leaf) for leaf in found.leaves],
            "beats": beats_of(self._walk, steps, True, hurry),
        }  # fmt: skip

    def _pick(self, message):
        """Put another entry in play."""
        try:
            self._walk.pick(int(message["node"]), tuple(map(int, message["index"])))
        except (KeyError, TypeError):
            raise ValueError("say which entry of which tensor") from None
        return {}

    def _fold(self, message):
        """Open or close a box."""
        path = self._boxes.get(str(message.get("box")))
        if path is None:
            raise ValueError("this box is not in the picture any more")
        for paths in (self._opened, self._closed):
            if path in paths:
                paths.remove(path)
        (self._opened if message.get("open") else self._closed).append(path)
        self._picture, self._boxes = scene_with_places(self._walk, self._opened, self._closed)
        self.scene = self._picture
        return {}


def key_of(message: dict) -> str:
    """Name a question, as the page without a kernel looks it up; the same as in recorded.js.

    >>> key_of({"do": "why", "node": 3, "index": [0, 1]})
    'do=why&index=0,1&node=3'
    """

    def word(value):
        if isinstance(value, (list, tuple)):
            return ",".join(map(word, value))
        return str(value).lower() if isinstance(value, bool) else str(value)

    return "&".join(f"{key}={word(message[key])}" for key in sorted(message))


def step(root, *, gradient=None, most=MOST) -> StepView:
    """Step through what led to ``root``, forwards and backwards: the tape deck.

    >>> import autograd_lab as torch
    >>> torch.remember_lines()
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> step(x * x)
    StepView: 1 step forward, 1 backward; ∂L/∂x = 6
    >>> torch.remember_lines(False)
    """
    return StepView(root, gradient=gradient, most=most, depth=2, caller="step")


def export(path, root, *, gradient=None, most=MOST) -> None:
    """Write the tape deck of ``root`` as one page that needs no kernel and no network.

    >>> import autograd_lab as torch, tempfile, os
    >>> torch.remember_lines()
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(os.path.join(folder, "step.html"), x * x)
    >>> torch.remember_lines(False)
    """
    StepView(root, gradient=gradient, most=most, depth=2, caller="export").save_html(path)
