"""Change one number: what the gradient predicts stands beside what happens."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.nn import functional as F
from autograd_lab.provenance import Origins, Scrub, scrub
from autograd_lab.replay import Replay
from autograd_lab.watching import remember_lines
from tests.graph.programs import program


@pytest.fixture(autouse=True)
def watched():
    remember_lines()
    yield
    remember_lines(False)


def test_prediction_and_truth_of_a_square():
    w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    loss = (w * 3 - 5) ** 2
    found = scrub(w, (), 2.1, loss)
    assert found.predicted == pytest.approx(0.6) and found.real == pytest.approx(0.69)
    assert str(found) == (
        "the number: 2 → 2.1; the loss: gradient predicted +0.6 · really +0.69 (1 → 1.69)"
    )
    assert float(w) == 2.0 and w.grad is None


@pytest.mark.parametrize("seed", range(30))
def test_the_real_change_is_what_the_program_would_give(seed):
    (x, _), loss = program(seed, 3)
    replay = Replay(loss)
    if x.node not in replay.gradients:
        return
    delta = 1e-4
    found = Scrub(replay, x, (0, 1)).to(float(x.array[0, 1]) + delta)
    assert found.predicted == pytest.approx(found.real, rel=0.05, abs=1e-5)


def test_an_inner_change_is_exact_for_a_bowl():
    x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    loss = (x**2).sum()
    for value in (-3.0, 0.0, 4.5):
        found = scrub(x, 1, value, loss)
        assert found.real == pytest.approx(value**2 - 4)
        assert found.predicted == pytest.approx(-4 * (value + 2))


def test_a_step_of_a_curve_and_its_middle():
    x = torch.tensor([0.5, 3.0], requires_grad=True)
    change = Scrub(Replay((x**2).sum()), x, 0)
    assert change.range == (-20, 20) and change.value_at(0) == 0.5
    assert change.step in (0.1, 0.2, 0.5)
    curve = dict(change.curve())
    assert len(curve) == 41 and curve[0] == pytest.approx(9.25)
    for place in (-20, 7):
        assert curve[place] == pytest.approx(change.value_at(place) ** 2 + 9, rel=1e-5)


def test_whole_numbers_truth_and_data():
    x = torch.randn(3, 4, requires_grad=True)
    target, weight = torch.tensor([0, 1, 3]), torch.ones(3)
    mask = torch.tensor([True, False, True])
    each = F.cross_entropy(x, target, reduction="none")
    replay = Replay((torch.where(mask, each, each * 2) * weight).sum())
    change = Scrub(replay, target, 0)
    assert change.step == 1 and change.slope is None
    assert change.to(2.4).after == 2 and "steps of 1" in str(change.to(2))
    with pytest.raises(ValueError, match="the computation fails: Target 4"):
        change.to(4)
    assert len(change.curve()) == 4  # the positions that are no classes are left out
    assert Scrub(replay, mask, 0).range == (-1, 0)
    assert "true or false" in str(Scrub(replay, mask, 1).to(1))
    seen = Scrub(replay, weight, 2).to(2.0)
    assert seen.predicted is None and "does not require grad" in str(seen)
    assert "stay as they were" in str(Scrub(replay, x, (0, 0)).to(1.0))


def test_what_cannot_be_changed():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    loss = y.sum()
    z = torch.tensor([1 + 1j], requires_grad=True)
    for ask, error, says in [
        (lambda: scrub(y, 0, 1.0, loss), ValueError, "computed, so it follows"),
        (lambda: scrub(torch.ones(1), 0, 1.0, loss), ValueError, "no part"),
        (lambda: scrub(x, 2, 1.0, loss), ValueError, "names no number"),
        (lambda: scrub(x, 0, "a", loss), ValueError, "a number is needed"),
        (lambda: scrub(x, 0, float("nan"), loss), ValueError, "finite"),
        (lambda: scrub(3, 0, 1.0, loss), TypeError, "Tensor"),
        (lambda: scrub(z, 0, 1.0, z.abs().sum()), ValueError, "two parts"),
    ]:
        with pytest.raises(error, match=says):
            ask()
    bad = torch.tensor([float("nan")], requires_grad=True)
    with pytest.raises(ValueError, match="no way to go on"):
        scrub(bad, 0, 1.0, bad.sum())
    assert "not a finite" in str(scrub(x, 0, -1.0, (x.log()).sum()))


def test_gradients_are_new_too():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    loss = (x**3).sum()
    after = Scrub(Replay(loss), x, 0).replayed(5.0)
    np.testing.assert_allclose(after.gradients[x.node], [75.0, 12.0])


def test_what_is_looked_at_is_of_one_moment_though_training_goes_on():
    w = torch.tensor([2.0, 1.0], requires_grad=True)
    pear, data = torch.tensor(2.0, requires_grad=True), torch.tensor([1.0, 3.0])
    loss = ((w * data).sum() + 4 * pear - 14) ** 2
    replay = Replay(loss)
    with torch.no_grad():
        w += 1
        data *= 2
        pear.fill_(3.0)
    for tensor, index, before in (w, (1,), 1.0), (data, (1,), 3.0), (pear, (), 2.0):
        scrub = Scrub(replay, tensor, index)
        assert scrub.before == before and scrub.to(before).real == 0
    change = Scrub(replay, pear, ()).to(2.001)
    assert change.predicted == pytest.approx(change.real, rel=1e-2)
    told = str(Origins(loss, {"pear": pear}, replay).why(pear, ()))
    assert "was changed since: all this is told of the values before that" in told
    assert "all this is told of the changed values" in str(Origins(loss).why(pear, ()))
