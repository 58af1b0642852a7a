"""Steering: pause a training, step it, change its settings, go back in time, try another way.

A run is steered by commands. They may come from any thread (a button in the page, another cell) and
only leave a note; the loop reads the notes between two steps, never within one. So the model is
always the model after a whole step.
"""

import sys
import threading
import time
import warnings
import weakref
from collections import deque
from typing import Any

from .saved import save_run
from .series import Branch, Event, Series
from .settings import checked, words

living: weakref.WeakSet = weakref.WeakSet()  # the runs whose loop goes on
OVER = ("stopped", "finished", "failed")
A_WHILE = 0.2  # seconds: waiting in short pieces lets an interrupt through on every system


class Steering:
    """The controls of a training: made by ``watch``, ``start`` and ``train_model``.

    Every command returns at once, and gives the run back; the loop obeys before its next step. Wait
    for that with ``settle()``, for the end with ``wait()``.

    Attributes:
        state: "ready" (not begun), "running", "paused", "stopping" (asked to, in the last step),
            "stopped", "finished" or "failed".
        steps: how many steps are done: the number of the step that comes next.
        epoch: how many epochs are done; ``epochs`` says of how many, ``steps_an_epoch`` how many
            steps each has (None where nobody knows).
        loss: the last step's loss, None if not known.
        delay: seconds to wait before each step, to see things move.
        history: a ``Series``: the losses of all steps, on the present branch.
        branches: all ``Branch``es, the first is "main"; ``current`` is the present one.
        events: what happened besides steps, in words: see ``Event``.
        replaying: whether it only repeats known steps, on the way to where ``go`` was told.

    >>> from autograd_lab.train import watch
    >>> x, net = torch.ones(4, 1), nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    >>> batches = watch([x] * 5, model=net, optimizer=optimizer)
    >>> run = batches.run
    >>> for x in batches:
    ...     optimizer.zero_grad()
    ...     ((net(x) - 3) ** 2).mean().backward()
    ...     optimizer.step()
    ...     if run.steps == 2:  # two steps were done before this one
    ...         _ = run.stop()
    >>> run
    Steering: stopped after 3 steps, loss ...
    >>> len(run.history.losses)
    3
    """

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

    # --- commands: from any thread

    def pause(self):
        """Wait after the step at hand, until ``resume`` or ``advance``."""
        return self._ask(self._pause, at_once=True)

    def resume(self):
        """Go on."""
        return self._ask(self._resume)

    def advance(self, n: int = 1):
        """Take ``n`` steps, then pause; clicked three times, it takes three."""
        self._must_live("take a step")
        if not isinstance(n, int) or n < 1:
            raise ValueError(f"advance takes a number of steps, 1 or more, not {n!r}")
        return self._ask(lambda: self._advance(n))

    def advance_epoch(self):
        """Go on to the end of this epoch, then pause."""
        self._must_live("go through an epoch")
        return self._ask(self._advance_epoch)

    def stop(self):
        """End the loop after the step at hand; the code after the loop runs."""
        with self._changed:
            if not self._only_repeated():
                if self.state in ("running", "paused"):
                    self.state = "stopping"
                self.asked_to_end, self.look_at = True, 0
                self._changed.notify_all()
        return self

    def set(self, **settings):
        """Change settings of the optimizer in all its groups: ``run.set(lr=0.01, momentum=0.9)``.

        A setting that no group has, or a value that the optimizer refuses, is a ValueError. In the
        past to which one went back it begins a new branch: the future that was is kept to compare.
        """
        self._must_live("change a setting")
        try:
            settings = checked(self.optimizers, settings)
        except ValueError as refusal:
            self.happened("refused", str(refusal))
            raise
        return self._ask(lambda: self._set(settings))

    @property
    def lr(self) -> float:
        """Give the learning rate (of the first group of parameters); set it for all groups."""
        return self.settings("lr")["lr"]

    @lr.setter
    def lr(self, rate: float):
        self.set(lr=rate)

    def settings(self, *names) -> dict:
        """Give the optimizer's settings (of its first group): all, or those with these names.

        >>> run = Steering()
        >>> run.optimizers = (torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5),)
        >>> run.settings("lr", "momentum")
        {'lr': 0.5, 'momentum': 0}
        """
        if not self.optimizers:
            raise RuntimeError(UNKNOWN)
        group = self.optimizers[0].param_groups[0]
        return {k: v for k, v in group.items() if k != "params" and (not names or k in names)}

    @property
    def delay(self) -> float:
        """Give, or set, the seconds to wait before each step, to see things move."""
        return self._delay

    @delay.setter
    def delay(self, seconds: float):
        with self._changed:
            self._delay, self.look_at = max(0.0, float(seconds)), 0
        self.changed()

    def go(self, step: int):
        """Make everything as it was after ``step`` steps, bit for bit, and pause there.

        The nearest kept state is put back, and the loop itself repeats the steps from there on:
        what else its body does (print, append to a list) happens again, too. When the loop is over,
        its statement is run again from its source, here and now.
        """
        return self._travel(step, None)

    def branch(self, step: int, name: str | None = None, **settings):
        """Go back to ``step``, change settings there, and go on: a second curve beside the first.

        The steps that followed are kept as a branch of their own, to compare with; their states are
        not.
        """
        settings = checked(self.optimizers, settings) if settings else {}
        return self._travel(step, (name, settings))

    def rename(self, branch: str, name: str):
        """Give a branch another name."""
        named = next((b for b in self.branches if b.name == branch), None)
        if named is None:
            known = ", ".join(repr(b.name) for b in self.branches)
            raise ValueError(f"there is no branch {branch!r}; there are {known}")
        named.name = self.free_name(name) if name != branch else name
        self.changed()
        return self

    # --- looking on

    @property
    def current(self) -> Branch:
        """Give the branch on which the next step will be."""
        return self.branches[-1]

    @property
    def loss(self) -> float | None:
        """Give the loss of the last step; None if it is not known."""
        losses = self.history.losses
        value = losses[self.steps - 1] if 0 < self.steps <= len(losses) else None
        return None if value is None or value != value and not self.history.known else value

    @property
    def replaying(self) -> bool:
        """Say whether it only repeats known steps on its way to another moment."""
        return self._goal is not None and self.steps < len(self.history.losses)

    @property
    def over(self) -> bool:
        """Say whether the loop has ended."""
        return self.state in OVER

    def note(self, **values):
        """Write down numbers of the step at hand: ``run.note(accuracy=0.93)``, any names.

        ``loss`` replaces the loss that was found by itself: the last scalar of the step whose
        ``backward()`` was called.
        """
        for name, value in values.items():
            number = float(value.item() if hasattr(value, "item") else value)
            if name == "loss":
                self.history.said = number
            else:
                self.history.note(name, self.steps, number)
        return self

    def listen(self, function):
        """Call ``function(run)`` after each change that is not just a step; gives what ends that.

        It is called on the thread that makes the change: often the loop's own. Keep it short.
        """
        self._listeners.append(function)
        return lambda: function in self._listeners and self._listeners.remove(function)

    def pulse(self, function, seconds: float = 0.05):
        """Call ``function(run)`` between steps, at most every so many seconds.

        On the loop's own thread: parameters and gradients stand still meanwhile. Gives a function
        that ends it.
        """
        pulse = [0.0, seconds, function]
        self.pulses = [*self.pulses, pulse]

        def remove():
            self.pulses = [p for p in self.pulses if p is not pulse]

        return remove

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
                self._listeners.remove(function)
                _complain("listener", error)

    # --- waiting

    def settle(self, timeout: float | None = None):
        """Wait until the loop has done all that was asked; True if it has.

        After ``run.pause().settle()`` the model stands still and may be looked at and changed.
        """
        self._not_from_the_loop("settle")
        return self._wait(self._is_settled, timeout)

    def wait(self, timeout: float | None = None):
        """Wait until the run is over; an error that ended it is raised here. True if it is over."""
        self._not_from_the_loop("wait")
        over = self._wait(lambda: self.over, timeout)
        if over and self.thread is not None:
            self.thread.join(timeout)
        if over and self.state == "failed":
            raise self.error or RuntimeError("the run failed")
        return over

    def result(self, timeout: float | None = None):
        """Wait for the end of a background run, and give what its function returned."""
        if not self.wait(timeout):
            raise TimeoutError(f"after {timeout} s the run is still {self.state}")
        return self.value

    # --- keeping

    def kept(self) -> str:
        """Say in a sentence how far back one can go, and how finely."""
        return self.traveller.kept() if self.traveller else "nothing is kept: one cannot go back"

    def compare(self) -> str:
        """Lay out all branches as a table: where each left, its settings, its last and best loss.

        >>> print(Steering().compare())
        branch  from step  steps  last loss  best loss  settings
        main            0      0
        """
        rows = [["branch", "from step", "steps", "last loss", "best loss", "settings"]]
        rows += [b.row(self.history.losses if b is self.current else None) for b in self.branches]
        wide = [max(len(row[k]) for row in rows) for k in range(6)]
        sides = [str.ljust, *[str.rjust] * 4, str.ljust]
        lines = ["  ".join(s(c, w) for s, c, w in zip(sides, row, wide)) for row in rows]
        return "\n".join(line.rstrip() for line in lines)

    def save(self, path) -> None:
        """Save all curves, settings, events and kept states to a .safetensors file."""
        save_run(self, path)

    def __repr__(self):
        loss = "" if self.loss is None else f", loss {self.loss:.4g}"
        where = f" on branch {self.current.name!r}" if len(self.branches) > 1 else ""
        name = f" {self.name!r}" if self.name else ""
        return f"Steering{name}: {self.state} after {self.steps} steps{where}{loss}"

    # --- the loop's side: what happens between two steps

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
        """Note that the loop has ended; a loop that was stopped or has failed stays so."""
        self._forget_journey("the loop ended on the way")
        self.in_body = False
        self._thread_of_loop = None
        living.discard(self)
        with self._changed:
            if self.state != "failed":
                stopped = self.asked_to_end and state == "finished"
                self.state, self.error = "stopped" if stopped else state, error
            self._hold = self._parked = False
            self._allowed, self._until_epoch, self._goal, self._fork = 0, None, None, None
            self._granted = None
        self.changed()

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

    def free_name(self, name: str) -> str:
        """Give this name, with a number if a branch has it already."""
        taken, wanted, number = {b.name for b in self.branches}, name, 2
        while name in taken:
            name, number = f"{wanted} ({number})", number + 1
        return name

    # --- inside

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

    def _is_settled(self):
        return self.over or (
            not self._notes and (self._parked or not self._hold and self._goal is None)
        )

    def _not_from_the_loop(self, what):
        if self._thread_of_loop == threading.get_ident():
            raise RuntimeError(
                f"{what}() was called inside the loop that it would wait for: call it in another "
                "cell, of a run that start() made"
            )

    def _must_live(self, what):
        if self.over:
            raise RuntimeError(f"this run cannot {what}: it has {self.state}")


def _complain(what, error):
    """Warn; where warnings are errors, print: one who only looks on must not stop a training."""
    text = f"a {what} failed and was removed: {type(error).__name__}: {error}"
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        print(text, file=sys.stderr)


UNKNOWN = (
    "the optimizer of this run is not known: watch(loader, model=net, optimizer=optimizer) tells it"
)
