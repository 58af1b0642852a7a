"""Close the widgets that a cell showed once it has run again without them.

Each time a cell runs that makes a widget, a new one is made; the page and the kernel would keep all
the old ones. What a learner shows again, in this cell or in another, stays.
"""

from collections import defaultdict
from weakref import WeakSet

from IPython.core.getipython import get_ipython


class Cells:
    """Which widgets each cell of the notebook shows."""

    def __init__(self):
        self.shows = defaultdict(WeakSet)  # cell -> what it shows
        self.before = {}  # cell that is running -> what it showed before
        self.shell = None

    def note(self, widget) -> None:
        """Note that the cell whose output this is shows a widget now."""
        shell = get_ipython()
        cell = shell and _cell_of(shell)
        if not cell:
            return
        if self.shell is not shell:
            self.shell = shell
            shell.events.register("pre_run_cell", self.begin)
            shell.events.register("post_run_cell", self.end)
        self.shows[cell].add(widget)

    def begin(self, info) -> None:
        """A cell begins: its output is about to be replaced."""
        if info.cell_id in self.shows:
            self.before[info.cell_id] = self.shows.pop(info.cell_id)

    def end(self, result) -> None:
        """A cell has ended: close what no cell shows any more."""
        shown = set().union(*self.shows.values())
        for widget in list(self.before.pop(result.info.cell_id, ())):
            if widget not in shown:
                widget.retire()


def _cell_of(shell):
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return parent.get("metadata", {}).get("cellId")


cells = Cells()
