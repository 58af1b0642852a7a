"""What a run leaves behind: the curve of its losses, its branches, and what happened on the way."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

NAN = float("nan")


class Series:
    """The numbers of a run, step by step, on the present branch: ``run.history``.

    Whoever goes back in time finds here the steps that lie ahead, too. ``train_model`` gives a
    ``History``: what was measured epoch by epoch, up to where the model stands.

    Attributes:
        losses: the loss of each step, an array of doubles; nan where it is not known.
        metrics: other numbers by name: a pair of arrays, steps and values.
        version: grows when what was there is changed or cut off: then a picture begins anew. It
            stays when something is only added.

    >>> series = Series()
    >>> series.note("accuracy", 3, 0.5)
    >>> series.note("accuracy", 7, 0.9)
    >>> series.cut(5)
    >>> series.metrics
    {'accuracy': (array('q', [3]), array('d', [0.5]))}
    >>> series
    Series: 0 steps; accuracy at 1 step
    """

    def __init__(self):
        self.losses, self.metrics = array("d"), {}
        self.version = 0
        self.missing = array("q")  # steps that computed no loss
        self.said: float | None = None  # the loss of the step at hand, where note() told it
        self._lock = Lock()  # somebody may look while the loop writes

    @property
    def known(self) -> bool:
        """Say whether any step had a loss."""
        return len(self.losses) > len(self.missing)

    def add(self, loss: float | None) -> None:
        """Write down the loss of the next step; None: it computed none."""
        if loss is None:
            self.missing.append(len(self.losses))
        self.losses.append(NAN if loss is None else loss)

    def note(self, name: str, step: int, value: float) -> None:
        """Write down a number of a step; a second one for the same step replaces the first."""
        with self._lock:
            steps, values = self.metrics.setdefault(name, (array("q"), array("d")))
            place = bisect_left(steps, step)
            if place < len(steps) and steps[place] == step:
                values[place] = value
                return
            self.version += place < len(steps)
            steps.insert(place, step)
            values.insert(place, value)

    def cut(self, step: int) -> None:
        """Forget everything from a step on."""
        with self._lock:
            del self.losses[step:], self.missing[bisect_left(self.missing, step) :]
            for steps, values in self.metrics.values():
                place = bisect_left(steps, step)
                del steps[place:], values[place:]
            self.version += 1

    def since(self, step: int) -> tuple[array, dict]:
        """Copy what was written down from a step on: the losses, and the other numbers by name."""
        metrics = {}
        with self._lock:
            for name, (steps, values) in self.metrics.items():
                place = bisect_left(steps, step)
                metrics[name] = (steps[place:], values[place:])
            return self.losses[step:], metrics

    def numbers(self):
        """Go through all that is known, as ``(name, step, value)``: the losses first.

        >>> series = Series()
        >>> series.losses.extend([2.0, 1.0])
        >>> series.note("accuracy", 1, 0.5)
        >>> list(series.numbers())
        [('loss', 0, 2.0), ('loss', 1, 1.0), ('accuracy', 1, 0.5)]
        """
        losses, metrics = self.since(0)
        unknown = {*self.missing}
        for step, loss in enumerate(losses):
            if step not in unknown:
                yield "loss", step, loss
        for name, pair in metrics.items():
            for step, value in zip(*pair):
                yield name, step, value

    def __repr__(self):
        last = f", loss {self.losses[-1]:.4g}" if self.losses and self.known else ""
        also = [f"{name} at {_steps(len(at))}" for name, (at, _) in self.since(0)[1].items()]
        return f"Series: {'; '.join([_steps(len(self.losses)) + last, *also])}"


def _steps(count) -> str:
    return f"{count} step{'s' * (count != 1)}"


@dataclass
class Branch:
    """One way that a run went: the losses that followed after a change at a step.

    ``losses[i]`` is the loss of step ``step + i``; of the present branch it is empty, its losses
    are in ``run.history`` (which has those before ``step``, too).
    """

    name: str
    parent: str = ""
    step: int = 0
    settings: dict = field(default_factory=dict)
    losses: array = field(default_factory=lambda: array("d"), repr=False)
    metrics: dict[str, Any] = field(default_factory=dict, repr=False)

    def row(self, whole=None) -> list[str]:
        """Word it as the cells of a table; ``whole``: all losses, if it is the present branch."""
        own = self.losses if whole is None else whole[self.step :]
        known = [x for x in own if x == x]
        ends = [f"{known[-1]:.4g}", f"{min(known):.4g}"] if known else ["", ""]
        said = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return [self.name, str(self.step), str(len(own)), *ends, said]


@dataclass(frozen=True)
class Event:
    """Something that happened besides steps.

    ``kind`` is one of "set" (a setting was changed), "refused" (a setting that cannot be),
    "edited" (the model was changed by hand while the run stood still), "branch", "other past"
    (known steps did not come out the same again), "given up", "jumped", "thinned" (little room for
    states) and "interrupted"; ``text`` says it in words.
    """

    step: int
    kind: str
    text: str
