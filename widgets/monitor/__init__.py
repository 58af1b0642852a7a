"""The training monitor: see a run, pause it, step it, change its settings, go back in time.

``watch`` and ``start`` (front.py) are those of autograd_lab.train and show a `Monitor` where a
notebook runs them. The run (a ``Steering``) knows nothing of it: the monitor listens, and passes
clicks on.

probe.py measures gradients, updates and activations within a budget of time; turns.py notices where
something turned, origin.py finds the operation in which a NaN was born; hands.py passes clicks on;
view.py and picture.py are what the page gets and what the saved notebook keeps.
"""

import sys
from bisect import bisect_left
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
from .samples import Samples
from .turns import GradientWatch, LossWatch, Turn, UnitWatch

HERE = Path(__file__).parent
SENDING = 0.003         # share of the time that may go into messages
RARELY = 0.5            # seconds between two messages at most, whatever they cost
PATIENCE = 3.0          # seconds until it is clear that no page looks
TURNS = 50              # kept; the oldest go first
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
        self.run, self.table, self.turns, self.shapes = None, Samples(), [], ({}, 0)
        self._watches = LossWatch(), GradientWatch(), UnitWatch()
        self._probe = self._training = self._read_version = None
        self._ends, self._ill, self._save_to = [], set(), None
        self._read = self._pause = self._told = 0
        self._sent_table, self._sent_shapes, self._whole_at = (-1, 0), 0, 0.0
        self._lock = RLock()            # a page may ask while the loop writes
        self.answered = False           # has a page of this run talked to us?
        super().__init__(log_scale=log_scale, smoothing=smoothing)
        hands.reach(self.comm)
        if run is not None:
            self.follow(run)

    # --- the run: what it tells

    def follow(self, run) -> None:
        """Watch a run from now on."""
        run = getattr(run, "run", run)  # of the batches that `watch` gives
        if not isinstance(run, Steering):
            raise TypeError(NO_RUN.format(label(type(run).__name__)))
        self.leave()
        self.run = run
        me = SHOWN[run] = ref(self)     # a run must not keep a monitor that nobody has any more
        self._ends = [
            run.listen(lambda run: (it := me()) is not None and it._changed()),
            run.pulse(lambda run: (it := me()) is not None and it._pulse(), FLUSHES),
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
        if self._probe is None and self.run.optimizers and not self.run.over:
            model = self.run.models[0] if self.run.models else None
            me = ref(self)
            self._probe = Probe(
                model, self.run.optimizers[0],
                lambda sample: (it := me()) is not None and it._measured(sample),
                loss=lambda: (it := me()) and it._loss(),
                last=lambda: (it := me()) is not None and panel.before_last(it.run),
                alarm=lambda loss: (it := me()) is not None and it._born(loss),
                frame=learners(sys._getframe()),
            )  # fmt: skip
            self._names = [] if model is None else list(model.named_parameters())

    def _pulse(self):
        """Between two steps, on the loop's own thread, at most twenty times a second."""
        if self._save_to is not None:
            self._save_now(self._save_to)
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
                self._take_in(step, {"norms": sizes, "ratios": {}, "dead": {}})
        if not run.over:
            self._probe.get_ready()

    def _look_for_mistakes(self):
        """See whether the loop changes nothing, or never clears its gradients."""
        run = self.run
        heard, known = run.heard, {turn.kind for turn in self.turns}
        if heard is None or len(run.optimizers) != 1 or self._training is not None:
            return
        if heard.piled > 1 and "piled" not in known:
            self._turn(Turn(run.steps, "piled", NEVER_CLEARED, IS_MISSING))
        steps = run.steps - heard.first
        if heard.changes or not run.history.known or steps < 1:
            return
        if "still" not in known and (run.over or steps >= MANY_STEPS):
            self._turn(Turn(0, "still", NOTHING_CHANGES, "it does not change the parameters"))
        if run.state == "running" and run.steps > 1:
            self._measure_unused()

    def _measure_unused(self):
        """Measure gradients that no optimizer has used, once in a while."""
        now = perf_counter()
        if self._probe is not None and now >= self._probe.due:
            self._probe.skip()
            self._measure_last()

    def _collect(self):
        """Copy what the run has written down since the last time."""
        with self._lock:
            self._copy(self.run, self.run.history)

    def _copy(self, run, history):
        state = history.version, len(run.branches), *(b.name for b in run.branches)
        if state != self._read_version:
            self._read_version, self._read = state, 0
            journal = self.journal
            journal.series.clear()
            journal.edition += 1
            journal.begin("loss")
            self.table.cut(len(history.losses) + 1)
            self._told = min(self._told, len(history.losses))
            if self._probe is not None:
                self._probe.rung = False
            self.turns = [turn for turn in self.turns if turn.step <= len(history.losses)]
        losses, metrics = history.since(self._read)
        if losses:
            self._take_losses(np.array(losses), history.missing)
        for name, (steps, numbers) in metrics.items():
            series = self.journal.series.get(name) or self.journal.begin(name)
            for step, number in zip(steps, numbers, strict=True):
                if step + 1 > series.last:
                    series.append(step + 1, number)
        if self._read == 0:
            panel.ghosts(run, self.journal)
        self._read += len(losses)
        self.journal.step = max(1, self._read)
        self.journal.marks = panel.marks(self.turns, run.events)

    def _take_losses(self, losses, missing):
        """Draw the losses that are known; a step that computed none is a gap, not a NaN.

        Lists count from 0, pictures from 1: after n steps the last point stands at n.
        """
        first, start = self._read, 0
        gaps = [step - first for step in missing[bisect_left(missing, first) :]]
        for gap in [*gaps, len(losses)]:
            if gap > start:
                values = losses[start:gap]
                self.journal.series["loss"].extend(first + start + 1, values)
                if first + start >= self._told:
                    for turn in self._watches[0](first + start + 1, values):
                        self._turn(turn)
            start = gap + 1
        self._told = max(self._told, first + len(losses))

    def _measured(self, sample):
        """Take over what the probe measured in the step at hand."""
        run, step = self.run, self.run.steps + 1
        if run.replaying or step <= len(run.history.losses):
            return
        if not np.isfinite(list(sample["norms"].values())).all():
            self._collect()             # was the loss of an earlier step broken already?
        self._take_in(step, sample)
        if sample["shapes"]:
            self.shapes = sample["shapes"], step
        gated = {name: share for name, share in sample["dead"].items() if name in sample["gated"]}
        for turn in self._watches[2](step, gated):
            self._turn(turn)
        self._ill = self._watches[1].ill | self._watches[2].said

    def _take_in(self, step, sample):
        named = [(kind, sample[kind]) for kind in ("norms", "ratios", "dead")]
        finite = {
            (kind, name): value if np.isfinite(value) else np.inf
            for kind, values in named for name, value in values.items() if kind != "ratios"
            or np.isfinite(value)
        }
        self.table.add(step, finite)
        found = self._watches[1](step, sample["norms"])
        if any(turn.kind == "nan" for turn in self.turns):      # what follows from it is no news
            found = [turn for turn in found if turn.kind != "nan"]
        for turn in found:
            self._turn(turn)
        self._ill = self._watches[1].ill | self._watches[2].said

    def _turn(self, turn):
        nan = [other for other in self.turns if other.kind == "nan"]
        if turn.kind == "nan" and any(other.step >= turn.step - 1 for other in nan):
            return                      # said already, and better
        self.turns = [*self.turns, turn][-TURNS:]

    def _loss(self):
        """Give the tensor whose backward() was called in this step."""
        if self._training is not None:
            return self._training.loss_tensor
        return self.run.heard.tensor() if self.run.heard is not None else None

    def _born(self, loss):
        """Look for the operation that made a NaN or an infinity; ``loss`` has its graph still."""
        words, where = origin(loss, self._names)
        if words:
            self._turn(Turn(self.run.steps + 1, "nan", words, "", where))

    # --- the page: what it gets, and what it asks for

    def _carry(self, content, buffers):
        if self.run is not None:
            content["panel"] = panel.of(self.run, self.turns, self._ill)
            ghosts = {label(branch.name) for branch in self.run.branches[:-1]}
            for entry in content["series"]:
                entry["ghost"] = entry["name"] in ghosts
            self._add_table(content, buffers)
            self._add_shapes(content, buffers)
        (self._instead or self.send)(content, buffers)

    def _add_table(self, content, buffers):
        """Add the new rows of the table; all of them for a page that missed some."""
        edition, (sent, first) = self.table.edition, self._sent_table
        if self._whole or sent != edition:
            first = 0
        rows = self.table.rows(first)
        self._sent_table = edition, first + len(rows)
        if len(rows) or (sent != edition and self.table.names):
            columns = [list(map(label, name)) for name in self.table.names]
            content["table"] = {"edition": edition, "columns": columns, "first": first,
                                "total": first + len(rows), "buffer": len(buffers)}  # fmt: skip
            buffers.append(rows.tobytes())

    def _add_shapes(self, content, buffers):
        """Add the distributions, if there are newer ones."""
        shapes, step = self.shapes
        if shapes and (step != self._sent_shapes or self._whole):
            self._sent_shapes = step
            seen = {name for kind, name in self.table.names if kind == "dead"}
            names = [["activation" if name in seen else "gradient", label(name)]
                     for name in shapes]  # fmt: skip
            content["shapes"] = {"step": step, "names": names, "buffer": len(buffers)}
            buffers.append(b"".join(shape.tobytes() for shape in shapes.values()))

    _whole = False                      # is this message for a page that missed something?
    _instead = None                     # who takes it, if not the page

    def flush(self):
        """Send what is new since the last time, as one message."""
        with self._lock:
            now = perf_counter()
            self._whole = now - self._whole_at > WHOLE[self.answered]
            self._whole_at = now if self._whole else self._whole_at
            super().flush()
            self._whole = False

    def _hear(self, _, content, buffers):
        """Hear the page. This may be another thread: commands only leave a note for the run."""
        if not isinstance(content, dict):
            return
        if content.get("ask") != "all":
            hands.obey(self, content)
            return
        with self._lock:
            self._whole = True
            super()._hear(_, content, buffers)
            self._whole = False

    def _reply(self, found) -> None:
        """Answer a page, and tell it how the run stands."""
        self._pause = 0                 # what was asked for is seen at the next pulse
        with self._lock:                # what is said later was so later
            if self.run is not None:
                found["panel"] = panel.of(self.run, self.turns, self._ill)
            self.send(found)

    def page_state(self) -> dict:
        """Return what a page without a kernel shows: everything, as one message."""
        kept = []
        with self._lock:
            self._whole, self._answered = True, -1.0
            self._instead = lambda content, buffers: kept.append([content, buffers])
            super()._hear(self, {"ask": "all"}, [])
            self._whole, self._instead = False, None
        return {**super().page_state(), "story": [*kept[0]]}

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
