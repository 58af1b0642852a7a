"""What a model makes of its data, live: the curve through points, or the regions around them.

task.py looks at the data and reads the model's answers, picture.py draws the still picture; in the
page index.js owns pointer and keys, paint.js draws, shapes.js is the arithmetic.
"""

from pathlib import Path
from time import perf_counter

import numpy as np
import traitlets

import autograd_lab as torch

from .._esm import pack
from .._kept import Kept
from .._model import ModelPace, as_in_a_test
from .._paper import label
from . import picture
from .task import GRIDS, last_is_squash, read

HERE = Path(__file__).parent
QUICK = 0.002                   # seconds that a finer grid must stay below


class FitView(Kept):
    """Draw what a model makes of its data while it learns.

    With one column in x: the points, the model's curve and the residuals. With two columns and
    class numbers in y: the plane in the colours of the classes, and what is on the wrong side.

    >>> x = torch.tensor([1.0, 2.0, 3.0])
    >>> w = torch.tensor(1.5)
    >>> view = FitView(lambda x: w * x, x, 2 * x)
    >>> view
    FitView: 3 points, mean squared error 1.17
    >>> w.fill_(2.0)
    tensor(2.)
    >>> view.update()                   # in a loop: draws at most 20 times a second
    >>> view.finish()                   # the end of the cell does this
    >>> view
    FitView: 3 points, mean squared error 0

    As a callback, ``train_model(..., callbacks=[view])``, it updates itself. ``outputs`` says
    "logits" or "probabilities" where the model does not show it; ``classes`` and ``names`` are
    words for the classes and the columns.
    """

    _pack = pack(HERE / "index.js", HERE / "style.css")
    scene = traitlets.Dict(help="what is drawn where").tag(sync=True)
    points = traitlets.Bytes(help="the data, float32 and class numbers").tag(sync=True)
    state = traitlets.Dict(help="how good, how fine, how often").tag(sync=True)
    fit = traitlets.Bytes(help="the model's answers").tag(sync=True)
    squares = traitlets.Bool(False, help="residuals as squares").tag(sync=True)

    def __init__(self, model, x, y, *, outputs=None, classes=None, names=None, squares=False):
        if not callable(model):
            raise TypeError(
                f"FitView(model, x, y) calls the model with x; {type(model).__name__} cannot be "
                "called"
            )
        if outputs not in (None, "logits", "probabilities"):
            raise ValueError(f'outputs is "logits" or "probabilities", not {outputs!r:.40}')
        self.model, self.task = model, read(x, y, classes)
        if self.task.kind == "regions":
            self.task.squash = outputs != "probabilities" and not last_is_squash(model)
        self._try(x)
        self._pace, self._grid, self._updates = ModelPace(self._look_quickly), 1, 0
        super().__init__(squares=squares)
        task = self.task
        usual = ("x", "y") if task.kind == "line" else ("x₁", "x₂")
        self._names = [label(name) for name in (names or usual)][:2]
        self.scene = {
            "kind": task.kind, "window": task.window, "count": task.count, "total": task.total,
            "names": self._names,
            "classes": [label(name, 24) for name in getattr(task, "names", [])],
        }  # fmt: skip
        truth = task.truth.numpy()
        self.points = task.points.numpy().astype("<f4").tobytes() + truth.astype("<f4").tobytes()
        self._look(len(GRIDS) - 1)

    def _try(self, x):
        """Call the model with the learner's own x: of that an error must speak, not of our grid."""
        try:
            self._ask(self.task.input(self.task.points.numpy()))
        except (RuntimeError, ValueError, IndexError) as problem:
            shape = tuple(x.shape if hasattr(x, "shape") else np.shape(x))
            hint = f"; try x of shape {(*shape, 1)}: x.unsqueeze(1)" if len(shape) == 1 else ""
            raise ValueError(
                f"FitView: the model does not take x of shape {shape}: {str(problem).rstrip('.')}"
                f"{hint}"
            ) from None

    def update(self, step=None) -> None:
        """Ask the model again, if the last picture is long enough ago."""
        self._pace.wish()
        if not self._watched:
            self._watch()

    def flush(self):
        """Draw the model as it is now, finely."""
        self._pace.flush(lambda: self._look(len(GRIDS) - 1))

    def _look_quickly(self):
        """Ask on a grid that is finer while that is cheap, coarser when it is not."""
        start = perf_counter()
        self._look(self._grid)
        spent = perf_counter() - start
        if spent < QUICK / 2 and self._grid < 3:
            self._grid += 1
        elif spent > QUICK and self._grid > 0:
            self._grid -= 1

    def _look(self, grid):
        """Ask the model everywhere and send what it says."""
        with self._pace.lock:
            size, task = GRIDS[grid], self.task
            spots = np.concatenate([task.places(size), task.points.numpy()])
            self._fit = fit = task.read(self._ask(task.input(spots)), size)
            self._updates += 1
            state = {
                "size": fit["size"], "score": fit["score"], "bad": fit["bad"],
                "updates": self._updates, "said": task.said(fit),
            }  # fmt: skip
            if not np.isfinite(fit["score"]):
                state["score"] = None
            with self.hold_sync():
                self.state, self.fit = state, task.pack(fit)

    def _ask(self, spots):
        """Call the model as in a test: no gradients, dropout off; and leave it as it was."""
        with as_in_a_test(self.model), torch.no_grad():
            out = self.model(spots)
        if not isinstance(out, torch.Tensor):
            raise TypeError(f"the model gave {type(out).__name__}, not a tensor")
        if out.is_complex():
            raise TypeError("the model gave complex numbers: there is no place for them here")
        return out

    def __repr__(self):
        task, fit = self.task, self._fit
        bad = f", not a number at {fit['bad']} places" if fit["bad"] else ""
        return f"FitView: {task.total} points, {task.said(fit)}{bad}"

    def to_svg(self):
        """Draw the model and its data as SVG text that needs nothing else."""
        return picture.draw(repr(self), self.task, self._fit, self._names, self.squares)

    # A callback of train_model. ------------------------------------------------------------------

    def on_batch_end(self, run):
        """Draw the model after this batch."""
        self.update()
