"""When to keep the next state of a run, so that all of them take a small part of its time."""

import math
import time

SHARE = 0.002  # of the time of the steps may go into snapshots
OFTEN = 512  # steps: so often there is one in any case, for a step takes longer than a copy


class Due:
    """The step before which the next snapshot is due, from what steps and snapshots cost.

    >>> due = Due()
    >>> due.measure(0)
    >>> due.taken(0, time.perf_counter())
    >>> due.step  # what a step costs is not known yet
    1
    """

    def __init__(self):
        self.step: float = 0
        self._since, self._first, self._left_out = 0.0, 0, 0.0

    def measure(self, step: int) -> None:
        """Begin to measure what steps cost, with the one that comes next."""
        self._since, self._first, self._left_out = time.perf_counter(), step, 0.0

    def leave_out(self, seconds: float) -> None:
        """Forget time in which no step was at work."""
        self._left_out += seconds

    def taken(self, step: int, began: float) -> None:
        """Note that a snapshot has been taken since ``began``, before a step: when is the next?"""
        cost, steps = time.perf_counter() - began, step - self._first
        spent = began - self._since - self._left_out
        wait = math.ceil(cost * steps / (SHARE * spent)) if steps > 0 and spent > 0 else 1
        self.step = step + min(wait, OFTEN)
        self.measure(step)
