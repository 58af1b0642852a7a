"""What an interrupt (the square button, Ctrl-C) does to a training."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def interrupts(run):
    """Let an interrupt end the training at once between steps, and after the step within one.

    A second interrupt breaks off the computation too, but never the change of the model.
    """
    def handle(*_):
        again, run.stop, run.interrupted = run.interrupted, True, True
        if run.phase == "between steps" or (again and run.phase == "computing"):
            raise KeyboardInterrupt

    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
