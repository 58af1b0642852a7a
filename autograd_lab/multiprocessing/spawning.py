"""spawn: run one function in several processes, and hear of the first that fails."""

import multiprocessing
import signal
import sys
import time
import traceback
from multiprocessing import connection

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
    another process could import: on Linux it is forked instead, with a word about it.

    >>> torch.multiprocessing.spawn(print, nprocs=0)
    """
    return start_processes(fn, args, nprocs, join, daemon, start_method)


def start_processes(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run ``fn(number, *args)`` in ``nprocs`` processes; with ``join=False`` give their context.

    >>> torch.multiprocessing.start_processes(print, nprocs=0, start_method="fork")
    """
    context = multiprocessing.get_context(_possible(start_method, fn))
    processes, pipes = [], []
    for number in range(nprocs):
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(fn, number, args, its), daemon=daemon)
        process.start()
        its.close()
        processes.append(process)
        pipes.append(mine)
    together = ProcessContext(processes, pipes)
    if not join:
        return together
    try:
        together.join()
    except KeyboardInterrupt:
        together._end_others(None)
        raise
    return None


def _possible(method, fn):
    """Choose fork where a spawned process could not find the function."""
    in_a_cell = getattr(fn, "__module__", None) == "__main__" and not hasattr(
        sys.modules["__main__"], "__file__"
    )
    if in_a_cell and method != "fork" and sys.platform == "linux":
        say_once(
            f"torch.multiprocessing: a process that is made by {method} cannot find "
            f"{getattr(fn, '__name__', fn)}, which is defined in a notebook's cell: forked instead"
        )
        return "fork"
    return method


def _run(fn, number, args, pipe):
    try:
        fn(number, *args)
    except KeyboardInterrupt:
        pass  # the parent was interrupted as well, and says so
    except Exception:
        pipe.send(traceback.format_exc())
        sys.exit(1)
