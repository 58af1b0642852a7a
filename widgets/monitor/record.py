"""What a monitor knows of a run: its curves, the table of samples, and what turned."""

from bisect import bisect_left

import numpy as np

from . import panel
from .samples import Samples
from .turns import GradientWatch, LossWatch, UnitWatch

TURNS = 50              # kept; the oldest go first


class Record:
    """Read a run's own notes into a journal, take samples in, and notice where something turns.

    >>> from autograd_lab.train import Steering
    >>> from autograd_lab.widgets.loss_curve.series import Journal
    >>> run, record = Steering(), Record(Journal())
    >>> run.history.losses.extend([3.0, 2.0, float("nan")])
    >>> record.read(run)        # is it another run, or another past?
    True
    >>> record.turns
    [Turn(step=3, kind='nan', words='loss is NaN', detail='', where='')]
    """

    def __init__(self, journal):
        self.journal, self.table = journal, Samples()
        self.turns, self.shapes = [], ({}, 0)   # distributions by name, and their step
        self.ill = set()                        # names of what vanishes, explodes or is dead now
        self._losses, self._gradients, self._units = LossWatch(), GradientWatch(), UnitWatch()
        self._version, self._read, self._told = None, 0, 0

    def read(self, run) -> bool:
        """Copy what the run has written down since the last time; True: it began anew."""
        history = run.history
        version = history.version, len(run.branches), *(b.name for b in run.branches)
        anew, self._version = version != self._version, version
        if anew:
            self._begin_anew(len(history.losses))
        known = max(0, self._read - 1)          # what an epoch gave is noted after its last loss
        losses, metrics = history.since(known)
        losses = losses[self._read - known :]
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
        return anew

    def _begin_anew(self, steps):
        """Forget the curves, and what was measured after so many steps."""
        self.journal.series.clear()
        self.journal.edition += 1
        self.journal.begin("loss")
        self.table.cut(steps + 1)
        self._read, self._told = 0, min(self._told, steps)
        self.turns = [turn for turn in self.turns if turn.step <= steps]

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
                    for turn in self._losses(first + start + 1, values):
                        self.turn(turn)
            start = gap + 1
        self._told = max(self._told, first + len(losses))

    def add(self, step, sample) -> None:
        """Take over what was measured in a step: see ``Probe``."""
        self.table.add(step, dict(_numbers(sample)))
        found = self._gradients(step, sample["norms"])
        if any(turn.kind == "nan" for turn in self.turns):      # what follows from it is no news
            found = [turn for turn in found if turn.kind != "nan"]
        dead = sample.get("dead", {})
        gated = {name: dead[name] for name in dead if name in sample["gated"]}
        for turn in [*found, *(self._units(step, gated) if "dead" in sample else [])]:
            self.turn(turn)
        if sample.get("shapes"):
            self.shapes = sample["shapes"], step
        self.ill = self._gradients.ill | self._units.said

    def turn(self, turn) -> None:
        """Note that something turned; not again what was said already, and better."""
        nan = [other for other in self.turns if other.kind == "nan"]
        if turn.kind != "nan" or not any(other.step >= turn.step - 1 for other in nan):
            self.turns = [*self.turns, turn][-TURNS:]


def _numbers(sample):
    """Give the columns of a sample: an infinity for what is no number, but no such ratio."""
    for kind in ("norms", "ratios", "dead"):
        for name, value in sample.get(kind, {}).items():
            if np.isfinite(value):
                yield (kind, name), value
            elif kind != "ratios":
                yield (kind, name), np.inf
