"""Going back in time: a snapshot is put back, and the loop itself repeats the steps after it.

Whether the past came out the same is seen from the losses, bit for bit. What was changed on the way
is done again at its step: settings by name; what was changed by hand, by putting back the snapshot
that was taken then.
"""

import math
import threading
import time

from ..random import drawing_from
from .chance import Chance
from .due import Due
from .place import Place
from .series import NAN, Branch
from .settings import apply, words
from .shelf import Shelf, room_of
from .snapshots import Things


class Traveller:
    """Keep snapshots of a run, and go back with them."""

    def __init__(self, run, keep):
        self.run, self.shelf, self.said = run, Shelf(room_of(keep)), keep
        self.things, self.place = Things(), Place((), Chance())
        self.due = Due()  # when the next snapshot is to be taken
        self.floor = 0  # the loop at hand began here: it cannot repeat what was before
        self.changes: dict[int, dict] = {}  # settings made at a step
        self.edits: set[int] = set()  # steps at which the model was changed by hand
        self.loop = None  # runs the loop again when it is over
        self.chain: list = []  # the places in the program that led to the loop
        self.only_between = False  # keep only states between two epochs
        self._here: int | None = None  # the step before which everything was done already
        self._resting = 0, 0.0  # a fingerprint of everything as the run came to rest, and when
        self._warned = False  # of little room
        self._astray = False  # may the model be anything by now?
        self._away = threading.Lock()  # held while a loop that is over is run again

    def enter(self, things, place, loop, chain) -> None:
        """Begin a loop: the first, or the next round of an outer one."""
        self.things, self.place, self.loop, self.chain = things, place, loop, chain
        self.floor = self.due.step = self.run.steps
        self.due.measure(self.run.steps)
        self._here = None

    # --- at the edge between two steps

    def at_edge(self) -> None:
        """Take a snapshot if one is due, and do again what was done here the first time."""
        step = self.run.steps
        if step == self._here:
            return
        self._here = step
        if step < len(self.run.history.losses):
            if step in self.edits and step in self.shelf.snapshots:
                self.restore(self.shelf.snapshots[step])
            self._again(step)
        if step >= self.due.step:
            self.keep()

    def keep(self, edited=False) -> None:
        """Take a snapshot now, and say when the next is due."""
        began, step = time.perf_counter(), self.run.steps
        if not self.shelf.room:
            self.due.step = math.inf
        elif edited or not (step in self.edits or self.only_between and step != self.place.first):
            taken = self.things.take(step, self.run.epoch, self.place, self.place.chance, edited)
            if taken.nbytes <= self.shelf.room:
                self.shelf.add(taken)
            self._warn_of_little_room(taken.nbytes)
            self.due.taken(step, began)

    def rest(self) -> None:
        """Note how everything is when the run stands still."""
        self._resting = self.shelf.room and self.things.fingerprint(), time.perf_counter()

    def wake(self) -> None:
        """See whether somebody changed the model by hand meanwhile."""
        print_, since = self._resting
        self.due.leave_out(time.perf_counter() - since)
        if not self.shelf.room or self.things.fingerprint() == print_:
            return
        run = self.run
        if run.steps < len(run.history.losses):
            self.fork("edited by hand", {})
        self.edits.add(run.steps)
        self.keep(edited=True)
        run.happened("edited", f"step {run.steps}: the model was changed by hand")

    def change(self, settings: dict) -> None:
        """Change settings here; in the past that begins a branch."""
        run = self.run
        if run.steps < len(run.history.losses):
            self.fork(None, settings)
            return
        apply(run.optimizers, settings)
        self.changes[run.steps] = self.changes.get(run.steps, {}) | settings
        run.current.settings |= settings

    def compare(self, told: float | None) -> None:
        """See whether a repeated step gave the same loss as the first time, bit for bit."""
        run, step, loss = self.run, self.run.steps, NAN if told is None else told
        before = run.history.losses[step]
        if loss == before or (loss != loss and before != before):
            return
        both = math.isfinite(loss) and math.isfinite(before)
        off = f"off by {loss - before:.2g}" if both else f"{loss}, far"
        text = (
            f"step {step}: the loss is {off} from the first time: something outside the model, "
            "optimizer, loader and the known random generators takes part in a step"
        )
        self.fork("another past", {}, tell=False)
        run.history.add(told)
        run.happened("other past", text)

    # --- to another step

    def check(self, journey) -> None:
        """Raise an error that says why a journey cannot be made."""
        run, most, step = self.run, len(self.run.history.losses), journey.goal
        if isinstance(step, bool) or not isinstance(step, int) or step < 0:
            raise ValueError(f"a step is a whole number from 0 to {most}, not {step!r}")
        if step > most:
            raise ValueError(f"step {step} was not reached yet: there are {most}")
        if self.loop is None:
            raise ValueError("the loop has not begun yet, so there is no step to go back to")
        if not self.things.tensors():
            raise ValueError(
                "neither model nor optimizer of this run is known, so nothing can be put back: "
                "watch(loader, model=net, optimizer=optimizer)"
            )
        if self._source(step) is None:
            kept = self.shelf.before(step)
            why = f"the model was changed by hand after step {kept.step}" if kept else self.kept()
            raise ValueError(f"step {step} cannot be reached: {why}")
        looks = journey.fork is None and run.over  # then a kept state does
        why = None if looks else self._why_not_repeat(step)
        if why:
            raise ValueError(f"step {step} cannot be reached: {why}")

    def _why_not_repeat(self, step):
        """Say why the loop cannot repeat its steps up to this one; None if it can."""
        if self.place.one_way:
            return "the loader can be gone through only once"
        if step < self.floor:
            return (
                f"this loop began with step {self.floor}; what stands between the rounds of an "
                "outer loop is not repeated. With watch(loader, epochs=10) all epochs are one loop"
            )
        return None

    def _source(self, step):
        """Give the snapshot to start from, if no change by hand lies between."""
        found = self.shelf.before(step)
        if found is None or any(found.step < edit <= step for edit in self.edits):
            return None
        return found

    def put_back(self, step: int) -> None:
        """Put back the nearest state before a step, unless the way from here is shorter."""
        found = self._source(step)
        if found is None:
            raise ValueError(f"step {step} cannot be reached any more: {self.kept()}")
        on_the_way = found.step <= self.run.steps <= step
        if self._astray or not on_the_way:
            self.restore(found)

    def restore(self, snapshot) -> None:
        """Put back a snapshot, and the loader's place with it."""
        run, self._astray = self.run, False
        self.place.put_back(*snapshot.place, snapshot.step)
        self.things.put_back(snapshot)
        self.place.chance.put_back(snapshot.chance)
        run.steps, run.epoch = snapshot.step, snapshot.epoch
        self._here = snapshot.step
        self.due.measure(snapshot.step)
        self._again(snapshot.step)

    def _again(self, step):
        """Make the settings that were made at this step the first time."""
        if step in self.changes:
            apply(self.run.optimizers, self.changes[step])

    def again(self, journey) -> None:
        """Go to a step when the loop is over: run its statement again, or only put a state back."""
        if not self._away.acquire(blocking=False):
            raise RuntimeError("this run is on its way to another step: ask again when it is there")
        try:
            self._again_from_here(journey)
        finally:
            self._away.release()

    def _again_from_here(self, journey):
        run, before = self.run, (self.run.state, self.run.asked_to_end)
        reason = self._why_not_repeat(journey.goal)
        try:
            loop = None if reason else self.loop.ready()
        except LookupError as problem:
            reason = f"the loop cannot be run again: {problem}"
        if reason:
            self._only_put_back(journey, reason)
            return
        self._astray = True
        run.set_off(journey)
        try:
            with drawing_from(self.place.chance.ours):
                loop.run()
        finally:
            run.come_home()
            if journey.fork is None:
                run.state, run.asked_to_end = before
                run.changed()

    def _only_put_back(self, journey, reason):
        run, step, found = self.run, journey.goal, self.shelf.before(journey.goal)
        if journey.fork is not None:
            raise RuntimeError(f"no branch can begin at step {step}: {reason}")
        self.things.put_back(found)
        run.steps, run.epoch = found.step, found.epoch
        if found.step != step:
            text = f"only the state after step {found.step} can be reached, not {step}: {reason}"
            run.happened("jumped", text)
        run.changed()

    # --- branches

    def fork(self, name, settings: dict, tell=True) -> None:
        """Begin a branch here; the future that was is kept as a curve."""
        run, step = self.run, self.run.steps
        leaving = run.current
        leaving.losses, leaving.metrics = run.history.since(leaving.step)
        by_name = {b.name: b for b in run.branches}
        parent = leaving
        while parent.step > step:
            parent = by_name[parent.parent]
        run.history.cut(step)
        self.shelf.drop_after(step)
        self.changes = {s: c for s, c in self.changes.items() if s <= step}
        self.edits = {s for s in self.edits if s <= step}
        name = run.free_name(name or words(settings) or "again")
        run.branches.append(Branch(name, parent.name, step, dict(settings)))
        if settings:
            apply(run.optimizers, settings)
            self.changes[step] = self.changes.get(step, {}) | settings
        self.due.step = min(self.due.step, step + 1)
        if tell:
            run.happened("branch", f"step {step}: branch {name!r} begins")

    # --- what is kept

    def kept(self) -> str:
        """Say how many states are kept, how large they are, and how far apart."""
        steps = self.shelf.steps
        if not steps:
            return f"nothing is kept (keep={self.said!r}), so one cannot go back"
        if len(steps) == 1:
            return f"1 state of {_bytes(self.shelf.size)} is kept, that before step {steps[0]}"
        room = f"{_bytes(self.shelf.size)} of {_bytes(self.shelf.room)}"
        return (
            f"{len(steps)} states are kept, {room}, from step {steps[0]} to {steps[-1]}, at most "
            f"{self.shelf.gap()} steps apart"
        )

    def _warn_of_little_room(self, size):
        if self._warned or size * 8 <= self.shelf.room:
            return
        self._warned = True
        holds = int(self.shelf.room // size)
        self.run.happened("thinned", (
            f"one state takes {_bytes(size)}, so keep={self.said!r} holds {holds}: going back may "
            f"repeat many steps; keep='{math.ceil(size * 8e-6)} MB' would hold 8"
        ))  # fmt: skip


def _bytes(size) -> str:
    """Word a number of bytes.

    >>> _bytes(1234567), _bytes(900)
    ('1.2 MB', '0.9 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
