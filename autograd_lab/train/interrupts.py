"""What an interrupt (the square button, Ctrl-C) does to a training."""

import signal
import sys
import threading
from contextlib import contextmanager

from ..optim import Optimizer
from .spot import outwards

ONCE = "stopping after this step; press again to break off at once"


@contextmanager
def interrupts(run):
    """Let an interrupt end the training at once between steps, and after the step within one.

    A second interrupt breaks off the computation too, but never the change of the model.
    """
    def handle(number, frame):
        again, run.stop, run.interrupted = run.interrupted, True, True
        if not run.steering.waiting and any(map(_whole, outwards(frame))):
            run.steering.stop()
        elif run.phase == "between steps" or (again and run.phase == "computing"):
            raise KeyboardInterrupt

    if not _ours_to_handle():
        yield
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _ours_to_handle() -> bool:
    """Say whether an interrupt would do what Python does by itself: then we may do better."""
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Gently:
    """Let an interrupt end a watched loop after the step at hand; the code after the loop runs.

    A second one breaks off the body, but never while an optimizer changes the model. While the loop
    waits (paused, or for a batch) there is no step at hand, and it ends at once.
    """

    def __init__(self, watched, spots):
        self.watched, self.run = watched, watched.run
        self.codes = {spot.code for spot in spots}
        self.asked = self.active = False

    def __enter__(self):
        self.active = self.watched.gently and _ours_to_handle()
        if self.active:
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_):
        if self.active and threading.current_thread() is threading.main_thread():
            self._give_back()

    def _give_back(self):
        if signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _handle(self, number, frame):
        frames = list(outwards(frame))
        if not any(f.f_code in self.codes for f in frames):  # the loop was left by an error
            self._give_back()
            raise KeyboardInterrupt
        if self.run.waiting:
            raise KeyboardInterrupt
        if (self.asked or not self.run.in_body) and not any(map(_whole, frames)):
            raise KeyboardInterrupt
        self.asked = True
        self.run.stop()
        print(ONCE, file=sys.stderr)


def _whole(frame) -> bool:
    """Say whether this is something that must not be broken off: a change of the model."""
    code = frame.f_code
    if code.co_name == "step":
        return isinstance(frame.f_locals.get("self"), Optimizer)
    return code.co_name in ("obey", "compare") and code.co_filename.startswith(HOME)


HOME = __file__.removesuffix("interrupts.py")
