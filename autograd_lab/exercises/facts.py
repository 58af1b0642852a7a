"""What can be said of a wrong answer without guessing: facts, true of all its failures."""

import linecache
import traceback
from collections import Counter
from pathlib import Path

import numpy as np

from .comparing import kind_of, leaves, same

LONGEST = 170  # characters of an error's first line
HERE = str(Path(__file__).parent.parent)  # frames in the lab itself are not the learner's lines


def facts_of(rows) -> list:
    """List what is true of an answer's failures."""
    wrong = [row for row in rows if not row.right]
    errors = [row for row in wrong if row.got.error is not None]
    if errors:
        return [_raised(errors, rows)]
    results = [row.got.value for row in wrong]
    if all(value is None for value in results):
        printed = any(row.got.printed for row in wrong)
        return ["the result is None: " + ("printing shows a number, only return hands it on"
                                          if printed else "is a return missing?")]
    kinds = [(kind_of(row.got.value), kind_of(row.wanted)) for row in wrong]
    unlike = [pair for pair in kinds if pair[0] != pair[1]]
    if unlike:
        (given, wanted), _ = Counter(unlike).most_common(1)[0]
        often = f" ({len(unlike)} of {len(rows)} cases)" if len(unlike) < len(rows) else ""
        return [f"the result is {given}, where {wanted} is needed{often}"]
    return list(_numbers(rows, wrong))


def _raised(errors, rows):
    error = errors[0].got.error
    often = "each case raises" if len(errors) == len(rows) else (
        f"{len(errors)} of {len(rows)} cases raise")
    return f"{often} {message(error)}"


def message(error) -> str:
    """Say in one line what was raised, and by which line of the learner."""
    lines = str(error).strip().splitlines() or [""]
    line = line_of(error)
    first = lines[0] if len(lines[0]) <= LONGEST else lines[0][:LONGEST].rsplit(" ", 1)[0] + " …"
    said = f"{type(error).__name__}: {first}".removesuffix(": ")
    return said + (f", in the line `{line}`" if line else "")


def line_of(error) -> str:
    """Find the innermost line of the learner's own that led to an error."""
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if not file.startswith(HERE) and "site-packages" not in file:
            return linecache.getline(file, number, frame.f_globals).strip()
    return ""


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
    if good:
        names = [("first", "second", "third")[i - 1] if count <= 3 else str(i) for i in good]
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
        if steady and all(same(g, w * factors[0]) for w, g in telling):
            yield f"the result is right up to the factor {factors[0]:.3g}"
