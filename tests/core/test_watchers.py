"""Watchers: each operation is told on its thread; nobody who looks can slow or break training."""

import sys
import threading
import warnings
from importlib import import_module

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.watching import add_watcher, remember_lines, remove_watcher, watch_operations

looking = import_module("autograd_lab.watching")


@pytest.fixture(autouse=True)
def _left_as_found():
    before = looking.watchers
    yield
    assert looking.watchers == before


def heard(work):
    """Run ``work``; list (name of the node, shape of the result) for each operation told."""
    told = []
    tell = lambda node, result, args: told.append((type(node).__name__, result.shape))  # noqa: E731
    with watch_operations(tell):
        work()
    return [name for name, _ in told]


def test_every_operation_is_told_once():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert heard(lambda: (x * 2 + 1).tanh().sum()) == [
        "MulBackward0", "AddBackward0", "TanhBackward0", "SumBackward0",
    ]  # fmt: skip


def test_every_road_is_told():
    x, n = torch.ones(2, 3, requires_grad=True), torch.ones(2, 3, dtype=torch.int64)
    cases = {
        "unary": lambda: x.tanh(), "binary": lambda: x * x, "number": lambda: 2 - x,
        "settings": lambda: x.sum(0), "promotion": lambda: x * n, "broadcast": lambda: x * x[0],
        "view": lambda: x[0], "list": lambda: torch.cat([x, x]), "several": lambda: x.split(1),
        "keyword": lambda: torch.sum(x, dim=0), "whole": lambda: n + n, "matmul": lambda: x @ x.t(),
    }  # fmt: skip
    for name, work in cases.items():
        assert heard(work), name


def test_what_is_told():
    x, told = torch.tensor([1.0, 2.0], requires_grad=True), []
    with watch_operations(lambda *what: told.append(what)):
        y = x * 3
    ((node, result, args),) = told
    assert result is y and node is y.grad_fn and args[0] is x and args[1] == 3


def test_what_is_told_without_gradients():
    x, told = torch.tensor([1.0, 2.0]), []
    with watch_operations(lambda *what: told.append(what)):
        y = x.tanh()
    ((node, result, _),) = told
    assert result is y and type(node).__name__ == "TanhBackward0"


def test_each_of_several_outputs_is_told():
    x, told = torch.ones(4, requires_grad=True), []
    with watch_operations(lambda node, result, args: told.append((node, result))):
        a, b = x.split(2)
    assert [r for _, r in told] == [a, b] and told[0][0] is told[1][0]


def test_functions_of_the_learner_are_told():
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = torch.ones(2, requires_grad=True)
    assert heard(lambda: Double.apply(x))[-1] == "DoubleBackward"


def test_backward_is_told_only_when_it_is_recorded():
    x = torch.ones(2, requires_grad=True)
    y = (x * x).sum()
    assert heard(lambda: y.backward(retain_graph=True)) == []
    assert "MulBackward0" in heard(lambda: torch.autograd.grad(y, x, create_graph=True))


def test_removing():
    told = []
    watcher = lambda *what: told.append(1)  # noqa: E731
    add_watcher(watcher)
    torch.ones(2) * 2
    remove_watcher(watcher)
    remove_watcher(watcher)
    torch.ones(2) * 2
    assert told == [1]


def test_one_watcher_twice_and_several():
    told = []
    first, second = (lambda *_: told.append("a")), (lambda *_: told.append("b"))
    with watch_operations(first), watch_operations(second):
        torch.ones(2) * 2
    assert told == ["a", "b"]


def test_a_block_that_fails_stops_watching():
    told = []
    with pytest.raises(ZeroDivisionError), watch_operations(lambda *_: told.append(1)):
        raise ZeroDivisionError
    torch.ones(2) * 2
    assert told == []


def test_a_watcher_may_compute():
    """What it computes is told again, so it looks away; nothing ends in a circle."""
    means = []

    def look(node, result, args):
        with looking.paused():
            means.append((result * 1.0).sum().item())

    with watch_operations(look):
        torch.ones(2) * 2
    assert means == [4.0]


def test_other_threads_are_not_told():
    told = []
    with watch_operations(lambda *_: told.append(threading.current_thread().name)):
        other = threading.Thread(target=lambda: torch.ones(2) * 2)
        other.start()
        other.join()
        torch.ones(2) * 2
    assert told == [threading.current_thread().name]


# --- a watcher that fails


class Broken:
    """Fails at its n-th call."""

    def __init__(self, at):
        self.at, self.calls = at, 0

    def __call__(self, node, result, args):
        self.calls += 1
        if self.calls == self.at:
            raise ValueError("the watcher is broken")


def train(steps=5):
    """Train a little; give the bytes of everything."""
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.standard_normal((8, 3)), dtype=torch.float32)
    w = torch.tensor(rng.standard_normal(3), dtype=torch.float32, requires_grad=True)
    seen = []
    for _ in range(steps):
        loss = ((x * w).tanh() * x).sum()
        loss.backward()
        w.data -= 0.1 * w.grad
        w.grad = None
        seen.append(loss.item())
    return w.detach().numpy().tobytes(), seen


@pytest.mark.parametrize("at", [1, 4])
@pytest.mark.parametrize("everywhere", [False, True])
def test_a_broken_watcher_is_reported_once_and_removed(at, everywhere):
    alone, broken, good = train(), Broken(at), []
    add_watcher(broken, everywhere)
    with watch_operations(lambda *_: good.append(1)), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert train() == alone
    remove_watcher(broken, everywhere)
    assert broken.calls == at and len(good) > 10
    assert [str(w.message) for w in said] == [
        "a watcher failed and was removed: ValueError: the watcher is broken"
    ]
    assert looking.watchers == 0


def test_a_broken_watcher_where_warnings_are_errors():
    """A learner may turn warnings into errors: training goes on all the same."""
    alone, broken = train(), Broken(2)
    add_watcher(broken)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = train()
        finally:
            remove_watcher(broken)
    assert result == alone and broken.calls == 2


def test_watching_changes_no_bit():
    alone = train()
    with watch_operations(lambda *_: None):
        assert train() == alone
    remember_lines()
    try:
        assert train() == alone
    finally:
        remember_lines(False)


def test_a_watcher_keeps_nothing_alive():
    import gc
    import weakref

    gc.collect()
    gc.disable()
    try:
        with watch_operations(lambda *_: None):
            y = torch.ones(3, requires_grad=True) * 2
            node = weakref.ref(y.grad_fn)
            del y
            assert node() is None
    finally:
        gc.enable()


def test_nobody_looks_nothing_is_paid():
    """An operation reads one number: no function of this module runs, before and after a watch."""

    def called():
        names = []

        def note(frame, event, _):
            if event == "call":
                names.append(frame.f_code.co_filename.rpartition("/")[2])

        sys.setprofile(note)
        try:
            x * x + x.sum()
            x @ x
            x[0]
        finally:
            sys.setprofile(None)
        return names

    x = torch.ones(4, 4, requires_grad=True)
    assert "watching.py" not in called() and "arithmetic.py" in called()
    with watch_operations(lambda *_: None):
        assert "watching.py" in called()
    assert "watching.py" not in called()


def test_modules_are_noted_only_inside_their_call():
    module = object()
    with looking.inside(module):
        site = looking.site_of_call()
        with looking.inside(module):
            deep = looking.site_of_call()
    assert [c.module for c in site.modules] == [module]
    assert len(deep.modules) == 2 and deep.modules[0] is site.modules[0]
    assert deep.modules[1] is not deep.modules[0]
    assert looking.site_of_call().modules == ()
