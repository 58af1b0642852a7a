"""Why a number of a gradient is what it is: the paths add up, the blocked ones are named."""

import itertools
import json
import math
import re
import sys

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn import functional as F
from autograd_lab.provenance import Origins, scrub, why
from autograd_lab.provenance.walk import key_of
from autograd_lab.replay import Replay, inputs_of
from autograd_lab.watching import remember_lines
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)
from tests.graph.programs import program


@pytest.fixture(autouse=True)
def watched():
    remember_lines()
    yield
    remember_lines(False)


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


# --- contributions add up


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_contributions_add_up_to_the_gradient_of_backward(first):
    for seed in range(first, first + 20):
        leaves, loss = program(seed)
        origins = Origins(loss)
        loss.backward()
        for x in leaves:
            for index in [(0, 0), (2, 1)]:
                true = 0.0 if x.grad is None else float(x.grad.array[index])
                if x.grad is None:
                    continue
                found = origins.why(x, index, most=5)
                near = {"rel": 1e-9, "abs": 1e-9}
                assert found.gradient == pytest.approx(true, **near), seed
                assert found.total == pytest.approx(true, **near), seed
                assert found.paths_total == pytest.approx(true, **near), seed
                for route in found.routes:
                    assert route.whole, (seed, str(found))
                    for part in route.breakdowns:
                        total = math.fsum([*(g.contribution for g in part.groups), part.rest])
                        assert total == pytest.approx(route.contribution, **near), seed


def every_path(replay, key, entry):
    """All paths from a number to the root, by brute force: (product, the numbers it passes)."""
    if key == key_of(replay.root.node):
        return [(1.0, ())]
    found = []
    for node in replay.ops:
        for slot, came_from in inputs_of(node):
            if key_of(came_from) != key:
                continue
            shape = np.shape(replay.operand(node, slot).array)
            column = replay.derivative(node, slot, np.unravel_index(entry, shape))
            for j in np.flatnonzero(column).tolist():
                for product, way in every_path(replay, (node, 0), j):
                    found.append((product * float(column.flat[j]), ((node, slot, j), *way)))
    return found


def small(seed):
    torch.manual_seed(seed)
    x = torch.randn(3, dtype=torch.float64).requires_grad_()
    a = x * x[1] + F.relu(x)
    return x, (a * a.sum() + x).sum()


@pytest.mark.parametrize("seed", range(5))
def test_paths_are_those_that_brute_force_finds(seed):
    x, loss = small(seed)
    replay = Replay(loss)
    for i in range(3):
        true = [product for product, _ in every_path(replay, key_of(x.node), i)]
        found = Origins(loss).why(x, i, most=1000)
        assert not found.paths_rest_count and found.paths_rest == pytest.approx(0, abs=1e-12)
        mine = sorted(path.contribution for path in found.paths)
        assert mine == pytest.approx(sorted(true))
        listed = Origins(loss).why(x, i, most=4)
        sizes = [abs(path.contribution) for path in listed.paths]
        assert sizes == sorted(sizes, reverse=True) and len(sizes) == 4
        beginnings = sorted(map(abs, true), reverse=True)
        assert sizes[0] <= beginnings[0] + 1e-12
        assert listed.paths_total == pytest.approx(math.fsum(true))


@pytest.mark.parametrize("seed", range(5))
def test_routes_sort_the_paths_by_operations(seed):
    x, loss = small(seed)
    replay = Replay(loss)
    by_route = {}
    for product, way in every_path(replay, key_of(x.node), 0):
        name = tuple((node, slot) for node, slot, _ in way)
        by_route[name] = by_route.get(name, 0) + product
    found = Origins(loss).why(x, 0, most=1000)
    assert found.rest_count == 0
    mine = sorted(path.contribution for path in found.routes)
    assert mine == pytest.approx(sorted(by_route.values()))


def test_the_product_of_factors_is_the_contribution():
    x, y = leaf(2.0, 3.0), leaf(5.0, 7.0)
    found = why(x, 1, (x * y * 2).sum())
    (path,) = found.paths
    assert [step.factor for step in path.steps] == [None, 7.0, 2.0, 1.0]
    assert path.product() == "7 × 2 × 1 = 14"
    assert path.words().startswith("x[1] → mul[1] ×2 → sum (line ")
    assert [step.index for step in path.steps] == [(1,), (1,), (1,), ()]
    h = x * 3
    loss = h.exp().sum()
    words = re.sub(r" \(line \d+\)", "", why(x, 1, loss).paths[0].words())
    assert words == "x[1] → h[1] = mul → exp[1] → loss = sum"


def test_many_paths_have_a_rest_that_is_counted():
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(10):
        y = y + y * 0.5
    found = why(x, (), y, most=5)
    assert len(found.routes) == 5 and found.rest_count == 2**10 - 5
    assert found.total == pytest.approx(1.5**10, rel=1e-12)
    assert f"and {2**10 - 5:,} more routes" in str(found)
    assert found.routes[0].contribution == pytest.approx(1.0)


def test_the_largest_are_listed_wherever_they_lead():
    a, b = torch.arange(50.0, dtype=torch.float64), torch.arange(100.0, 150, dtype=torch.float64)
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    found = why(x, (), (x * b).sum() + (x * a).sum(), most=4)
    assert [p.contribution for p in found.paths] == [149, 148, 147, 146]
    assert found.paths_rest == a.array.sum() + b.array.sum() - 590
    assert [p.contribution for p in found.routes] == [b.array.sum(), a.array.sum()]


def test_the_same_operand_twice_is_two_paths():
    x = leaf(3.0)
    found = why(x, (), x * x)
    assert [p.contribution for p in found.paths] == [3.0, 3.0]
    assert {p.steps[1].operand for p in found.paths} == {"a", "b"}


def test_several_results_and_inner_nodes():
    x = torch.randn(4, 3, dtype=torch.float64).requires_grad_()
    first, second = (x * 2).split([1, 2], 1)
    h = second.exp()
    loss = (first * h).sum()
    h.retain_grad()
    loss.backward()
    for tensor, grad in [(x, x.grad), (h, h.grad)]:
        found = why(tensor, (1, 1), loss)
        assert found.total == pytest.approx(float(grad.array[1, 1]), rel=1e-12)
        assert found.name in ("x", "h")


class Odd(torch.autograd.Function):
    """Its backward is not the derivative of anything: it is not linear in what it is given."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g * g.abs() + 1


def test_a_rule_that_cannot_be_taken_apart_still_counts_in_full():
    x = leaf(1.0, 2.0)
    found = why(x, 0, (Odd.apply(x * 3) * 5).sum())
    assert found.gradient == found.total == found.paths_total == 78.0
    assert not found.routes[0].whole and "cannot be taken apart" in str(found)


# --- groups


def test_the_rows_of_a_bias_gradient():
    torch.manual_seed(0)
    x, b = torch.randn(32, 5, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    w, b = torch.randn(5, 3, dtype=torch.float64), b.requires_grad_()
    h = x @ w + b
    loss = (h**2).sum()
    found = why(b, 1, loss)
    (route,) = found.routes
    rows = route.breakdowns[0]
    assert rows.by == "row" and rows.at.op == "add"
    true = 2 * h.detach().array[:, 1]
    order = np.argsort(-abs(true))[:6]
    assert [g.index for g in rows.groups] == [f"[{i}, :]" for i in order]
    assert [g.contribution for g in rows.groups] == pytest.approx(true[order])
    assert rows.rest_count == 26 and rows.rest == pytest.approx(true.sum() - true[order].sum())


def test_images_are_sorted_by_sample_row_and_column():
    conv = nn.Conv2d(2, 3, 3)
    found = why(conv.bias, 1, (conv(torch.randn(4, 2, 6, 6)) ** 2).sum())
    assert [b.by for b in found.routes[0].breakdowns] == ["sample", "row", "column", "entry"]


# --- what is blocked


def test_half_of_a_gradient_stops_at_relu():
    x = leaf(-1.0, 2.0, -3.0, 4.0)
    b = leaf(0.0)
    loss = (F.relu(x + b) * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum()
    found = why(b, (), loss)
    (stop,) = found.stops  # 1 and 3 of 1 + 2 + 3 + 4 stand before closed gates
    assert (stop.share, stop.amount, stop.stopped, stop.reached) == (0.4, 4.0, 2, 4)
    assert stop.words().startswith("40 % stopped at relu, line ")
    assert stop.words().endswith("2 of 4 numbers are not above 0")
    assert found.gradient == 6.0


@pytest.mark.parametrize(
    ("gate", "name", "share"),
    [
        (lambda h: h.clamp(-2, 2), "clamp", 7 / 10),
        (lambda h: torch.where(h > 0, h, h * 0 + 9), "where", 4 / 10),
        (lambda h: h.masked_fill(h < 0, 0.0), "masked_fill", 4 / 10),
        (F.hardtanh, "hardtanh", 1.0),
        (lambda h: torch.maximum(h, torch.zeros(4)), "maximum", 4 / 10),
        (lambda h: h * torch.tensor([1.0, 0.0, 1.0, 1.0]), "mul", 2 / 10),
    ],
)
def test_every_gate_by_hand(gate, name, share):
    x, b = torch.tensor([-1.0, 2.0, -3.0, 4.0]), leaf(0.0)
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0])
    if name == "clamp":
        x = torch.tensor([-1.0, 1.0, -3.0, 4.0])
    if name == "hardtanh":
        x = x * 9
    found = why(b, (), (gate(x + b) * weights).sum())
    stop = next(s for s in found.stops if s.step.op == name)
    assert stop.share == pytest.approx(share)
    assert found.total == pytest.approx(found.gradient)


def test_dropout_and_pooling():
    torch.manual_seed(1)
    b, x = leaf(0.0), torch.rand(40)
    h = F.dropout(x + b)
    found = why(b, (), h.sum())
    (stop,) = found.stops
    dropped = int((h == 0).sum())
    assert stop.step.op == "dropout" and (stop.stopped, stop.reached) == (dropped, 40)
    assert stop.share == pytest.approx(dropped / 40)
    x = torch.tensor([[[[1.0, 5.0], [2.0, 3.0]]]], requires_grad=True)
    found = why(x, (0, 0, 0, 0), F.max_pool2d(x, 2).sum())
    assert found.gradient == 0 and found.stops[0].share == 1
    assert found.stops[0].words().endswith("the number is smaller than another one")
    assert found.sentences == (
        f"The gradient is 0 because max_pool (line {found.stops[0].step.line}) lets nothing "
        "through here.",
    )


def test_the_largest_of_rows():
    x = torch.tensor([[1.0, 2.0], [4.0, 3.0]], requires_grad=True)
    for loss in (x.max(1)[0].sum(), x.amax(1).sum(), -(-x).min(1)[0].sum()):
        found = why(x, (0, 0), loss)
        assert found.gradient == 0
        assert found.stops[0].share == 1, str(found)


# --- what a learner should notice


def test_paths_that_cancel():
    x = leaf(2.0)
    found = why(x, (), x * 3.1 - x * 2.9)
    assert "+3.1 and −2.9 almost cancel" in str(found)
    found = why(x, (), ((x - x) * 5).exp())
    assert found.gradient == 0 and "+5 and −5 cancel" in str(found)
    deep = (x * 4 - x * 4).sum()
    found = why(x, (), deep * 2 + 0)
    assert {p.contribution for p in found.paths} == {8.0, -8.0}
    y = (x * 2).exp() * 0 + x * 2  # nothing comes back to x * 2: its two uses cancel
    found = why(x, (), y * 4 - y * 4)
    assert {8.0, -8.0} <= {p.contribution for p in found.paths} and found.gradient == 0


def test_nothing_arrives():
    x = leaf(2.0, 3.0)
    assert "no path" in str(why(x, 1, x[0] * 2)) or "stopped" in str(why(x, 1, x[0] * 2))
    y = x * 2
    z = y.exp()
    del z
    with pytest.raises(ValueError, match="no part in this loss"):
        why(leaf(1.0), (), (y * 2).sum())


def test_where_nan_was_born():
    x = leaf(0.0, 4.0)
    found = why(x, 0, (x.sqrt() * 0).sum())
    assert math.isnan(found.gradient) and "on the way back" in str(found)
    assert "sqrt" in found.sentences[0]
    found = why(x, 1, (x - 1).log().sum() * x.sum())
    assert "born on the way forward: log" in str(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_grad_that_was_added_up_twice():
    w = leaf(2.0)
    (w * 3).backward()
    loss = w * 3
    loss.backward()
    assert "2 times this gradient" in str(why(w, (), loss))
    w.grad.zero_()
    assert why(w, (), loss).sentences == ()
    w.grad += 5
    assert "w.grad holds 5: that does not come from this loss alone" in str(why(w, (), loss))


def test_a_leaf_that_was_changed_since():
    w = leaf(2.0, 3.0)
    loss = (w * w).sum()
    with torch.no_grad():
        w += 1
    found = why(w, 0, loss)
    assert found.gradient == 6.0 and "w was changed after this loss was computed" in str(found)


# --- bad input, size, speed


def test_questions_that_cannot_be_answered():
    x = leaf(1.0, 2.0)
    loss = (x * 2).sum()
    for ask, error, says in [
        (lambda: why(x, 5, loss), ValueError, "5 is not below 2"),
        (lambda: why(x, (0, 0), loss), ValueError, "1 whole number name"),
        (lambda: why(x, "a", loss), ValueError, "whole number"),
        (lambda: why(torch.ones(2), 0, loss), ValueError, "requires_grad=True"),
        (lambda: why([1.0], 0, loss), TypeError, "list"),
        (lambda: why(x, 0, x * 2), ValueError, "its sum"),
        (lambda: why(x, 0, torch.ones(())), ValueError, "no graph behind this loss"),
        (lambda: why(x, 0, 3.0), TypeError, "float"),
    ]:
        with pytest.raises(error, match=says):
            ask()
    remember_lines(False)
    with pytest.raises(ValueError, match="remember_lines"):
        why(x, 0, (x * 3).sum())
    z = torch.tensor([1 + 2j], requires_grad=True)
    with pytest.raises(ValueError, match="complex"):
        why(z, 0, (z * z).sum())


def test_a_scalar_leaf_is_its_own_loss():
    x = leaf(2.0)
    assert why(x, (), x).total == 1.0


@pytest.mark.usefixtures("pretend_gpu")
def test_on_the_pretend_gpu():
    torch.manual_seed(0)
    x = torch.randn(4, 3)
    w = torch.randn(3, 2, requires_grad=True)

    def ask(x, w):
        loss = (F.relu(x @ w).max(1)[0] ** 2).sum()
        return why(w, (0, 1), loss), scrub(w, (0, 1), 0.25, loss)

    on_host = ask(x, w)
    on_gpu = ask(x.cuda(), w.detach().cuda().requires_grad_())
    for mine, other in zip(on_host, on_gpu, strict=True):
        lines = [re.sub(r" \(rounding.*|\(line \d+\)", "", str(told)) for told in (mine, other)]
        assert lines[0] == lines[1]


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.f1, self.f2, self.f3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2).flatten(1)
        return self.f3(F.relu(self.f2(F.relu(self.f1(x)))))


def counted(monkeypatch):
    pushes = []
    push = Replay.push
    monkeypatch.setattr(Replay, "push", lambda *a: pushes.append(1) or push(*a))
    return pushes


def test_the_work_for_one_answer_is_bounded(monkeypatch):
    torch.manual_seed(0)
    net, cell = LeNet(), nn.LSTMCell(8, 16)
    convolved = F.cross_entropy(net(torch.randn(32, 1, 28, 28)), torch.randint(0, 10, (32,)))
    h = c = torch.zeros(4, 16)
    for x in torch.randn(30, 4, 8):
        h, c = cell(x, (h, c))
    pushes = counted(monkeypatch)
    for tensor, index, loss, most in [
        (net.c1.weight, (0, 0, 1, 1), convolved, 150),
        (cell.weight_hh, (3, 4), (h**2).mean(), 1200),
    ]:
        origins = Origins(loss)
        pushes.clear()
        found = origins.why(tensor, index)
        assert len(pushes) <= most
        assert found.routes and found.total == pytest.approx(found.gradient, rel=1e-3)


def test_what_is_told_is_plain_data():
    leaves, loss = program(3)
    found = why(leaves[0], (0, 0), loss)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["text"] == str(found) and data["gradient"] == found.gradient
    for path, told in itertools.chain(
        zip(found.routes, data["routes"], strict=True), zip(found.paths, data["paths"], strict=True)
    ):
        assert told["contribution"] == path.contribution and told["words"]


# --- the largest are the largest, and in time


def grown(turns):
    w, h = torch.tensor(1.5, requires_grad=True), torch.tensor(1.0)
    for _ in range(turns):
        h = torch.sin(w * h) + h
    return w, h * h


def test_the_listed_ways_are_the_largest_of_all():
    w, loss = grown(4)
    found = why(w, (), loss)
    every = why(w, (), loss, most=100)
    assert len(every.routes) == 30 and not every.rest_count and found.sure == (True, True)
    sizes = sorted((abs(path.contribution) for path in every.routes), reverse=True)
    for listed in (found.routes, found.paths):
        assert [abs(path.contribution) for path in listed] == pytest.approx(sizes[:8], rel=1e-6)
    assert [round(path.contribution, 2) for path in found.routes[:2]] == [-9.34, -9.34]
    assert "among those" not in str(found)


def test_the_largest_routes_of_tensors_too():
    torch.manual_seed(2)
    w, h = torch.randn(3, 3, dtype=torch.float64).requires_grad_(), torch.ones(2, 3).double()
    for _ in range(4):
        h = torch.sin(h @ w) + h
    loss = (h * h).sum()
    few, every = why(w, (0, 1), loss), why(w, (0, 1), loss, most=600)
    sizes = sorted((abs(path.contribution) for path in every.routes), reverse=True)
    assert not every.rest_count and few.sure[0]
    assert [abs(path.contribution) for path in few.routes] == pytest.approx(sizes[:8])


def test_where_the_budget_ends_the_answer_says_so(monkeypatch):
    monkeypatch.setattr(sys.modules["autograd_lab.provenance"], "WORK", 40_000)
    monkeypatch.setattr(sys.modules["autograd_lab.provenance.paths"], "EXACT", 40_000)
    w, loss = grown(8)
    found = why(w, (), loss)
    assert found.sure == (False, False) and found.rest_count
    assert "(listed: the largest among those followed)" in str(found)
    assert found.total == pytest.approx(found.gradient, rel=1e-4)
    assert found.paths_total == pytest.approx(found.gradient, rel=1e-4)


def test_a_push_goes_through_one_operation_only(monkeypatch):
    w, h = torch.tensor(0.9, requires_grad=True), torch.tensor(1.0)
    for _ in range(200):
        h = torch.tanh(w * h)
    replay, seen = Replay(h * h), []
    module = sys.modules["autograd_lab.replay"]
    monkeypatch.setattr(module, "backward", lambda roots, *_, **__: seen.extend(roots))
    replay.push(replay.ops[-1], 0, np.ones(()))
    todo, behind = [seen[0].node], set()
    while todo:
        node = todo.pop()
        behind.add(node)
        todo += [m for m in node.next if m not in behind]
    assert len(behind) < 12
