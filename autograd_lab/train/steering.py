"""Steering: pause a training, step it, change its settings, go back in time, try another way.

A run is steered by commands. They may come from any thread (a button in the page, another cell) and
only leave a note; the loop reads the notes between two steps, never within one. So the model is
always the model after a whole step.
"""

from .edge import Edge
from .journey import Journey
from .saved import save_run
from .series import Branch
from .settings import checked


class Steering(Edge):
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
        history: a ``Series``: the losses of all steps on the present branch, and what was noted.
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

    # --- commands: from any thread

    def pause(self):
        """Wait after the step at hand, until ``resume`` or ``advance``."""
        return self._ask(self._pause, at_once=True)

    def resume(self):
        """Go on."""
        return self._ask(self.pace.release)

    def advance(self, n: int = 1):
        """Take ``n`` steps, then pause; clicked three times, it takes three."""
        self._must_live("take a step")
        if not isinstance(n, int) or n < 1:
            raise ValueError(f"advance takes a number of steps, 1 or more, not {n!r}")
        return self._ask(lambda: self.pace.grant(n))

    def advance_epoch(self):
        """Go on to the end of this epoch, then pause; at its end, to the end of the next."""
        self._must_live("go through an epoch")
        return self._ask(lambda: self.pace.grant_epochs(self.epoch + 1 + self._is_at_its_end()))

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
        return self.pace.delay

    @delay.setter
    def delay(self, seconds: float):
        with self._changed:
            self.pace.delay, self.look_at = max(0.0, float(seconds)), 0
        self.changed()

    def go(self, step: int):
        """Make everything as it was after ``step`` steps, bit for bit, and pause there.

        The nearest kept state is put back, and the loop itself repeats the steps from there on:
        what else its body does (print, append to a list) happens again, too. When the loop is over,
        its statement is run again from its source, here and now.
        """
        return self._travel(Journey(step))

    def branch(self, step: int, name: str | None = None, **settings):
        """Go back to ``step``, change settings there, and go on: a second curve beside the first.

        The steps that followed are kept as a branch of their own, to compare with: their numbers,
        not their states, for those of the present branch shall have the room.
        """
        settings = checked(self.optimizers, settings) if settings else {}
        return self._travel(Journey(step, (name, settings)))

    def rename(self, branch: str, name: str):
        """Give a branch another name."""
        named = next((b for b in self.branches if b.name == branch), None)
        if named is None:
            known = ", ".join(repr(b.name) for b in self.branches)
            raise ValueError(f"there is no branch {branch!r}; there are {known}")
        name = self.free_name(name) if name != branch else name
        for child in self.branches:
            if child.parent == branch:
                child.parent = name
        named.name = name
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
        return self.journey is not None and self.steps < len(self.history.losses)

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
        return self.onlookers.listen(function)

    def pulse(self, function, seconds: float = 0.05):
        """Call ``function(run)`` between steps, at most every so many seconds.

        On the loop's own thread: parameters and gradients stand still meanwhile. Gives a function
        that ends it.
        """
        return self.onlookers.pulse(function, seconds)

    def alarm(self, function):
        """Call ``function(run)`` when a loss is no number, before its ``backward()`` begins.

        On the loop's own thread; ``run.heard.root`` is that loss, with its graph. Gives a function
        that ends it.
        """
        return self.onlookers.alarm(function)

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

        Of the branches that were left their numbers are kept, not their states. To go on with one,
        take its way again from where it was left, with its settings: ``branch(step, lr=...)``.

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

    def free_name(self, name: str) -> str:
        """Give this name, with a number if a branch has it already."""
        taken, wanted, number = {b.name for b in self.branches}, name, 2
        while name in taken:
            name, number = f"{wanted} ({number})", number + 1
        return name

    # --- inside

    def _is_at_its_end(self) -> bool:
        """Say whether all batches of the epoch are used, though it is not counted as done yet."""
        place = self.traveller and self.traveller.place
        return bool(place and place.length and self.steps - place.first >= place.length)

    def _is_settled(self):
        parked = self.waiting and self.state == "paused"
        goes_on = self.pace.free and self.journey is None
        return self.over or not self._notes and (parked or goes_on)

    def _not_from_the_loop(self, what):
        if self.loops_here():
            raise RuntimeError(
                f"{what}() was called inside the loop that it would wait for: call it in another "
                "cell, of a run that start() made"
            )

    def _must_live(self, what):
        if self.over:
            raise RuntimeError(f"this run cannot {what}: it has {self.state}")


UNKNOWN = (
    "the optimizer of this run is not known: watch(loader, model=net, optimizer=optimizer) tells it"
)
