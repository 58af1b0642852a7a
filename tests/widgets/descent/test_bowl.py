"""The bowl: heights, minimum and curvature of the learner's own loss; rings; real optimizers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets.descent import bowl as bowls
from autograd_lab.widgets.descent.bowl import FINE, Bowl, two_numbers
from autograd_lab.widgets.descent.contours import levels, rings
from autograd_lab.widgets.descent.paths import OPTIMIZERS, named, walk

numbers = st.floats(-3, 3, width=32)


@pytest.fixture(autouse=True)
def all_the_time(monkeypatch):
    """However slow the machine is: no loss is given up for its time."""
    monkeypatch.setattr(bowls, "perf_counter", lambda: 0.0)


def look(loss, start, **more):
    bowl = Bowl(loss, *two_numbers(loss))
    bowl.look(start, **more)
    return bowl


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 5), st.floats(0.1, 5), st.floats(-0.9, 0.9), numbers, numbers, numbers)
def test_a_parabola_is_known_as_one_and_its_numbers_are_exact(a, b, tilt, u, v, start):
    c = tilt * math.sqrt(a * b)
    bend = np.array([[a, c], [c, b]])
    bowl = look(lambda w, b_: (a * (w - u) ** 2 + b * (b_ - v) ** 2) / 2 + c * (w - u) * (b_ - v),
                (start, -start))  # fmt: skip
    assert bowl.quadratic
    np.testing.assert_allclose(bowl.minimum, [u, v], atol=2e-3)
    np.testing.assert_allclose(bowl.curvatures, np.linalg.eigvalsh(bend), atol=1e-4)
    assert bowl.limit == pytest.approx(2 / np.linalg.eigvalsh(bend)[-1], rel=1e-4)
    axes, heights = bowl.heights()
    i, j = 17, 90
    here = bowl.height((axes[0][j], axes[1][i]))
    assert heights[i, j] == pytest.approx(here, rel=1e-3, abs=1e-3)


def test_the_window_shows_start_and_minimum():
    bowl = look(lambda w, b: (w - 4) ** 2 + 100 * (b + 2) ** 2, (0.0, 0.0))
    left, right, bottom, top = bowl.window
    assert left < 0 < 4 < right
    assert bottom < -2 < 0 < top
    assert bowl.heights()[1].shape == (FINE, FINE)


def test_a_start_at_the_minimum_still_has_a_window():
    left, right, bottom, top = look(lambda w, b: w**2 + b**2, (0.0, 0.0)).window
    assert left < 0 < right and bottom < 0 < top


def test_a_crooked_valley_is_searched():
    bowl = look(lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, (-1.5, 2.0))
    assert not bowl.quadratic
    np.testing.assert_allclose(bowl.minimum, [1, 1], atol=1e-3)
    # The eigenvalues of [[802, -400], [-400, 200]].
    assert bowl.limit == pytest.approx(2 / 1001.6, rel=1e-3)


def test_a_saddle_and_a_slope_have_no_minimum_and_say_why():
    for loss, why in ((lambda x, y: x**2 - y**2, "saddle"), (lambda x, y: x + 2 * y, "found")):
        bowl = look(loss, (1.0, 1.0))
        assert bowl.limit is None
        assert bowl.minimum is None
        assert why in bowl.why
        assert np.isfinite(bowl.heights()[1]).all()


def test_a_loss_of_single_numbers_is_asked_place_by_place():
    asked = []

    def loss(p):
        asked.append(1)
        return torch.sin(p[0]) + torch.cos(p[1] * p[0])

    bowl = look(loss, (1.0, 1.0))
    axes, heights = bowl.heights()
    assert heights.shape == (81, 81)
    x, y = axes[0][30], axes[1][70]
    assert heights[70, 30] == pytest.approx(math.sin(x) + math.cos(y * x), abs=1e-5)
    assert len(asked) < 81 * 81 + 600               # nothing is asked twice


def test_a_slow_loss_gives_a_coarser_map(monkeypatch):
    ticks = iter(range(100_000))
    monkeypatch.setattr(bowls, "perf_counter", lambda: next(ticks) / 200)
    bowl = look(lambda p: torch.sin(p[0]) + p[1] ** 4, (1.0, 1.0))
    assert bowl.heights()[1].shape[0] in (11, 21)


def test_a_loss_that_mixes_a_whole_map_is_not_called_with_one():
    data = torch.arange(5.0)
    bowl = look(lambda w, b: ((w * data + b).tanh() ** 2).mean(), (1.0, 1.0))
    axes, heights = bowl.heights()
    want = (np.tanh(axes[0][40] * np.arange(5) + axes[1][3]) ** 2).mean()
    assert heights[3, 40] == pytest.approx(want, abs=1e-5)


def test_a_loss_that_takes_a_map_for_one_thing_is_found_out():
    bowl = look(lambda w, b: w.tanh() + b**4 + (w - w.mean()), (1.0, 1.0))
    axes, heights = bowl.heights()
    assert heights[3, 40] == pytest.approx(np.tanh(axes[0][40]) + axes[1][3] ** 4, abs=1e-4)


@pytest.mark.parametrize(("loss", "error", "words"), [
    (lambda w, b: 3.0, TypeError, "gave a float, not a tensor"),
    (lambda w, b: (w * b).item(), TypeError, "gave a float"),
    (lambda w, b: torch.ones(4) * w + b, ValueError, r"shape \(4,\).*end with .mean"),
    (lambda w, b: (w + b).detach(), ValueError, "does not depend on its parameters"),
    (lambda w, b: torch.tensor(1.0), ValueError, "no slope to follow"),
    (lambda w, b: torch.complex(w, b), TypeError, "complex"),
    (lambda w, b: (w - 9).log() + b, ValueError, "the loss at the start .* is nan"),
])  # fmt: skip
def test_what_is_wrong_with_a_loss_is_said(loss, error, words):
    with pytest.raises(error, match=words):
        look(loss, (1.0, 1.0))


@pytest.mark.parametrize(("given", "words"), [
    (torch.ones(3), "Descent.line"), (lambda a, b, c: a, "takes 3"), (5, "not an int"),
])  # fmt: skip
def test_what_is_no_loss_is_refused(given, words):
    with pytest.raises(TypeError, match=words):
        two_numbers(given)


def test_names_come_from_the_function():
    def loss(slope, start, scale=2.0):
        return slope + start

    assert two_numbers(loss) == ([(), ()], ("slope", "start"))
    assert two_numbers(lambda *both: both) == ([(), ()], ("w", "b"))
    assert two_numbers(lambda p, scale=1: p) == ([(2,)], ("p[0]", "p[1]"))


# Rings. ------------------------------------------------------------------------------------------


def area(ring):
    x, y = ring.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def test_the_ring_of_a_round_bowl_is_a_circle():
    x, y = np.meshgrid(np.linspace(-1, 1, 101), np.linspace(-1, 1, 101))
    (ring,) = rings(x**2 + y**2, 0.25)
    radius = np.hypot(ring[:, 0] - 0.5, ring[:, 1] - 0.5)
    np.testing.assert_allclose(radius, 0.25, atol=1e-4)
    assert abs(area(ring)) == pytest.approx(math.pi / 16, rel=1e-2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(2, 9))
def test_rings_enclose_what_is_lower_and_nothing_else(seed, rows, columns):
    field = np.random.default_rng(seed).normal(size=(rows, columns))
    found = rings(field, 0.0)
    for i, j in np.ndindex(rows, columns):
        at = (j / (columns - 1), i / (rows - 1))
        # Nudge a place on the frame inwards: rings run along it.
        at = tuple(0.5 + (v - 0.5) * 0.999 for v in at)
        times = sum(crossings(ring, at) for ring in found)
        if abs(field[i, j]) > 0.02:
            assert times % 2 == (field[i, j] < 0), (i, j)


def crossings(ring, at):
    count = 0
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0)):
        if (y0 > at[1]) != (y1 > at[1]):
            count += x0 + (at[1] - y0) / (y1 - y0) * (x1 - x0) > at[0]
    return count


def test_levels_halve_towards_the_floor():
    field = np.linspace(0, 8, 1000).reshape(20, 50)
    assert levels(field, 0.0, most=3) == [4.0, 2.0, 1.0]
    assert levels(np.full((3, 3), np.inf), 0.0) == []
    assert levels(np.ones((3, 3)), 1.0) == []


# Paths. ------------------------------------------------------------------------------------------


def flat():
    return look(lambda w, b: w**2 + 10 * b**2, (3.0, 1.0))


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_each_step_is_what_its_rule_says(name):
    path = walk(flat(), (3.0, 1.0), *named(name), 0.05, 25)
    assert path.rows.shape == (26, 9)
    point, slope, along, under = (path.rows[:, k : k + 2] for k in (0, 3, 5, 7))
    np.testing.assert_allclose(slope, point * [2, 20], rtol=1e-5)
    np.testing.assert_allclose(path.rows[:, 2], point[:, 0] ** 2 + 10 * point[:, 1] ** 2, rtol=1e-5)
    np.testing.assert_allclose(point[1:], (point - 0.05 * along / under)[:-1], atol=2e-6)
    assert np.isnan(along[-1]).all()


def test_a_path_ends_where_numbers_end():
    path = walk(flat(), (3.0, 1.0), *named("SGD"), 1e9, 200)
    assert len(path.rows) < 20
    assert not np.isfinite(path.rows[-1, :5]).all()
    assert np.isfinite(path.rows[:-1, :5]).all()


def test_any_optimizer_walks():
    def nesterov(params, lr):
        return torch.optim.SGD(params, lr, nesterov=True, momentum=0.5)

    for one in ("RMSprop", torch.optim.AdamW, nesterov):
        path = walk(flat(), (3.0, 1.0), *named(one), 0.05, 5)
        assert path.kind == "other"
        assert path.rows[-1, 2] < path.rows[0, 2]


@pytest.mark.parametrize(("given", "error"), [
    ("Adem", ValueError), (3, TypeError), ("Optimizer_", ValueError),
    (torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1), TypeError),
])  # fmt: skip
def test_what_is_no_optimizer_is_refused(given, error):
    with pytest.raises(error, match=r"optimizer"):
        named(given)


def test_a_function_that_makes_no_optimizer_is_named():
    with pytest.raises(TypeError, match="made list, not an optimizer"):
        walk(flat(), (1.0, 1.0), *named(lambda ps, lr: []), 0.1, 3)
