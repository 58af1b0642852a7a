"""Streams and events: on the pretend GPU all work is done at once."""

import threading
import time

from ..state import capture, here, stats, synchronize


class Current(threading.local):
    """The stream that this thread's work goes to."""

    stream = None


current = Current()


class Event:
    """A mark in a stream."""

    def __init__(self, block=False, disable_timing=False, interprocess=False):
        self.disable_timing = disable_timing
        self.time = None

    def record(self, stream=None):
        self.time = time.perf_counter()

    def synchronize(self):
        synchronize("Event.synchronize()")

    @property
    def done(self) -> bool:
        return True


class Stream:
    """A queue of work. ``with stream:`` sends the work of the block to it."""

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        self.null, self.ptds, self.is_non_blocking = null, ptds, non_blocking
        self.priority = priority
        self.device_id = here.device
        self.ptr = 0 if null else id(self)
        self._before = []
        self._capture = None

    def __enter__(self):
        self._before.append(current.stream)
        current.stream = self
        return self

    def __exit__(self, *error):
        current.stream = self._before.pop()

    def use(self):
        current.stream = self
        return self

    def synchronize(self):
        synchronize("Stream.synchronize()")

    @property
    def done(self) -> bool:
        return True

    def record(self, event=None) -> Event:
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event):
        """Let later work of this stream wait for an event, not the host."""

    def begin_capture(self, mode=None):
        if self.null:
            raise RuntimeError("cannot capture on the default (legacy) stream")
        self._capture = capture()
        self._tape = self._capture.__enter__()

    def is_capturing(self) -> bool:
        return self._capture is not None

    def end_capture(self) -> "Graph":
        self._capture.__exit__(None, None, None)
        self._capture = None
        return Graph(self._tape)


class Graph:
    """What a capture gives: all its work, for one launch."""

    def __init__(self, tape):
        self._tape = tape

    def launch(self, stream=None):
        stats.launches += 1
        self._tape.repeat(here.run)

    def upload(self, stream=None):
        """Make the first launch cheaper: nothing to do here."""

    def debug_dot_str(self, flags=None) -> str:
        """Draw the graph for Graphviz: a capture on one stream is a chain."""
        names = [getattr(call[0], "__name__", "work") for call in self._tape.calls]
        lines = [f'n{i} [label="{name}"];' for i, name in enumerate(names)]
        lines += [f"n{i} -> n{i + 1};" for i in range(len(names) - 1)]
        return "digraph dot {\n" + "\n".join(lines) + "\n}\n"


class ExternalStream(Stream):
    """A stream that another library made."""

    def __init__(self, ptr, device_id=-1):
        super().__init__()
        self.ptr = ptr


Stream.null = Stream(null=True)


def get_current_stream(device_id=-1) -> Stream:
    return current.stream or Stream.null


def get_elapsed_time(start_event, end_event) -> float:
    """Give the milliseconds between two events."""
    return 1000 * (end_event.time - start_event.time)
