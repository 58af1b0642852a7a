"""What happens between two steps: notes are read, the loop waits, a journey ends.

Commands only leave notes, from any thread. Everything here but ``_ask`` and ``_wait`` runs on the
thread of the loop; so nothing is ever changed within a step.
"""

import sys
import threading
import time
import warnings
import weakref
from collections import deque
from typing import Any

from .series import Branch, Event, Series
from .settings import words

living: weakref.WeakSet = weakref.WeakSet()  # the runs whose loop goes on
OVER = ("stopped", "finished", "failed")
A_WHILE = 0.2  # seconds: waiting in short pieces lets an interrupt through on every system


class Edge:
    """The loop's side of a ``Steering``: what it does between two steps."""

    def __init__(self, name: str = ""):
        self.name, self.state = name, "ready"
        self.steps, self.epoch, self.epochs = 0, 0, 1
        self.steps_an_epoch: int | None = None
        self.history, self._delay = Series(), 0.0
        self.branches, self.events = [Branch("main")], []
        self.models: tuple = ()
        self.optimizers: tuple = ()
        self.traveller: Any = None  # who can go back in time: see travel.py
        self.open_ended = False  # True: a loop that ends does not finish the run; end() does
        self.error: BaseException | None = None
        self.reopened: Any = None  # states out of a file, for the first loop: see reopened.py
        self.thread: threading.Thread | None = None  # of a background run
        self.value = None  # what the function of a background run gave back
        self.heard: Any = None  # knows the tensor whose backward() was called last
        self.left_at: Any = None  # code and line from which a body was left: break, or an error
        # what the loop looks at between two steps
        self.look_at: float = 0  # the step before which the loop must look for what was asked
        self.pulses: list = []
        self._changed = threading.Condition()
        self._notes: deque = deque()
        self._listeners: list = []
        self.asked_to_end, self.repeating = False, False  # repeating: see travel.py
        self._hold, self._parked, self._visiting = False, False, False
        self.waiting = False  # paused: an interrupt may break in
        self.in_body = False  # is the body of the loop at work, rather than we?
        self._allowed, self._until_epoch, self._goal = 0, None, None
        self._granted = self._slowed = None  # the step that was allowed, and waited for, last
        self._thread_of_loop = None

    @property
    def over(self) -> bool:
        """Say whether the loop has ended."""
        return self.state in OVER

    def happened(self, kind: str, text: str, step: int | None = None) -> None:
        """Write down an event."""
        self.events.append(Event(self.steps if step is None else step, kind, text))
        self.changed()

    def changed(self) -> None:
        """Wake those who wait, and tell those who listen."""
        with self._changed:
            self._changed.notify_all()
        for function in tuple(self._listeners):
            try:
                function(self)
            except Exception as error:
                self._listeners = [f for f in self._listeners if f is not function]
                _complain("listener", error)

    # --- called by the loop

    def begin(self) -> None:
        """Note that a loop begins, on this thread."""
        self._thread_of_loop = threading.get_ident()
        living.add(self)
        self.repeating = False
        if self.over:
            self.asked_to_end = False
        self.state = "running"
        self._look_again()
        self.changed()

    def end(self, state: str = "finished", error: BaseException | None = None) -> None:
        """Note that the loop has ended; a loop that was stopped or has failed stays so.

        What was asked for stays: another round of an outer loop may follow.
        """
        self._forget_journey("the loop ended on the way")
        self.in_body = False
        self._thread_of_loop = None
        living.discard(self)
        with self._changed:
            if self.state != "failed":
                stopped = self.asked_to_end and state == "finished"
                self.state, self.error = "stopped" if stopped else state, error
            self._parked, self._goal, self._fork = False, None, None
        self.changed()

    def set_off(self, step, fork) -> None:
        """Prepare for a loop that is run again only to go to a step; to stay there with a fork."""
        self._visiting, self.repeating = fork is None, True
        self._notes.clear()  # what was asked for after the end
        self._notes.append((lambda: self._depart(step, fork), True))

    def come_home(self) -> None:
        """Note that the loop that was run again is over."""
        self._visiting = self.repeating = False
        if self._thread_of_loop is not None:  # open-ended: nobody else ends it
            self.end()

    def obey(self) -> bool:
        """Do what was asked, and wait while paused: False means that the loop must end."""
        while True:
            self._read_notes()
            if self.asked_to_end:
                return False
            if self._goal == self.steps:
                self._arrive()
                continue
            if self.traveller is not None:
                self.traveller.at_edge()
            if not self._may_go_on():
                self._park()
            elif self._slow_down():
                break
        self._look_again()
        return not self.asked_to_end

    def interrupt(self) -> None:
        """Note that an interrupt (the square button, Ctrl-C) ended the loop."""
        self.asked_to_end, self.state = True, "stopping"
        self.happened("interrupted", f"interrupted: the model is as after step {self.steps}")

    def beat(self, now: float) -> None:
        """Call the pulses that are due."""
        for pulse in self.pulses:
            if now >= pulse[0]:
                pulse[0] = now + pulse[1]
                try:
                    pulse[2](self)
                except Exception as error:
                    self.pulses = [p for p in self.pulses if p is not pulse]
                    _complain("pulse", error)

    # --- notes

    def _ask(self, command, at_once=False):
        """Leave a note for the loop, and wake it. On a journey only some are read ``at_once``."""
        if self._only_repeated():
            return self
        with self._changed:
            self._notes.append((command, at_once))
            self.look_at = 0
            self._changed.notify_all()
        return self

    def _only_repeated(self) -> bool:
        """Say whether a command comes from the body while it repeats a step: it was obeyed then."""
        mine = self.in_body and self._thread_of_loop == threading.get_ident()
        return mine and self.steps < len(self.history.losses)

    def _read_notes(self):
        while self._notes and (self._goal is None or self._notes[0][1]):
            try:
                self._notes.popleft()[0]()
            except (ValueError, RuntimeError) as refusal:  # it became impossible meanwhile
                self._goal = self._fork = None
                self.happened("refused", str(refusal))

    def _look_again(self):
        """Say how far the loop may run without looking here."""
        with self._changed:
            at_once = (
                self._notes or self._hold or self.delay or self._goal is not None
                or self.asked_to_end or self._until_epoch is not None
                or self.steps < len(self.history.losses)
            )  # fmt: skip
            self.look_at = 0 if at_once or not self.traveller else self.traveller.next

    def _pause(self):
        self._forget_journey("paused on the way")
        self._hold, self._allowed, self._until_epoch, self._granted = True, 0, None, None

    def _resume(self):
        self._hold, self._allowed, self._until_epoch = False, 0, None

    def _advance(self, n):
        self._allowed += n
        self._hold = True

    def _advance_epoch(self):
        self._until_epoch = self.epoch + 1
        self._hold = True

    def _set(self, settings):
        self.traveller.change(settings)
        self.happened("set", words(settings))

    _fork: Any = None  # (name, settings) of the branch that begins at the goal

    def _travel(self, step, fork):
        if self.traveller is None:
            raise RuntimeError(
                "nothing of this run is kept, so there is no way back: watch(loader, model=net, "
                "optimizer=optimizer, keep='50 MB')"
            )
        self.traveller.check(step, fork is not None)
        if self._thread_of_loop is None:
            self.traveller.again(step, fork)
            return self
        return self._ask(lambda: self._depart(step, fork), at_once=True)

    def _depart(self, step, fork):
        """Set off to another step: put the nearest state back, and let the loop do the rest."""
        self._goal, self._fork, self._hold = step, fork, True
        self._allowed, self._until_epoch, self._granted = 0, None, None
        self.traveller.put_back(step)

    def _arrive(self):
        self._goal, fork, self._fork = None, self._fork, None
        if fork is not None:
            self.traveller.fork(*fork)
            self._hold = False
        elif self._visiting:
            self.asked_to_end = True
        self.changed()

    def _forget_journey(self, why):
        if self._fork is not None:
            self.happened("given up", f"the branch at step {self._goal} was not begun: {why}")
        self._goal = self._fork = None

    def _park(self):
        """Wait for the next note, while the model stands still."""
        if self.traveller is not None:
            self.traveller.rest()
        self.state = "paused"
        with self._changed:
            self._parked = not self._notes
        self.changed()
        self.waiting = True
        try:
            self._wait(lambda: self._notes or self.asked_to_end, None)
        finally:
            self.waiting = self._parked = False
        if self.traveller is not None:
            self.traveller.wake()
        if self.state == "paused":
            self.state = "running"

    def _may_go_on(self) -> bool:
        """Say whether the next step may be taken."""
        if self._until_epoch is not None and self.epoch >= self._until_epoch:
            self._until_epoch, self._hold = None, True
        if not self._hold or self._goal is not None or self._until_epoch is not None:
            return True
        if self._allowed and self._granted != self.steps:
            self._allowed, self._granted = self._allowed - 1, self.steps
        return self._granted == self.steps  # still so where an epoch ended before the step

    def _slow_down(self) -> bool:
        """Wait as long as ``delay`` says; False if something was asked meanwhile."""
        delay = self._delay
        if not delay or self._goal is not None or self._slowed == self.steps:
            return True
        self.waiting = True
        try:
            asked = self._wait(
                lambda: self._notes or self.asked_to_end or self._delay != delay, delay
            )
        finally:
            self.waiting = False
        self._slowed = None if asked else self.steps
        return not asked

    def _wait(self, until, timeout) -> bool:
        """Wait in short pieces until something is so: True; False after the time is up."""
        end = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not until():
                left = A_WHILE if end is None else min(A_WHILE, end - time.monotonic())
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True


def _complain(what, error):
    """Warn; where warnings are errors, print: one who only looks on must not stop a training."""
    text = f"a {what} failed and was removed: {type(error).__name__}: {error}"
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        print(text, file=sys.stderr)
