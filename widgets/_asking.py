"""Ask a model while it learns: as in a test, not too often, and never behind its back."""

from contextlib import contextmanager
from threading import Thread, current_thread
from time import perf_counter

from autograd_lab import nn

FLUSHES = 1 / 20                # seconds between two pictures of a running loop, at the least
SHARE = 0.04                    # of the loop's time that pictures may take


@contextmanager
def as_in_a_test(model):
    """Switch dropout and the like off for a while, and leave the model as it was.

    >>> model = nn.Sequential(nn.Linear(1, 1), nn.Dropout())
    >>> with as_in_a_test(model):
    ...     model[1].training
    False
    >>> model[1].training
    True
    """
    modules = model.modules() if isinstance(model, nn.Module) else ()
    learning = [module for module in modules if module.training]
    for module in learning:
        module.training = False
    try:
        yield
    finally:
        for module in learning:
            module.training = True


class Pace:
    """Decide when to look at a model again: seldom enough to cost a loop next to nothing.

    >>> pace = Pace()
    >>> for step in range(1000):
    ...     spent = pace.look(lambda: print("looked"))
    looked
    >>> pace.rest(lambda: print("looked at what was left"))
    looked at what was left
    """

    def __init__(self):
        self.pending, self._next = False, 0.0
        self._thread: Thread | None = None

    def wish(self) -> None:
        """Remember that there is something new, and who made it."""
        self.pending, self._thread = True, current_thread()

    def look(self, draw) -> float | None:
        """Call ``draw`` if the last time is long enough ago; tell how many seconds that took."""
        self.wish()
        if (started := perf_counter()) < self._next:
            return None
        self.pending = False
        draw()
        spent = perf_counter() - started
        self._next = started + spent + max(FLUSHES, spent * (1 / SHARE - 1))
        return spent

    def rest(self, draw) -> None:
        """Call ``draw`` for what is left, unless another thread is training the model just now."""
        other = self._thread if self._thread is not current_thread() else None
        if self.pending and not (other and other.is_alive()):
            self.pending = False
            draw()
