"""What happens between two steps: notes are read, the loop waits, a journey ends.

Commands only leave notes, from any thread. Everything here but ``_ask`` and ``_wait`` runs on the
thread of the loop; so nothing is ever changed within a step.
"""

import threading
import time
import weakref
from collections import deque
from typing import Any

from .journey import Journey
from .onlookers import Onlookers
from .pace import Pace
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
        self.history, self.branches, self.events = Series(), [Branch("main")], []
        self.models: tuple = ()
        self.optimizers: tuple = ()
        self.error: BaseException | None = None
        # who helps
        self.traveller: Any = None  # who can go back in time: see travel.py
        self.reopened: Any = None  # states out of a file, for the first loop: see reopened.py
        self.heard: Any = None  # knows the tensor whose backward() was called last
        self.onlookers = Onlookers()
        # how the loop is to go
        self.pace = Pace()
        self.journey: Journey | None = None  # on which it is
        self.errand: Journey | None = None  # for which it is run again, after its end
        self.asked_to_end = False
        # where it is
        self.look_at: float = 0  # the step before which it must look for what was asked
        self.in_body = False  # is the body of the loop at work, rather than we?
        self.waiting = False  # may an interrupt break in?
        self.left_at: Any = None  # code and line from which a body was left: break, or an error
        # a background run
        self.thread: threading.Thread | None = None
        self.value = None  # what its function gave back
        self.open_ended = False  # True: a loop that ends does not finish the run; end() does
        # between the threads
        self._thread_of_loop: int | None = None
        self._changed = threading.Condition()
        # (command, may it be read on a journey?, what to say if the loop ends without it)
        self._notes: deque = deque()

    @property
    def over(self) -> bool:
        """Say whether the loop has ended."""
        return self.state in OVER

    def loops_here(self) -> bool:
        """Say whether the loop is at work on the thread that asks."""
        return self._thread_of_loop == threading.get_ident()

    @property
    def repeating(self) -> bool:
        """Say whether the loop, over already, is about to be run again."""
        return self.errand is not None and self._thread_of_loop is None

    def happened(self, kind: str, text: str, step: int | None = None) -> None:
        """Write down an event."""
        self.events.append(Event(self.steps if step is None else step, kind, text))
        self.changed()

    def changed(self) -> None:
        """Wake those who wait, and tell those who listen."""
        with self._changed:
            self._changed.notify_all()
        self.onlookers.tell(self)

    # --- called by the loop

    def begin(self) -> None:
        """Note that a loop begins, on this thread."""
        self._thread_of_loop = threading.get_ident()
        living.add(self)
        if self.over:
            self.asked_to_end = False
        self.state = "running"
        self._look_again()
        self.changed()

    def end(self, state: str = "finished", error: BaseException | None = None) -> None:
        """Note that the loop has ended; a loop that was stopped or has failed stays so.

        What was asked for stays: another round of an outer loop may follow.
        """
        self._give_up("the loop ended on the way")
        self.in_body = False
        living.discard(self)
        with self._changed:
            self._thread_of_loop = None
            if self.state != "failed":
                stopped = self.asked_to_end and state == "finished"
                self.state, self.error = "stopped" if stopped else state, error
        if self.thread is not None or self.errand is not None:  # no other round will follow
            self._drop_journeys()
        self.changed()

    def set_off(self, journey: Journey) -> None:
        """Prepare for a loop that, over already, is run again to go to a step."""
        self.errand = journey
        self._notes.clear()  # what was asked for after the end
        self._notes.append((lambda: journey.begin(self), True, ""))

    def come_home(self) -> None:
        """Note that the loop that was run again is over."""
        self.errand = None
        if self._thread_of_loop is not None:  # open-ended: nobody else ends it
            self.end()

    def obey(self) -> bool:
        """Do what was asked, and wait while paused: False means that the loop must end."""
        while True:
            self._read_notes()
            if self.asked_to_end:
                return False
            if self.journey is not None and self.journey.goal == self.steps:
                self._try(self.journey.arrive, self)
                continue
            if self.traveller is not None:
                self.traveller.at_edge()
            if self.journey is None and not self.pace.allows(self.steps, self.epoch):
                self._park()
            elif self._slow_down():
                break
        self._look_again()
        return not self.asked_to_end

    def interrupt(self) -> None:
        """Note that an interrupt (the square button, Ctrl-C) ended the loop."""
        self.asked_to_end, self.state = True, "stopping"
        self.happened("interrupted", f"interrupted: the model is as after step {self.steps}")

    # --- notes

    def _ask(self, command, at_once=False, unread=""):
        """Leave a note for the loop, and wake it. On a journey only some are read ``at_once``."""
        if self._only_repeated():
            return self
        with self._changed:
            self._notes.append((command, at_once, unread))
            self.look_at = 0
            self._changed.notify_all()
        return self

    def _only_repeated(self) -> bool:
        """Say whether a command comes from the body while it repeats a step: it was obeyed then."""
        mine = self.in_body and self.loops_here()
        return mine and self.steps < len(self.history.losses)

    def _read_notes(self):
        while self._notes and (self.journey is None or self._notes[0][1]):
            self._try(self._notes.popleft()[0])

    def _try(self, command, *given):
        """Do what was asked; where it became impossible meanwhile, say so and go on."""
        try:
            command(*given)
        except (ValueError, RuntimeError, LookupError) as refusal:
            self.journey = None
            if self.errand is not None:  # the loop was over, and runs for nothing else
                self.asked_to_end = True
            self.happened("refused", str(refusal))

    def _drop_journeys(self):
        """Forget the journeys of which the loop has not read, and say so."""
        with self._changed:
            unread = [note for note in self._notes if note[2]]
            for note in unread:
                self._notes.remove(note)
        for _, _, text in unread:
            self.happened("given up", text)

    def _look_again(self):
        """Say how far the loop may run without looking here."""
        with self._changed:
            at_once = (
                self._notes or self.pace.limited or self.journey is not None
                or self.asked_to_end or self.steps < len(self.history.losses)
            )  # fmt: skip
            self.look_at = 0 if at_once or not self.traveller else self.traveller.due.step

    def _pause(self):
        self._give_up("paused on the way")
        self.pace.hold()

    def _set(self, settings):
        self.traveller.change(settings)
        self.happened("set", words(settings))

    def _travel(self, journey):
        if self.traveller is None:
            raise RuntimeError(
                "nothing of this run is kept, so there is no way back: watch(loader, model=net, "
                "optimizer=optimizer, keep='50 MB')"
            )
        self.traveller.check(journey)
        with self._changed:
            if self._thread_of_loop is not None:
                unread = f"step {journey.goal} was asked for after the last step: ask again"
                return self._ask(lambda: journey.begin(self), at_once=True, unread=unread)
        self.traveller.again(journey)
        return self

    def _give_up(self, why):
        if self.journey is not None:
            self.journey.give_up(self, why)

    # --- waiting

    def _park(self):
        """Wait for the next note, while the model stands still."""
        if self.traveller is not None:
            self.traveller.rest()
        self.state = "paused"
        self.changed()
        self._stand_still(lambda: self._notes or self.asked_to_end)
        if self.traveller is not None:
            self.traveller.wake()
        if self.state == "paused":
            self.state = "running"

    def _slow_down(self) -> bool:
        """Wait as long as ``delay`` says; False if something was asked meanwhile."""
        delay = self.pace.rest(self.steps) if self.journey is None else 0.0
        if not delay:
            return True
        asked = self._stand_still(
            lambda: self._notes or self.asked_to_end or self.pace.delay != delay, delay
        )
        self.pace.rested = None if asked else self.steps
        return not asked

    def _stand_still(self, until, timeout=None) -> bool:
        """Let the loop itself wait: an interrupt may break in, and all that was asked is done."""
        try:
            with self._changed:
                self.waiting = True
                self._changed.notify_all()
            return self._wait(until, timeout)
        finally:
            self.waiting = False

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
