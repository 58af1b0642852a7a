"""What a run wrote down, in a bounded room: no Jupyter, no picture, only NumPy.

A training loop may write a million numbers; a page is a thousand pixels wide.  Each series keeps
its newest points as they came and folds older ones, group by group, into the lowest and the
highest of the group.  A peak of one step therefore stays a peak, however long the run is.
"""

import math
import threading

import numpy as np

ROOM = 2**14                    # points of each half (folded past, exact recent) of a series
MARKS = 100                     # labelled marks kept; the oldest go first


def fold(points, size):
    """Keep of every ``size`` neighbours the lowest, the highest and the first broken one.

    ``points`` has two rows, steps and values; the order stays.

    >>> fold(np.array([[0, 1, 2, 3, 4, 5], [3., 1., 2., 9., np.nan, 7.]]), 3)
    array([[ 0.,  1.,  3.,  4.,  5.],
           [ 3.,  1.,  9., nan,  7.]])
    """
    if size < 2:
        return points
    whole = points.shape[1] // size * size              # a group that is not full stays as it is
    groups = points[1, :whole].reshape(-1, size)
    fine = np.isfinite(groups)
    each = np.arange(len(groups))
    keep = np.zeros(groups.shape, bool)
    keep[each, np.where(fine, groups, np.inf).argmin(axis=1)] = True
    keep[each, np.where(fine, groups, -np.inf).argmax(axis=1)] = True
    broken = ~fine.all(axis=1)
    keep[each[broken], fine[broken].argmin(axis=1)] = True
    return np.hstack([points[:, :whole][:, keep.ravel()], points[:, whole:]])


class Series:
    """Keep one curve: any number of ``append``, never more than two rooms of points.

    >>> loss = Series("loss")
    >>> for step in range(100_000): loss.append(step, 50.0 if step == 777 else 1.0)
    >>> steps, values = loss.points()
    >>> loss.total, steps.size < 2 * ROOM, steps[values > 1], values[values > 1]
    (100000, True, array([777.]), array([50.]))
    """

    def __init__(self, name, room=ROOM):
        self.name, self.room = name, room
        self.last = -math.inf                   # step of the newest point
        self.past = np.empty((2, 0))            # folded; row 0 steps, row 1 values
        self.folded = 0                         # how many points the past stands for
        self.size = 2                           # how many of them one fold covers
        self.recent = np.empty((2, room))       # exact; the same two rows
        self.kept = 0                           # how many columns of `recent` are in use
        # Writing one number through a memoryview costs half of what an array costs.
        self.steps, self.values = memoryview(self.recent[0]), memoryview(self.recent[1])
        self.lock = threading.Lock()            # a page may ask, on another thread, during a fold

    @property
    def total(self):
        """Count the points ever appended."""
        return self.folded + self.kept

    def append(self, step, value):
        """Write one point down."""
        if self.kept == self.room:
            self.make_room()
        kept = self.kept
        self.steps[kept] = self.last = step
        self.values[kept] = value
        self.kept = kept + 1                    # last: a reader never sees half a point

    def extend(self, first, values):
        """Write down the points of neighbouring steps, from step ``first`` on, all at once.

        >>> loss = Series("loss")
        >>> loss.extend(5, [2.0, 1.0])
        >>> loss.points().tolist(), loss.last
        ([[5.0, 6.0], [2.0, 1.0]], 6)
        """
        values = np.asarray(values, float)
        while values.size:
            if self.kept == self.room:
                self.make_room()
            part = values[: self.room - self.kept]
            kept, end = self.kept, self.kept + part.size
            self.recent[0, kept:end] = np.arange(first, first + part.size)
            self.recent[1, kept:end] = part
            first, values = first + part.size, values[part.size :]
            self.last, self.kept = first - 1, end

    def make_room(self):
        """Fold the older half of the recent points into the past."""
        half = self.room // 2
        with self.lock:
            past = np.hstack([self.past, fold(self.recent[:, :half], min(self.size, half))])
            while past.shape[1] > self.room:
                past, self.size = fold(past, 4), self.size * 2
            self.recent[:, : self.room - half] = self.recent[:, half:].copy()
            self.past, self.folded, self.kept = past, self.folded + half, self.room - half

    def cut(self, step):
        """Forget the points at ``step`` and after it: the run went back."""
        with self.lock:
            kept = int(np.searchsorted(self.recent[0, : self.kept], step))
            if kept == 0 and self.past.size:    # the past tells only about how many it stands for
                left, had = np.searchsorted(self.past[0], step), self.past.shape[1]
                self.past, self.folded = self.past[:, :left], round(self.folded * left / had)
            self.kept = kept
            steps = self.recent[0, :kept] if kept else self.past[0]
            self.last = steps[-1] if steps.size else -math.inf

    def everything(self):
        """Give all that is kept, and how many points that stands for."""
        with self.lock:
            kept = self.kept
            return np.hstack([self.past, self.recent[:, :kept]]), self.folded + kept

    def points(self):
        """Give all that is kept, two rows: steps and values."""
        return self.everything()[0]

    def since(self, first):
        """Give the exact points from number ``first`` on, or None if some are folded by now."""
        with self.lock:
            kept = self.kept
            start = first - self.folded
            return self.recent[:, start:kept].copy() if start >= 0 else None


class Journal:
    """Write a run down: named series on common steps, and marks.

    >>> run = Journal()
    >>> for loss in [4.0, 2.0, 1.0]: run.add({"loss": loss})
    >>> run.add({"val": 1.5})                   # a new name belongs to the step we are at
    >>> run.series["val"].last, run.step
    (3, 3)
    """

    def __init__(self):
        self.series: dict[str, Series] = {}
        self.marks: list[tuple[float, str]] = []
        self.step = 1                           # where the run is: at its first step
        self.here: set[str] = set()             # names that this step already has
        self.edition = 0                        # changes when something written is taken back

    def add(self, values, step=None):
        """Write numbers down; without a step, a name that comes again begins the next one."""
        here = self.here
        if step is not None:
            self.go(step)
        elif not here.isdisjoint(values):
            here.clear()
            self.step += 1
        step = self.step
        for name, value in values.items():
            if value is None:
                continue
            series = self.series.get(name) or self.begin(name)
            number = value if type(value) is float else plain(name, value)
            if step < series.last:
                self.edition += 1
                series.cut(step)
            series.append(step, number)
            here.add(name)

    def go(self, step):
        """Move to a step that the caller counts."""
        step = step if type(step) is int else plain("step", step)
        if not math.isfinite(step):
            raise ValueError(f"step: a curve needs a finite step, not {step}")
        if step != self.step:
            self.here.clear()
            self.step = step

    def begin(self, name):
        """Open a new series."""
        return self.series.setdefault(name, Series(name))

    def mark(self, text, step=None):
        """Write a word at a step (here, if none is given)."""
        if step is not None:
            self.go(step)
        self.marks = [*self.marks, (self.step, str(text))][-MARKS:]

    def clear(self):
        """Forget everything."""
        edition = self.edition + 1
        self.__init__()
        self.edition = edition


def plain(name, value):
    """Make a number, a NumPy scalar or a one-element tensor a plain float."""
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: a curve takes one number a step, not {value!r:.60}") from error
