"""spawn: run one function in several processes, and hear of the first that fails."""

import contextlib
import multiprocessing
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
import weakref
from multiprocessing import connection
from pathlib import Path

from ..distributed import groups, meeting, start
from ..distributed.registrar import SECRET
from ..notice import Voice, say_once
from .sharing import share_within

LOOK = 0.2  # seconds between two looks whether others wait for a process that has ended


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

    def __init__(self, folder):
        self.processes, self._folder = [], folder  # where ranks meet, and leave their last words

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
                if code or (code == 0 and self._is_missed(number)):
                    self._end_others(grace_period)
                    raise self._failure(number, code)
            if None not in codes:
                return True
            pause = LOOK if 0 in codes else None
            if end is not None:
                pause = min(LOOK, end - time.monotonic())
                if pause < 0:
                    return False
            running = [p.sentinel for p, code in zip(self.processes, codes) if code is None]
            connection.wait(running, pause)

    def _is_missed(self, number) -> bool:
        """Say whether others wait in vain for a process that has ended, and said it went well.

        One that has met the others ends well if its function returns; and whoever has come to meet
        them needs them all.
        """
        if self._word(number, "here"):
            return not self._word(number, "left")
        others = range(len(self.processes))
        return any(self._word(n, "here") and not self._word(n, "left") for n in others)

    def _word(self, number, what) -> bool:
        return (self._folder / f"{number}.{what}").exists()

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
        if not code:
            when = "in the middle" if self._word(number, "here") else "without init_process_group"
            text = f"process {number} has ended {when}, and the others wait for it"
            return ProcessExitedException(text, number, process.pid, code)
        if code < 0:
            name = signal.Signals(-code).name
            text = f"process {number} terminated with signal {name}"
            return ProcessExitedException(text, number, process.pid, code, name)
        text = f"process {number} terminated with exit code {code}"
        return ProcessExitedException(text, number, process.pid, code)

    def _last_words(self, number):
        try:
            return (self._folder / str(number)).read_text(encoding="utf-8")
        except FileNotFoundError:
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
    context = multiprocessing.get_context(method := _possible(start_method, fn))
    if method != start_method:  # forked, but its tensors are shared as if it was not
        share_within((fn, args))
    folder = Path(tempfile.mkdtemp(dir=_short_enough()))  # only this user may look into it
    address, secret = str(folder / "meeting"), secrets.token_hex(16)
    together = ProcessContext(folder)
    weakref.finalize(together, shutil.rmtree, folder, ignore_errors=True)
    try:
        for number in range(nprocs):
            place = meeting.Place(number, nprocs, address, True, secret)
            words = folder / str(number)
            process = context.Process(target=_run, args=(fn, place, args, words), daemon=daemon)
            with warnings.catch_warnings():  # Python 3.12 warns of forks beside threads (Jupyter's)
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            together.processes.append(process)
        if join:
            together.join()
    except BaseException:  # an interrupt, too, and a process that could not be started
        together._end_others(None)
        raise
    return None if join else together


def _short_enough():
    """Choose where to meet: the path of a socket has at most 108 bytes (on a Mac 104)."""
    long = len(os.fsencode(tempfile.gettempdir())) > 75
    return "/tmp" if long and os.path.isdir("/tmp") else None


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


def _run(fn, place, args, words):
    meeting.Here.place, groups.Present.world, Voice.silent = place, None, place.rank > 0
    os.environ[SECRET] = place.secret
    parent = multiprocessing.parent_process()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        fn(place.rank, *args)
        _leave(words)
    except KeyboardInterrupt:
        _go(130)  # as a shell counts it; if the parent was interrupted as well, it says so
    except SystemExit as wish:
        if code := exit_code(wish):
            _go(code)
        _leave(words)
    except Exception as error:
        _leave_word(words, start.told(error))
        _go(1)


def _leave(words):
    """End in good order, and leave word of it for the parent."""
    start.leave()
    _leave_word(words.with_suffix(".left"), "")


def exit_code(wish: SystemExit) -> int:
    """Give the code that ``sys.exit`` asks for; a text in its place is shown, and counts as 1.

    >>> exit_code(SystemExit(3)), exit_code(SystemExit())
    (3, 0)
    """
    if wish.code is None or isinstance(wish.code, int):
        return wish.code or 0
    print(wish.code, file=sys.stderr, flush=True)
    return 1


def _leave_word(path, text):
    """Write a file at once: the parent finds all of it, or nothing."""
    with contextlib.suppress(OSError):
        unready = path.with_suffix(".new")
        unready.write_text(text, encoding="utf-8", errors="backslashreplace")
        unready.replace(path)


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
