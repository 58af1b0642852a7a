"""What can be said of a wrong answer without guessing: facts, true of all its failures."""

import dis
import linecache
import traceback
from collections import Counter
from pathlib import Path

import numpy as np

from .comparing import kind_of, leaves, plain, same

LONGEST = 170  # characters of an error's first line
HERE = str(Path(__file__).parent.parent)  # frames in the lab itself are not the learner's lines


def facts_of(rows, shown=None) -> list:
    """List what is true of an answer's failures; in the words of the case that is shown, if any."""
    wrong = [row for row in rows if not row.right]
    errors = [row for row in wrong if row.got.error is not None]
    if errors:
        first = shown if shown is not None and shown.got.error is not None else errors[0]
        return [_raised(first.got.error, len(errors), rows)]
    results = [row.got.value for row in wrong]
    if all(value is None for value in results):
        printed = any(row.got.printed for row in wrong)
        return ["the result is None: " + ("printing shows a number, only return hands it on"
                                          if printed else "is a return missing?")]
    unlike = [fact for row in wrong if (fact := _unlike(row.got.value, row.wanted))]
    if unlike:
        often = f" ({len(unlike)} of {len(rows)} cases)" if len(unlike) < len(rows) else ""
        here = shown is not None and _unlike(shown.got.value, shown.wanted)
        return [(here or Counter(unlike).most_common(1)[0][0]) + often]
    return list(_numbers(rows, wrong))


def way_of(row) -> str:
    """Say how an answer fails in a case: by an "error", by another "kind" of result, or a number.

    What `facts_of` says first is about the first of these ways that occurs.
    """
    if row.got.error is not None:
        return "error"
    return "kind" if _unlike(row.got.value, row.wanted) else "number"


def _unlike(given, wanted, what="the result") -> str:
    """Say what is of another kind or shape; of a tuple, which part; "" where nothing is."""
    parts = plain(given), plain(wanted)
    if all(isinstance(part, list) for part in parts) and len(parts[0]) == len(parts[1]):
        places = enumerate(zip(*parts), 1)
        told = (_unlike(*pair, f"the {_nth(i, len(parts[0]))} of the {len(parts[0])} results")
                for i, pair in places)
        return next((fact for fact in told if fact), "")
    if all(isinstance(part, dict) for part in parts) and parts[0].keys() != parts[1].keys():
        extra, missing = (", ".join(f"`{key}`" for key in a if key not in b)
                          for a, b in (parts, parts[::-1]))
        return f"{what} has {extra or 'nothing'}, where {missing or 'nothing'} is needed"
    kinds = kind_of(given), kind_of(wanted)
    return f"{what} is {kinds[0]}, where {kinds[1]} is needed" if kinds[0] != kinds[1] else ""


def _nth(place, count):
    return ("first", "second", "third")[place - 1] if count <= 3 else f"number {place}"


def _raised(error, count, rows):
    often = "each case raises" if count == len(rows) else f"{count} of {len(rows)} cases raise"
    return f"{often} {message(error)}"


def message(error) -> str:
    """Say in one line what was raised, and by which line of the learner."""
    try:
        lines = str(error).strip().splitlines() or [""]
    except Exception:  # whoever writes an exception may get its __str__ wrong
        lines = [""]
    line = line_of(error)
    first = lines[0] if len(lines[0]) <= LONGEST else lines[0][:LONGEST].rsplit(" ", 1)[0] + " …"
    said = f"{type(error).__name__}: {first}".removesuffix(": ")
    return said + (f", in the line `{line}`" if line else "")


def line_of(error) -> str:
    """Find the innermost line of the learner's own that led to an error."""
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if _of_learner(file):
            return linecache.getline(file, number, frame.f_globals).strip()
    return ""


def _of_learner(file):
    return not file.startswith(HERE) and "site-packages" not in file


def own_raise(error) -> bool:
    """Say whether a line of the learner's own raised this, and not something that it called."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not _of_learner(trace.tb_frame.f_code.co_filename):
        return False
    code = trace.tb_frame.f_code.co_code
    return code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def facts_of_typed(typed, wanted) -> list:
    """Tell of typed answers what is only written in another way."""
    pairs = [(typed[key], wanted[key]) for key in wanted]
    facts = []
    numbers = [given for given, right in pairs if isinstance(right, tuple) and type(given) is int]
    if numbers:
        facts.append(f"`({numbers[0]})` is a number in brackets: a shape of one size has a comma, "
                     f"`({numbers[0]},)`")
    for given, right in pairs:
        said = given.strip().lower() if isinstance(given, str) else None
        if said == right != given:
            facts.append(f'write `"{right}"`, in small letters')
    return facts


def _numbers(rows, wrong):
    pairs = [(list(leaves(row.wanted)), list(leaves(row.got.value))) for row in wrong]
    if len(wrong) < len(rows):
        yield f"right in {len(rows) - len(wrong)} of {len(rows)} cases"
    if any(len(wanted) != len(given) for wanted, given in pairs):
        return
    arrays = [(w, g) for wanted, given in pairs for w, g in zip(wanted, given)
              if isinstance(w, np.ndarray) and isinstance(g, np.ndarray)]
    if not arrays or len(arrays) < sum(len(wanted) for wanted, _ in pairs):
        return
    if len(pairs[0][0]) > 1:
        yield from _by_part(pairs)
    elif any(not np.isfinite(g).all() and np.isfinite(w).all() for w, g in arrays):
        yield "there is a NaN or an infinity where a number is needed"
    elif len(arrays) >= 3:
        yield from _pattern([(w.astype(float), g.astype(float)) for w, g in arrays])


def _by_part(pairs):
    """Say which parts of a tuple are right everywhere."""
    count = len(pairs[0][0])
    if any(len(wanted) != count for wanted, _ in pairs):
        return
    good = [i + 1 for i in range(count) if all(same(g[i], w[i]) for w, g in pairs)]
    if good and len(good) < count:
        names = [_nth(i, count) for i in good]
        yield f"right is the {' and the '.join(names)} of the {count}"


def _pattern(pairs):
    """Recognise a turned sign, nothing but zeros, and a constant factor."""
    telling = [(w, g) for w, g in pairs if w.shape == g.shape and np.abs(w).max(initial=0) > 0]
    if len(telling) < 3:
        return
    if all(same(g, -w) for w, g in telling):
        yield "every sign is turned"
    elif all(not g.any() for _, g in telling):
        yield "the result is all zeros"
    else:
        factors = [float(g.ravel() @ w.ravel() / (w.ravel() @ w.ravel())) for w, g in telling]
        steady = max(factors) - min(factors) < 1e-3 * abs(factors[0])
        far = abs(factors[0] - 1) > 0.01
        if far and steady and all(same(g, w * factors[0]) for w, g in telling):
            yield f"the result is right up to the factor {factors[0]:.3g}"
