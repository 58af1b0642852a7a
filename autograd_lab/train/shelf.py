"""The shelf that keeps snapshots, as many as there is room for: which of them stay?"""

from bisect import bisect_right, insort

import numpy as np

from .snapshots import Snapshot


class Shelf:
    """Snapshots within a limit of memory: many of late, few of long ago.

    When it is full, the one goes whose neighbours are closest, relative to its age. The first
    stays, and the latest, and those that no replay leads to.

    >>> room_for(8, 100)
    [0, 26, 59, 71, 84, 91, 98, 99]
    """

    def __init__(self, room: float):
        self.room, self.size = room, 0
        self.steps: list[int] = []
        self.snapshots: dict[int, Snapshot] = {}

    def add(self, snapshot) -> None:
        """Keep a snapshot; one of the same step is replaced."""
        self.drop(snapshot.step)
        insort(self.steps, snapshot.step)
        self.snapshots[snapshot.step] = snapshot
        self.size += snapshot.nbytes
        while self.size > self.room and len(self.steps) > 1:
            self.drop(self._least_useful())

    def drop(self, step: int) -> None:
        """Throw a snapshot away."""
        if step in self.snapshots:
            self.size -= self.snapshots.pop(step).nbytes
            self.steps.remove(step)

    def drop_after(self, step: int) -> None:
        """Throw away what belongs to a future that will not be."""
        for later in [s for s in self.steps if s > step]:
            self.drop(later)

    def before(self, step: int):
        """Give the last snapshot at or before a step, or None."""
        place = bisect_right(self.steps, step)
        return self.snapshots[self.steps[place - 1]] if place else None

    def gap(self) -> int:
        """Tell how many steps lie at most between two."""
        return max((b - a for a, b in zip(self.steps, self.steps[1:])), default=0)

    def _least_useful(self) -> int:
        steps = np.array(self.steps)
        if len(steps) == 2:
            return int(steps[0])
        gaps = (steps[2:] - steps[:-2]) / (steps[-1] - steps[1:-1] + 16)
        edited = np.array([self.snapshots[s].edited for s in self.steps[1:-1]])
        gaps[edited] += 0 if edited.all() else np.inf
        return int(steps[1 + gaps.argmin()])


def room_for(count: int, steps: int) -> list[int]:
    """List which of many equal snapshots would be kept: to see how the shelf thins them."""
    shelf = Shelf(count)
    for step in range(steps):
        snapshot = Snapshot(step, 0, (0, 0, []), [], [], [], [], [], [])
        snapshot.nbytes = 1
        shelf.add(snapshot)
    return shelf.steps


UNITS = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}


def room_of(keep) -> float:
    """Read a limit of memory, "50 MB", or a number of bytes; None and 0 keep nothing.

    >>> room_of("50 MB"), room_of("1.5GB"), room_of(1000), room_of(None)
    (50000000.0, 1500000000.0, 1000.0, 0.0)
    """
    if isinstance(keep, str):
        text = keep.strip().upper()
        unit = next((u for u in ("KB", "MB", "GB", "B") if text.endswith(u)), "")
        try:
            keep = float(text.removesuffix(unit)) * UNITS.get(unit, 1)
        except ValueError:
            keep = -1
    if keep is not None and (isinstance(keep, bool) or not keep >= 0):
        raise ValueError("keep is how much memory kept states may take, such as '50 MB'")
    return float(keep or 0)
