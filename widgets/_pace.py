"""When a live picture may be drawn: often enough to look alive, never at the loop's cost."""

import threading
import time

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

    def __init__(self, draw):
        self.lock = threading.RLock()
        self._draw, self._waits, self._waiter = draw, False, None
        self._due = self._wished = self._gap = 0.0

    def wish(self):
        """Draw now if it is time; else what is newest when it is."""
        with self.lock:
            now = time.monotonic()
            self._gap, self._wished, self._waits = now - self._wished, now, True
            if now >= self._due:
                self.flush()
            elif self._waiter is None:
                self._waiter = threading.Thread(target=self._wait_for_quiet, daemon=True)
                self._waiter.start()

    def flush(self):
        """Draw what was wished for and is not drawn yet."""
        with self.lock:
            if not self._waits:
                return
            self._waits, start = False, time.monotonic()
            self._draw()
            now = time.monotonic()
            self._due = now + max(PAUSE, SHARE * (now - start))

    def _wait_for_quiet(self):
        """Draw the last wish of a loop that has ended; one thread for a loop, not one a wish."""
        while True:
            with self.lock:
                now = time.monotonic()
                quiet = self._wished + max(2 * PAUSE, 3 * self._gap)
                if self._waits and now >= max(self._due, quiet):
                    self.flush()
                if not self._waits and now > self._wished + IDLE:
                    self._waiter = None
                    return
            time.sleep(2 * PAUSE)
