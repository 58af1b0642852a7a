"""What is found out about one number of a gradient, as plain data, and in words."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..graph import plain_data
from ..stepping.numbers import shown

AMONG = "listed: the largest among those followed"
LONG = 16  # operations of one path that are named


@dataclass(frozen=True)
class Step:
    """One operation on a path; at its beginning, the tensor that the number stands in.

    In a path of single numbers ``index`` is the number of the result that is passed and
    ``factor`` how far it moves for each unit that the number before it moves.
    """

    node: int  # its number in the graph
    op: str
    name: str = ""  # what the learner calls the result
    operand: str = ""  # as which operand it is entered, where that is not plain
    cell: str = ""
    line: int = 0
    index: tuple | None = None
    factor: float | None = None

    def words(self, numbers=True, line=True) -> str:
        """Name it: ``mul (line 3)``, ``h = relu (line 4)``, ``w[0, 1]``."""
        at = subscript(self.index) if numbers and self.index is not None else ""
        if not self.op:
            return f"{self.name or 'a tensor'}{at}"
        role = f" as {self.operand}" if self.operand else ""
        place = f" (line {self.line})" if self.line and line else ""
        if self.name.startswith(self.op):  # a numbered name, as a picture shows it: mul₁
            return f"{self.name}{at}{role}{place}"
        called = f"{self.name}{at} = {self.op}" if self.name else f"{self.op}{at}"
        return f"{called}{role}{place}"


@dataclass(frozen=True)
class Group:
    """A row, a column, a sample, one entry: a part of what a route brings."""

    index: str  # as in NumPy: "[3, :]"
    contribution: float


@dataclass(frozen=True)
class Breakdown:
    """What a route brings, sorted by where it passes through one operation's result."""

    by: str  # "row", "column", "sample", "channel", "entry", ...
    at: Step
    groups: tuple[Group, ...]
    rest: float
    rest_count: int

    def words(self) -> str:
        """Say by what: ``by row of add (line 3)``."""
        return f"by {self.by} of {self.at.words(False)}"


@dataclass(frozen=True)
class Path:
    """One way to the loss and what it brings to the gradient.

    ``whole`` is False where an operation on it cannot be taken apart: all behind it is one.
    """

    contribution: float
    steps: tuple[Step, ...]
    whole: bool = True
    breakdowns: tuple[Breakdown, ...] = ()
    start: float = 1.0  # the gradient that backward started with, where the path ends

    def words(self, numbers=True) -> str:
        """Name the way: ``w → mul (line 3) → sum (line 4)``."""
        end = "" if self.whole else " → … (its rule cannot be taken apart)"
        return " → ".join(_cut([words for _, words in self.stations(numbers)])) + end

    def stations(self, numbers=True) -> list[tuple[list[int], str]]:
        """List (nodes, words): what follows itself is named once, ``tanh ×3 (line 4)``.

        The line stands behind the last of those that it made.
        """
        runs = []
        for step in self.steps:
            like = step.words(numbers, False), step.cell, step.line
            if not runs or runs[-1][0] != like:
                runs.append((like, []))
            runs[-1][1].append(step.node)
        many = len({step.cell for step in self.steps if step.line}) > 1
        places = [(cell, line) for (_, cell, line), _ in runs]
        found = []
        for ((words, cell, line), nodes), after in zip(runs, [*places[1:], None]):
            times = f" ×{len(nodes)}" if len(nodes) > 1 else ""
            where = f" ({cell}, line {line})" if many else f" (line {line})"
            found.append((nodes, words + times + (where if line and (cell, line) != after else "")))
        return found

    def product(self) -> str:
        """Write the product of local derivatives: ``0.5 × −3 = −1.5``."""
        factors = [number(step.factor) for step in self.steps if step.factor is not None]
        factors += [number(self.start)] if self.start != 1 else []
        if len(factors) < 2:
            return ""
        return " × ".join(_cut(factors)) + f" = {number(self.contribution)}"


@dataclass(frozen=True)
class Stop:
    """Where a gradient was stopped: its share of what stood before the gate (see ``stops``)."""

    step: Step
    share: float
    amount: float
    stopped: int
    reached: int
    reason: str

    def words(self) -> str:
        """Say it: ``41 % stopped at relu, line 12: 13 of 32 numbers are not above 0``."""
        share = "all" if self.share == 1 else f"{percent(self.share)} %"
        line = f", line {self.step.line}" if self.step.line else ""
        many = f"{self.stopped:,} of {self.reached:,} numbers"
        many = many if self.reached > 1 else "the number"
        reason = self.reason if self.reached > 1 else singular(self.reason)
        return f"{share} stopped at {self.step.op}{line}: {many} {reason}"


@dataclass(frozen=True)
class Why:
    """Why one number of a gradient is what it is: all that came to it, and what did not.

    ``routes`` go by operations, ``paths`` by single numbers; the contributions of either, with the
    rest, add up to ``gradient``. ``print`` it.
    """

    name: str
    index: tuple
    gradient: float
    routes: tuple[Path, ...]
    rest: float  # what the routes that are not listed bring together
    rest_count: int
    paths: tuple[Path, ...]
    paths_rest: float
    paths_rest_count: int  # beginnings that were not followed: each may be many paths
    stops: tuple[Stop, ...]
    sentences: tuple[str, ...] = ()
    sure: tuple[bool, bool] = (True, True)  # no other route, no other path is larger

    @property
    def total(self) -> float:
        """Add up the routes and the rest, in float64."""
        return math.fsum([*(p.contribution for p in self.routes), self.rest])

    @property
    def paths_total(self) -> float:
        """Add up the single paths and the rest, in float64."""
        return math.fsum([*(p.contribution for p in self.paths), self.paths_rest])

    @property
    def difference(self) -> float:
        """Tell how far rounding leaves the sum from the gradient."""
        return self.total - self.gradient

    @property
    def by_numbers(self) -> bool:
        """Say whether the single paths are few enough to tell everything."""
        return bool(self.paths) and not self.paths_rest_count and len(self.paths) <= 12

    def to_dict(self) -> dict[str, Any]:
        """Give it as dictionaries and lists that JSON can hold, words included."""
        found: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        found["routes"] = [_told(path, False) for path in self.routes]
        found["paths"] = [_told(path, True) for path in self.paths]
        found["stops"] = [asdict(stop) | {"words": stop.words()} for stop in self.stops]
        found |= {"total": self.total, "paths_total": self.paths_total, "text": str(self)}
        found |= {"difference": self.difference, "by_numbers": self.by_numbers}
        return plain_data(found)

    def __str__(self):
        head = f"{self.name or 'the tensor'}{subscript(self.index)}: "
        lines = [head + f"the gradient is {number(self.gradient)}"]
        single = self.by_numbers
        listed = self.paths if single else self.routes
        rest, count = (self.paths_rest, 0) if single else (self.rest, self.rest_count)
        width = max([7, *(len(signed(p.contribution)) for p in listed)])
        for path in listed:
            lines.append(f"  {signed(path.contribution):>{width}}  {path.words(single)}")
            lines += self._inside(path, width, single)
        if count:
            ways = "1 more route" if count == 1 else f"{large(count)} more routes"
            told = "" if self.sure[0] else f" ({AMONG})"
            lines.append(f"  {signed(rest):>{width}}  and {ways}{told}")
        if listed:
            lines.append(self._sum(single))
        lines += ["  " + stop.words() for stop in self.stops]
        return "\n".join([*lines, *self.sentences])

    def _inside(self, path, width, single):
        pad = " " * (width + 4)
        if single:
            return [pad + path.product()] if path.product() else []
        if not path.breakdowns:
            return []
        first = path.breakdowns[0]
        parts = [f"{g.index} {signed(g.contribution)}" for g in first.groups]
        if first.rest_count:
            parts.append(f"{first.rest_count:,} more {signed(first.rest)}")
        return [f"{pad}{first.words()}: {', '.join(parts)}"]

    def _sum(self, single):
        total = self.paths_total if single else self.total
        off = total - self.gradient
        mark = " ✓" if abs(off) <= 1e-3 * abs(self.gradient) + 1e-30 else ""
        rounding = "" if off == 0 else f" (rounding: {number(float(f'{off:.0e}'))})"
        return f"  sum {number(total)} = the gradient {number(self.gradient)}{mark}{rounding}"


def _cut(words):
    """Leave out the middle of a long list."""
    if len(words) <= LONG:
        return words
    return [*words[: LONG - 4], f"… {len(words) - LONG + 1} more …", *words[-3:]]


def subscript(index) -> str:
    """Write an index: ``[0, 1]``; nothing for a scalar."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def number(x: float) -> str:
    """Write a number with four digits and a real minus."""
    return shown(x, 4)


def signed(x: float) -> str:
    """Write a number with its sign."""
    return ("+" if x > 0 else "") + number(x)


def large(n: int) -> str:
    """Write a count, however large."""
    return f"{n:,}" if n < 10**9 else f"10^{len(str(n)) - 1}"


def percent(share: float) -> str:
    """Write a share of 0 to 1 in percent, never 0 and never 100 unless it is."""
    shown = f"{100 * share:.0f}"
    return "under 1" if shown == "0" else "over 99" if shown == "100" and share < 1 else shown


def singular(reason: str) -> str:
    """Say of one what is said of many."""
    first, _, rest = reason.partition(" ")
    one = {"are": "is", "lie": "lies", "were": "was", "have": "has"}
    return f"{one.get(first, first)} {rest}"


def _told(path, numbers):
    """Give a path as data, with its words."""
    parts = [asdict(part) | {"words": part.words()} for part in path.breakdowns]
    told = {"words": path.words(numbers), "product": path.product()}
    told["stations"] = path.stations(numbers)
    return asdict(path) | told | {"breakdowns": parts}
