"""Notice where a training turns: a spike, a gradient that vanishes or explodes, units that die.

Each watcher looks at one number after the other and keeps a few of its own, so it can look at every
step. It speaks when something begins and is silent until that is over.
"""

import math
from dataclasses import dataclass

import numpy as np

from .._paper import number

VANISHED = 1e-4         # of the largest gradient norm
EXPLODED = 100.0        # times what is usual
HUGE = 1e3              # a gradient norm that is too large whatever is usual
DEAD = 0.5              # share of the units that give nothing
PATIENCE = 4            # samples in a row, for what may also be chance
LEARNING = 20           # losses that must be known before one can be unusual


@dataclass(frozen=True)
class Turn:
    """Something began at a step: ``kind``, in words, and where in the code if that is known."""

    step: int
    kind: str           # "spike", "nan", "vanishing", "exploding", "dead", …
    words: str
    detail: str = ""
    where: str = ""


class LossWatch:
    """Look at the losses as they come: is one far above what is usual, or no number at all?

    >>> look = LossWatch()
    >>> losses = [1.0, 1.1] * 20
    >>> losses[30] = 50.0
    >>> [turn.words for turn in look(0, losses[:25]) + look(25, losses[25:])]
    ['spike: loss 50']
    """

    def __init__(self):
        self.count, self.usual, self.spread, self.quiet, self.broken = 0, 0.0, 0.0, -1, False
        self.peak, self.low, self.high = 0.0, math.inf, -math.inf   # of late; ever

    def __call__(self, first, losses):
        losses = np.asarray(losses, float)
        fine = np.isfinite(losses)
        found = list(self._bad(first, losses, fine))
        limit = max(8 * self.spread, 0.5 * abs(self.usual), 1.5 * (self.peak - self.usual))
        if self.count > LEARNING:
            limit = max(limit, 0.15 * (self.high - self.low))
            found += self._high(first, losses, fine, limit)
        usual = losses[fine]
        if not usual.size:
            return found
        self.low, self.high = min(self.low, usual.min()), max(self.high, usual.max())
        self.peak = self.usual + (self.peak - self.usual) * 0.995**usual.size
        self.peak = max(self.peak, usual.max())
        if self.count > LEARNING:
            usual = np.minimum(usual, self.usual + limit)
        self.count += usual.size
        new = max(1 - 0.95**usual.size, usual.size / self.count)
        self.usual += new * (float(usual.mean()) - self.usual)
        self.spread += new * (float(np.abs(usual - self.usual).mean()) - self.spread)
        return found

    def _bad(self, first, losses, fine):
        if not self.broken and not fine.all():
            place = int(fine.argmin())
            yield Turn(first + place, "nan", f"loss is {number(float(losses[place]))}")
        if fine.size:
            self.broken = not fine[-1]

    def _high(self, first, losses, fine, limit):
        for place in np.flatnonzero(fine & (losses > self.usual + limit)).tolist():
            if first + place > self.quiet:
                self.quiet = first + place + 50
                yield Turn(first + place, "spike", f"spike: loss {number(float(losses[place]))}")


class GradientWatch:
    """Look at the gradient norms of all layers: does one vanish, or do they explode?

    >>> look = GradientWatch()
    >>> for step in range(4): turns = look(step, {"0.weight": 1e-9, "2.weight": 0.5})
    >>> [turn.words for turn in turns]
    ['vanishing: 0.weight']
    """

    def __init__(self):
        self.low, self.said, self.usual, self.count = {}, set(), 0.0, 0

    def __call__(self, step, norms):
        found = list(self._broken(step, norms))
        fine = {name: norm for name, norm in norms.items() if math.isfinite(norm)}
        if len(fine) == len(norms):
            found += self._vanishing(step, fine)
            found += self._exploding(step, max(fine.values(), default=0.0))
        return found

    @property
    def ill(self):
        """Name the layers whose gradient has vanished."""
        return {what[1] for what in self.said if type(what) is tuple}

    def _broken(self, step, norms):
        broken = [name for name, norm in norms.items() if not math.isfinite(norm)]
        if self._begins("nan", bool(broken)):
            yield Turn(step, "nan", f"gradient of {broken[0]} is {number(norms[broken[0]])}")

    def _vanishing(self, step, norms):
        top = max(norms.values(), default=0.0)
        for name, norm in norms.items():
            small = norm < VANISHED * top or norm == 0
            self.low[name] = self.low.get(name, 0) + 1 if small else 0
            if self._begins(("vanishing", name), self.low[name] >= PATIENCE):
                detail = (
                    "no gradient reaches it" if norm == 0
                    else f"its gradient is {number(norm / top, 2)} of the largest"
                )
                yield Turn(step, "vanishing", f"vanishing: {name}", detail)

    def _exploding(self, step, top):
        self.count += 1
        large = top > HUGE or (self.count > PATIENCE and top > EXPLODED * self.usual > 0)
        if not large:
            self.usual += (top - self.usual) / min(self.count, 20)
        if self._begins("exploding", large):
            yield Turn(step, "exploding", f"exploding: gradient {number(top)}")

    def _begins(self, what, is_so):
        """Say whether something is so that was not so before."""
        new = is_so and what not in self.said
        (self.said.add if is_so else self.said.discard)(what)
        return new


class UnitWatch:
    """Look at the share of units that give nothing for a whole batch.

    >>> look = UnitWatch()
    >>> for step in range(4): turns = look(step, {"relu": 0.75})
    >>> turns[0].words, turns[0].detail
    ('dead units: relu', '75 % give 0 for every example of the batch')
    """

    def __init__(self):
        self.long, self.said = {}, set()

    def __call__(self, step, shares):
        found = []
        for name, share in shares.items():
            self.long[name] = self.long.get(name, 0) + 1 if share >= DEAD else 0
            if self.long[name] < PATIENCE:
                self.said.discard(name)
            elif name not in self.said:
                self.said.add(name)
                detail = f"{share:.0%} give 0 for every example of the batch".replace("%", " %")
                found.append(Turn(step, "dead", f"dead units: {name}", detail))
        return found
