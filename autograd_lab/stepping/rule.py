"""Write an operation's rule with live numbers: for one entry, so that what is shown adds up.

Operations on single entries are told by their own formula (see `formula_tree`), all others by the
chain rule itself: a sum over the entries of the result, each with its local derivative.
"""

from dataclasses import dataclass

import numpy as np

from ..core import Output, Tensor
from ..device import cpu, move
from ..formula import plain
from ..replay import inputs_of, operation_name, told_operands, user_node
from .formula_tree import Unread, read, value_of, written
from .numbers import DIGITS, number_in, shown
from .sums import Terms, sum_of

# What the letters of a formula mean, where they are not the operands' names.
LETTERS = {
    "where": "cab", "lerp": "abw", "addcmul": "xab", "addcdiv": "xab", "prelu_kernel": "xw",
    "ldexp": "ab", "masked_fill": "xmv", "complex": "ab", "copy": "ab", "linear": "xWb",
}  # fmt: skip
SETTINGS = {
    "leaky_relu": {"s": "slope"}, "elu": {"\\alpha": "alpha"}, "celu": {"\\alpha": "alpha"},
    "softplus": {"\\beta": "beta"}, "hardshrink": {"\\lambda": "lambd"},
    "softshrink": {"\\lambda": "lambd"}, "threshold": {"t": "threshold"},
    "addcmul": {"v": "value"}, "addcdiv": {"v": "value"},
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One line of arithmetic: ``left += names = numbers = result``, and a word about it."""

    left: str
    names: str = ""
    numbers: str = ""
    result: str = ""
    note: str = ""
    near: bool = False  # the numbers agree only nearly: the machine rounds


def place(index) -> str:
    """Write an index as it is written in code; nothing for a scalar.

    >>> place((0, 1)), place(())
    ('[0,1]', '')
    """
    return f"[{','.join(map(str, index))}]" if index else ""


def host(array):
    """Give the array in the memory of the CPU."""
    return move(array, cpu)


def gradient_rule(walk, visit, gift, index) -> Rule:
    """Tell how one entry of what an operand is given comes about."""
    result = host(gift.gradient)[index].item()
    source = user_node(gift.source)
    left = walk.partial(walk.ids[source], index, _which(gift.source))
    if isinstance(result, complex):
        return Rule(left, walk.clause(visit.node, gift.slot), "", shown(result))
    found = None if isinstance(visit.gradient, dict) else _by_formula(
        walk, visit, gift, index, result)  # fmt: skip
    names, numbers, near, note = found or _by_chain_rule(walk, visit, gift, index, result)
    if names is None:  # complex numbers, or a derivative that is 0/0 where the rule is not
        return Rule(left, walk.clause(visit.node, gift.slot), "", shown(result))
    return Rule(left, names, numbers, shown(result), note, near)


def value_rule(walk, node, index) -> Rule:
    """Tell how one entry of a result was computed."""
    result = host(walk.replay.values[node])[index].item()
    left = walk.name(walk.ids[node]) + place(index)
    if isinstance(result, complex):
        return Rule(left, _right(type(node).formula), "", shown(result))
    result = float(result)
    found = _value_by_formula(walk, node, index, result) or _value_as_sum(
        walk, node, index, result)  # fmt: skip
    if found is None:
        return Rule(left, _right(type(node).formula), "", shown(result))
    names, numbers, near = found
    return Rule(left, names, numbers, shown(result), "", near)


def _which(node) -> int:
    return node.place if type(node) is Output else 0


def _right(formula):
    first = formula.partition(r",\quad")[0]
    return plain(first.partition("=")[2] if "=" in first else first)


# --- by the formula of a single entry


def letters_of(node) -> list:
    """Name the operands as the operation's formula does."""
    known = LETTERS.get(operation_name(node))
    return list(known) if known else list(type(node).operands)


def clause_of(node, slot) -> str:
    """Find the part of an operation's rule that is about one operand, as LaTeX; "" if none is."""
    letters, clauses = letters_of(node), type(node).gradient.split(r",\quad")
    letter = letters[slot] if slot < len(letters) else ""
    for clause in clauses:
        left, equals, right = clause.partition("=")
        bare = left.strip().removeprefix(r"\bar").strip(" {}").partition("_")[0]
        if equals and letter and bare == letter:
            return right.strip()
    first = clauses[0].partition("=")[2].strip()
    return first if len(letters) == 1 and len(clauses) == 1 else ""


def _symbols(walk, node, index):
    """Give words and numbers for the letters of a formula at one entry of the result."""
    y = walk.replay.values[node]
    words = {"y": walk.name(walk.ids[node]) + place(index)}
    numbers = {"y": host(y)[index]}
    came_from = dict(inputs_of(node))
    told = told_operands(node)
    for slot, letter in enumerate(letters_of(node)):
        operand = walk.replay.operand(node, slot)
        if isinstance(operand, Tensor):
            array = host(operand.array)
            at = _within(array.shape, index)
            if at is None or array.dtype.kind == "c":
                raise Unread(letter)
            numbers[letter] = array[at]
            words[letter] = walk.operand_name(came_from.get(slot), told, slot) + place(at)
            words[letter] = words[letter] or shown(array[at])
        elif isinstance(operand, (bool, int, float)):
            numbers[letter], words[letter] = operand, shown(operand)
    for letter, name in SETTINGS.get(operation_name(node), {}).items():
        setting = getattr(node, name, None)
        if isinstance(setting, (int, float)):
            numbers[letter], words[letter] = setting, shown(setting)
    return words, {k: float(v) for k, v in numbers.items()}


def _within(shape, index):
    """Find the entry that broadcasting uses; None if the shapes do not go together."""
    if len(shape) > len(index):
        return None
    at = index[len(index) - len(shape) :]
    fits = all(n == 1 or i < n for n, i in zip(shape, at))
    return tuple(0 if n == 1 else i for n, i in zip(shape, at)) if fits else None


def _by_formula(walk, visit, gift, index, result):
    node, g = visit.node, host(visit.gradient)
    latex = clause_of(node, gift.slot)
    single = np.shape(g) == np.shape(gift.gradient)
    if not latex or not (single or np.ndim(g) == 0):
        return None
    at = index if single else ()
    try:
        tree = read(latex)
        words, numbers = _symbols(walk, node, at) if single else _count(walk, node, gift.slot)
        words["bar y"] = walk.partial(walk.ids[node], at)
        numbers["bar y"] = float(g[at])
        return shown_formula(tree, words, numbers, result, latex)
    except (Unread, TypeError, RecursionError):
        return None


def _count(walk, node, slot):
    """A result that is one number for all: n says how many numbers went into it."""
    count = walk.replay.operand(node, slot).array.size
    return {"n": shown(count)}, {"n": float(count)}


def _value_by_formula(walk, node, index, result):
    left, _, right = type(node).formula.partition("=")
    if left.strip() != "y" or r",\quad" in right:
        return None
    try:
        tree = read(right.strip())
        words, numbers = _symbols(walk, node, index)
        found = shown_formula(tree, words, numbers, result, right)
        return found and found[:3]
    except (Unread, TypeError, RecursionError):
        return None


def shown_formula(tree, words, numbers, result, latex):
    """Write a formula as names and as numbers; None if it does not give the result at all."""
    if not _close(value_of(tree, numbers), result, numbers):
        return None
    names = written(tree, words)
    for digits in DIGITS:
        told = {k: shown(v, digits) for k, v in numbers.items()}
        rounded = {k: number_in(v) for k, v in told.items()}
        if shown(value_of(tree, rounded)) == shown(result):
            break
    near = shown(value_of(tree, rounded)) != shown(result)
    note = "[…] is 1 where it holds, else 0" if "[" in latex else ""
    return names, written(tree, told, rounded), near, note


def _close(value, result, numbers):
    if value != value or result != result:
        return (value != value) == (result != result)
    if value in (np.inf, -np.inf):
        return value == result
    scale = max([1e-30, *(abs(v) for v in numbers.values() if np.isfinite(v))])
    return abs(value - result) <= 1e-3 * abs(result) + 1e-5 * min(scale, 1)


# --- by the chain rule


def _by_chain_rule(walk, visit, gift, index, result):
    """Write Σ ∂L/∂y[j] · ∂y[j]/∂x[i]: the largest terms, and what the rest comes to."""
    node = visit.node
    given = visit.gradient if isinstance(visit.gradient, dict) else {0: visit.gradient}
    receiver = walk.name(walk.ids[user_node(gift.source)]) + place(index)
    try:
        moves = {p: walk.replay.derivative(node, gift.slot, index, p) for p in given}
    except Exception:  # a learner's own Function may have a rule that cannot be looked into
        return walk.clause(node, gift.slot), "", False, "by its own rule"
    several = isinstance(visit.gradient, dict)
    if any(np.iscomplexobj(array) for array in (*given.values(), *moves.values())):
        return None, "", False, ""
    terms = Terms()
    for p, g in given.items():
        terms.add(host(g), host(moves[p]), p)
    out = walk.ids[node]
    if not abs(terms.total - result) <= 1e-3 * (abs(result) + terms.size) and np.isfinite(result):
        return None, "", False, ""
    if not terms.count:
        moving = any(np.any(host(d)) for d in moves.values())
        note = (f"no gradient arrives where {receiver} counts" if moving
                else f"{walk.name(out)} does not move with {receiver}")  # fmt: skip
        return "", "", False, note
    if terms.count == 1:
        at, p = terms.found[0].at, terms.found[0].part
        letter = walk.partial(out, at, p, several), walk.part(out, p, several) + place(at)
    else:
        letter = walk.partial(out, (), 0, False) + "[j]", f"{walk.name(out)}[j]"
    names = f"{letter[0]} · ∂{letter[1]}/∂{receiver}"
    if (table := _as_table(walk, node, gift.slot, index)) and not several:
        names = f"{walk.partial(out)}[{table[0]}] · {table[1]}"
        names = names if terms.count > 1 else names.replace("j", str(_free(table[0], at)))
    numbers, near = sum_of(terms, result, ones=terms.count == 1)
    return ("Σ " if terms.count > 1 else "") + names, numbers, near, ""


def _as_table(walk, node, slot, index):
    """Name the factors of a product of matrices: ("0,j", "W[1,j]"); None for anything else."""
    arrays = [walk.replay.operand(node, k) for k in range(2)]
    if operation_name(node) not in ("matmul", "linear") or slot > 1 or len(index) != 2:
        return None
    if not all(isinstance(a, Tensor) and a.array.ndim == 2 for a in arrays):
        return None
    row, column = index
    turned = operation_name(node) == "linear"
    came_from = dict(inputs_of(node))
    other = walk.operand_name(came_from.get(1 - slot), told_operands(node), 1 - slot)
    at = {
        (False, 0): (f"{row},j", f"[{column},j]"), (False, 1): (f"j,{column}", f"[j,{row}]"),
        (True, 0): (f"{row},j", f"[j,{column}]"), (True, 1): (f"j,{row}", f"[j,{column}]"),
    }[turned, slot]  # fmt: skip
    return (at[0], other + at[1]) if other else None


def _table_of(walk, node, index):
    """Name what is added up in an entry of a product of matrices: Σ x[0,j] · W[j,1]."""
    name, told, came_from = operation_name(node), told_operands(node), dict(inputs_of(node))
    operands = [x for x in told if isinstance(x, Tensor)]
    if name not in ("matmul", "linear") or any(x.array.ndim != 2 for x in operands[:2]):
        return ""
    words = [walk.operand_name(came_from.get(k), told, k) for k in range(len(operands))]
    row, column = index
    second = f"j,{column}" if name == "matmul" else f"{column},j"
    bias = f" + {words[2]}[{column}]" if len(words) > 2 else ""
    return f"Σ {words[0]}[{row},j] · {words[1]}[{second}]{bias}"


def _copied(walk, node, term, chosen, slots):
    """Name the one number that a result was taken from: ``x[1,2]``; "" if it was scaled."""
    if term.other != 1 or len(slots) != 1 or len(chosen) != 1:
        return ""
    came_from = dict(inputs_of(node)).get(slots[0])
    name = walk.operand_name(came_from, told_operands(node), slots[0])
    return name and name + place(term.at)


def _free(pattern, at):
    return at[pattern.split(",").index("j")]


def _value_as_sum(walk, node, index, result):
    """Write a result that is a weighted sum of an operand's entries; None if it is not."""
    replay = walk.replay
    tensor = replay.tensor(node)
    if tensor is None or tensor.node is None or type(tensor.node) is Output:
        return None
    one = np.zeros(tensor.array.shape, tensor.array.dtype)
    one[index] = 1
    parts, slots = [], []
    for gift in replay.pull(node, tensor.device.xp.asarray(one)):
        operand = replay.operand(node, gift.slot)
        array = host(operand.array) if isinstance(operand, Tensor) else None
        weights = host(gift.gradient)
        if array is not None and weights.shape == array.shape and array.dtype.kind != "c":
            parts.append((array, weights))
            slots.append(gift.slot)
    for chosen in ([parts[0]], parts[::2]) if len(parts) > 2 else [[part] for part in parts]:
        terms = Terms()
        for array, weights in chosen:
            terms.add(array, weights)
        if terms.count and abs(terms.total - result) <= 1e-4 * abs(result) + 1e-6:
            numbers, near = sum_of(terms, result)
            if terms.count == 1 and (named := _copied(walk, node, terms.found[0], chosen, slots)):
                return named, numbers, near
            return _table_of(walk, node, index) or _right(type(node).formula), numbers, near
    return None
