"""What a series keeps: everything in order, every peak, however long the run is."""

import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lab.widgets.loss_curve import series as module
from autograd_lab.widgets.loss_curve.series import MARKS, Journal, Series, fold

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
anything = st.floats(width=32)


@given(st.lists(anything, max_size=80), st.integers(2, 9))
def test_a_fold_keeps_extremes_order_and_the_first_broken_value(values, size):
    points = np.array([range(len(values)), values], float).reshape(2, -1)
    folded = fold(points, size)
    assert (np.diff(folded[0]) > 0).all()
    kept = dict(folded.T.tolist())
    assert all(v == points[1, int(k)] or v != v for k, v in kept.items())
    for start in range(0, len(values), size):
        group = points[:, start : start + size]
        mine = np.array([kept[k] for k in group[0].tolist() if k in kept])
        fine, bad = np.isfinite(group[1]), ~np.isfinite(group[1])
        if fine.any():
            found = mine[np.isfinite(mine)]
            assert found.min() == group[1, fine].min()
            assert found.max() == group[1, fine].max()
        if bad.any():
            assert float(group[0, bad][0]) in kept
        if group.shape[1] == size:
            assert len(mine) <= 3


@given(st.lists(numbers, min_size=1, max_size=700), st.sampled_from([4, 16, 64]))
def test_a_small_room_never_loses_a_peak(values, room):
    series = Series("loss", room)
    for step, value in enumerate(values):
        series.append(step, value)
    steps, kept = series.points()
    assert series.total == len(values)
    assert kept.min() == min(values)
    assert kept.max() == max(values)
    assert (np.diff(steps) > 0).all()
    assert (kept == np.array(values)[steps.astype(int)]).all()
    assert kept[-1] == values[-1]
    assert len(kept) <= 2 * room + 4


def test_a_million_steps_stay_a_faithful_picture():
    series = Series("loss")
    values = 1 / np.sqrt(1 + np.arange(1_000_000))
    values[[137, 250_000, 999_000]] = [9.0, -4.0, math.nan]
    for step, value in enumerate(values.tolist()):
        series.append(step, value)
    steps, kept = series.points()
    assert series.total == 1_000_000
    assert kept.size < 33_000
    assert dict(zip(steps, kept, strict=True))[137] == 9.0
    assert dict(zip(steps, kept, strict=True))[250_000] == -4.0
    assert steps[np.isnan(kept)].tolist() == [999_000]
    # Evenly faithful: no hundredth part of the run is left to fewer than 50 points.
    assert np.histogram(steps, 100, (0, 1_000_000))[0].min() > 50


def test_exact_points_are_given_from_any_place_until_they_are_folded():
    series = Series("loss", 8)
    for step in range(8):
        series.append(step, step / 2)
    assert series.since(5).tolist() == [[5, 6, 7], [2.5, 3, 3.5]]
    assert series.since(8).shape == (2, 0)
    series.append(8, 4.0)
    assert series.since(3) is None
    assert series.since(4)[0].tolist() == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("back", [95, 40, 0])
def test_going_back_forgets_what_came_after(back):
    series = Series("loss", 16)
    for step in range(100):
        series.append(step, 1.0)
    series.cut(back)
    steps, _ = series.points()
    assert (steps < back).all()
    assert series.last == (steps[-1] if steps.size else -math.inf)
    assert abs(series.total - back) <= series.size      # the past knows it only so well
    series.append(back, 2.0)
    assert series.points()[:, -1].tolist() == [back, 2.0]


def test_a_reader_on_another_thread_waits_while_points_are_folded(monkeypatch):
    series, during, after = Series("loss", 64), [], []

    def watched(points, size):
        reader.start()
        reader.join(0.1)
        during.append(len(after))
        return fold(points, size)

    monkeypatch.setattr(module, "fold", watched)
    reader = threading.Thread(target=lambda: after.append(series.points()))
    for step in range(65):
        series.append(step, step)
    reader.join()
    assert during == [0]
    assert (after[0][0] == after[0][1]).all()
    assert (np.diff(after[0][0]) > 0).all()


def test_a_name_that_comes_again_begins_the_next_step():
    run = Journal()
    for k in range(4):
        run.add({"loss": 1.0, "accuracy": 0.5})
        if k % 2:
            run.add({"val": 2.0})
    assert run.series["loss"].points()[0].tolist() == [1, 2, 3, 4]
    assert run.series["val"].points()[0].tolist() == [2, 4]


def test_the_caller_may_count_steps():
    run = Journal()
    run.add({"loss": 1.0}, step=10)
    run.add({"val": 1.0})
    run.add({"loss": 1.0})
    run.add({"loss": 1.0}, step=20)
    run.mark("here")
    assert run.series["loss"].points()[0].tolist() == [10, 11, 20]
    assert run.series["val"].points()[0].tolist() == [10]
    assert run.marks == [(20, "here")]


def test_a_step_before_the_last_takes_back_what_followed():
    run = Journal()
    for step in range(5):
        run.add({"loss": float(step)}, step=step)
    run.add({"loss": 9.0}, step=2)
    assert run.series["loss"].points().tolist() == [[0, 1, 2], [0, 1, 9]]
    assert run.edition == 1


def test_none_is_no_point():
    run = Journal()
    run.add({"loss": 1.0, "val": None})
    run.add({"val": 3.0})
    assert run.series["val"].points().tolist() == [[1], [3]]


class Scalar:
    def item(self):
        return 2.5


@pytest.mark.parametrize("value", [Scalar(), np.float32(2.5), np.array([[2.5]])])
def test_whatever_has_one_item_is_a_number(value):
    run = Journal()
    run.add({"loss": value, "whole": 3, "yes": True})
    assert [s.points()[1].tolist() for s in run.series.values()] == [[2.5], [3], [1]]


@pytest.mark.parametrize("value", [[1.0], "high", 1j, object()])
def test_anything_else_is_refused_with_its_name(value):
    with pytest.raises(TypeError, match="loss: a curve takes one number a step"):
        Journal().add({"loss": value})


@pytest.mark.parametrize("step", [math.nan, math.inf])
def test_a_step_is_finite(step):
    with pytest.raises(ValueError, match="finite step"):
        Journal().add({"loss": 1.0}, step=step)


def test_marks_are_bounded():
    run = Journal()
    for k in range(MARKS + 5):
        run.mark(k)
    assert len(run.marks) == MARKS
    assert run.marks[-1] == (1, str(MARKS + 4))
