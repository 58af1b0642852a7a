"""The kernel's messages, and what the page makes of them when one is lost.

`Wire` stands between: it keeps what the kernel sent, on a clock that the test turns.
"""

import base64
import math

import numpy as np
import pytest

from autograd_lab.widgets import loss_curve
from autograd_lab.widgets.loss_curve import LossCurve


class Wire:
    def __init__(self, monkeypatch, node):
        self.now, self.sent, self.node = 100.0, [], node
        monkeypatch.setattr(loss_curve, "perf_counter", lambda: self.now)
        self.curve = LossCurve()
        monkeypatch.setattr(self.curve, "send", self.carry)

    def carry(self, message, buffers=None):
        numbers = base64.b64encode(b"".join(buffers or [])).decode()
        self.sent.append({"message": message, "numbers": numbers, "at": self.now})

    def train(self, steps, seconds=0.01, value=float):
        """Take steps of a loop, each so many seconds long."""
        for _ in range(steps):
            self.now += seconds
            done = self.curve.journal.series.get("loss")
            self.curve.add(loss=value(done.total if done else 0))

    def ask(self):
        self.curve._hear(self.curve, {"ask": "all"}, [])

    def page(self, lost=()):
        """Let a page receive all but the ``lost`` messages."""
        return self.node("feed.mjs", [m for k, m in enumerate(self.sent) if k not in lost])


@pytest.fixture
def wire(monkeypatch, node):
    return Wire(monkeypatch, node)


def same(series, points):
    numbers = np.array([series["steps"], series["values"]], float)
    return np.array_equal(numbers, points, equal_nan=True)


def test_the_page_holds_what_the_kernel_holds(wire):
    wire.train(500)
    wire.curve.add(val=0.5)
    wire.curve.finish()
    page = wire.page()
    assert [s["name"] for s in page["series"]] == ["loss", "val"]
    assert all(same(s, wire.curve.history[s["name"]]) for s in page["series"])
    assert page["series"][0]["total"] == 500
    assert not any(page["misses"])


def test_at_most_twenty_messages_a_second(wire):
    wire.train(10_000, seconds=0.001)
    wire.curve.finish()
    times = [m["at"] for m in wire.sent]
    assert 150 < len(times) <= 202
    assert max(sum(t <= x < t + 1 for x in times) for t in times) <= 21


def test_each_message_carries_only_what_is_new(wire):
    wire.train(2_000)
    firsts = [m["message"]["series"][0]["first"] for m in wire.sent]
    totals = [m["message"]["series"][0]["total"] for m in wire.sent]
    assert firsts == [0, *totals[:-1]]
    copies = [m["at"] for m in wire.sent if m["message"]["series"][0]["copy"]]
    assert np.diff(copies).min() > 0.99           # a copy of everything: once a second


def test_a_lost_message_is_noticed_and_repaired_by_an_answer(wire):
    wire.train(100)
    wire.train(6)
    lost = len(wire.sent) - 1
    wire.train(12)
    page = wire.page(lost=[lost])
    assert page["misses"][-1]
    assert page["series"][0]["total"] < 112       # nothing was put in a wrong place
    wire.ask()
    wire.train(12)
    wire.curve.finish()
    page = wire.page(lost=[lost])
    assert not page["misses"][-1]
    assert same(page["series"][0], wire.curve.history["loss"])


def test_a_page_that_cannot_ask_lives_on_the_copy_of_each_second(wire):
    wire.train(20_000, value=lambda k: 7.0 if k == 777 else 1.0 + math.sin(k))
    late = range(len(wire.sent) - 25)             # the page came late, and nobody hears it
    page = wire.page(lost=late)
    series = page["series"][0]
    assert series["total"] > 19_900
    assert page["misses"][-1]                     # it knows that this is a coarse copy
    assert max(series["values"]) == 7.0           # and yet the peak is there
    assert series["steps"] == sorted(series["steps"])
    assert series["steps"][0] < 60


def test_a_loop_faster_than_the_ring_is_sent_whole(wire):
    wire.train(50_000, seconds=1e-6)
    wire.now += 1
    wire.train(1)
    wire.curve.finish()
    page = wire.page()
    assert page["series"][0]["total"] == 50_001
    assert not page["misses"][-1]
    assert same(page["series"][0], wire.curve.history["loss"])


def test_what_is_taken_back_leaves_the_page_too(wire):
    wire.train(100)
    wire.now += 1
    wire.curve.add(loss=5.0, step=40)
    wire.curve.finish()
    series = wire.page()["series"][0]
    assert series["steps"] == [*range(1, 41)]
    assert series["values"][-1] == 5.0
    wire.curve.clear()
    wire.curve.finish()
    assert wire.page()["series"] == []


def test_answers_come_at_most_once_a_second(wire):
    wire.train(10)
    before = len(wire.sent)
    for _ in range(50):                           # a queue of requests after a busy cell
        wire.ask()
    assert len(wire.sent) == before + 1
    wire.now += 1.1
    wire.ask()
    assert len(wire.sent) == before + 2


@pytest.mark.parametrize("content", [{}, {"ask": "other"}, {"ask": None}])
def test_other_messages_are_not_answered(wire, content):
    wire.curve._hear(wire.curve, content, [])
    assert wire.sent == []


def test_broken_numbers_and_hostile_names_travel(wire):
    name = 'x"</script>\ud800\u202e' + "y" * 99
    wire.curve.add(**{name: math.nan, "loss": math.inf})
    wire.curve.mark("<b>\x00")
    wire.curve.finish()
    page = wire.page()
    assert page["series"][0]["values"] == ["NaN"]
    assert page["series"][1]["values"] == ["Infinity"]
    assert len(page["series"][0]["name"]) == 40
    assert page["marks"] == [[1, "<b>\ufffd"]]


def test_held_out_data_is_dashed(wire):
    wire.curve.add(loss=1.0, val_loss=1.0, accuracy=1.0, **{"test acc": 1.0})
    wire.curve.finish()
    dashes = {s["name"]: s["dash"] for s in wire.page()["series"]}
    assert dashes["loss"] == []
    assert len({tuple(dash) for dash in dashes.values()}) == 4
    assert dashes["val_loss"][0] > 2 < dashes["test acc"][0]
