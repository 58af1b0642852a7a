"""Run a learner's function once, in this process, so that it cannot hurt the rest of the work.

An alarm ends it after some seconds, Linux refuses it more than some memory, what it prints is
caught and cut. It cannot be a separate process: functions in a notebook use what other cells made.

Nothing here stops a loop that runs in C: Python answers the alarm only between two of its own
steps. `sum(range(10**9))` or one large matrix product goes on to its end, however long that takes,
and so does whatever waits inside a C library. The kernel's *Interrupt* has to wait as well; what
always ends it is *Restart*.
"""

import contextlib
import copy
import ctypes
import io
import signal
import sys
import threading
import time
import warnings
from dataclasses import dataclass

from ..core import Tensor
from ..grad_mode import is_grad_enabled, set_grad_enabled
from ..random import get_rng_state, set_rng_state
from ..watching import paused

try:
    import resource
except ImportError:  # Windows
    resource = None

AGAIN = 0.0013  # the alarm rings on: even a bare `except:` is left between two of its rounds
PRINTED = 2000  # characters


class TimeLimit(BaseException):
    """A function took too long. No Exception: `except Exception` must not swallow it."""


class Printed(io.TextIOBase):
    """Keep the first characters that are written, and forget the rest."""

    def __init__(self, limit: int = PRINTED):
        self.text, self.limit = "", limit

    def writable(self):
        return True

    def write(self, text):
        self.text += text[: self.limit - len(self.text)]
        return len(text)


@dataclass
class Outcome:
    """What came of one call."""

    value: object = None
    error: BaseException | None = None
    printed: str = ""
    changed: tuple = ()  # places of the arguments that were written into
    seconds: float = 0.0


def run(function, arguments=(), seconds=2.0, extra_bytes=1 << 30, same=None) -> Outcome:
    """Call a function with copies of its arguments, within limits.

    ``same(a, b)`` says whether an argument was left as it was. The Stop button still works:
    KeyboardInterrupt is the learner's own.

    >>> run(lambda x: 1 / x, [0]).error
    ZeroDivisionError('division by zero')
    """
    mine = [_copied(argument) for argument in arguments]
    outcome, printed = Outcome(), Printed()
    begun = time.perf_counter()
    try:
        with _left_alone(), _listening(printed), memory_limit(extra_bytes), time_limit(seconds):
            outcome.value = _call(function, mine)
    except (Exception, SystemExit, TimeLimit) as error:
        outcome.error = error
    outcome.seconds, outcome.printed = time.perf_counter() - begun, printed.text
    if same:
        pairs = enumerate(zip(arguments, mine))
        outcome.changed = tuple(i for i, (a, b) in pairs if not same(a, b))
    return outcome


def _call(function, arguments):
    """Stand on the stack, so that the alarm can tell the learner's frames from ours."""
    return function(*arguments)


def _copied(argument):
    if isinstance(argument, Tensor):
        return argument.detach().clone().requires_grad_(argument.requires_grad)
    return copy.deepcopy(argument)


@contextlib.contextmanager
def _left_alone():
    """Put back what a function may change for everybody: random numbers, grad mode, warnings."""
    state, grad = get_rng_state(), is_grad_enabled()
    set_grad_enabled(True)
    try:
        with warnings.catch_warnings(), paused():
            warnings.simplefilter("ignore")
            yield
    finally:
        set_grad_enabled(grad)
        set_rng_state(state)


@contextlib.contextmanager
def _listening(printed):
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        yield


def _in_learner(frame) -> bool:
    """Say whether the learner's function is running, and not our own cleaning up."""
    while frame is not None:
        if frame.f_back is not None and frame.f_back.f_code is _call.__code__:
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def time_limit(seconds: float):
    """Raise TimeLimit in the block after so many seconds.

    The main thread of Linux and macOS can wait for an alarm, which also ends a sleep. Elsewhere
    an exception is handed to the thread, which takes it at its next line of Python. A loop in C
    has no such line: it ends late, at its own end.
    """
    main = threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if main and hasattr(signal, "setitimer") else _handed(seconds):
        yield


@contextlib.contextmanager
def _alarm(seconds):
    def ring(_, frame):
        if _in_learner(frame):
            raise TimeLimit

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _handed(seconds):
    thread, done = threading.get_ident(), threading.Event()

    def ring():
        wait = seconds
        while not done.wait(wait):
            _hand(thread)
            wait = 0.2

    ringing = threading.Thread(target=ring, daemon=True)
    ringing.start()
    begun = time.perf_counter()
    try:
        yield
    finally:
        done.set()
        ringing.join()
        if time.perf_counter() - begun >= seconds:
            _take_what_is_on_its_way(thread)


def _hand(thread):
    """Let a thread raise TimeLimit at its next line of Python."""
    hand = ctypes.pythonapi.PyThreadState_SetAsyncExc
    hand(ctypes.c_ulong(thread), ctypes.py_object(TimeLimit))


def _take_what_is_on_its_way(thread):
    """Hand this thread one more, and take it: Python looks out for exceptions until one is taken.

    Withdrawing it instead would leave Python looking for ever, and hang its profiler.
    """
    try:
        _hand(thread)
        while True:
            pass
    except TimeLimit:
        pass


@contextlib.contextmanager
def memory_limit(extra_bytes: int):
    """Refuse the block more memory than so much on top of today's. Only Linux can."""
    if resource is None or not sys.platform.startswith("linux") or not extra_bytes:
        yield
        return
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + extra_bytes
    allowed = min(limit for limit in (wanted, soft, hard) if limit != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
