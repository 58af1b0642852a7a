"""``watch`` and ``start`` as a notebook has them: the run shows itself."""

from autograd_lab.train import watched
from autograd_lab.watching import in_notebook

from . import SHOWN, Monitor


def watch(loader, model=None, optimizer=None, *, show=True, **more):
    """Give the batches of a loader to a loop that can be watched, paused, stepped and rewound.

    ``for batch in watch(loader, model=net, optimizer=optimizer):`` In a notebook a `Monitor` shows
    the run; elsewhere it just runs. ``more`` are the settings of ``autograd_lab.train.watch``.
    """
    return watched.watch(loader, model, optimizer, show=shower(show), **more)


def shower(show):
    """Give what is called with a new run: it shows a monitor, where there is somebody to see it."""
    return appear if show and in_notebook() else None


def appear(run) -> None:
    """Show a run in the output of this cell."""
    monitor = SHOWN.get(run) or Monitor(run)
    monitor._ipython_display_()
    monitor._watch()
