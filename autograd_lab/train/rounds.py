"""What a loop is to those before it: the next round of one, or what takes the place of one."""

import sys
import threading
import weakref

from ..watching import learner_frame
from .edge import living
from .spot import outwards


class Call:
    """A place in a program where ``watch`` is called: called there again, its run goes on."""

    known: list = []

    def __init__(self, frame, trained):
        self.trained = [weakref.ref(x) for x in trained]
        self.chain = chain_from(frame)
        frame = learner_frame(frame)
        top = frame.f_code.co_name == "<module>"
        self.frame = id(frame) if top and not trained else None
        self.reference = None

    def run(self):
        """Give the run that began here, if this is another round of the same loop."""
        self.known[:] = [call for call in self.known if call.reference() is not None]
        return next((call.reference() for call in self.known if call.same(self)), None)

    def same(self, other) -> bool:
        """Say whether two calls are rounds of one loop: same place, and the same is trained."""
        if not self.trained and self.frame is None or self.frame != other.frame:
            return False
        mine, its = [r() for r in self.trained], [r() for r in other.trained]
        if len(mine) != len(its) or any(a is not b or a is None for a, b in zip(mine, its)):
            return False
        return same_chain(self.chain, other.chain)

    def remember(self, run) -> None:
        """Note that a run began here."""
        self.reference = weakref.ref(run)
        self.known[:] = [call for call in self.known if not call.same(self)] + [self]


def chain_from(frame) -> list:
    """List the places in the program that led to a frame, from the inside outwards."""
    return [(f.f_code, f.f_lasti) for f in outwards(frame)]


def same_chain(one, other) -> bool:
    """Say whether two lists of places are the same: so they are in each round of an outer loop.

    A cell that is executed again is another piece of code, even with the same text.
    """
    same = len(one) == len(other)
    return same and all(a is b and i == j for (a, i), (b, j) in zip(one, other))


def make_way(run, is_the_same) -> None:
    """Stop background runs that another one takes the place of, and wait for them."""
    for other in tuple(living):
        mine = other is run or other.thread in (None, threading.current_thread())
        if mine or not other.thread.is_alive() or not is_the_same(other):
            continue
        other.stop()
        other.thread.join(10)
        left = ", but it still runs" if other.thread.is_alive() else ""
        print(f"the run before was stopped after step {other.steps}{left}", file=sys.stderr)
