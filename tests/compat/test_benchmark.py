"""torch.utils.benchmark: runs are counted and divided rightly (a pretend clock tells the time)."""

import pytest

from autograd_lab.utils.benchmark import Compare, Measurement, Timer


class Clock:
    """Stands still, except that each execution of the statement takes an eighth of a second."""

    def __init__(self):
        self.now, self.calls = 0.0, 0

    def __call__(self):
        return self.now

    def work(self):
        self.calls += 1
        self.now += 0.125


@pytest.fixture
def clock():
    return Clock()


def test_timeit(clock):
    timer = Timer("clock.work()", timer=clock, globals={"clock": clock}, label="a", sub_label="b")
    measured = timer.timeit(10)
    assert clock.calls == 12 and measured.raw_times == [1.25]
    assert measured.median == measured.mean == 0.125 and measured.iqr == 0
    assert repr(measured) == "<a: b: median 125.00 ms, 1 run, 10 each>"


def test_autorange(clock):
    heard = []
    timer = Timer("clock.work()", timer=clock, globals={"clock": clock})
    measured = timer.blocked_autorange(lambda n, t: heard.append(n), min_run_time=5)
    assert measured.number_per_run == 10 and len(measured.times) == 4 == len(heard)
    assert measured.median == 0.125 and measured.sub_label == "clock.work()"


def test_spread():
    assert Measurement(2, [2.0, 4.0, 6.0, 8.0]).times == [1.0, 2.0, 3.0, 4.0]
    assert Measurement(2, [2.0, 4.0, 6.0, 8.0]).iqr == 1.5
    assert "median 2.50 s, 4 runs, 2 each" in repr(Measurement(2, [2.0, 4.0, 6.0, 8.0]))


def test_setup_runs_first_and_names_are_local():
    assert Timer("y + 1", setup="y = 1").timeit(2).number_per_run == 2
    with pytest.raises(NameError):
        Timer("y + 1").timeit(1)


def test_a_table():
    table = Compare([Measurement(1, [2e-6], "add", "n = 1", "ours")])
    table.extend_results([Measurement(1, [3e-9], "add", "n = 2", "theirs")])
    assert str(table).splitlines() == [
        "add    ours     theirs", "n = 1  2.00 us", "n = 2           3.00 ns"]


def test_refusals():
    with pytest.raises(NotImplementedError):
        Timer().repeat()
    with pytest.raises(ValueError, match="only Python"):
        Timer("x", language="cpp")
