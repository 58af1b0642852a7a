"""A learner's function may loop, sleep, eat memory, leave or print: the kernel lives on."""

import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

import autograd_lab as torch
import autograd_lab.watching
from autograd_lab.exercises import limits
from autograd_lab.exercises.comparing import same
from autograd_lab.exercises.limits import TimeLimit, run

SHORT = 0.2
LONG = 8  # where a broken limit would be noticed, on however busy a machine


def loop():
    while True:
        pass


def loop_and_swallow():
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            pass


def loop_and_swallow_all():
    while True:
        try:
            sum(range(1000))
        except:  # noqa: E722
            pass


def sleep():
    time.sleep(60)


def grow():
    found = []
    while True:
        found.append(len(found))


def print_for_ever():
    while True:
        print("still here")


@pytest.mark.parametrize("function", [
    loop, loop_and_swallow, loop_and_swallow_all, sleep, grow, print_for_ever,
])
def test_what_does_not_end_is_ended(function):
    begun = time.perf_counter()
    outcome = run(function, seconds=SHORT)
    assert isinstance(outcome.error, TimeLimit)
    assert SHORT <= time.perf_counter() - begun < LONG
    assert len(outcome.printed) <= limits.PRINTED


@pytest.mark.parametrize("function", [loop, loop_and_swallow])
def test_on_another_thread_too(function):
    """There the alarm does not ring: Windows, and the callbacks of widgets."""
    found = []
    thread = threading.Thread(target=lambda: found.append(run(function, seconds=SHORT)))
    thread.start()
    thread.join(LONG)
    assert not thread.is_alive() and isinstance(found[0].error, TimeLimit)


def test_time_limit_is_no_exception():
    assert not issubclass(TimeLimit, Exception)


@pytest.mark.skipif("not sys.platform.startswith('linux')", reason="only Linux limits memory")
@pytest.mark.parametrize("make", [
    lambda: np.ones(10**10), lambda: torch.ones(10**10), lambda: bytearray(10**11),
    lambda: np.empty(2 << 30, "u1"),    # which the machine would grant
])
def test_too_much_memory_is_refused(make):
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    outcome = run(make, seconds=LONG)
    assert isinstance(outcome.error, MemoryError | RuntimeError)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def deeper(n=0):
    return deeper(n + 1)


@pytest.mark.parametrize(("function", "error"), [
    (deeper, RecursionError), (lambda: sys.exit(3), SystemExit), (lambda: 1 / 0, ZeroDivisionError),
    (lambda: exec("raise StopIteration"), StopIteration),
])
def test_what_is_raised_is_caught(function, error):
    assert isinstance(run(function).error, error)


def test_the_stop_button_is_the_learners():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(stop)
    assert run(lambda: 5).value == 5


def test_the_alarm_is_put_back():
    def mine(*_):
        raise AssertionError

    before = signal.signal(signal.SIGALRM, mine)
    try:
        run(loop, seconds=SHORT)
        assert signal.getsignal(signal.SIGALRM) is mine
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_arguments_are_copies_and_changes_are_seen():
    x, y = torch.ones(3), [1, 2]

    def write(a, b):
        a += 1
        b.append(3)
        return a

    outcome = run(write, [x, y], same=lambda a, b: same(a, b, exact=True))
    assert outcome.changed == (0, 1) and x.tolist() == [1, 1, 1] and y == [1, 2]
    assert run(lambda a: a + 1, [x], same=same).changed == ()


def test_what_others_share_is_left_alone():
    def meddle():
        torch.manual_seed(1)
        torch.set_grad_enabled(False)
        warnings.simplefilter("error")
        warnings.warn("a word", stacklevel=1)

    torch.manual_seed(0)
    wanted = torch.rand(3).tolist()
    torch.manual_seed(0)
    assert isinstance(run(meddle).error, UserWarning)
    assert torch.is_grad_enabled() and torch.rand(3).tolist() == wanted


def test_grad_is_on_inside():
    with torch.no_grad():
        assert run(torch.is_grad_enabled).value is True


def test_prints_are_kept_to_a_page():
    outcome = run(lambda: print("x" * 100_000))
    assert outcome.printed == "x" * limits.PRINTED


def test_watchers_hear_nothing():
    seen = []
    torch.watching.add_watcher(lambda node, result, args: seen.append(node))
    try:
        run(lambda: torch.ones(2, requires_grad=True).exp())
    finally:
        torch.watching._list(False).clear()
        torch.watching._count(-1)
    assert not seen


def test_cost():
    """What the limits add to a call is far below a millisecond's worth of learning."""
    times = sorted(run(lambda: 1).seconds for _ in range(50))
    assert times[10] < 0.02


PROGRAM = """
from autograd_lab.exercises import check

def one_hot(labels, classes):
    {body}

said = repr(check("ch1.one_hot", one_hot))
print("alive", said.splitlines()[0], said.splitlines()[1])
"""


@pytest.mark.parametrize(("body", "words"), [
    ("while True: pass", "Stopped after 2 seconds"), ("exit()", "leaves by exit()"),
    ("return one_hot(labels, classes)", "RecursionError"),
])
def test_a_whole_check_in_a_process_of_its_own(root, body, words):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(body=body)], cwd=root, capture_output=True,
        text=True, timeout=60, env={"LAB_PROGRESS": "off", "PATH": ""})
    assert done.stdout.startswith("alive ✗ Not yet") and words in done.stdout, done


PROFILED = """
import cProfile, threading
from autograd_lab.exercises.limits import run

def forever():
    while True: pass

def short():
    return 1

found = []
for function in (forever, short, forever):
    thread = threading.Thread(target=lambda: found.append(run(function, seconds=0.1)))
    thread.start()
    thread.join()
print([type(outcome.error).__name__ for outcome in found])
with cProfile.Profile():
    short()
print("profiled")
"""


def test_a_limit_in_another_thread_leaves_python_as_it_was():
    """Python 3.11 hangs in its profiler while an exception for a thread waits to be taken."""
    done = subprocess.run([sys.executable, "-c", PROFILED], capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert done.stdout.splitlines() == ["['TimeLimit', 'NoneType', 'TimeLimit']", "profiled"]
