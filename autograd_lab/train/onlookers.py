"""Those who look on while a run goes: they are told of it, and cannot break it."""

import math
import sys
import warnings
from threading import RLock


class Onlookers:
    """Listeners, called when something changes; pulses, between steps; alarms, when a loss breaks.

    >>> onlookers = Onlookers()
    >>> leave = onlookers.listen(print)
    >>> onlookers.tell("something changed")
    something changed
    >>> leave()
    >>> onlookers.tell("something else")
    """

    def __init__(self):
        self.listeners, self.pulses, self.alarms = [], [], []
        self.due = math.inf  # when the next pulse is
        self._lock = RLock()  # others may come and leave on any thread

    def listen(self, function):
        """Add a listener; give what takes it away again."""
        return self._add("listeners", function)

    def alarm(self, function):
        """Add what is called when a loss is no number, before backward; give what ends that."""
        return self._add("alarms", function)

    def pulse(self, function, seconds: float):
        """Add a pulse, due at most every so many seconds; give what takes it away again."""
        with self._lock:
            self.due = 0.0
            return self._add("pulses", [0.0, seconds, function])  # when it is due, how often, what

    def _add(self, kind, one):
        with self._lock:
            setattr(self, kind, [*getattr(self, kind), one])
        return lambda: self._drop(kind, one)

    def _drop(self, kind, one):
        with self._lock:
            setattr(self, kind, [other for other in getattr(self, kind) if other is not one])

    def tell(self, run) -> None:
        """Call every listener."""
        for function in self.listeners:
            self._call("listeners", function, function, run)

    def ring(self, run) -> None:
        """Call those who wait for a loss that is no number."""
        for function in self.alarms:
            self._call("alarms", function, function, run)

    def beat(self, run, now: float) -> None:
        """Call the pulses that are due."""
        for pulse in self.pulses:
            if now >= pulse[0]:
                pulse[0] = now + pulse[1]
                self._call("pulses", pulse, pulse[2], run)
        with self._lock:
            self.due = min((pulse[0] for pulse in self.pulses), default=math.inf)

    def _call(self, kind, one, function, run):
        """Call one; if it fails that is reported, once, and it is never called again."""
        try:
            function(run)
        except Exception as error:
            self._drop(kind, one)
            _complain(kind.removesuffix("s"), error)


def _complain(what, error):
    """Warn; where warnings are errors, print: one who only looks on must not stop a training."""
    text = f"a {what} failed and was removed: {type(error).__name__}: {error}"
    try:
        warnings.warn(text, stacklevel=4)
    except Warning:
        print(text, file=sys.stderr)
