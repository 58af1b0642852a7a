"""Write sums with live numbers: the largest terms, and what the rest comes to."""

from typing import NamedTuple

import numpy as np

from .numbers import DIGITS as EVERY
from .numbers import factor, number_in, shown

DIGITS = tuple(n for n in EVERY if n <= 7)  # where terms cancel, a sum is shown as near
TERMS = 3  # terms of a sum that are written out


class Term(NamedTuple):
    """One product of a sum."""

    product: float
    one: float
    other: float
    at: tuple
    part: int


def sum_of(terms, result, ones=False) -> tuple[str, bool]:
    """Write a sum of products, the largest first, with as many digits as it needs to add up.

    ``ones`` writes out factors of 1, too.
    """
    first, rest = terms.largest()
    left_over = result - sum(t.product for t in first)
    for digits in DIGITS:
        factors = [(shown(t.one, digits), shown(t.other, digits)) for t in first]
        more = shown(left_over, digits) if rest else "0"
        total = sum(number_in(a) * number_in(b) for a, b in factors) + number_in(more)
        if shown(total) == shown(result):
            break
    bare = not ones and all(t.other == 1 for t in first)  # a plain sum needs no "· 1"
    products = [
        (factor(a) if i else a) + ("" if bare else f"·{factor(b)}")
        for i, (a, b) in enumerate(factors)
    ]
    words = [*products, *([f"{factor(more)} ({rest:,} more)"] if rest else [])]
    return " + ".join(words), shown(total) != shown(result)


def meeting(before, gift, index) -> str:
    """Write what meets at a fork: 0.5 + (−1.5) = −1; "" where only one gradient arrives."""
    if not before:
        return ""
    parts = [array[index].item() for array in (*before, gift)]
    if any(isinstance(part, complex) for part in parts):
        return ""
    sofar, new = sum(parts[:-1]), parts[-1]
    for digits in DIGITS:
        words = [shown(sofar, digits), shown(new, digits)]
        total = sum(map(number_in, words))
        if shown(total) == shown(sofar + new):
            break
    return f"{words[0]} + {factor(words[1])} = {shown(sofar + new)}"


class Terms:
    """A sum of products of two arrays, of which only the largest are looked at."""

    def __init__(self):
        self.found, self.count, self.total, self.size = [], 0, 0.0, 0.0

    def add(self, ones, others, part=0):
        """Add all products of two arrays that are not 0."""
        with np.errstate(all="ignore"):
            products = np.asarray(np.multiply(ones, others), np.float64)
        flat = products.reshape(-1)
        self.count += int(np.count_nonzero(flat))
        self.total += float(flat.sum())
        self.size += float(np.abs(flat).sum())
        size = np.nan_to_num(np.abs(flat), nan=np.inf)
        some = min(TERMS + 1, flat.size)
        for i in np.argpartition(-size, some - 1)[:some] if some else ():
            if flat[i] != 0:
                at = tuple(int(k) for k in np.unravel_index(int(i), products.shape))
                self.found.append(
                    Term(float(flat[i]), float(np.asarray(ones)[at]), float(np.asarray(others)[at]),
                         at, part)
                )  # fmt: skip

    def largest(self):
        """Give the largest terms, and how many more there are."""
        found = sorted(self.found, key=lambda term: -abs(term.product))
        some = self.count if self.count <= TERMS + 1 else TERMS
        return found[:some], self.count - some
