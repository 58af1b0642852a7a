"""Look at a model while it learns: as in a test, not too often, and never behind its back."""

from contextlib import contextmanager
from threading import Thread, current_thread

from autograd_lab import nn

from ._pace import IDLE, Pace


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


class ModelPace(Pace):
    """A `Pace` for pictures that ask the model itself: the thread that trains it draws.

    Another one draws only when that thread has ended, or has been quiet for long.

    >>> pace = ModelPace(lambda: print("asked"))
    >>> for step in range(1000):
    ...     pace.wish()
    asked
    >>> pace.flush()
    asked
    """

    _patience = IDLE

    def __init__(self, draw):
        super().__init__(draw)
        self._thread: Thread | None = None  # which trains the model

    def note(self) -> None:
        """Remember that there is something new: it is drawn with the next `flush`."""
        with self.lock:
            self._count()
            self._thread = current_thread()

    def wish(self) -> None:
        """Draw now if it is time; else with a later wish, or with the next `flush`."""
        with self.lock:
            self.note()
            if self.due:
                self.flush()

    def flush(self, draw=None) -> None:
        """Draw what is left; if another thread may be training the model, once that is quiet."""
        with self.lock:
            other = self._thread if self._thread is not current_thread() else None
            if not (other and other.is_alive()):
                super().flush(draw)
            elif self.waits:
                self._wait()
