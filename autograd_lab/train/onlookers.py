"""Those who look on while a run goes: they are told of it, and cannot break it."""

import math
import sys
import warnings
from threading import RLock


class Onlookers:
    """Listeners, called when something changes, and pulses, called between steps.

    >>> onlookers = Onlookers()
    >>> leave = onlookers.listen(print)
    >>> onlookers.tell("something changed")
    something changed
    >>> leave()
    >>> onlookers.tell("something else")
    """

    def __init__(self):
        self.listeners, self.pulses = [], []
        self.due = math.inf  # when the next pulse is
        self._lock = RLock()  # others may come and leave on any thread

    def listen(self, function):
        """Add a listener; give what takes it away again."""
        with self._lock:
            self.listeners = [*self.listeners, function]
        return lambda: self._drop_listener(function)

    def pulse(self, function, seconds: float):
        """Add a pulse, due at most every so many seconds; give what takes it away again."""
        pulse = [0.0, seconds, function]  # when it is due, how often, what
        with self._lock:
            self.pulses, self.due = [*self.pulses, pulse], 0.0
        return lambda: self._drop_pulse(pulse)

    def _drop_listener(self, function):
        with self._lock:
            self.listeners = [f for f in self.listeners if f is not function]

    def _drop_pulse(self, pulse):
        with self._lock:
            self.pulses = [p for p in self.pulses if p is not pulse]

    def tell(self, run) -> None:
        """Tell every listener; one that fails is reported once and never called again."""
        for function in self.listeners:
            try:
                function(run)
            except Exception as error:
                self._drop_listener(function)
                _complain("listener", error)

    def beat(self, run, now: float) -> None:
        """Call the pulses that are due; one that fails is reported once and never called again."""
        for pulse in self.pulses:
            if now >= pulse[0]:
                pulse[0] = now + pulse[1]
                try:
                    pulse[2](run)
                except Exception as error:
                    self._drop_pulse(pulse)
                    _complain("pulse", error)
        with self._lock:
            self.due = min((pulse[0] for pulse in self.pulses), default=math.inf)


def _complain(what, error):
    """Warn; where warnings are errors, print: one who only looks on must not stop a training."""
    text = f"a {what} failed and was removed: {type(error).__name__}: {error}"
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        print(text, file=sys.stderr)
