"""Background runs: the cell returns at once, and other cells look at the model while it trains."""

import contextvars
import inspect
import sys
import threading

from ..random import Generator, drawing_from
from ..utils.data.sampler import new_seed
from .rounds import make_way
from .steering import Steering
from .watched import watch


class BackgroundRun(Steering):
    """A training in a thread of its own: what ``start`` gives."""

    def __init__(self, name="", show=None):
        super().__init__(name)
        self.open_ended, self.cell, self.show = True, None, show
        self.generator = Generator().manual_seed(new_seed())

    def watch(self, loader, model=None, optimizer=None, **settings):
        """Give the batches of a loader to the loop of this run: see ``watch``."""
        return watch(loader, model, optimizer, run=self, **settings)


def _must_take_a_run(train):
    """Raise a TypeError if this cannot be called with the run."""
    try:
        inspect.signature(train).bind(None)
    except ValueError:
        return  # nobody knows its signature
    except TypeError:
        name = getattr(train, "__name__", "")
        name = name if name.isidentifier() else "train"
        raise TypeError(
            f"start gives the run to the function, and this one does not take it: write "
            f"`def {name}(run):`, and in it `for batch in run.watch(loader):`"
        ) from None


def start(train, name: str = "", *, show=None, paused: bool = False) -> BackgroundRun:
    """Run ``train(run)`` in the background; give the run, through which it is steered.

    The function trains in a loop ``for batch in run.watch(loader):``. The run draws its random
    numbers from a generator of its own, so two that run at once can each be repeated; what it
    prints appears under the cell that started it. Started again from the same cell, or with the
    same model, it first stops the run before.

    Args:
        train: the function; what it returns, ``run.result()`` gives.
        name: a name for the run.
        show: called with the run before it begins.
        paused: wait before the first step.

    >>> net = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    >>> def train(run):
    ...     for x in run.watch([torch.ones(1)] * 3, model=net, optimizer=optimizer):
    ...         optimizer.zero_grad()
    ...         net(x).square().sum().backward()
    ...         optimizer.step()
    ...     return "done"
    >>> run = start(train)
    >>> run.result()
    'done'
    >>> run.state, run.steps
    ('finished', 3)
    """
    _must_take_a_run(train)
    run = BackgroundRun(name, show)
    run.cell = _cell()
    make_way(run, lambda other: _same_cell(run, other))
    if paused:
        run.pause()
    if show is not None:
        show(run)
    context = contextvars.copy_context()  # so that output finds its own cell
    run.thread = threading.Thread(target=context.run, args=(_train, run, train), daemon=True)
    run.thread.start()
    return run


def _train(run, train):
    """Be the thread of a run."""
    run.begin()
    state, error = "finished", None
    try:
        with drawing_from(run.generator):
            run.value = train(run)
    except BaseException as problem:
        state, error = "failed", problem
        kind = type(problem).__name__
        print(f"the run failed after step {run.steps}: {kind}: {problem}", file=sys.stderr)
    run.end(state, error)


def _cell():
    """Give the notebook's cell that is being executed, and which execution this is."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent() or {}
    return parent.get("metadata", {}).get("cellId"), shell.execution_count


def _same_cell(run, other) -> bool:
    """Say whether another run was started by an earlier execution of the same cell."""
    mine, its = run.cell, getattr(other, "cell", None)
    return bool(mine and its and mine[0] and mine[0] == its[0] and mine[1] != its[1])
