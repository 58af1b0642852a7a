"""Snapshots: everything that a step depends on, as plain copies, and the shelf that keeps them."""

import weakref
import zlib
from bisect import bisect_right, insort
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core import TENSORS, wrap
from ..device import cpu, move
from ..writes import wrote


@dataclass
class Snapshot:
    """The state before a step: of the model, the optimizer, the generators and the loader."""

    step: int
    epoch: int  # how many epochs the run has done
    place: tuple  # epoch of this loop, the step it began with, the generators' state then
    chance: list
    tensors: list  # (tensor, its numbers, its gradient, whether it asks for gradients)
    modes: list  # (module, training)
    groups: list  # of each optimizer: (group, its parameters, its settings)
    states: list  # of each optimizer: {parameter: {name: value}}
    others: list  # state_dicts of schedulers and the like
    edited: bool = False  # by hand: no replay leads here
    nbytes: int = field(default=0, init=False)

    def __post_init__(self):
        copies = [[copy, grad] for _, copy, grad, _ in self.tensors]
        chance = [self.chance, self.place[2]]
        self.nbytes = size_of([copies, self.states, self.others, chance]) + 1000


class Things:
    """What a step depends on, as far as it can be seen."""

    def __init__(self, models=(), optimizers=(), others=()):
        self.models, self.optimizers, self.others = models, optimizers, others
        self.adds_up = True  # do gradients last from one step to the next? True until it is known
        self._sure, self._before = False, (-2, [])

    def tensors(self) -> list:
        """List parameters and buffers, each once."""
        found = [t for model in self.models for t in (*model.parameters(), *model.buffers())]
        found += [p for o in self.optimizers for g in o.param_groups for p in g["params"]]
        return list({id(t): t for t in found}.values())

    def take(self, step, epoch, place, chance, edited=False) -> Snapshot:
        """Copy everything."""
        tensors = self.tensors()
        grads = self._notice_adding(tensors, step)
        return Snapshot(
            step, epoch, (place.epoch, place.first, place.start), chance.states(),
            [(t, t.array.copy(), copied(t._grad) if grads else None, t.requires_grad)
             for t in tensors],
            [(m, m.training) for model in self.models for m in model.modules()],
            [[(g, list(g["params"]), copied(_settings(g))) for g in o.param_groups]
             for o in self.optimizers],
            [{key: copied(state) for key, state in o.state.items()} for o in self.optimizers],
            [copied(other.state_dict()) for other in self.others], edited,
        )  # fmt: skip

    def put_back(self, snapshot: Snapshot) -> None:
        """Make everything as it was, in the same tensors."""
        for tensor, array, grad, asks in snapshot.tensors:
            _write(tensor, array)
            tensor._grad = copied(grad)
            if tensor.requires_grad != asks:
                tensor.requires_grad_(asks)
        for module, training in snapshot.modes:
            module.training = training
        for optimizer, groups, states in zip(self.optimizers, snapshot.groups, snapshot.states):
            for group, params, settings in groups:
                group.clear()
                group.update({"params": list(params)} | copied(settings))
            optimizer.param_groups[:] = [group for group, _, _ in groups]
            optimizer.state.clear()
            optimizer.state.update({key: copied(state) for key, state in states.items()})
        for other, state in zip(self.others, snapshot.others):
            other.load_state_dict(copied(state))

    def fingerprint(self) -> int:
        """Give a number that changes when anything here is changed."""
        print_ = 0
        for t in self.tensors():
            print_ = zlib.crc32(move(t.array, cpu).tobytes(), print_)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                print_ = zlib.crc32(repr(_settings(group)).encode(), print_)
            for state in optimizer.state.values():
                for value in state.values():
                    if type(value) in TENSORS:
                        print_ = zlib.crc32(move(value.array, cpu).tobytes(), print_)
        modes = [m.training for model in self.models for m in model.modules()]
        return zlib.crc32(bytes(modes), print_)

    def _notice_adding(self, tensors, step) -> bool:
        """Say whether gradients belong to the state: if a step adds to those of the step before.

        Where each step begins with ``zero_grad()`` every gradient is a new object. One that is
        still the same after a step was added to; one that is gone was used by that step.
        """
        grads = [t._grad for t in tensors]
        last, before = self._before
        self._before = step, [None if g is None else weakref.ref(g) for g in grads]
        if last + 1 == step and any(before):
            lasting = [b is None or a() is b for a, b in zip(before, grads) if a is not None]
            self._sure = self._sure or any(lasting)
            self.adds_up = self._sure
        return self.adds_up


def _settings(group) -> dict:
    return {k: v for k, v in group.items() if k != "params"}


def _write(tensor, array) -> None:
    """Put numbers back into a tensor's own memory, so that views of it see them."""
    own = tensor.shared()
    if own.shape == array.shape and own.dtype == array.dtype and type(own) is type(array):
        own[...] = array
        wrote(own)
    else:
        tensor.array = array.copy()


def copied(value) -> Any:
    """Copy arrays and what holds them; anything else is taken to be unchangeable.

    >>> copied({"step": 3, "sums": [torch.ones(2)]})
    {'step': 3, 'sums': [tensor([1., 1.])]}
    """
    if type(value) in TENSORS:
        return wrap(value.array.copy())
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {k: copied(v) for k, v in value.items()}
    if isinstance(value, list):
        return [copied(v) for v in value]
    return tuple(map(copied, value)) if type(value) is tuple else value


def size_of(value) -> int:
    """Count the bytes of all arrays in a nest of lists and dicts.

    >>> size_of([np.zeros(4), {"a": torch.zeros(2)}])
    40
    """
    if type(value) in TENSORS:
        return value.array.nbytes
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(size_of, value))
    if hasattr(value, "itemsize") and hasattr(value, "__len__"):
        return len(value) * value.itemsize if not hasattr(value, "nbytes") else value.nbytes
    return 0


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
