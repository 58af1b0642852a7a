"""A run in a file: its curves, settings, events and kept states, as safetensors, not pickled.

Arrays stand in the file as arrays; how they hang together is a text beside them.
"""

import json
from array import array
from typing import Any

import numpy as np

from ..core import TENSORS, wrap
from ..creation import as_tensor
from ..serialization import save

KIND = "autograd_lab run 1"
LOST = "what cannot be saved"


def save_run(run, path) -> None:
    """Save a run; the file is written whole or not at all."""
    from ..serialization.flat import FlatDict  # loads the safetensors package

    state = FlatDict()
    state.metadata = {"kind": KIND, "run": json.dumps(packed(about(run), state))}
    if not str(path).endswith(".safetensors"):
        raise ValueError(f"a run is saved to a .safetensors file, not to {str(path)!r}")
    save(state, path)


def about(run) -> dict:
    """Lay out all that there is to say about a run, as a nest of plain things and arrays."""
    losses, metrics = run.history.since(run.current.step)
    branches = [
        {"name": b.name, "parent": b.parent, "step": b.step, "settings": b.settings,
         "losses": b.losses, "metrics": b.metrics} for b in run.branches
    ]  # fmt: skip
    branches[-1] |= {"losses": losses, "metrics": metrics}
    traveller = run.traveller
    snapshots = traveller.shelf.snapshots.values() if traveller else ()
    return {
        "name": run.name, "steps": run.steps, "epoch": run.epoch, "branches": branches,
        "history": run.history.since(0), "missing": run.history.missing[:],
        "events": [(e.step, e.kind, e.text) for e in run.events],
        "changes": traveller.changes if traveller else {},
        "edits": sorted(traveller.edits) if traveller else [],
        "snapshots": [_plain(s) for s in snapshots],
    }  # fmt: skip


def _plain(snapshot) -> dict:
    """Lay out a snapshot: parameters by their number instead of themselves."""
    number = {id(t): i for i, (t, *_) in enumerate(snapshot.tensors)}
    states = [{number.get(id(p), LOST): s for p, s in state.items()} for state in snapshot.states]
    groups = [[([number.get(id(p), LOST) for p in params], settings)
               for _, params, settings in group] for group in snapshot.groups]  # fmt: skip
    return {
        "step": snapshot.step, "epoch": snapshot.epoch, "place": snapshot.place,
        "chance": snapshot.chance, "modes": [training for _, training in snapshot.modes],
        "tensors": [(a, grad, asks) for _, a, grad, asks in snapshot.tensors],
        "groups": groups, "states": states, "others": snapshot.others, "edited": snapshot.edited,
    }  # fmt: skip


def packed(value, arrays: dict) -> Any:
    """Write a nest as JSON can hold it; arrays go into ``arrays``, their names stay.

    >>> arrays = {}
    >>> packed({"a": (1, np.ones(2))}, arrays)
    {'dict': [['a', {'tuple': [1, {'array': '0'}]}]]}
    >>> unpacked({"array": "0"}, arrays)
    array([1., 1.])
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {"dict": [[packed(k, arrays), packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [packed(v, arrays) for v in value]}
    kinds = {np.ndarray: "array", array: "words"}
    kind = "tensor" if type(value) in TENSORS else kinds.get(type(value))
    if isinstance(value, np.generic):
        kind, value = "number", np.asarray(value)
    if kind is None:
        return {"lost": type(value).__name__}
    name = str(len(arrays))
    numbers = value.array if kind == "tensor" else np.array(value)
    # A file has no unsigned numbers but bytes: wider ones are kept as their bytes.
    wide = numbers.dtype.kind == "u" and numbers.itemsize > 1
    arrays[name] = as_tensor(numbers.view(np.uint8) if wide else numbers)
    return {kind: name} | ({"as": numbers.dtype.str} if wide else {})


def unpacked(value, arrays: dict) -> Any:
    """Read what ``packed`` wrote."""
    if not isinstance(value, dict):
        return value
    kind, content = next(iter(value.items()))
    if kind == "dict":
        return {unpacked(k, arrays): unpacked(v, arrays) for k, v in content}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(unpacked(v, arrays) for v in content)
    if kind == "lost":
        return LOST
    numbers = arrays[content]
    numbers = numbers if isinstance(numbers, np.ndarray) else numbers.array
    numbers = numbers.view(np.dtype(value["as"])) if "as" in value else numbers
    if kind == "words":
        return array("d" if numbers.dtype.kind == "f" else "Q" if "as" in value else "q",
                     numbers.tolist())  # fmt: skip
    return wrap(numbers) if kind == "tensor" else numbers if kind == "array" else numbers[()]
