"""The training monitor: see a run, pause it, step it, change its settings, go back in time.

``watch`` and ``start`` (front.py) are those of autograd_lab.train and show a `Monitor` where a
notebook runs them. The run (a ``Steering``) knows nothing of it: the monitor listens, and passes
clicks on.

probe.py measures gradients, updates and activations within a budget of time; record.py keeps what
was measured, turns.py notices where something turned, origin.py finds the operation in which a NaN
was born; hands.py passes clicks on; sent.py and panel.py are what the page gets, picture.py is what
the saved notebook keeps.
"""

import sys
from pathlib import Path
from threading import RLock
from time import perf_counter, thread_time
from weakref import WeakKeyDictionary, ref

import numpy as np
from IPython.core.getipython import get_ipython

from autograd_lab.train import Steering

from .._called import learners
from .._esm import pack
from .._paper import label
from ..loss_curve import FLUSHES, LossCurve
from . import hands, panel, picture
from .origin import origin
from .probe import ALONE, LOOKED_AT, Probe
from .record import Record
from .sent import Sent
from .turns import Turn

HERE = Path(__file__).parent
SENDING = 0.002         # share of the time that may go into messages
RARELY = 0.5            # seconds between two messages at most, whatever they cost
PATIENCE = 3.0          # seconds until it is clear that no page looks
MANY_STEPS = 64         # without one of the optimizer: more than gradients are gathered for
NEVER_CLEARED = "gradients are never cleared"
IS_MISSING = "optimizer.zero_grad() is missing: each step adds to the gradients before"
NOTHING_CHANGES = "no optimizer.step() in this loop"
NO_RUN = (
    "Monitor(run) takes a run: batches.run of `batches = watch(loader, ...)`, what `start(...)` or "
    "`load_run(...)` gives, or nothing, as a callback of train_model; not {}"
)
SHOWN = WeakKeyDictionary()     # run -> a weak reference to its monitor
WHOLE = {True: 10.0, False: 1.0}        # seconds between two copies of the table: can a page ask?


class Monitor(LossCurve):
    """Show a training while it runs, and steer it.

    It comes by itself with ``watch`` and ``start`` in a notebook, and is a callback of
    ``train_model``: ``train_model(net, data, callbacks=[Monitor()])``. The parts: the loss and
    whatever else is measured; how large gradients and updates are, layer by layer; units that are
    silent; distributions; and what turned, with the line of code that made a NaN.

    >>> import autograd_lab as torch
    >>> from autograd_lab.train import watch
    >>> net, x = torch.nn.Linear(2, 1), torch.ones(4, 2)
    >>> optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    >>> batches = watch([x] * 3, model=net, optimizer=optimizer)
    >>> monitor = Monitor(batches.run)
    >>> for x in batches:
    ...     optimizer.zero_grad()
    ...     (net(x) ** 2).mean().backward()
    ...     optimizer.step()
    >>> monitor
    Monitor: finished after 3 steps, loss ...
    """

    _pack = pack(HERE / "index.js", HERE.parent / "loss_curve" / "style.css", HERE / "style.css")

    def __init__(self, run=None, *, log_scale=False, smoothing=0.0):
        self.run = self._probe = self._training = self._save_to = None
        self._ends, self._pause, self._names, self._rung = [], 0.0, [], False
        self._page, self._whole_at = Sent(), 0.0
        self._lock = RLock()            # a page may ask while the loop writes
        self.answered = False           # has a page of this run talked to us?
        super().__init__(log_scale=log_scale, smoothing=smoothing)
        self.record = Record(self.journal)
        hands.reach(self.comm)
        if run is not None:
            self.follow(run)

    @property
    def table(self):
        """Give what was measured: the ``Samples``."""
        return self.record.table

    @property
    def turns(self):
        """List what turned, and where."""
        return self.record.turns

    @property
    def shapes(self):
        """Give the newest distributions by name, and the step at which they were measured."""
        return self.record.shapes

    # --- the run: what it tells

    def follow(self, run) -> None:
        """Watch a run from now on."""
        run = getattr(run, "run", run)  # of the batches that `watch` gives
        if not isinstance(run, Steering):
            raise TypeError(NO_RUN.format(label(type(run).__name__)))
        self.leave()
        if run is not self.run:         # what was measured of another one says nothing about it
            with self._lock:
                self.record, self._page = Record(self.journal), Sent()
        self.run = run
        me = SHOWN[run] = ref(self)     # a run must not keep a monitor that nobody has any more
        self._ends = [
            run.listen(lambda run: (it := me()) is not None and it._changed()),
            run.pulse(lambda run: (it := me()) is not None and it._pulse(), FLUSHES),
            run.alarm(lambda run: (it := me()) is not None and it._born()),
        ]
        self._began = perf_counter()
        self._look_for_model()
        self._collect()

    def leave(self) -> None:
        """Watch the run no longer."""
        for end in self._ends:
            end()
        self._ends = []
        if self._probe is not None:
            self._probe.remove()
            self._probe = None

    def _look_for_model(self):
        """Hang the probe on the optimizer, as soon as it is known."""
        learning = [g["params"] for o in self.run.optimizers[:1] for g in o.param_groups]
        if self._probe is None and any(learning) and not self.run.over:
            model = self.run.models[0] if self.run.models else None
            me = ref(self)
            self._probe = Probe(
                model, self.run.optimizers[0],
                lambda sample: (it := me()) is not None and it._measured(sample),
                alarm=lambda: (it := me()) is not None and it._born(),
                frame=learners(sys._getframe()), run=self.run,
            )  # fmt: skip
            self._names = [] if model is None else list(model.named_parameters())

    def _pulse(self):
        """Between two steps, on the loop's own thread, at most twenty times a second."""
        if self._save_to is not None:
            self._save_now(self._save_to)
        if self._probe is not None:
            self._probe.beat()
        start = perf_counter()
        if start < self._pause:
            return
        worked = thread_time()
        if not self.answered and self._probe is not None and start - self._began > PATIENCE:
            self._probe.rate = ALONE        # nobody looks
        self._collect()
        self._look_for_mistakes()
        if self._shown and self.comm is not None:
            self.flush()
            took = thread_time() - worked   # not what other programs took meanwhile
            self._pause = start + min(RARELY, max(FLUSHES * 0.9, took / SENDING))

    def _changed(self):
        """Something other than a step happened."""
        if self._save_to is not None and self.run.state != "running":
            self._save_now(self._save_to)
        self._look_for_model()
        self._collect()
        if self.run.over or self.run.state == "paused":
            self._measure_last()
            self._look_for_mistakes()
        if self._shown and self.comm is not None:
            self.flush()
            if self.run.over:
                self._publish(update=True)      # a run in the background outlives its cell
        if self.run.over and self._probe is not None:
            self._probe.remove()
            self._probe = None

    def _measure_last(self):
        """Measure the last step, too: its gradients still lie there while the run rests."""
        run, step = self.run, self.run.steps
        if self._probe is None or step < 1 or run.steps < len(run.history.losses):
            return
        rows = self.table.rows()
        if not len(rows) or rows[-1, 0] < step:
            sizes = self._probe.now()
            if any(sizes.values()):             # all 0: cleared already, they tell nothing
                self.record.add(step, {"norms": sizes})
        if not run.over:
            self._probe.get_ready()

    def _look_for_mistakes(self):
        """See whether the loop changes nothing, or never clears its gradients."""
        run = self.run
        heard, known = run.heard, {turn.kind for turn in self.turns}
        if heard is None or len(run.optimizers) != 1 or self._training is not None:
            return
        if heard.piled > 1 and "piled" not in known:
            self.record.turn(Turn(run.steps, "piled", NEVER_CLEARED, IS_MISSING))
        steps = run.steps - heard.first
        if heard.changes or not run.history.known or steps < 1:
            return
        if "still" not in known and (run.over or steps >= MANY_STEPS):
            self.record.turn(Turn(0, "still", NOTHING_CHANGES, "it does not change the parameters"))
        if run.state == "running" and run.steps > 1:
            self._measure_unused()

    def _measure_unused(self):
        """Measure gradients that no optimizer has used, once in a while."""
        now = perf_counter()
        if self._probe is not None and now >= self._probe.due:
            self._probe.skip()
            self._measure_last()

    def _collect(self):
        """Read what the run has written down since the last time."""
        with self._lock:
            if self.record.read(self.run):
                self._rung = False
                if self._probe is not None:
                    self._probe.rung = False

    def _measured(self, sample):
        """Take over what the probe measured in the step at hand."""
        run, step = self.run, self.run.steps + 1
        if run.replaying or step <= len(run.history.losses):
            return
        if not np.isfinite(list(sample["norms"].values())).all():
            self._collect()             # was the loss of an earlier step broken already?
        self.record.add(step, sample)

    def _born(self):
        """Look, once, for the operation that made a NaN or an infinity."""
        if self._rung or self.run.replaying:
            return
        self._rung = True
        words, where = origin(self.run.heard.root, self._names)
        if words:
            self.record.turn(Turn(self.run.steps + 1, "nan", words, "", where))

    # --- the page: what it gets, and what it asks for

    def flush(self):
        """Send what is new since the last time, as one message; once in a while, everything."""
        with self._lock:
            now = perf_counter()
            if now - self._whole_at > WHOLE[self.answered]:
                self._page, self._whole_at = Sent(), now
            super().flush()

    def _message(self, entries, numbers):
        content, buffers = super()._message(entries, numbers)
        if self.run is not None:
            content["panel"] = panel.of(self.run, self.turns, self.record.ill)
            ghosts = {label(branch.name) for branch in self.run.branches[:-1]}
            for entry in content["series"]:
                entry["ghost"] = entry["name"] in ghosts
            self._page.add_table(self.table, content, buffers)
            self._page.add_shapes(*self.shapes, self.table, content, buffers)
        return content, buffers

    def _hear(self, _, content, buffers):
        """Hear the page. This may be another thread: commands only leave a note for the run."""
        if not isinstance(content, dict):
            return
        if content.get("ask") != "all":
            hands.obey(self, content)
            return
        with self._lock:
            self._page = Sent()
            super()._hear(_, content, buffers)

    def _reply(self, found) -> None:
        """Answer a page, and tell it how the run stands."""
        self._pause = 0                 # what was asked for is seen at the next pulse
        with self._lock:                # what is said later was so later
            if self.run is not None:
                found["panel"] = panel.of(self.run, self.turns, self.record.ill)
            self.send(found)

    def page_state(self) -> dict:
        """Return what a page without a kernel shows: everything, as one message."""
        with self._lock:
            page, self._page = self._page, Sent()
            story = self._everything()
            self._page = page
        return {**super().page_state(), "story": [*story]}

    def save(self, path) -> None:
        """Save the run: curves, branches, kept states. ``load_run(path)`` opens it again.

        While the loop runs it does that itself, between two steps.
        """
        if self.run.state in ("running", "stopping"):
            self._save_to = path
        else:
            self._save_now(path)

    def _save_now(self, path):
        self._save_to = None
        try:
            self.run.save(path)
            self.run.happened("saved", f"saved to {path}")
        except OSError as problem:
            self.run.happened("refused", f"not saved: {problem}")

    def look(self, on, deep) -> None:
        """Measure more often while somebody looks, and distributions while they are open."""
        self.answered = True
        if self._probe is not None:
            self._probe.rate, self._probe.deep = (LOOKED_AT if on else ALONE), bool(deep)

    def appear(self) -> None:
        """Show the monitor here, once; the cell's end renews the picture."""
        if not self._shown:
            self._ipython_display_()
        self._watch()

    def _cell_ended(self, result=None):
        run, error = self.run, getattr(result, "error_in_exec", None)
        if run is not None and run.state == "stopped" and panel.left_by(run, error):
            run.end("failed", error)
        super()._cell_ended(result)

    # --- a callback of train_model

    def on_train_begin(self, run) -> None:
        """Follow this training, and show it if nobody did."""
        self._training = run
        self.follow(run.steering)
        if get_ipython() is not None:
            self.appear()

    def on_batch_end(self, run) -> None:
        """Leave that to the run itself."""

    def on_epoch_end(self, run) -> None:
        """Write down what was measured at the end of the epoch."""
        for name, values in run.history.items():
            if name != "loss" and values:       # the mean loss: that is drawn already
                self.run.history.note(name, max(0, self.run.steps - 1), values[-1])

    def __repr__(self):
        return panel.summary(self.run) if self.run is not None else "Monitor: waiting for a run"

    def to_svg(self):
        """Draw the run as it stands, as SVG text that needs nothing else."""
        return picture.draw(self)
