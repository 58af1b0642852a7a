"""Which known mistake is it, and on which small case is it best seen?"""

from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from time import perf_counter

from ..watching import paused
from .comparing import distance, finite, same, weight
from .facts import way_of
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
    seed: int | None = None  # of a case that is drawn anew each time


def outcome_of(exercise, function, case):
    """Run one of our own functions on a case: (value, error). Solutions and mistakes are ours."""
    copied = [arg.detach().clone() if hasattr(arg, "detach") else arg for arg in case]
    with paused(), redirect_stdout(StringIO()):
        try:
            return exercise.attempt(function, *copied), None
        except Exception as error:
            return None, error


def identify(exercise, rows) -> str:
    """Name the mistake that does in every case what the answer does; "" where none is proved.

    Three cases at least must tell it from the right answer, and three from each other mistake:
    of two that are alike, none is named.
    """
    table = {name: _column(exercise, wrong, rows) for name, wrong in exercise.mistakes().items()}
    fitting = [name for name, column in table.items() if _fits(column, rows)]
    if not fitting:
        return ""
    column = table.pop(fitting[0])
    right = [(row.wanted, True) for row in rows]
    proved = all(_apart(column, other) >= PROOFS for other in [right, *table.values()])
    return fitting[0] if proved else ""


def _column(exercise, wrong, rows):
    """What a mistake gives in each case: (value, whether it is of use)."""
    if exercise.kind == "numbers":
        typed = wrong()
        return [(typed[row.case[0]], True) for row in rows]
    found = [outcome_of(exercise, wrong, row.case) for row in rows]
    return [(value, error is None and finite(value)) for value, error in found]


def _fits(column, rows):
    """Say whether the answer does in every case what a mistake does.

    Where the mistake itself breaks (an error, a NaN) nothing is proved; but whoever is right
    there has not made it.
    """
    for row, (value, usable) in zip(rows, column):
        if not usable:
            if row.right:
                return False
            continue
        gap = None if same(value, row.wanted) else distance(value, row.wanted)
        gap = gap if gap is not None and gap < float("inf") else None
        if row.got.error is not None or not same(row.got.value, value, gap):
            return False
    return True


def _apart(column, other):
    """Count the cases in which a mistake gives something else than another one."""
    return sum(usable and not (fine and same(value, given))
               for (value, usable), (given, fine) in zip(column, other))


@cache
def by_weight(exercise) -> list:
    """Give the small cases, the smallest first. Answers get copies, so they are made only once."""
    return sorted(exercise.small_cases(), key=weight)


def smallest(exercise, run, name, way="") -> Row | None:
    """Find the smallest case that fails in the same way, and in the way of no other mistake.

    It shows the mistake of this name; or, of a wrong answer without one, a failure of this way.

    Less good, but better than none: one that others fail, too, and one with a NaN or an error.
    Only the exercise makes cases: so each is one that it allows.
    """
    begun, spare = perf_counter(), []
    for case in by_weight(exercise):
        row = _failing(exercise, run, name, case)
        if row is not None:
            meant = way in ("", way_of(row))
            fine = row.got.error is None and row.got.value is not None and finite(row.got.value)
            fine = fine or way == "error"
            if meant and fine and not _of_another(exercise, name, row):
                return row
            spare.append((not meant, not fine, row))
        if perf_counter() - begun > PATIENCE:
            break
    return min(spare, key=lambda found: found[:2])[2] if spare else None


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
    """Say whether a case shows this mistake to the eye."""
    given, error = outcome_of(exercise, exercise.mistakes()[name], case)
    usable = error is None and finite(given) and same(value, given)
    return usable and distance(given, wanted) >= VISIBLE


def _of_another(exercise, name, row):
    """Say whether another mistake gives the same here."""
    others = (wrong for key, wrong in exercise.mistakes().items() if name and key != name)
    return any(same(outcome_of(exercise, wrong, row.case)[0], row.got.value) for wrong in others)
