"""spawn: run one function in several processes, and hear of the first that fails."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
import weakref
from multiprocessing import connection

from ..distributed import groups, meeting, start
from ..notice import say_once


class ProcessException(Exception):
    """One of several processes failed."""

    def __init__(self, msg, error_index, error_pid):
        super().__init__(msg)
        self.msg, self.error_index, self.pid = msg, error_index, error_pid


class ProcessRaisedException(ProcessException):
    """One of several processes raised an error; the message has its traceback."""


class ProcessExitedException(ProcessException):
    """One of several processes ended without a word: killed, or by an exit code."""

    def __init__(self, msg, error_index, error_pid, exit_code, signal_name=None):
        super().__init__(msg, error_index, error_pid)
        self.exit_code, self.signal_name = exit_code, signal_name


class ProcessContext:
    """Several processes that run the same function."""

    def __init__(self, processes, pipes):
        self.processes, self._pipes = processes, pipes

    def pids(self):
        """List the numbers of the processes."""
        return [process.pid for process in self.processes]

    def join(self, timeout=None, grace_period=None) -> bool:
        """Wait until all have ended (then True), or for some seconds; raise if one failed.

        If one fails, the others are ended.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            codes = [process.exitcode for process in self.processes]  # once: they change
            for number, code in enumerate(codes):
                if code:
                    self._end_others(grace_period)
                    raise self._failure(number, code)
            if None not in codes:
                return True
            left = None if end is None else max(0, end - time.monotonic())
            running = [p.sentinel for p, code in zip(self.processes, codes) if code is None]
            if not connection.wait(running, left):
                return False

    def _end_others(self, patience):
        for process in self.processes if patience is not None else ():
            process.join(patience)
        for process in self.processes:
            if process.exitcode is None:
                process.terminate()
        for process in self.processes:
            process.join(5)
            if process.exitcode is None:
                process.kill()
                process.join()

    def _failure(self, number, code):
        process = self.processes[number]
        said = self._last_words(number)
        if said:
            text = f"\n\n-- Process {number} terminated with the following error:\n{said}"
            return ProcessRaisedException(text, number, process.pid)
        if code < 0:
            name = signal.Signals(-code).name
            text = f"process {number} terminated with signal {name}"
            return ProcessExitedException(text, number, process.pid, code, name)
        text = f"process {number} terminated with exit code {code}"
        return ProcessExitedException(text, number, process.pid, code)

    def _last_words(self, number):
        try:
            return self._pipes[number].recv()
        except EOFError:
            return ""


SpawnContext = ProcessContext


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run ``fn(number, *args)`` in ``nprocs`` processes, and wait for them.

    A spawned process imports ``fn`` by its name. A function of a notebook's cell has none that
    another process could import: on Linux it is forked instead, which no GPU survives. In ``fn``,
    ``torch.distributed.init_process_group()`` joins the processes; if one fails, all are ended.

    >>> torch.multiprocessing.spawn(print, nprocs=0)
    """
    return start_processes(fn, args, nprocs, join, daemon, start_method)


def start_processes(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run ``fn(number, *args)`` in ``nprocs`` processes; with ``join=False`` give their context.

    >>> torch.multiprocessing.start_processes(print, nprocs=0, start_method="fork")
    """
    context = multiprocessing.get_context(_possible(start_method, fn))
    processes, pipes = [], []
    together = ProcessContext(processes, pipes)
    folder = tempfile.mkdtemp()  # only this user may look into it: the ranks meet there
    weakref.finalize(together, shutil.rmtree, folder, ignore_errors=True)
    for number in range(nprocs):
        place = meeting.Place(number, nprocs, os.path.join(folder, "meeting"), watched=True)
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(fn, place, args, its), daemon=daemon)
        with warnings.catch_warnings():  # Python 3.12 warns of forks beside threads, as Jupyter has
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        its.close()
        processes.append(process)
        pipes.append(mine)
    if not join:
        return together
    try:
        together.join()
    except KeyboardInterrupt:
        together._end_others(None)
        raise
    return None


def _possible(method, fn):
    """Choose fork where a spawned process could not find the function; a GPU cannot be forked."""
    in_a_cell = getattr(fn, "__module__", None) == "__main__" and not hasattr(
        sys.modules["__main__"], "__file__"
    )
    if in_a_cell and method != "fork" and sys.platform == "linux":
        if "cupy" in sys.modules:
            say_once(
                f"torch.multiprocessing: {getattr(fn, '__name__', fn)} is defined in a notebook's "
                "cell, so its process is forked, and cannot use a GPU that is in use here: write "
                "it in a file, and import it"
            )
        return "fork"
    return method


def _run(fn, place, args, pipe):
    meeting.Here.place, groups.Present.world = place, None
    parent = multiprocessing.parent_process()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        fn(place.rank, *args)
        start.leave()
    except KeyboardInterrupt:
        _go(0)  # the parent was interrupted as well, and says so
    except SystemExit as wish:
        code = wish.code if isinstance(wish.code, int) else int(wish.code is not None)
        if code:
            _go(code)
        start.leave()
    except Exception:
        pipe.send(traceback.format_exc())
        _go(1)


def _go(code):
    """End this process at once: MPI's own farewell would wait for the others."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)


def _end_with(parent):
    """Leave nothing running where the process that wants the result has been killed."""
    connection.wait([parent.sentinel])
    os._exit(1)
