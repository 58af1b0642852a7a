"""When a live picture is drawn: not too often, not at the loop's cost; the last state always."""

import threading
import time

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
    monkeypatch.setattr(_pace.time, "monotonic", clock.monotonic)
    monkeypatch.setattr(_pace.threading.Thread, "start", lambda self: None)
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
    monkeypatch.setattr(_pace, "IDLE", 0.2)
    pace = Pace(lambda: None)
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        pace.wish()
    assert len(started) == 1
    started[0].join(10)
    assert not started[0].is_alive(), "it ends with the loop"


def test_a_running_loop_draws_by_itself_never_in_the_middle_of_a_step():
    who = []

    def draw():
        who.append(threading.current_thread())
        time.sleep(0.005)

    pace, end = Pace(draw), time.monotonic() + 0.6
    while time.monotonic() < end:
        with pace.lock:  # no other thread gets a turn between a step and its wish
            mine = len(who)
            pace.wish()
        assert set(who[mine:]) <= {threading.current_thread()}
        assert who[mine - 1] is threading.current_thread() or not mine
        time.sleep(0.001)
    assert len(who) > 2
