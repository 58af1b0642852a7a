"""What the gates of a recurrent layer say at each word of a sentence.

gates.py walks through the layer, picture.py draws the still picture; in the page index.js owns the
controls, equations.js writes a step out in numbers, and ../grid.js draws.
"""

from pathlib import Path

import numpy as np
import traitlets

from .._esm import pack
from .._kept import Kept
from .._model import ModelPace
from .._paper import label, number
from . import picture
from .gates import PARTS, alike, layer_and_input, lively, sequence_of, walk

HERE = Path(__file__).parent
STEPS = 400                     # words of a sentence
ROOM = 1_000_000                # numbers that travel to the page
UNITS = 256


class GatesView(Kept):
    """Show the gates of an LSTM, GRU or RNN over a sentence, and a step's equation in numbers.

    >>> lstm = nn.LSTM(4, 8)
    >>> view = GatesView(lstm, torch.randn(3, 4), tokens=["the", "cat", "sat"])
    >>> view
    GatesView: LSTM, 3 steps, 8 units; "the" "cat" "sat"
    >>> view.parts["f"].shape                   # the forget gate: (steps, units)
    (3, 8)

    The first argument may be a whole model: then the inputs are what the model takes. One sequence
    of a batch is chosen with ``sequence``; ``hx`` is the state before the first word. ``update()``
    in a training loop walks again with the weights of now.
    """

    _pack = pack(HERE / "index.js", HERE.parent / "grid.css", HERE / "style.css")
    scene = traitlets.Dict(help="kind, parts, words, units").tag(sync=True)
    values = traitlets.Bytes(help="all parts, float32: view, part, unit, step").tag(sync=True)
    view = traitlets.Int(0, help="which layer and direction is shown").tag(sync=True)
    units = traitlets.Int(8, help="how many units are shown; 0: all").tag(sync=True)

    def __init__(self, layer, inputs, tokens=None, *, hx=None, sequence=0):
        self._source = (layer, inputs, hx, sequence)
        self._pace = ModelPace(self._look)
        found, x = layer_and_input(layer, inputs)
        steps = len(sequence_of(found, x, sequence))
        if steps > STEPS:
            raise ValueError(f"{steps} steps: GatesView shows {STEPS} at most; cut the sentence")
        words = [str(k) for k in range(1, steps + 1)] if tokens is None else [*map(str, tokens)]
        if len(words) != steps:
            raise ValueError(f"{len(words)} tokens for {steps} steps: one word for each step")
        self._words = [label(word, 24) for word in words]
        super().__init__()
        self._look()

    @property
    def parts(self):
        """The arrays of the layer and direction that is shown: {name: (steps, units)}."""
        return {name: values.copy() for name, values in self._found[self.view].items()}

    def update(self, step=None) -> None:
        """Walk again, if the last time is long enough ago."""
        self._pace.wish()
        if not self._watched:
            self._watch()

    def flush(self):
        """Walk with the weights of now, if they may have changed."""
        self._pace.flush()

    def on_batch_end(self, run):
        """Walk again after this batch."""
        self.update()

    def _look(self):
        model, inputs, hx, which = self._source
        self._layer, x = layer_and_input(model, inputs)
        layer = self._layer
        self._found = walk(layer, sequence_of(layer, x, which), _start(layer, hx, which))
        steps, names = len(self._words), [name for name, _ in PARTS[layer.mode]]
        room = ROOM // (len(self._found) * len(names) * steps)
        most = min(UNITS, layer.hidden_size, max(1, room))
        orders = [lively(parts)[:most] for parts in self._found]
        chains = [alike({"h": parts["h"][:, order]}) for parts, order in zip(self._found, orders)]
        table = [parts[name][:, order].T for parts, order in zip(self._found, orders)
                 for name in names]  # fmt: skip
        ways = ["forwards", "backwards"][: 1 + layer.bidirectional]
        begin = [_begin(layer, hx, which, k, order) for k, order in enumerate(orders)]
        scene = {
            "kind": layer.mode, "parts": [list(part) for part in PARTS[layer.mode]],
            "tokens": self._words, "size": layer.hidden_size, "shown": most,
            "views": [{"layer": k // len(ways), "way": ways[k % len(ways)], "units": o.tolist(),
                       "chain": c.tolist(), "start": b}
                      for k, (o, c, b) in enumerate(zip(orders, chains, begin))],
        }  # fmt: skip
        with self.hold_sync():
            self.scene = scene
            self.values = np.concatenate([t.ravel() for t in table]).astype("<f4").tobytes()

    def to_svg(self):
        """Draw the liveliest units as SVG text that needs nothing else."""
        return picture.draw(repr(self), self._layer.mode, self._found[self.view], self._words)

    def __repr__(self):
        layer, some = self._layer, self._words[:6]
        more = f" … {len(self._words) - 6} more" if len(self._words) > 6 else ""
        what = layer.mode.removesuffix("_TANH").removesuffix("_RELU")
        layers = f", {layer.num_layers} layers" if layer.num_layers > 1 else ""
        ways = ", both directions" if layer.bidirectional else ""
        words = " ".join(f'"{word}"' for word in some)
        return (
            f"GatesView: {what}{layers}{ways}, {number(len(self._words))} steps, "
            f"{number(layer.hidden_size)} units; {words}{more}"
        )

    @traitlets.validate("view")
    def _known_view(self, proposal):
        return max(0, min(proposal["value"], len(self._found) - 1))


def _states(layer, hx):
    """List the states that were given: h, and c of an LSTM."""
    return [] if hx is None else list(hx) if isinstance(hx, tuple | list) else [hx]


def _start(layer, hx, which):
    """Give the state before the first step as arrays (layers and directions, units)."""
    states = [s.detach().cpu().numpy().astype(float) for s in _states(layer, hx)]
    return [s[:, which] if s.ndim == 3 else s for s in states] or None


def _begin(layer, hx, which, k, order):
    """Give what stood in the shown units before the first step: memory, or output without one."""
    start = _start(layer, hx, which)
    if not start or layer.proj_size and len(start) < 2:
        return [0.0] * len(order)
    return start[-1][k][order].tolist()
