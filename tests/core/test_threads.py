"""Several threads at once: models of their own, a leaf that is shared, recording and watching."""

import sys
import threading

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.watching import watch_operations


@pytest.fixture(autouse=True)
def _switching_all_the_time():
    """Let Python change threads after a few instructions, so that a race shows itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(*jobs):
    """Run jobs in threads that start together; give their results, raise their first error."""
    results, errors = [None] * len(jobs), []
    gate = threading.Barrier(len(jobs))

    def run(n, job):
        gate.wait(30)
        try:
            results[n] = job()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    if errors:
        raise errors[0]
    return results


def train(seed, steps=60):
    """Train a small model with everything that touches shared state: writes, hooks, no_grad."""
    rng = np.random.default_rng(seed)
    x = torch.tensor(rng.standard_normal((16, 4)))
    w = torch.tensor(rng.standard_normal(4), requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    seen = []
    for n in range(steps):
        h = (x * w + b).tanh() * 1.0
        h[0] *= 2.0
        if n % 7 == 0:
            h.register_hook(lambda g: g * 1.5)
        loss = (h * h).sum()
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
            b -= 0.01 * b.grad
        if n % 5:
            w.grad.zero_()
            b.grad = None
        else:
            w.grad = b.grad = None
        seen.append(loss.item())
    return seen, w.tolist(), b.item()


def test_models_of_their_own():
    alone = [train(n) for n in range(4)]
    assert together(*[lambda n=n: train(n) for n in range(4)]) == alone


def test_a_shared_leaf_collects_every_gradient():
    w = torch.ones(50, dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros(50, dtype=torch.float64)

    def work(n):
        x = torch.full((50,), float(n), dtype=torch.float64)
        for _ in range(200):
            (w * x).sum().backward()

    together(*[lambda n=n: work(n) for n in (1, 2, 3, 4)])
    assert w.grad.tolist() == [200.0 * 10] * 50


def test_a_shared_leaf_from_nothing():
    """The first gradients arrive at once: none of them may be lost."""
    for _ in range(200):
        w = torch.ones(3, dtype=torch.float64, requires_grad=True)
        together(*[lambda n=n, w=w: (w * n).sum().backward() for n in (1.0, 2.0, 4.0)])
        assert w.grad.tolist() == [7.0] * 3


def test_a_shared_scalar_leaf():
    w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)

    def work():
        for _ in range(300):
            (w * 2).backward()

    together(work, work, work)
    assert w.grad.item() == 1800.0


def test_one_graph_several_backwards():
    x = torch.tensor([0.5, 0.7], dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(50):
        y = y.tanh() * x + x.exp()
    loss = (y * y).sum()
    (want,) = torch.autograd.grad(loss, x, retain_graph=True)

    def work():
        return [torch.autograd.grad(loss, x, retain_graph=True)[0].tolist() for _ in range(20)]

    for found in together(work, work, work):
        assert found == [want.tolist()] * 20


def test_one_reads_while_another_trains():
    w = torch.ones(100, requires_grad=True)
    stop = threading.Event()

    def trainer():
        for _ in range(300):
            (w * w).sum().backward()
            with torch.no_grad():
                w.mul_(0.999)
            w.grad = None
        stop.set()

    def reader():
        reads = 0
        while not stop.is_set():
            with torch.no_grad():
                assert not (w * 2).requires_grad
            assert w.sum().item() <= 100.001
            reads += 1
        return reads

    assert together(trainer, reader)[1] > 0


def test_each_watcher_hears_its_own_thread():
    def work(n):
        heard = []
        with watch_operations(lambda node, result, args: heard.append(result.shape[0])):
            for _ in range(100):
                torch.ones(n) * 2
        return set(heard), len(heard)

    assert together(*[lambda n=n: work(n) for n in (1, 2, 3)]) == [({n}, 100) for n in (1, 2, 3)]


def test_a_watcher_of_all_threads():
    heard, lock = [], threading.Lock()

    def look(node, result, args):
        with lock:
            heard.append(threading.get_ident())

    def work():
        for _ in range(50):
            torch.ones(2) * 2
        return threading.get_ident()

    with watch_operations(look, everywhere=True):
        names = together(work, work)
    assert sorted(map(heard.count, names)) == [50, 50] and len(heard) == 100
