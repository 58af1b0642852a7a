"""What is measured, against NumPy; and that measuring takes no more than its share of the time."""

import math

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn, watching
from autograd_lab.nn import functional as F
from autograd_lab.train import Steering
from autograd_lab.widgets.monitor import probe as probing
from autograd_lab.widgets.monitor.probe import Probe, columns_of
from autograd_lab.widgets.monitor.samples import Samples
from autograd_lab.widgets.monitor.shapes import BINS, FACTS, shape_of, silent
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.act = nn.Linear(3, 8), nn.Linear(8, 2), nn.Tanh()

    def forward(self, x):
        return self.two(self.act(F.relu(self.one(x))) + F.relu(self.one(-x)))


def train(net, optimizer, steps, x):
    for _ in range(steps):
        optimizer.zero_grad()
        net(x).square().sum().backward()
        optimizer.step()


@pytest.fixture
def measured():
    torch.manual_seed(1)
    net, seen = Net(), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    probe = Probe(net, optimizer, seen.append, budget=math.inf)
    probe.rate, probe.deep = math.inf, True
    x = torch.randn(5, 3)
    before = {name: p.detach().numpy().copy() for name, p in net.named_parameters()}
    hidden = net.one(x).detach().numpy()
    train(net, optimizer, 1, x)
    yield net, optimizer, probe, seen, x, before, hidden
    probe.remove()


def test_norms_and_ratios_are_those_of_the_step(measured):
    net, _, _, (sample,), _, before, _ = measured
    for name, p in net.named_parameters():
        norm = np.linalg.norm(p.grad.numpy())
        moved = np.linalg.norm(p.detach().numpy() - before[name]) / np.linalg.norm(before[name])
        assert sample["norms"][name] == pytest.approx(norm, rel=1e-5)
        assert sample["ratios"][name] == pytest.approx(moved, rel=1e-3)


def test_activations_are_found_as_modules_and_as_functions(measured):
    *_, (sample,), _, _, hidden = measured
    assert list(sample["dead"]) == ["relu", "act Tanh", "relu (2)"]
    assert sample["gated"] == {"relu", "relu (2)"}
    assert sample["dead"]["relu"] == np.mean((hidden <= 0).all(axis=0))
    full = np.mean(np.abs(np.tanh(np.maximum(hidden, 0))) >= 0.97)
    assert sample["dead"]["act Tanh"] == pytest.approx(full)
    assert set(sample["shapes"]) == {*sample["norms"], *sample["dead"]}


def test_a_budget_holds_whatever_a_measurement_costs(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(probing, "perf_counter", lambda: clock[0])
    net, seen = Net(), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

    def dear(sample):
        seen.append(clock[0])
        clock[0] += 0.5

    probe = Probe(net, optimizer, dear, budget=0.01)
    x = torch.ones(2, 3)
    for _ in range(3000):                       # 300 seconds
        clock[0] += 0.1
        probe.beat()
        train(net, optimizer, 1, x)
    assert 5 <= len(seen) <= 7                  # half a second each: 1 % allows one in 50 s
    assert probe.spent / clock[0] < 0.0125
    probe.remove()


@pytest.mark.parametrize(("looks", "most"), [(True, 10), (False, 1)])
def test_nobody_looks_nothing_is_measured_more_than_once_a_second(monkeypatch, looks, most):
    clock = [0.0]
    monkeypatch.setattr(probing, "perf_counter", lambda: clock[0])
    net, seen = Net(), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    probe = Probe(net, optimizer, seen.append)
    probe.rate = probing.LOOKED_AT if looks else probing.ALONE
    x = torch.ones(2, 3)
    for _ in range(1000):                       # ten seconds
        clock[0] += 0.01
        probe.beat()
        train(net, optimizer, 1, x)
    assert 0.5 * 10 * most <= len(seen) <= 10 * most + 1
    probe.remove()


def test_it_lets_go_of_everything():
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    watchers = watching.watchers
    probe = Probe(net, optimizer, lambda sample: None)
    assert watching.watchers == watchers + 1    # armed for the first step
    probe.remove()
    assert watching.watchers == watchers
    assert not any(optimizer._hooks.values())
    train(net, optimizer, 2, torch.ones(2, 3))


def test_a_first_gradient_that_is_no_number_rings_once_before_the_weights_change():
    net, rung = Net(), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    x = torch.ones(2, 3)
    probe = Probe(net, optimizer, lambda sample: None,
                  alarm=lambda: rung.append(float(net.one.weight.sum())))
    for step in range(4):
        optimizer.zero_grad()
        loss = net(x).square().sum()
        (loss.mul(0.0).sqrt() if step == 2 else loss).backward()
        optimizer.step()
    assert len(rung) == 1 and math.isfinite(rung[0])
    probe.remove()


def test_parameters_without_a_gradient_are_left_out(measured):
    net, optimizer, probe, seen, x, *_ = measured
    net.two.weight.requires_grad_(False)
    probe.due = 0
    probe.beat()
    train(net, optimizer, 1, x)
    assert "two.weight" not in seen[-1]["norms"] and "two.bias" in seen[-1]["norms"]


def test_many_parameters_are_joined_by_module():
    net = nn.Sequential(*[nn.Sequential(*[nn.Linear(2, 2) for _ in range(8)]) for _ in range(5)])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    columns = columns_of(net, optimizer)
    assert len(columns) == 40 and len(columns["3.7"]) == 2
    assert list(columns_of(None, optimizer))[:2] == ["parameter 0 (2, 2)", "parameter 1 (2,)"]


def test_silent_units_and_shapes():
    images = np.zeros((4, 3, 5, 5), "f4")
    images[2, 1, 0, 0] = 1
    assert silent(images) == pytest.approx(2 / 3)
    words = np.zeros((4, 6, 8), "f4")
    words[0, 0, :2] = 1
    assert silent(words) == 0.75
    numbers = np.random.default_rng(0).normal(size=(300, 300)).astype("f4")
    shape = shape_of(numbers)
    low, high, mean, deviation, zeros, broken = shape[: len(FACTS)]
    assert abs(mean) < 0.1 and deviation == pytest.approx(1, abs=0.05) and zeros == broken == 0
    assert shape[len(FACTS) :].sum() >= 4096 and shape.size == len(FACTS) + BINS
    assert low < -2 < 2 < high
    for bad in (np.full(3, np.nan, "f4"), np.zeros((0, 3), "f4"), np.full(5, 7.0)):
        assert shape_of(bad).size == len(FACTS) + BINS
    assert shape_of(np.full(5, 7.0))[len(FACTS)] == 5


def test_the_last_step_is_measured_also_right_after_another():
    net, seen = Net(), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    run = Steering()
    probe = Probe(net, optimizer, seen.append, budget=1e-9, run=run)
    for count in 2, 9:
        run.steps_an_epoch = count
        probe.beat()
        for run.steps in range(count):
            train(net, optimizer, 1, torch.randn(5, 3))
    probe.remove()
    assert len(seen) == 3                       # the first, and twice the last


def test_a_full_table_keeps_what_stuck_out_and_new_columns_are_empty_before():
    table = Samples(room=8)
    for step in range(40):
        table.add(step, {"w": 100.0 if step == 11 else 1.0} | ({"v": 2.0} if step > 30 else {}))
    rows = table.rows()
    assert len(rows) <= 8 and rows[:, 1].max() == 100 and rows[-1, 0] == 39
    assert np.isnan(rows[0, 2]) and rows[-1, 2] == 2
    assert (np.diff(rows[:, 0]) > 0).all()
    edition = table.edition
    table.cut(35)
    assert table.edition == edition + 1 and table.rows()[-1, 0] < 35
    assert table.column("v").shape[0] == 2 and table.column("nobody").shape == (2, 0)


def test_a_gpu_is_measured_as_main_memory_is(pretend_gpu):  # noqa: F811
    found = []
    for place in ("cpu", "cuda"):
        torch.manual_seed(3)
        net, x, seen = Net(), torch.randn(5, 3), []
        net, x = net.to(place), x.to(place)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        probe = Probe(net, optimizer, seen.append, budget=math.inf)
        probe.deep = True
        train(net, optimizer, 1, x)
        probe.remove()
        found.append(seen[0])
    cpu, cuda = found
    for kind in ("norms", "ratios", "dead"):
        assert cuda[kind] == pytest.approx(cpu[kind], rel=1e-4)
    assert list(cuda["shapes"]) == list(cpu["shapes"])
