"""Find out which operations the time goes to.

Python's own profiler counts; here its counts are sorted by operation. Forward and backward of an
operation are two rows (``tanh`` and ``TanhBackward0``), as in PyTorch. Profiling makes small
operations look slower than they are. There are sums, and no timeline.
"""

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum

from .core import OPS
from .notice import say_once

OPS_FOLDER = os.path.join(os.path.dirname(__file__), "ops") + os.sep
WHOLES = {  # functions whose whole time is a row: by their qualified names
    "backward_of": "Tensor.backward", "Optimizer.step": "Optimizer.step",
}  # fmt: skip
_blocks = defaultdict(list)  # seconds spent in each record_function block, while somebody profiles
_profiling = 0


class ProfilerActivity(Enum):
    """What to measure: always the processor's time, waiting for a GPU included."""

    CPU = 0
    CUDA = 1
    XPU = 2


class ProfilerAction(Enum):
    """What a profiler does during one step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


@dataclass
class Row:
    """One line of the table; times in microseconds."""

    key: str
    count: int = 0
    self_cpu_time_total: float = 0.0
    cpu_time_total: float = 0.0

    @property
    def cpu_time(self) -> float:
        """Give the time of one call, on average."""
        return self.cpu_time_total / max(self.count, 1)

    def add(self, count, own, whole):
        """Add calls, with the seconds that they took by themselves and in all."""
        self.count += count
        self.self_cpu_time_total += 1e6 * own
        self.cpu_time_total += 1e6 * whole


class Table(list):
    """The rows; ``table()`` writes them out."""

    def __init__(self, rows, seconds):
        super().__init__(rows)
        self.seconds = seconds

    def table(self, sort_by=None, row_limit=100, **settings) -> str:
        """Write the rows as text, the largest first: by "cpu_time_total", "count" ..."""
        sort_by = (sort_by or "self_cpu_time_total").replace("cuda", "cpu").replace("device", "cpu")
        rows = sorted(self, key=lambda row: getattr(row, sort_by), reverse=True)[:row_limit]
        width = max([len(row.key) for row in rows], default=4) + 2
        head = f"{'Name':>{width}}  {'Self CPU %':>10}  {'Self CPU':>10}  {'CPU total %':>11}  "
        head += f"{'CPU total':>10}  {'CPU time avg':>12}  {'# of Calls':>10}"
        line = "-" * len(head)
        whole = 1e6 * self.seconds or 1.0
        body = [
            f"{row.key:>{width}}  {row.self_cpu_time_total / whole:>10.2%}  "
            f"{_time(row.self_cpu_time_total):>10}  {row.cpu_time_total / whole:>11.2%}  "
            f"{_time(row.cpu_time_total):>10}  {_time(row.cpu_time):>12}  {row.count:>10}"
            for row in rows
        ]
        return "\n".join([line, head, line, *body, line, f"Time in all: {_time(whole)}"])

    __str__ = table

    def total_average(self) -> Row:
        """Add all rows up."""
        total = Row("Total")
        for row in self:
            total.add(row.count, row.self_cpu_time_total / 1e6, row.cpu_time_total / 1e6)
        return total


def _time(microseconds) -> str:
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:.3f}{unit}"
    return f"{microseconds:.3f}us"


class profile:
    """Measure a ``with`` block; then ``key_averages().table()`` shows where the time went.

    >>> with torch.profiler.profile() as prof:
    ...     y = torch.tanh(torch.ones(3)) * 2
    >>> sorted(row.key for row in prof.key_averages())
    ['mul', 'tanh']
    >>> print(prof.key_averages().table(sort_by="cpu_time_total").splitlines()[1].split()[0])
    Name
    """

    def __init__(
        self, *, activities=None, schedule=None, on_trace_ready=None, record_shapes=False,
        profile_memory=False, with_stack=False, with_flops=False, with_modules=False, **settings,
    ):  # fmt: skip
        self.schedule, self.on_trace_ready = schedule, on_trace_ready
        self.step_num, self.seconds, self.counter = 0, 0.0, None
        self.counts, self.blocks = [], {}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> None:
        """Begin to measure, if the schedule says so."""
        self.action = self._action()
        if self.action.value >= ProfilerAction.RECORD.value:
            self._begin()

    def stop(self) -> None:
        """Measure no longer."""
        if self.counter is not None:
            self._end()

    def step(self) -> None:
        """Say that one step of the training is over: the schedule decides what to do next."""
        self.step_num += 1
        finished, self.action = self.action, self._action()
        recording = self.action.value >= ProfilerAction.RECORD.value
        if self.counter is not None and (finished.value == 3 or not recording):
            self._end()
        if recording and self.counter is None:
            self._begin()

    def _action(self):
        return ProfilerAction.RECORD if self.schedule is None else self.schedule(self.step_num)

    def _begin(self):
        global _profiling
        import cProfile

        _profiling += 1
        _blocks.clear()
        self.began, self.counter = time.perf_counter(), cProfile.Profile()
        self.counter.enable()

    def _end(self):
        global _profiling
        self.counter.disable()
        _profiling -= 1
        self.seconds = time.perf_counter() - self.began
        # Plain numbers are kept: Python complains when cProfile's own entries die after their type.
        self.counts = [
            (key, entry.callcount, entry.inlinetime, entry.totaltime)
            for entry in self.counter.getstats() if (key := _key(entry.code))
        ]  # fmt: skip
        self.blocks, self.counter = dict(_blocks), None
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0) -> Table:
        """Add up the calls of each operation, and of each ``record_function`` block."""
        rows = {}
        for key, count, own, whole in self.counts:
            row = rows.setdefault(key, Row(key))
            row.add(max(0, count - row.count), own if key in WHOLES.values() else whole, whole)
        for name, spent in self.blocks.items():
            rows.setdefault(name, Row(name)).add(len(spent), 0.0, sum(spent))
        return Table(rows.values(), self.seconds)

    events = key_averages

    def export_chrome_trace(self, path) -> None:
        """Refuse: there are sums, and no timeline."""
        raise NotImplementedError(
            "export_chrome_trace: autograd_lab's profiler keeps sums, no timeline. "
            'print(prof.key_averages().table(sort_by="cpu_time_total")) shows them'
        )

    export_stacks = export_memory_timeline = export_chrome_trace

    def add_metadata(self, key, value) -> None:
        """Accept a remark for a trace file: there is none."""

    add_metadata_json = add_metadata


def _key(code) -> str:
    """Say which row a function belongs to; an empty text for none."""
    if isinstance(code, str):
        return ""
    kind, _, method = code.co_qualname.rpartition(".")
    if code.co_filename.startswith(OPS_FOLDER):
        op = OPS.get(kind)
        if op is None:
            return ""
        if method.startswith("backward"):  # one rule an operand: all of them are one row
            return op.__wrapped__.torch_name
        return kind if method == "forward" else ""
    return WHOLES.get(code.co_qualname, "")


class record_function:
    """Give a part of the program a row of its own: a ``with`` block, or a decorator."""

    def __init__(self, name: str, args=None):
        self.name = name

    def __enter__(self):
        self.began = time.perf_counter()
        return self

    def __exit__(self, *_):
        if _profiling:
            _blocks[self.name].append(time.perf_counter() - self.began)

    def __call__(self, function):
        def wrapped(*args, **kwargs):
            with record_function(self.name):
                return function(*args, **kwargs)

        return wrapped


def schedule(*, wait, warmup, active, repeat=0, skip_first=0, skip_first_wait=0):
    """Measure ``active`` steps after ``wait + warmup`` others, and again, ``repeat`` times.

    >>> plan = torch.profiler.schedule(wait=1, warmup=1, active=2, repeat=1)
    >>> [plan(step).name for step in range(5)]
    ['NONE', 'WARMUP', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    length = wait + warmup + active

    def plan(step: int) -> ProfilerAction:
        step -= skip_first
        if step < 0 or repeat and step >= repeat * length:
            return ProfilerAction.NONE
        step %= length
        if step < wait:
            return ProfilerAction.NONE
        if step < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if step == length - 1 else ProfilerAction.RECORD

    return plan


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    """Accept the wish for trace files: none is written, and a warning says so once."""

    def handler(prof):
        say_once(
            "tensorboard_trace_handler: autograd_lab's profiler keeps sums, no timeline, so no "
            "trace file is written; prof.key_averages().table() shows the sums"
        )

    return handler
