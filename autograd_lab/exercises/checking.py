"""Judge an answer: right, not yet, or not attempted; and name the mistake only on proof.

An answer is run on the edges, on 16 random cases that are always the same, and on a few whose seeds
are new each time; a verdict that rests on one of these tells its seed. A known mistake is named if
the answer does what that mistake does in every case, if no other one fits, and if three cases at
least tell it from the right answer, and three from each other mistake. All else is told as facts:
no guesses.
"""

from dataclasses import dataclass, field
from functools import cache
from random import SystemRandom

import numpy as np

from ..core import Tensor
from ..dtypes import float64
from ..random import rand
from . import limits
from .comparing import finite, same
from .exercise import Exercise, body_of
from .facts import facts_of, facts_of_typed, own_raise, way_of
from .limits import Outcome, TimeLimit
from .naming import Row, by_weight, identify, outcome_of, smallest

RIGHT, WRONG, NOTHING = "right", "wrong", "not attempted"
FRESH = 4  # cases of new seeds
PATIENCE = 4  # times what one case may take, for all of them together


@dataclass
class Verdict:
    """What was found out about an answer."""

    exercise: type[Exercise]
    state: str
    text: str
    mistake: str = ""  # its name
    hint: str = ""  # for this mistake
    example: Row | None = None  # the smallest case that shows it
    facts: list = field(default_factory=list)
    entries: dict = field(default_factory=dict)  # of typed numbers: name -> True, False or None


def judge(exercise: type[Exercise], answer) -> Verdict:
    """Find out whether an answer is right, and if not, why.

    >>> from .exercise import find
    >>> judge(find("ch1.standardise"), lambda x: (x - x.mean(0)) / x.std(0)).mistake
    'ddof'
    """
    if exercise.kind == "numbers":
        return _judge_numbers(exercise, answer)
    if not callable(answer):
        blank = answer is None or answer is ...
        return Verdict(exercise, NOTHING, "nothing to check yet") if blank else Verdict(
            exercise, WRONG, f"this needs a {exercise.kind}, and got a {type(answer).__name__}")
    if _is_starter(exercise, answer):
        return Verdict(exercise, NOTHING, "nothing to check yet")
    rows, in_time = _run(exercise, answer)
    error = rows[-1].got.error
    if _unwritten(error):
        return Verdict(exercise, NOTHING, "nothing to check yet")
    if isinstance(error, TimeLimit | SystemExit):
        return _stopped(exercise, answer, rows[-1])
    wrong = [row for row in rows if not row.right]
    changed = [row for row in rows if row.got.changed]
    if not wrong and not in_time:
        return Verdict(exercise, WRONG, _slow(rows))
    if not wrong and not changed:
        return Verdict(exercise, RIGHT, f"checked on {len(rows)} cases")
    if not wrong:
        text = "the result is right, but your function writes into its argument: make a new tensor"
        return Verdict(exercise, WRONG, text)
    return _explain(exercise, answer, rows, wrong, changed)


def _is_starter(exercise, answer):
    body = body_of(answer)
    return body is not None and body == body_of(exercise.starter)


def _run(exercise, answer):
    """Run the answer on every case: (rows, whether there was time for all of them).

    Stop early where it takes its time or wants to leave.
    """
    rows, spent = [], 0.0
    cases = [*_solved(exercise), *_fresh(exercise)]
    for case, wanted, seed in cases:
        if spent > PATIENCE * exercise.seconds:
            return rows, False
        got = attempt(exercise, answer, case)
        rows.append(Row(case, wanted, got, got.error is None and same(got.value, wanted), seed))
        spent += got.seconds
        if _unwritten(got.error) or isinstance(got.error, TimeLimit | SystemExit):
            break
    return rows, True


@cache
def _solved(exercise) -> list:
    """Give each case with what should come out of it, and no seed: they are always the same."""
    return [(case, outcome_of(exercise, exercise.solution, case)[0], None)
            for case in exercise.cases()]


def _fresh(exercise):
    """Yield cases that nobody can have learned by heart: (case, what should come out, seed).

    One whose result hangs on the last digits would be unfair to another right way: it is left out.
    """
    for _ in range(FRESH):
        seed = SystemRandom().randrange(1 << 32)
        case = exercise.drawn(seed)
        rounded = [arg.float().double() if getattr(arg, "dtype", None) is float64 else arg
                   for arg in case]
        wanted, error = outcome_of(exercise, exercise.solution, case)
        if error is None and finite(wanted) and same(
                outcome_of(exercise, exercise.solution, rounded)[0], wanted):
            yield case, wanted, seed


def _unwritten(error):
    """Say whether the learner put `raise NotImplementedError` there, to write it later."""
    return isinstance(error, NotImplementedError) and own_raise(error)


def _slow(rows):
    spent = sum(row.got.seconds for row in rows)
    return (f"too slow: {spent:.0f} seconds for {len(rows)} small cases, all of them right. "
            "Does a loop do more than it must?")


def attempt(exercise, answer, case, dice: int = 0) -> Outcome:
    """Run the answer on one case within the limits; other dice give it other random numbers."""

    def tried(*mine):
        rand(dice)
        return exercise.attempt(answer, *mine)

    return limits.run(tried, case, exercise.seconds, same=_untouched)


def _untouched(before, after):
    numbers = isinstance(before, Tensor | np.ndarray | list | dict)
    return not numbers or same(before, after, exact=True)


def _stopped(exercise, answer, row):
    if isinstance(row.got.error, SystemExit):
        text = "your function leaves by exit(): use return, and the result comes out"
    else:
        text = (f"stopped after {exercise.seconds:g} seconds on a small input. "
                "Does a loop wait for something that never happens?")
    case = by_weight(exercise)[0]
    again = limits.run(lambda *mine: exercise.attempt(answer, *mine), case, exercise.seconds / 4)
    if not isinstance(again.error, TimeLimit | SystemExit):
        return Verdict(exercise, WRONG, text)
    wanted, _ = outcome_of(exercise, exercise.solution, case)
    return Verdict(exercise, WRONG, text, example=Row(case, wanted, Outcome()))


def _explain(exercise, answer, rows, wrong, changed):
    again = attempt(exercise, answer, wrong[0].case, dice=7)
    first = wrong[0].got
    steady = (again.error is None) == (first.error is None) and (
        again.error is not None or same(again.value, first.value))
    name = identify(exercise, rows) if steady and not changed else ""
    known = exercise.mistakes().get(name)
    way = "" if known else min(map(way_of, wrong), key=("error", "kind", "number").index)
    example = smallest(exercise, lambda case: attempt(exercise, answer, case), name, way)
    if example is None or way not in ("", way_of(example)):
        example = next(row for row in wrong if way in ("", way_of(row)))
    facts = facts_of(rows, example)
    if not steady:
        facts.append("two calls with the same input gave different results")
    if changed:
        facts.append("your function writes into its argument")
    if wrong[0].seed is not None:
        facts.append("the usual cases are right, and this one is new: "
                     f'`find("{exercise.name}").drawn({wrong[0].seed})` gives it again')
    if first.printed and first.value is not None:
        facts.append(f"it printed {first.printed.strip()[:60]!r}")
    if known:
        telling = [fact for fact in facts if fact.startswith("right i")]
        return Verdict(exercise, WRONG, known.misconception, name, known.hint, example, telling)
    text = facts.pop(0) if facts else "not the right result, and not a mistake that I know"
    return Verdict(exercise, WRONG, text, example=example, facts=facts)


def _judge_numbers(exercise, answer):
    """Each typed number is a case of its own; blanks are not wrong, they are blank."""
    wanted = exercise.solution()
    if answer is None or answer is ... or not isinstance(answer, dict):
        what = f"this needs the dict of the starter, and got a {type(answer).__name__}"
        blank = answer is None or answer is ...
        return Verdict(exercise, *(NOTHING, "nothing to check yet") if blank else (WRONG, what))
    typed = {key: answer.get(key, ...) for key in wanted}
    entries = {key: None if value is ... or value is None else same(value, wanted[key])
               for key, value in typed.items()}
    filled = [key for key, right in entries.items() if right is not None]
    if not filled:
        return Verdict(exercise, NOTHING, "nothing to check yet")
    right = sum(entries[key] for key in filled)
    if right == len(entries):
        return Verdict(exercise, RIGHT, f"all {right} right", entries=entries)
    facts = [f"{right} of {len(entries)} right", *facts_of_typed(typed, wanted)]
    if len(filled) < len(entries):
        facts.append(f"{len(entries) - len(filled)} still blank")
        text = "so far, so good" if right == len(filled) else "look again at what is marked"
        return Verdict(exercise, WRONG, text, facts=facts, entries=entries)
    rows = [Row([key], wanted[key], Outcome(typed[key]), entries[key]) for key in wanted]
    name = identify(exercise, rows) or _slip(exercise, typed)
    known = exercise.mistakes().get(name)
    text = known.misconception if known else "not all of them"
    return Verdict(exercise, WRONG, text, name, known.hint if known else "", None, facts, entries)


def _slip(exercise, typed):
    """Name the one mistake in lines walked back by hand, as the puzzle does at each field."""
    numbers = all(type(value) in (int, float) for value in typed.values())
    return exercise.lines.slip(typed) if numbers and hasattr(exercise, "lines") else ""
