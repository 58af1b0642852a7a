"""Queues of work on the GPU, and marks in them that tell the time.

Without a GPU an operation is finished when its call returns: there is one queue, always empty, and
a mark is a look at the clock. So a program that measures with events measures rightly there too.
"""

import contextlib
import time

from ..device import cupy, is_available
from .devices import place_of


class Event:
    """Mark a moment in the work: record two, and ask how many milliseconds lie between them.

    >>> start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    >>> start.record()
    >>> y = torch.ones(100, 100) @ torch.ones(100, 100)
    >>> end.record()
    >>> end.synchronize()
    >>> start.elapsed_time(end) >= 0
    True
    """

    def __init__(self, enable_timing=False, blocking=False, interprocess=False):
        self.enable_timing, self.blocking = enable_timing, blocking
        self.mark = None  # CuPy's event, or seconds on the clock

    def record(self, stream=None) -> None:
        """Set the mark at the end of the work given so far."""
        if not is_available():
            self.mark = time.perf_counter()
            return
        self.mark = cupy().cuda.Event(self.blocking, disable_timing=not self.enable_timing)
        self.mark.record(None if stream is None else stream.queue)

    def wait(self, stream=None) -> None:
        """Let later work of a stream wait until this mark is reached."""
        if hasattr(self.mark, "record"):
            (stream or current_stream()).wait_event(self)

    def synchronize(self) -> None:
        """Wait until the mark is reached."""
        if hasattr(self.mark, "synchronize"):
            self.mark.synchronize()

    def query(self) -> bool:
        """Say whether the mark is reached."""
        return getattr(self.mark, "done", True)

    def elapsed_time(self, end_event) -> float:
        """Give the milliseconds from this mark to a later one."""
        if not (self.enable_timing and end_event.enable_timing):
            raise ValueError(
                "Both events must be created with argument 'enable_timing=True'."
            )
        if self.mark is None or end_event.mark is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        if isinstance(self.mark, float):
            return 1000 * (end_event.mark - self.mark)
        return cupy().cuda.get_elapsed_time(self.mark, end_event.mark)


class Stream:
    """Open another queue of work on the GPU: ``with torch.cuda.stream(Stream()):`` uses it.

    The lower its ``priority``, the sooner its work is begun: -1 goes before 0.

    >>> torch.cuda.Stream().query() if not torch.cuda.is_available() else True
    True
    """

    def __init__(self, device=None, priority=0, queue=None):
        self.queue = queue
        if queue is None and is_available():
            with place_of(device).active():
                self.queue = cupy().cuda.Stream(non_blocking=True, priority=priority)

    def __enter__(self):
        if self.queue is not None:
            self.queue.__enter__()
        return self

    def __exit__(self, *error):
        if self.queue is not None:
            self.queue.__exit__(*error)

    def synchronize(self) -> None:
        """Wait until all work of this queue is done."""
        if self.queue is not None:
            self.queue.synchronize()

    def query(self) -> bool:
        """Say whether all work of this queue is done."""
        return True if self.queue is None else self.queue.done

    def record_event(self, event=None) -> Event:
        """Set a mark at the end of the work given so far."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event) -> None:
        """Let later work wait for a mark, here or in another queue."""
        if self.queue is not None and hasattr(event.mark, "record"):
            self.queue.wait_event(event.mark)

    def wait_stream(self, stream) -> None:
        """Let later work wait for all that another queue was given so far."""
        self.wait_event(stream.record_event())


def current_stream(device=None) -> Stream:
    """Give the queue that work goes to now."""
    return Stream(queue=cupy().cuda.get_current_stream()) if is_available() else Stream()


def default_stream(device=None) -> Stream:
    """Give the queue that work goes to unless another is chosen."""
    return Stream(queue=cupy().cuda.Stream.null) if is_available() else Stream()


def stream(stream):
    """Send the work of a ``with`` block to this queue; None changes nothing."""
    return contextlib.nullcontext() if stream is None else stream
