"""A recurrent layer is one operation: tell it step by step, by what stands in its gates."""

import numpy as np

from ..ops.cells import thirds
from ..replay import operation_name, user_node
from .formula_tree import read
from .numbers import shown
from .rule import Rule, host, place, shown_formula
from .slices import ROWS, Slice, short, window

LONGEST = 100  # steps that are told one by one
GATES = {"lstm_layer": "ifgo", "gru_layer": "rzn", "rnn_layer": ""}
# What a step makes of its gates: (result, formula); p is the state of the step before.
STATES = {
    "lstm_layer": (("c", r"f \odot p + i \odot g"), ("h", r"o \odot \tanh c")),
    "gru_layer": (("h", r"(1 - z) \odot n + z \odot p"),),
    "rnn_layer": (),
}


def steps_in(walk, node) -> int:
    """Count the steps that an operation takes inside of itself; 1 where none is told apart."""
    if operation_name(node) not in GATES:
        return 1
    shape, (_, kept) = np.shape(walk.replay.values[node]), _kept(walk, node)
    whole = len(shape) == 3 and kept.get("w_hr") is None
    return shape[0] if whole and 0 < shape[0] <= LONGEST and np.prod(shape) else 1


def step_rules(walk, node, at) -> list[Rule]:
    """Tell how one number of one step comes about: its gates, then the memory, then the output."""
    parts, way, unit = _parts(walk, node, at)
    step, batch, _ = at
    numbers = {name: float(array[step, batch, unit]) for name, array in parts.items()}
    spot, kind = place((step, batch, unit)), operation_name(node)
    gates = ", ".join(GATES[kind])
    said = ", ".join(shown(numbers[name]) for name in GATES[kind])
    rules = [Rule(f"({gates}){spot}", "", "", f"({said})")] if gates else []
    memory = "c" if kind == "lstm_layer" else "h"
    first, last = step == 0 and not way, way and step == len(parts["h"]) - 1
    ago = "0" if first or last else f"[{step + (1 if way else -1)}]"  # c0 is what it began with
    words = {name: name for name in "ifgorznc"} | {"p": memory + ago}
    used = {n: v for n, v in numbers.items() if len(n) == 1} | {"p": numbers[f"{memory} before"]}
    for name, latex in STATES[kind]:
        left = walk.name(walk.ids[node]) + place(at) if name == "h" else f"{name}{spot}"
        found = shown_formula(read(latex), words, used, numbers[name], latex)
        names, written, near = found[:3] if found else (latex, "", False)
        note = "this direction reads from the last step to the first" if way else ""
        rules.append(Rule(left, names, written, shown(numbers[name]), note, near))
    if not rules:
        book = "relu" if getattr(node, "nonlinearity", "tanh") == "relu" else "tanh"
        left = walk.name(walk.ids[node]) + place(at)
        rules.append(Rule(left, f"{book}(W x + U h{ago} + b)", "", shown(numbers["h"])))
    return rules


def step_slices(walk, node, at) -> list[Slice]:
    """Cut out all gates of one sequence over its steps: units by steps."""
    parts, way, unit = _parts(walk, node, at)
    step, batch, _ = at
    number, slices = walk.ids[node], []
    for name, array in parts.items():
        if " " in name:
            continue
        table = array[:, batch].T
        units, steps = table.shape
        top = window(unit, units, ROWS)
        values = tuple(tuple(short(v) for v in line) for line in table[top : top + ROWS].tolist())
        first = way * units + top, 0
        told = f"{name}[:, {batch}, :], units by steps"
        slices.append(Slice(number, f"value {name}", told, (units, steps), values, first,
                            (unit - top, step), (way * units + unit, step)))  # fmt: skip
    return slices


def _kept(walk, node):
    """Give the plan of a layer's rows, and what it kept for its rule: {name: array}."""
    made = user_node(walk.replay.tensor(node).node)
    return made.rows, dict(zip(type(made).keep, made.saved, strict=True))


def _parts(walk, node, at):
    """Give all that a layer computed in the direction of an entry: (steps, batch, units) each."""
    (rows, kept), (steps, batch, _) = _kept(walk, node), np.shape(walk.replay.values[node])
    way, unit = divmod(at[2], kept["h"].shape[2])

    def table(every):
        every = host(rows.turned(every[way]) if way else every[way])
        return every.reshape(steps, batch, -1)

    names, parts = GATES[operation_name(node)], {}
    if names:
        gates = kept["gates"] if names == "ifgo" else thirds(kept["gates"])
        parts = {name: table(every) for name, every in zip(names, gates, strict=True)}
    for name in ("c", "h"):
        if name in kept:
            parts[name] = table(rows.after(kept[name]))
            parts[f"{name} before"] = table(rows.before(kept[name]))
    return parts, way, unit
