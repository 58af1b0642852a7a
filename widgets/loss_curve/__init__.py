"""A live curve of the loss, or of any number, while a training loop runs.

The loop only writes into a `Journal` (half a microsecond).  At most 20 times a second what is new
goes to the page as one message; the page draws.  See series.py for what is kept, picture.py for
the still picture in the saved notebook, chart.py and chart.js for the arithmetic, index.js for the
page.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np
import traitlets

from .._esm import pack
from .._kept import Kept
from .._paper import label
from . import picture
from .series import Journal, fold

HERE = Path(__file__).parent
FLUSHES = 1 / 20            # seconds between two messages while a loop runs
WHOLES = 1.0                # seconds between two coarse copies of everything, and between answers
COARSE = 1024               # points of a series in such a copy, about
NOTHING = np.empty((2, 0))


class LossCurve(Kept):
    """Draw the loss while the loop runs; any other number too.

    >>> curve = LossCurve()                    # in a notebook: show it, then run the loop
    >>> for loss in [4.0, 2.0, 1.0]:
    ...     curve.add(loss=loss)
    >>> curve.add(val=1.5)                     # at the step where the loss is
    >>> curve.mark("lr halved")
    >>> curve
    LossCurve: 3 steps, loss 1 (min 1), val 1.5 (min 1.5)
    >>> steps, values = curve.history["loss"]
    >>> values
    array([4., 2., 1.])

    It is also a callback: ``train_model(..., callbacks=[curve])``. What was measured before is
    drawn as it is: ``LossCurve(history)`` of train_model's result, of a dict of lists, or a list.

    >>> LossCurve([4.0, 2.0, 1.0])
    LossCurve: 3 steps, loss 1 (min 1)
    """

    _pack = pack(HERE / "index.js", HERE / "style.css")
    log_scale = traitlets.Bool(False, help="a logarithmic vertical axis").tag(sync=True)
    smoothing = traitlets.Float(0.0, min=0.0, max=0.99, help="0: as measured").tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode(), help="names of series not drawn").tag(sync=True)

    def __init__(self, measured=None, *, log_scale=False, smoothing=0.0):
        self.journal = Journal()
        self._sent = {}                 # name of a series -> how many of its points are sent
        self._edition = self._flushed = self._answered = self._copied = 0
        super().__init__(log_scale=log_scale, smoothing=smoothing)
        if measured is not None:
            self._take_over(measured)

    def _take_over(self, measured):
        """Write down numbers measured before; what comes once an epoch stands at its last step."""
        if hasattr(measured, "numbers"):                # of a run: each has its step
            for name, step, value in measured.numbers():
                self._write({name: value}, step + 1)    # pictures count from 1
            return
        if isinstance(measured, str | bytes) or not isinstance(measured, Iterable):
            raise TypeError(
                "LossCurve draws a history, a dict of lists or a list of numbers, not "
                f"{type(measured).__name__}; LossCurve() begins an empty curve"
            )
        series = dict(measured) if isinstance(measured, Mapping) else {"loss": list(measured)}
        steps = list(getattr(measured, "steps", ()))
        stride = len(steps) // max([1, *map(len, series.values())]) or 1
        for loss in steps:
            self.add(loss=float(loss))
        for name, values in series.items():
            for epoch, value in enumerate(values, 1):
                if not (steps and name == "loss"):
                    self.add(step=epoch * stride, **{name: float(value)})

    def add(self, /, *, step=None, **values):
        """Write down one or more numbers of this step; each name is a curve."""
        self._write(values, step)

    def mark(self, text, step=None):
        """Write a word at this step: what was changed here?"""
        self.journal.mark(text, step)
        self._soon()

    def clear(self):
        """Forget all points and marks."""
        self.journal.clear()
        self._soon()

    @property
    def history(self):
        """Everything kept, as ``{name: array}``; row 0 are the steps, row 1 the values."""
        return {name: series.points() for name, series in self.journal.series.items()}

    def _write(self, values, step=None):
        self.journal.add(values, step)
        if perf_counter() - self._flushed > FLUSHES:
            self.flush()
        if not self._watched:
            self._watch()

    def _soon(self):
        if perf_counter() - self._flushed > FLUSHES:
            self.flush()
        self._watch()

    # What the page gets. -------------------------------------------------------------------

    def flush(self):
        """Send what is new since the last time, as one message."""
        journal, now = self.journal, perf_counter()
        self._flushed = now
        if journal.edition != self._edition:            # something was taken back: begin again
            self._edition, self._sent, self._copied = journal.edition, {}, 0
        copy = now - self._copied > WHOLES              # for a page that could not ask
        self._copied = now if copy else self._copied
        entries, numbers = [], []
        for series in list(journal.series.values()):
            first = self._sent.get(series.name, 0)
            new, points, total = series.since(first), NOTHING, 0
            if new is None or copy:                     # None: some are folded by now
                points, total = series.everything()
            if new is None:
                new, first, size = NOTHING, total, 1
            else:
                size = 3 * points.shape[1] // COARSE
            points = fold(points, size)
            entries.append(self._entry(series, first, new, points, exact=size < 2))
            numbers += [new.tobytes(), points.tobytes()]
            self._sent[series.name] = first + new.shape[1]
        self._post(*self._message(entries, numbers))

    def _hear(self, _, content, buffers):
        """Answer a page that missed something: send all, once for all who ask in a second."""
        asks = isinstance(content, dict) and content.get("ask") == "all"
        if not asks or perf_counter() - self._answered < WHOLES:
            return
        self._answered = perf_counter()
        self._post(*self._everything())

    def _everything(self):
        """Make a message of all that is kept."""
        entries, numbers = [], []
        for series in list(self.journal.series.values()):
            points, total = series.everything()
            entries.append(self._entry(series, total, NOTHING, points, exact=True))
            numbers.append(points.tobytes())
        return self._message(entries, numbers)

    def _entry(self, series, first, new, points, exact):
        """Describe one series of a message: its first new point, how many points follow."""
        return {
            "name": label(series.name),
            "rises": bool(picture.RISES.search(series.name)),
            "first": first,
            "total": first + new.shape[1],
            "copy": points.shape[1],
            "exact": exact,
        }

    def _message(self, entries, numbers):
        """Make a message; its first buffer holds the numbers of the series."""
        dashes = picture.dashes(entry["name"] for entry in entries)
        for entry, dash in zip(entries, dashes, strict=True):
            entry["dash"] = dash
        marks = [[step, label(text)] for step, text in self.journal.marks]
        content = {"edition": self.journal.edition, "series": entries, "marks": marks}
        return content, [b"".join(numbers)]

    def _post(self, content, buffers):
        self.send(content, buffers if any(buffers) else None)

    def __repr__(self):
        return picture.summary(self.journal)

    def to_svg(self):
        """Draw the curve as it stands, as SVG text that needs nothing else."""
        return picture.draw(self.journal, self.log_scale, self.smoothing, self.hidden)

    # A callback of train_model. ------------------------------------------------------------------

    def on_batch_end(self, run):
        """Write down the loss of this batch."""
        self._write({"loss": run.loss}, run.step)

    def on_epoch_end(self, run):
        """Write down what was measured at the end of the epoch."""
        measured = {name: values[-1] for name, values in run.history.items() if len(values)}
        measured.pop("loss", None)                      # the mean of what is already drawn
        self._write(measured, run.step)
