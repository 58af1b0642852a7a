"""What a loop's own body gives away of its steps: the loss, and whether something is learned."""

import threading

from ..backward import listeners
from ..device import HOST
from ..writes import changed_since

FIRST = 8  # steps in which it is seen what the loop does; later steps are not slowed by that


class Heard:
    """Listen for the loss of a step: the last scalar whose ``backward()`` was called.

    ``root`` is that scalar in the step at hand. One that is no number sounds the alarm, before
    backward goes through its graph. ``changes`` counts the first steps of the optimizers since the
    run's step ``first``, ``piled`` how often in a row a gradient was added to the one before it
    though that had been used already; they go on where the last round of an outer loop left them.
    """

    def __init__(self, run, given=None):
        self.run, self.given, self.history = run, given, run.history
        self.optimizers, self.handles = run.optimizers, []
        self.changes, self.piled, self.since, self.first = 0, 0, 0, run.steps
        last = run.heard
        if last is not None and last.optimizers == self.optimizers:
            self.changes, self.piled = last.changes, last.piled
            self.since, self.first = last.since, last.first
        self.root = self.value = self.before = None
        self.key = threading.get_ident()

    def __enter__(self):
        self.before = listeners.get(self.key)
        listeners[self.key] = self._hear
        if self.changes < FIRST:
            self.handles = [o.register_step_post_hook(self._stepped) for o in self.optimizers]
        return self

    def __exit__(self, *_):
        self._leave_optimizers()
        self.root = self.value = None
        if listeners.get(self.key) == self._hear:
            if self.before is None:
                del listeners[self.key]
            else:
                listeners[self.key] = self.before

    def _stepped(self, *_):
        self.changes += 1
        if self.changes == FIRST:
            self._leave_optimizers()

    def _leave_optimizers(self):
        for handle in self.handles:
            handle.remove()
        self.handles = []

    def learned_since(self, time) -> bool:
        """Say whether a parameter was written to after a time (of ``writes``)."""
        groups = [group for optimizer in self.optimizers for group in optimizer.param_groups]
        return any(changed_since(p, time) for group in groups for p in group["params"])

    def _hear(self, roots):
        if self.handles:
            self._look_for_piles()
        array = roots[0].array
        if array.size == 1 and len(roots) == 1:
            self.root, self.value = roots[0], None
            if type(array) in HOST:  # a GPU would have to be waited for
                self.value = value = array.item()
                if value - value != 0:
                    self.run.onlookers.ring(self.run)
        if self.before is not None:  # the body of an outer loop holds this one
            self.before(roots)

    def _look_for_piles(self):
        """See whether gradients are never cleared: in the first steps only, one backward a step."""
        if len(self.optimizers) > 1:
            return
        if self.changes == self.since:  # several backwards before a step: they are meant to add up
            self.piled = 0
        elif self.changes == self.since + 1:
            first = next(iter(self.optimizers[0].param_groups[0]["params"]), None)
            left = None if first is None or first.grad is None else first.grad.array
            there = type(left) in HOST and bool(left.reshape(-1)[:64].any())
            self.piled = self.piled + 1 if there else 0
        self.since = self.changes

    def loss(self) -> float | None:
        """Give the loss of the step just done, as it was told or heard; None if it is not known."""
        value, root = self.value, self.root
        self.value = self.root = None
        if self.history.said is not None:
            value, self.history.said = self.history.said, None
        elif self.given is not None:
            value = float(self.given())
        elif value is None and root is not None:
            value = root.array.item()
        return value
