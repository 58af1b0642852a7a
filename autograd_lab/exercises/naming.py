"""Which known mistake is it, and on which small case is it best seen?"""

from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from time import perf_counter

from ..watching import paused
from .comparing import distance, finite, same, weight
from .limits import Outcome, TimeLimit

PROOFS = 3
VISIBLE = 0.05  # a difference smaller than this does not show in a picture
PATIENCE = 1.5  # seconds for looking for a small case


@dataclass
class Row:
    """One case: what should come out, and what came of the answer."""

    case: list
    wanted: object
    got: Outcome
    right: bool = False


def outcome_of(exercise, function, case):
    """Run one of our own functions on a case: (value, error). Solutions and mistakes are ours."""
    copied = [arg.detach().clone() if hasattr(arg, "detach") else arg for arg in case]
    with paused(), redirect_stdout(StringIO()):
        try:
            return exercise.attempt(function, *copied), None
        except Exception as error:
            return None, error


def identify(exercise, rows) -> str:
    """Name the only mistake that does in every case what the answer does; "" where none is proved.

    Where the mistake itself breaks (an error, a NaN) nothing is proved; but whoever is right
    there has not made it.
    """
    table = {name: _column(exercise, wrong, rows) for name, wrong in exercise.mistakes().items()}
    fitting = [name for name in table if _proofs(table, name, rows) >= PROOFS]
    return fitting[0] if len(fitting) == 1 else ""


def _column(exercise, wrong, rows):
    """What a mistake gives in each case: (value, whether it is of use)."""
    if exercise.kind == "numbers":
        typed = wrong()
        return [(typed[row.case[0]], True) for row in rows]
    found = [outcome_of(exercise, wrong, row.case) for row in rows]
    return [(value, error is None and finite(value)) for value, error in found]


def _proofs(table, name, rows):
    """Count the cases that prove a mistake; -1 if one case speaks against it."""
    count = 0
    for place, (row, (value, usable)) in enumerate(zip(rows, table[name])):
        if not usable:
            if row.right:
                return -1
            continue
        apart = distance(value, row.wanted)
        differs = not same(value, row.wanted)
        gap = apart if differs and apart < float("inf") else None
        if row.got.error is not None or not same(row.got.value, value, gap):
            return -1
        if differs:
            others = (table[other][place] for other in table if other != name)
            count += not any(fine and same(other, value) for other, fine in others)
    return count


def smallest(exercise, run, name) -> Row | None:
    """Find the smallest case that fails in the same way; a NaN or an error only if need be.

    Only the exercise makes cases: so each is one that it allows.
    """
    begun, spare = perf_counter(), None
    for case in sorted(exercise.small_cases(), key=weight):
        row = _failing(exercise, run, name, case)
        if row is not None:
            if row.got.error is None and row.got.value is not None and finite(row.got.value):
                return row
            spare = spare or row
        if perf_counter() - begun > PATIENCE:
            break
    return spare


def _failing(exercise, run, name, case):
    wanted, error = outcome_of(exercise, exercise.solution, case)
    if error is not None or not finite(wanted):
        return None
    got = run(case)
    if got.error is not None:
        stopped = isinstance(got.error, TimeLimit)
        return None if name or stopped else Row(case, wanted, got)
    if same(got.value, wanted):
        return None
    if name and not _shows(exercise, name, case, got.value, wanted):
        return None
    return Row(case, wanted, got)


def _shows(exercise, name, case, value, wanted):
    """Say whether a case shows this mistake, and no other one, to the eye."""
    wrong = exercise.mistakes()
    given, error = outcome_of(exercise, wrong[name], case)
    if error is not None or not finite(given) or not same(value, given):
        return False
    if distance(given, wanted) < VISIBLE:
        return False
    return not any(same(outcome_of(exercise, other, case)[0], given)
                   for key, other in wrong.items() if key != name)
