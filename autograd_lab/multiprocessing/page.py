"""What a process that was forked from a notebook can show there: text, in whole lines."""

import functools
import sys
import threading
import warnings
from multiprocessing import util

from ..notice import Voice


class Lines:
    """Pass on whole lines to a notebook's stream, which sends each piece of them by itself.

    >>> stream = Lines(sys.stdout)
    >>> print("step", 1, end="", file=stream)
    >>> print(":", "done", file=stream)
    step 1: done
    """

    def __init__(self, stream):
        self._stream, self._rest, self._lock = stream, "", threading.RLock()

    def write(self, text: str) -> int:
        """Keep what is not yet a line."""
        with self._lock:
            lines, end, self._rest = (self._rest + text).rpartition("\n")
            if end:
                self._stream.write(lines + end)
        return len(text)

    def flush(self) -> None:
        """Pass on what there is."""
        with self._lock:
            rest, self._rest = self._rest, ""
            if rest:
                self._stream.write(rest)
            self._stream.flush()

    def __getattr__(self, name):
        return getattr(self._stream, name)


def leave(_=None) -> None:
    """Send nothing to the notebook but lines of text: its sockets are the parent's."""
    kernels, streams = map(sys.modules.get, ("ipykernel.kernelbase", "ipykernel.iostream"))
    if kernels is None or streams is None or not kernels.Kernel.initialized():
        return
    for name in ("stdout", "stderr"):
        if isinstance(stream := getattr(sys, name), streams.OutStream):
            setattr(sys, name, Lines(stream))
    session = kernels.Kernel.instance().session
    send = session.send

    def send_text(stream, message, *args, **named):
        kind = message if isinstance(message, str) else message["header"]["msg_type"]
        if kind == "stream":
            return send(stream, message, *args, **named)
        if kind in ("comm_open", "display_data"):  # not what the parent's widgets tell of
            say_no_page()
        return None

    session.send = send_text


@functools.cache  # a second call does nothing
def say_no_page() -> None:
    """Say, at the learner's line, what happens to pictures and widgets; rank 0 speaks for all."""
    if Voice.silent:
        return
    frame, level = sys._getframe(), 1
    while frame.f_back and frame.f_globals.get("__name__") != "__main__":
        frame, level = frame.f_back, level + 1
    warnings.warn(
        "ranks have no page: what they watch, plot or display is not shown (let them write numbers "
        "into a tensor that they are passed, and draw it in the notebook's own process)",
        stacklevel=level,
    )


def register() -> None:
    """Let forked processes leave the page to their parent."""
    util.register_after_fork(Lines, leave)
