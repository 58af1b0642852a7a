"""Measure how long a statement takes, often enough to believe it."""

import statistics
import timeit
from dataclasses import dataclass, field


@dataclass
class Measurement:
    """The seconds that a statement took, in several runs of ``number_per_run`` executions."""

    number_per_run: int
    raw_times: list
    label: str = ""
    sub_label: str = ""
    description: str = ""
    num_threads: int = 1
    metadata: dict | None = field(default=None, repr=False)

    @property
    def times(self) -> list:
        """Give the seconds of one execution, for each run."""
        return [t / self.number_per_run for t in self.raw_times]

    @property
    def mean(self) -> float:
        """Give the average seconds of one execution."""
        return statistics.fmean(self.times)

    @property
    def median(self) -> float:
        """Give the seconds of one execution in the middle run: an outlier does not move it."""
        return statistics.median(self.times)

    @property
    def iqr(self) -> float:
        """Give the spread of the middle half of the runs."""
        if len(self.times) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.times, n=4, method="inclusive")
        return high - low

    def __repr__(self):
        name = ": ".join(filter(None, (self.label, self.sub_label, self.description)))
        runs = f"{len(self.times)} run{'s' * (len(self.times) > 1)}, {self.number_per_run} each"
        return f"<{name or 'statement'}: median {_time(self.median)}, {runs}>"


def _time(seconds) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds / 1e-9:.2f} ns"


class Timer:
    """Time a statement, which is text: ``Timer("x @ x", globals={"x": x}).timeit(100)``.

    >>> from autograd_lab.utils.benchmark import Timer
    >>> measured = Timer("x + x", globals={"x": torch.ones(10)}).timeit(10)
    >>> measured.number_per_run, measured.median > 0
    (10, True)
    """

    def __init__(
        self, stmt="pass", setup="pass", global_setup="", timer=timeit.default_timer, globals=None,
        label=None, sub_label=None, description=None, env=None, num_threads=1, language="python",
    ):  # fmt: skip
        if str(language).lower() not in ("python", "language.python"):
            raise ValueError("Timer: only Python is measured here")
        self._timer = timeit.Timer(stmt, setup, timer, globals)
        self._names = {
            "label": label or "", "sub_label": sub_label or "" if label else stmt.strip(),
            "description": description or "", "num_threads": num_threads,
        }  # fmt: skip

    def timeit(self, number: int = 1_000_000) -> Measurement:
        """Execute the statement this many times, in one run."""
        self._timer.timeit(max(number // 100, 2))  # the first calls are slower
        return Measurement(number, [self._timer.timeit(number)], **self._names)

    def blocked_autorange(self, callback=None, min_run_time: float = 0.2) -> Measurement:
        """Execute the statement until ``min_run_time`` seconds are full, in runs of a good size."""
        number = self._size_of_run(min_run_time / 20)
        times, spent = [], 0.0
        while spent < min_run_time:
            times.append(self._timer.timeit(number))
            spent += times[-1]
            if callback is not None:
                callback(number, times[-1])
        return Measurement(number, times, **self._names)

    adaptive_autorange = blocked_autorange

    def repeat(self, repeat: int = -1, number: int = -1):
        """Refuse, as PyTorch does: the other methods choose how often."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def _size_of_run(self, seconds) -> int:
        number = 1
        while self._timer.timeit(number) < seconds:
            number *= 10
        return number


class Compare:
    """Lay measurements out as a table: a row each statement, a column each description.

    >>> from autograd_lab.utils.benchmark import Compare, Measurement
    >>> Compare([Measurement(1, [2e-6], "add", "n = 1", "ours"),
    ...          Measurement(1, [3e-6], "add", "n = 1", "theirs")]).print()
    add    ours     theirs
    n = 1  2.00 us  3.00 us
    """

    def __init__(self, results):
        self._results = list(results)

    def extend_results(self, results) -> None:
        """Add measurements."""
        self._results.extend(results)

    def trim_significant_figures(self) -> None:
        """Accept: three figures are shown."""

    colorize = highlight_warnings = trim_significant_figures

    def __str__(self):
        parts = []
        for label in dict.fromkeys(m.label for m in self._results):
            mine = [m for m in self._results if m.label == label]
            columns = list(dict.fromkeys(m.description for m in mine))
            cells = {(m.sub_label, m.description): _time(m.median) for m in mine}
            table = [[label, *columns]] + [
                [row, *[cells.get((row, column), "") for column in columns]]
                for row in dict.fromkeys(m.sub_label for m in mine)
            ]
            widths = [max(map(len, column)) for column in zip(*table)]
            parts += [
                "  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in table
            ]
        return "\n".join(parts)

    def print(self) -> None:
        """Print the table."""
        print(self)
