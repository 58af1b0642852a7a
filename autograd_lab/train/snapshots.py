"""Snapshots: everything that a step depends on, as plain copies."""

import weakref
import zlib
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
            [(t, t.array.copy(), copied(t.grad) if grads else None, t.requires_grad)
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
            tensor.grad = copied(grad)
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
        grads = [t.grad for t in tensors]
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
