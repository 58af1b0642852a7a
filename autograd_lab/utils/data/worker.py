"""What runs in a worker process of a DataLoader."""

import os
import pickle
import queue
import random
import signal
import threading
import traceback
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...processor import THREADS
from ...random import manual_seed
from . import parcel
from .fetch import END, fetcher
from .worker_info import Here, WorkerInfo

ours = weakref.WeakSet()  # the ends of pipes that belong to the process that makes the workers
LOOK_UP = 5  # seconds after which a worker looks whether anybody still wants batches


@dataclass(frozen=True)
class Job:
    """What a worker is to do: all that it needs from the process that makes it."""

    dataset: Any
    collate: Callable
    batched: bool
    drop_last: bool
    init: Callable | None
    number: int
    count: int
    base_seed: int

    @property
    def seed(self) -> int:
        """Give this worker's own seed."""
        return self.base_seed + self.number


class Report:
    """An error of a worker, as text, to be raised again where the batches are used."""

    def __init__(self, error, number):
        kind, lines = type(error), traceback.format_exception(error)
        # A StopIteration would end the loop over the batches without a word.
        self.kind = kind if _can_travel(kind) and kind is not StopIteration else RuntimeError
        self.text = (
            f"Caught {kind.__name__} in DataLoader worker process {number}.\n"
            f"Original {''.join(lines)}"
        )

    def error(self) -> Exception:
        """Make the error again, with the worker's traceback in its message."""
        if issubclass(self.kind, KeyError):
            return self.kind(Lines(self.text))
        try:
            return self.kind(self.text)
        except Exception:  # its class wants other arguments
            return RuntimeError(self.text)


def _can_travel(kind) -> bool:
    try:
        return pickle.loads(pickle.dumps(kind)) is kind
    except Exception:  # a class inside a function, for one
        return False


class Lines(str):
    """A text whose repr has its line breaks: a KeyError shows the repr of its message."""

    def __repr__(self):
        return str(self)


def run(connection, job: Job) -> None:
    """Be a worker: take the numbers of examples from a pipe, put the batch into it."""
    for end in list(ours):  # inherited by a fork; while it is open here, it never ends
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the process that asked
    random.seed(job.seed)
    manual_seed(job.seed)
    np.random.seed(np.random.SeedSequence([job.base_seed, job.number]).generate_state(4))
    THREADS.count = 1  # the workers share the processors
    Here.worker = WorkerInfo(job.number, job.count, job.seed, job.dataset)
    try:
        _serve(connection, job)
    except (BrokenPipeError, ConnectionResetError):
        pass  # nobody wants more


def _serve(connection, job):
    """Take orders in a thread of its own, so that whoever sends one never has to wait."""
    orders: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, orders), daemon=True).start()
    server = Server(job)
    while (order := orders.get()) is not None:
        _reply(connection, server.answer(*order), job.number)


def _listen(connection, orders):
    parent = os.getppid()
    try:
        while True:
            while not connection.poll(LOOK_UP):
                if os.getppid() != parent:
                    return
            orders.put(connection.recv())
    except (EOFError, OSError):
        pass  # nobody wants more
    finally:
        orders.put(None)


class Server:
    """Answer one order after the other: ``("batch", numbers)``, or ``("again", None)``."""

    def __init__(self, job):
        self.job, self.fetch, self.begun = job, None, False

    def answer(self, kind, content):
        """Give what the order asks for, and of what kind that is."""
        try:
            if kind == "again":
                self.fetch = self._started()
                return kind, None
            if self.fetch is None:
                self.fetch = self._started()
            batch = self.fetch(content)
            return ("end", None) if batch is END else ("batch", batch)
        except Exception as error:
            return "error", Report(error, self.job.number)

    def _started(self):
        job = self.job
        if job.init is not None and not self.begun:
            job.init(job.number)
        self.begun = True
        return fetcher(job.dataset, job.collate, job.batched, job.drop_last)


def _reply(connection, answer, number):
    try:
        parcel.send(connection, answer)
    except OSError:
        raise
    except Exception as error:  # the batch cannot be pickled
        parcel.send(connection, ("error", Report(error, number)))
