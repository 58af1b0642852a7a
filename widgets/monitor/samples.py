"""A table that grows by rows and never becomes long: what the strips of the monitor are drawn from.

Columns are what is measured (the gradient norm of a layer, ...), rows the steps at which it was
measured. When the table is full, neighbours are joined: of two numbers the larger stays, so that
what stuck out still does.
"""

import threading

import numpy as np

ROOM = 512


class Samples:
    """Keep measurements of named columns, at most ``room`` rows of them.

    >>> table = Samples(room=4)
    >>> for step in range(6):
    ...     table.add(step, {"w": 9.0 if step == 1 else 1.0})
    >>> table.names, table.rows().tolist()
    (['w'], [[1.0, 9.0], [3.0, 1.0], [4.0, 1.0], [5.0, 1.0]])
    """

    def __init__(self, room=ROOM):
        self.room, self.names = room, []
        self.edition = 0                # changes when old rows or the columns change
        self.table = np.empty((room, 1), np.float32)
        self.kept = 0
        self.lock = threading.Lock()    # a page may ask on another thread

    def add(self, step, values):
        """Write down what was measured at a step; a new name is a new column."""
        with self.lock:
            fresh = [name for name in values if name not in self.names]
            if fresh:
                self.edition += self.kept > 0 or not self.names
                self.names = [*self.names, *fresh]
                empty = np.full((self.room, len(fresh)), np.nan, np.float32)
                self.table = np.hstack([self.table, empty])
            if self.kept == self.room:
                self._join()
            row = self.table[self.kept]
            row[:] = np.nan
            row[0] = step
            for place, name in enumerate(self.names, 1):
                if name in values:
                    row[place] = values[name]
            self.kept += 1

    def _join(self):
        pairs = self.table.reshape(self.room // 2, 2, -1)
        self.table[: self.room // 2] = np.fmax(pairs[:, 0], pairs[:, 1])
        self.kept, self.edition = self.room // 2, self.edition + 1

    def cut(self, step):
        """Forget the rows at ``step`` and after it: the run went back."""
        with self.lock:
            kept = int(np.searchsorted(self.table[: self.kept, 0], step))
            self.edition += kept != self.kept
            self.kept = kept

    def rows(self, first=0):
        """Give the rows from number ``first`` on: the step, then a number for each name."""
        with self.lock:
            return self.table[first : self.kept].copy()

    def column(self, name):
        """Give the steps and the numbers of one column, without those not measured."""
        rows = self.rows()
        if name not in self.names:
            return np.empty((2, 0))
        points = rows[:, [0, self.names.index(name) + 1]].T.astype(float)
        return points[:, ~np.isnan(points[1])]
