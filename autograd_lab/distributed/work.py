"""Work: an exchange that has begun, and waiting for its end with manners."""

import os
import time

from .farewell import shown
from .meeting import reminder

yield_ = getattr(os, "sched_yield", lambda: time.sleep(0))
EAGER = 0.02  # seconds of asking all the time: most exchanges are over by then
PAUSES = 1e-4, 1e-3  # seconds between two looks, at first and later: the processor is for others
unfinished: set = set()  # what is under way: the memory that it reads and writes stays alive
abandoned: list = []  # what has failed: MPI may still use its memory


def await_all(done, patience: float, what: str, gone=list, waits=None) -> None:
    """Ask ``done()`` until it says yes; raise if that takes longer than ``patience`` seconds.

    ``gone()`` lists the ranks that have left, where it will never say yes without them.
    ``waits()``, if given, is what a rank says once if it waits for long.

    MPI's own waiting would keep a processor busy, and hear no interrupt.
    """
    begun = time.monotonic()
    pause, longest = PAUSES
    remind = None
    while not done():
        waited = time.monotonic() - begun
        if waited < EAGER:
            yield_()
            continue
        if left := gone():
            raise RuntimeError(f"{what} can never finish: {shown(left)}")
        if waited > patience:
            raise RuntimeError(
                f"{what} did not finish within {patience:g} seconds: not every rank takes part. "
                "All ranks of a group must call the same exchanges in the same order, and their "
                "machines must reach each other"
            )
        if waits is not None:
            remind = remind or reminder(waits)
            remind()
        time.sleep(pause)
        pause = min(longest, pause * 1.1)


class Work:
    """One exchange between processes, begun with ``async_op=True``: ``wait()`` for its end.

    Until then its tensors must be neither read nor written.
    """

    def __init__(
        self, what: str, request, after, patience: float, gone=list, group=None, waits=None
    ):
        self.what, self.request, self.after, self.patience = what, request, [after], patience
        self.gone, self.group, self.waits = gone, group, waits
        self.failed = False  # somebody has waited for it in vain
        unfinished.add(self)

    def __repr__(self):
        return f"<Work {self.what}: {'done' if self.request is None else 'under way'}>"

    def is_completed(self) -> bool:
        """Say whether it is done; asking also moves it on."""
        if self.request is not None and self._moved():
            self._finish()
        return self.request is None

    def is_success(self) -> bool:
        """Say whether it is done and all went well: what goes wrong is raised by ``wait``."""
        return self.is_completed()

    def wait(self, timeout=None) -> bool:
        """Wait until the tensors may be used again; for at most a ``timedelta``, if given."""
        patience = timeout.total_seconds() if timeout else self.patience
        self.failed = True
        await_all(self.is_completed, patience, self.what, self.gone, self.waits)
        self.failed = False
        return True

    def _moved(self):
        """Ask the request; if the exchange has failed, nobody is to wait for it again."""
        try:
            return self.request.Test()
        except Exception:
            unfinished.discard(self)
            abandoned.append(self)
            raise

    def _finish(self):
        unfinished.discard(self)
        self.request = None
        self.after.pop()()  # only once, and what it holds is let go


def move_on() -> None:
    """Let what is under way proceed: MPI works only while it is asked something.

    NCCL works by itself, and to ask it would let the GPU's other work wait.
    """
    for work in list(unfinished):
        if work.request is not None and not getattr(work.request, "moves_by_itself", False):
            work.request.Test()
