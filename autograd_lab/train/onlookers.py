"""Those who look on while a run goes: they are told of it, and cannot break it."""

import math
import sys
import warnings


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

    def listen(self, function):
        """Add a listener; give what takes it away again."""
        self.listeners = [*self.listeners, function]

        def leave():
            self.listeners = [f for f in self.listeners if f is not function]

        return leave

    def pulse(self, function, seconds: float):
        """Add a pulse, due at most every so many seconds; give what takes it away again."""
        pulse = [0.0, seconds, function]  # when it is due, how often, what
        self.pulses, self.due = [*self.pulses, pulse], 0.0

        def leave():
            self.pulses = [p for p in self.pulses if p is not pulse]

        return leave

    def tell(self, run) -> None:
        """Tell every listener; one that fails is reported once and never called again."""
        for function in self.listeners:
            try:
                function(run)
            except Exception as error:
                self.listeners = [f for f in self.listeners if f is not function]
                _complain("listener", error)

    def beat(self, run, now: float) -> None:
        """Call the pulses that are due; one that fails is reported once and never called again."""
        for pulse in self.pulses:
            if now >= pulse[0]:
                pulse[0] = now + pulse[1]
                try:
                    pulse[2](run)
                except Exception as error:
                    self.pulses = [p for p in self.pulses if p is not pulse]
                    _complain("pulse", error)
        self.due = min((pulse[0] for pulse in self.pulses), default=math.inf)


def _complain(what, error):
    """Warn; where warnings are errors, print: one who only looks on must not stop a training."""
    text = f"a {what} failed and was removed: {type(error).__name__}: {error}"
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        print(text, file=sys.stderr)
