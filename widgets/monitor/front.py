"""``watch`` and ``start`` as a notebook has them: the run shows itself."""

from weakref import WeakKeyDictionary

from autograd_lab import train
from autograd_lab.watching import in_notebook

from . import SHOWN, Monitor

LINKED = WeakKeyDictionary()    # run -> the pictures that follow it


def watch(loader, model=None, optimizer=None, *, views=(), show=True, **settings):
    """Give the batches of a loader to a loop that can be watched, paused, stepped and rewound.

    ``for batch in watch(loader, model=net, optimizer=optimizer):`` In a notebook a `Monitor` shows
    the run, elsewhere it just runs. ``show=False``: no monitor. ``views`` are pictures that follow
    the run, a FitView or a TensorView of a parameter: they show its present step, also after it has
    gone back. ``settings`` are those of ``autograd_lab.train.watch``: epochs, keep, also, loss,
    name.

    >>> import autograd_lab as torch
    >>> net = torch.nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    >>> for x in watch([torch.ones(1)] * 3, model=net, optimizer=optimizer):
    ...     optimizer.zero_grad()
    ...     net(x).square().sum().backward()
    ...     optimizer.step()
    """
    batches = train.watch(loader, model, optimizer, show=_shower(show), **settings)
    _link(batches.run, views)
    return batches


def start(function, name="", *, show=True, paused=False):
    """Run ``function(run)`` in the background, and show it; other cells can look at the model.

    The function trains in a loop ``for batch in run.watch(loader):``, see
    ``autograd_lab.train.start``; in a notebook a `Monitor` shows the run under this cell.

    >>> def train(run):
    ...     for batch in run.watch([1, 2, 3]):
    ...         run.note(loss=1 / batch)
    >>> run = start(train)
    >>> run.wait()
    True
    >>> run.loss
    0.3333333333333333
    """
    return train.start(function, name, show=_shower(show), paused=paused)


def _link(run, views):
    """Let pictures follow a run; once a run, however many loops it has."""
    linked = LINKED.setdefault(run, [])
    new = [view for view in views if view not in linked]
    linked += new

    def renew(run=run):
        for view in new:
            view.update()

    def renew_at_rest(run):
        if run.state == "paused" or run.over:
            renew()

    if new:
        run.pulse(renew)
        run.listen(renew_at_rest)


def _shower(show):
    """Give what is called with a new run: nothing where nobody would see it."""
    return (appear if show is True else show) if show and in_notebook() else None


def appear(run) -> None:
    """Show a run in the output of the cell at hand."""
    monitor = (SHOWN[run]() if run in SHOWN else None) or Monitor(run)
    monitor.appear()
