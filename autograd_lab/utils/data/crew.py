"""The worker processes of a DataLoader, seen from the process that uses their batches.

Each worker has a pipe of its own. Orders go out in turn and answers are taken in the same order, so
batches come as without workers, whoever is quick; a worker that dies is noticed at its pipe's end.
"""

import itertools
import multiprocessing
import os
import sys
import time
import warnings
import weakref
from collections import deque
from multiprocessing import connection as pipes

import numpy as np

from ...random import present_generator, randint
from . import parcel, worker
from .fetch import END, orders

PATIENCE = 1  # second that workers have to finish what they do, before they are ended
LOOK = 2  # seconds after which a worker that gives nothing is looked at


def context_of(wanted):
    """Say how worker processes are made: as asked for, else by fork where that is safe.

    A forked worker has everything that this process has, classes of a notebook's cells too; a
    spawned one begins from nothing and imports what it needs.
    """
    if wanted is None and sys.platform == "linux":
        usual = multiprocessing.get_start_method(allow_none=True)
        wanted = usual if usual == "spawn" else "fork"  # forkserver may be a default, not a wish
    known = multiprocessing.get_all_start_methods()
    if isinstance(wanted, str) and wanted not in known:
        raise ValueError(
            "multiprocessing_context option should specify a valid start method in "
            f"{known!r}, but got multiprocessing_context={wanted!r}"
        )
    if wanted is None or isinstance(wanted, str):
        return multiprocessing.get_context(wanted)
    if not isinstance(wanted, multiprocessing.context.BaseContext):
        raise TypeError(
            "multiprocessing_context option should be a valid context object or a string "
            f"specifying the start method, but got multiprocessing_context={wanted}"
        )
    return wanted


class Worker:
    """One worker process and this process's end of its pipe."""

    def __init__(self, context, job):
        self.method = context.get_start_method()
        self.pipe, other_end = context.Pipe()
        worker.ours.add(self.pipe)
        self.process = context.Process(target=worker.run, args=(other_end, job), daemon=True)
        try:
            _start(self.process)
        except Exception as error:
            self.pipe.close()
            raise RuntimeError(_CANNOT_START.format(method=self.method, error=error)) from error
        finally:
            other_end.close()
        self.ended = False  # a stream: it has no more examples

    def ask(self, kind, content=None):
        """Send an order."""
        try:
            self.pipe.send((kind, content))
        except (BrokenPipeError, ConnectionResetError):
            raise self._death() from None

    def take(self, timeout):
        """Wait for the answer to the oldest order: of what kind it is, and what it is."""
        first_answer([self], timeout)
        try:
            return parcel.receive(self.pipe)
        except (EOFError, ConnectionResetError):
            raise self._death() from None

    def check(self):
        """Raise the error of a worker that died, if it did and left no answer."""
        if not self.process.is_alive() and not self.pipe.poll():
            raise self._death()

    def _death(self):
        self.process.join(PATIENCE)
        code = self.process.exitcode
        how = f"killed by signal {-code}" if code and code < 0 else f"exit code {code}"
        said = f"DataLoader worker (pid(s) {self.process.pid}) exited unexpectedly ({how})"
        return RuntimeError(said if self.method == "fork" else f"{said}. {_SPAWNED}")


_SPAWNED = (
    "It was not forked: it began from nothing, and what is defined in a notebook's cell or under "
    'no `if __name__ == "__main__":` is not there. Put the data set and its functions into a .py '
    "file and import them, or set num_workers=0"
)
_CANNOT_START = (
    "the DataLoader's worker cannot be started by {method}, for which data set, collate_fn and "
    "worker_init_fn must be picklable ({error}). Functions and classes at the top of a .py file "
    'are; or set num_workers=0, or on Linux multiprocessing_context="fork"'
)


def _start(process):
    with warnings.catch_warnings():  # Python 3.12 warns of forks beside threads, as Jupyter has:
        warnings.simplefilter("ignore", DeprecationWarning)  # the child only loads data
        process.start()


def _stop(workers, boss):
    """End worker processes: ask by closing their pipes, then insist."""
    if os.getpid() != boss:
        return  # in a fork, where they belong to somebody else
    for each in workers:
        each.pipe.close()
    end = time.monotonic() + PATIENCE
    for each in workers:
        each.process.join(max(0, end - time.monotonic()))
        if each.process.is_alive():
            each.process.terminate()
            each.process.join(PATIENCE)
        if each.process.is_alive():
            each.process.kill()
            each.process.join()
        each.process.close()


def first_answer(workers, timeout) -> Worker:
    """Wait until one of these workers has an answer, or is dead; give the first of them."""
    end = time.monotonic() + (timeout or float("inf"))
    while True:
        left = min(LOOK, max(0, end - time.monotonic()))
        ready = pipes.wait({each.pipe for each in workers}, left)
        if ready:
            return next(each for each in workers if each.pipe in ready)
        for each in workers:  # its pipe says nothing if another process inherited its end
            each.check()
        if time.monotonic() >= end:
            raise RuntimeError(f"DataLoader timed out after {timeout} seconds")


class Crew:
    """The workers of one loader, and the way through its batches: an iterator."""

    def __init__(self, loader, epoch):
        self.loader = loader
        self.workers: list[Worker] = []
        self.stop = weakref.finalize(self, _stop, self.workers, os.getpid())
        seed = base_seed(loader.generator, epoch)
        try:
            for job in _jobs(loader, seed):
                self.workers.append(Worker(loader.multiprocessing_context, job))
            self._begin()
        except BaseException:
            self.stop()
            raise

    def _begin(self):
        self.tasks = orders(self.loader)
        self.turn = itertools.cycle(self.workers)
        self.waiting: deque[Worker] = deque()
        for each in self.workers:
            each.ended = False
        for _ in range(max(1, self.loader.prefetch_factor) * len(self.workers)):
            self._order()

    def _order(self, to=None):
        """Ask for one more batch: the worker whose turn it is, or this one."""
        if to is None:
            round_of_all = itertools.islice(self.turn, len(self.workers))
            to = next((each for each in round_of_all if not each.ended), None)
        task = END if to is None else next(self.tasks, END)
        if task is not END:
            to.ask("batch", task)
            self.waiting.append(to)

    def __iter__(self):
        return self

    def __len__(self):
        return len(self.loader)

    def __next__(self):
        try:
            while self.waiting:
                each = self._next_answer()
                kind, content = each.take(self.loader.timeout)
                if kind == "error":
                    raise content.error()
                each.ended = kind == "end"
                self._order(None if self.loader.in_order or each.ended else each)
                if kind == "batch":
                    return content
        except BaseException:  # an interrupt, too: no worker is left behind
            self.stop()
            self.waiting.clear()
            raise
        if not self.loader.persistent_workers:
            self.stop()
        raise StopIteration

    def _next_answer(self):
        """Give the worker whose answer is wanted next: the oldest, or where order is free any."""
        if self.loader.in_order:
            return self.waiting.popleft()
        each = first_answer(self.waiting, self.loader.timeout)
        self.waiting.remove(each)
        return each

    @property
    def alive(self) -> bool:
        """Say whether its processes are still there."""
        return self.stop.alive

    def again(self):
        """Start a new epoch with the same processes."""
        try:
            while self.waiting:  # what was left of the last epoch, an error too, is nobody's
                self.waiting.popleft().take(self.loader.timeout)
            for each in self.workers:
                each.ask("again")
            for each in self.workers:
                kind, content = each.take(self.loader.timeout)
                if kind == "error":
                    raise content.error()
        except BaseException:
            self.stop()
            raise
        self._begin()
        return self


def base_seed(generator, epoch) -> int:
    """Draw the seed of all workers, without a trace: the loop's own random numbers stay the same.

    However many workers there are, shuffling and dropout go on as without them.
    """
    drawn = randint(0, 1 << 62, (1,), generator=(generator or present_generator()).clone_state())
    words = np.random.SeedSequence([drawn.item(), epoch]).generate_state(1, np.uint64)
    return int(words[0]) >> 2


def _jobs(loader, seed):
    for number in range(loader.num_workers):
        yield worker.Job(
            loader.dataset, loader.collate_fn, loader.batched, loader.drop_last,
            loader.worker_init_fn, number, loader.num_workers, seed,
        )  # fmt: skip
