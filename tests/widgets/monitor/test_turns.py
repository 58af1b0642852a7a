"""What turned: found where it is, said once, and not found where nothing is."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn, remember_lines
from autograd_lab.train import watch
from autograd_lab.widgets.monitor import Monitor
from autograd_lab.widgets.monitor.origin import origin
from autograd_lab.widgets.monitor.turns import GradientWatch, LossWatch, UnitWatch


def noisy(steps, seed=0):
    """Losses as they are: falling, with a heavy tail."""
    draw = np.random.default_rng(seed)
    return (1.5 * np.exp(-np.arange(steps) / 80) + 0.05) * draw.lognormal(0, 0.6, steps)


def look_at(losses, block):
    watch_, found = LossWatch(), []
    for first in range(0, len(losses), block):
        found += watch_(first, losses[first : first + block])
    return [(turn.step, turn.kind) for turn in found]


@pytest.mark.parametrize("block", [1, 7, 100])
@pytest.mark.parametrize("seed", range(5))
def test_noise_is_no_spike_and_a_spike_is_one(block, seed):
    losses = noisy(2000, seed)
    assert len(look_at(losses, block)) <= 2
    losses[1500:1505] = 20.0
    assert (1500, "spike") in look_at(losses, block)


@pytest.mark.parametrize("block", [1, 7, 100])
def test_a_loss_that_is_no_number_is_said_once(block):
    losses = noisy(300)
    losses[200:] = np.nan
    assert look_at(losses, block)[-1] == (200, "nan")
    assert sum(kind == "nan" for _, kind in look_at(losses, block)) == 1


def test_vanishing_exploding_and_dying_begin_once_and_may_begin_again():
    look, words = GradientWatch(), []
    for step in range(60):
        small = 1e-8 if 10 <= step < 20 or 40 <= step < 50 else 0.1
        top = 5e4 if 30 <= step < 33 else 1.0
        words += [(turn.step, turn.words) for turn in look(step, {"a": small, "b": top})]
    kinds = [word.split(":")[0] for _, word in words]
    assert kinds.count("vanishing") >= 2 and kinds.count("exploding") == 1
    assert words[0] == (13, "vanishing: a")             # the fourth in a row
    assert look.ill == set()
    look(99, {"a": 0.1, "b": float("nan")})
    units = UnitWatch()
    said = [turn for step in range(9) for turn in units(step, {"relu": 0.9 if step > 2 else 0.0})]
    assert [(turn.step, turn.words) for turn in said] == [(6, "dead units: relu")]
    assert "90 %" in said[0].detail


@pytest.fixture
def lines():
    remember_lines()
    yield
    remember_lines(False)


def broken(kind, steps=20, at=12):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    data = [torch.randn(8, 4) for _ in range(steps)]
    if kind == "data":
        data[at].select(0, 2).fill_(float("nan"))
    batches = watch(data, net, optimizer)
    monitor = Monitor(batches.run)
    for step, x in enumerate(batches):
        y = net(x).mul(0.0 if kind == "sqrt" and step == at else 1.0)
        loss = y.square().sum(1).sqrt().sum() if kind == "sqrt" else y.square().sum()
        if kind == "log" and step == at:
            loss = y.mul(0).log().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return monitor


@pytest.mark.parametrize(("kind", "words", "text"), [
    ("log", "log gave −∞", "loss = y.mul(0).log().sum()"),
    ("sqrt", "the gradient of sqrt is ∞", "loss = y.square().sum(1).sqrt()"),
    ("data", "an input was NaN already, before linear", "y = net(x)"),
])  # fmt: skip
def test_the_operation_that_made_a_nan_and_its_line(lines, kind, words, text):
    monitor = broken(kind)
    (turn,) = [turn for turn in monitor.turns if turn.kind == "nan"]
    assert (turn.step, turn.words) == (13, words)
    assert text in turn.where and "test_turns.py" in turn.where
    assert (13, f"✕ {words}") in monitor.journal.marks


def test_without_a_record_it_says_that_the_loss_is_nan():
    monitor = broken("log")
    assert [turn.words for turn in monitor.turns if turn.kind == "nan"] == ["loss is −∞"]


def test_a_parameter_that_was_nan_already_is_named(lines):
    net = nn.Linear(2, 1)
    net.bias.data[0] = float("nan")
    loss = net(torch.ones(3, 2)).sum()
    assert origin(loss, net.named_parameters())[0] == "bias was NaN already, before linear"
    assert origin(torch.ones(2).sum()) == origin(None) == ("", "")
