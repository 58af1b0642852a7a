"""When a live picture is drawn: not too often, not at the loop's cost; the last state always."""

import threading

import pytest

from autograd_lab.widgets import _pace
from autograd_lab.widgets._pace import Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when it is told to, and no thread beside."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(_pace, "monotonic", clock.monotonic)
    monkeypatch.setattr(_pace.Thread, "start", lambda self: None)
    return clock


def test_twenty_times_a_second_at_most(clock):
    drawn = []
    pace = Pace(lambda: drawn.append(clock.now))
    for _ in range(1000):
        pace.wish()
        clock.now += 0.001
    assert 18 <= len(drawn) <= 20


def test_a_twentieth_of_the_time_at_most(clock):
    def draw():
        clock.now += 0.1

    pace, start, spent = Pace(draw), clock.now, 0.0
    for _ in range(10_000):
        before = clock.now
        pace.wish()
        spent += clock.now - before
        clock.now += 0.001
    assert 0.02 < spent / (clock.now - start) < 0.06


def test_the_last_wish_is_drawn_when_asked_and_only_once(clock):
    drawn = []
    pace = Pace(lambda: drawn.append(0))
    pace.wish()
    pace.wish()
    pace.flush()
    pace.flush()
    assert len(drawn) == 2


def test_the_last_wish_of_a_loop_that_ended_is_drawn_by_itself():
    drawn = threading.Event()
    wishes, states = [], []

    def draw():
        states.append(len(wishes))
        if len(wishes) == 5:
            drawn.set()

    pace = Pace(draw)
    for wish in range(5):
        wishes.append(wish)
        pace.wish()
    assert drawn.wait(10)
    assert states == [1, 5]


def test_one_thread_a_loop(monkeypatch):
    started = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda t: started.append(t) or start(t))
    monkeypatch.setattr(_pace, "IDLE", 1000)
    pace = Pace(lambda: None)
    for _ in range(1000):
        pace.wish()
    assert len(started) == 1
    pace.flush()
    monkeypatch.setattr(_pace, "IDLE", 0)
    started[0].join(10)
    assert not started[0].is_alive(), "it ends with the loop"


def test_a_running_loop_is_left_to_draw_by_itself(clock, monkeypatch):
    """The thread beside draws only when the loop has been quiet for longer than a step takes."""
    drawn, steps = [], 8
    pace = Pace(lambda: drawn.append(clock.now))

    def sleep(seconds):
        nonlocal steps
        clock.now += seconds
        if steps:
            steps -= 1
            pace.waits, pace._wished = True, clock.now - 0.01  # the loop made a step meanwhile

    monkeypatch.setattr(_pace, "sleep", sleep)
    pace.wish()
    pace.wish()
    pace._wait_for_quiet()
    assert steps == 0
    assert len(drawn) == 2, "the first, and the last once all was quiet"
    assert drawn[1] >= 100 + 8 * 0.1
    assert clock.now > drawn[1] + _pace.IDLE - 0.3
