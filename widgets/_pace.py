"""When a live picture may be drawn: often enough to look alive, never at the loop's cost."""

from threading import RLock, Thread
from time import monotonic, sleep

PAUSE = 0.05  # seconds between two drawings, at least
SHARE = 24  # and so many times what the last one took: a cold cache costs the loop a little too
IDLE = 1.0  # seconds after which a loop has ended


class Pace:
    """Call ``draw()`` for the latest of many wishes: 20 times a second, a 20th of the time at most.

    A running loop draws by itself, between its steps. The last wish of a loop that ended where no
    cell ends (in a thread, in a task) is drawn once all is quiet, never in the middle of a step.

    >>> pace = Pace(lambda: print("drawn"))
    >>> for step in range(1000):
    ...     pace.wish()
    drawn
    >>> pace.flush()
    drawn
    >>> pace.flush()
    """

    _patience = 2 * PAUSE  # seconds without a wish, at least, until a loop may have ended

    def __init__(self, draw):
        self.lock = RLock()
        self.waits = False  # is there a wish that is not drawn yet?
        self._draw, self._waiter = draw, None
        self._due = self._wished = self._gap = 0.0

    @property
    def due(self) -> bool:
        """Say whether the last drawing is long enough ago."""
        return monotonic() >= self._due

    def wish(self) -> None:
        """Draw now if it is time; else what is newest when it is."""
        with self.lock:
            self._count()
            if self.due:
                self.flush()
            else:
                self._wait()

    def _count(self):
        now = monotonic()
        self._gap, self._wished, self.waits = now - self._wished, now, True

    def _wait(self):
        if self._waiter is None:
            self._waiter = Thread(target=self._wait_for_quiet, daemon=True)
            self._waiter.start()

    def flush(self, draw=None) -> None:
        """Draw what was wished for and is not drawn yet; once with another ``draw``, if given."""
        with self.lock:
            if not self.waits:
                return
            self.waits, start = False, monotonic()
            (draw or self._draw)()
            now = monotonic()
            self._due = now + max(PAUSE, SHARE * (now - start))

    def forget(self) -> None:
        """Draw nothing more of what was wished for until now."""
        with self.lock:
            self.waits = False

    def _wait_for_quiet(self):
        """Draw the last wish of a loop that has ended; one thread for a loop, not one a wish."""
        while True:
            with self.lock:
                now = monotonic()
                quiet = self._wished + max(self._patience, 3 * self._gap)
                if self.waits and now >= max(self._due, quiet):
                    self._waiter, me = None, self._waiter  # an error ends this thread
                    Pace.flush(self)
                    self._waiter = me
                if not self.waits and now > self._wished + IDLE:
                    self._waiter = None
                    return
            sleep(2 * PAUSE)
