"""A saved run, opened again: to compare its curves, and to go on with it."""

import json
from array import array

from ..core import TENSORS
from ..serialization import load
from ..serialization.problem import LoadError
from .saved import KIND, LOST, unpacked
from .series import Branch, Event
from .snapshots import Snapshot
from .steering import Steering


def load_run(path) -> Steering:
    """Open a run that ``run.save(path)`` saved, or the monitor's Save, beside the notebook.

    Its curves and branches are there at once: ``run.compare()`` lays them out, ``Monitor(run)``
    draws them, ``run.name = ...`` and ``run.rename(branch, name)`` give other names. To go on, or
    back, give it a loop with the same model and optimizer: ``for batch in watch(loader, model=net,
    optimizer=optimizer, run=run):`` begins where the run was saved.

    >>> run = Steering("first try")
    >>> run.save("first.safetensors")
    >>> again = load_run("first.safetensors")
    >>> again
    Steering 'first try': ready after 0 steps
    >>> again.name = "the one that worked"
    >>> again.rename("main", "slow").current.name
    'slow'
    """
    found = load(path)
    told = getattr(found, "metadata", {})
    if told.get("kind") != KIND:
        raise LoadError(f"{str(path)!r} holds no saved run")
    try:
        about = unpacked(json.loads(told["run"]), found)
        return _opened(about)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration, RecursionError) as why:
        raise LoadError(f"the run in {str(path)!r} is damaged ({why!r})") from None


def _opened(about) -> Steering:
    run = Steering(str(about["name"]))
    run.steps, run.epoch = int(about["steps"]), int(about["epoch"])
    run.history.losses, run.history.metrics = _curves(*about["history"])
    run.history.missing = _missing(about["missing"])
    run.branches = [_branch(**branch) for branch in about["branches"]]
    run.events = [Event(int(step), str(kind), str(text)) for step, kind, text in about["events"]]
    run.reopened = Kept(list(about["snapshots"]), dict(about["changes"]), set(about["edits"]))
    if not (0 <= run.steps <= len(run.history.losses) and run.epoch >= 0 and run.branches):
        raise ValueError("its numbers contradict each other")
    return run


def _curves(losses, metrics) -> tuple[array, dict]:
    """Take over curves that are what they should be: pictures and tables rely on that."""
    pairs = dict(metrics).items()
    if not _words(losses, "d") or not all(
        type(name) is str and _words(at, "q") and _words(values, "d") and len(at) == len(values)
        for name, (at, values) in pairs
    ):
        raise TypeError("its curves are no numbers")
    return losses, metrics


def _missing(steps) -> array:
    """Take over the steps that computed no loss, in their order."""
    if not _words(steps, "q") or list(steps) != sorted({*steps}):
        raise TypeError("the steps without a loss are no steps")
    return steps


def _words(numbers, kind) -> bool:
    return type(numbers) is array and numbers.typecode == kind


def _branch(name, parent, step, settings, losses, metrics) -> Branch:
    curves = _curves(losses, metrics)
    return Branch(str(name), str(parent), int(step), dict(settings), *curves)


class Kept:
    """The states of a saved run, for a model and an optimizer like those it was saved with."""

    def __init__(self, snapshots, changes, edits):
        self.snapshots, self.changes, self.edits = snapshots, changes, edits

    def hand_over(self, run) -> None:
        """Give the states to a run whose loop begins; it begins where the saved one was."""
        traveller = run.traveller
        tensors = traveller.things.tensors()
        try:
            snapshots = [_snapshot(about, traveller.things, tensors) for about in self.snapshots]
        except (KeyError, IndexError, TypeError, AttributeError) as why:
            raise LoadError(f"a state of this saved run is damaged ({why!r})") from None
        for snapshot in snapshots:
            traveller.shelf.add(snapshot)
        traveller.changes, traveller.edits = dict(self.changes), set(self.edits)
        traveller.floor = 0
        latest = traveller.shelf.before(run.steps)
        if latest is None:
            raise ValueError("the file holds no state of this run, so it cannot go on")
        traveller.restore(latest)


def _snapshot(about, things, tensors) -> Snapshot:
    """Make a snapshot of these tensors out of what was saved."""
    shapes, saved = [t.array.shape for t in tensors], [a.shape for a, _, _ in about["tensors"]]
    if shapes != saved:
        raise ValueError(
            f"this run was saved with parameters and buffers of the shapes {saved}; those of this "
            f"model and optimizer are {shapes}"
        )
    modules = [m for model in things.models for m in model.modules()]
    groups = [
        [(own, [tensors[i] for i in params], settings)
         for own, (params, settings) in zip(optimizer.param_groups, saved)]
        for optimizer, saved in zip(things.optimizers, about["groups"])
    ]  # fmt: skip
    states = [
        {tensors[i] if isinstance(i, int) else i: state for i, state in saved.items()}
        for saved in about["states"]
    ]
    epoch, first, start = about["place"]
    lost = [other for other in about["others"] if _has_lost(other)]
    if lost:
        raise ValueError("a scheduler of this run holds functions, which no file can keep")
    return Snapshot(
        about["step"], about["epoch"], (epoch, first, start), about["chance"],
        [(t, a, grad, asks) for t, (a, grad, asks) in zip(tensors, about["tensors"])],
        list(zip(modules, about["modes"])), groups, states, about["others"], about["edited"],
    )  # fmt: skip


def _has_lost(value) -> bool:
    if isinstance(value, dict):
        return any(map(_has_lost, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_lost, value))
    return type(value) not in TENSORS and isinstance(value, str) and value == LOST
