"""Work that is shared out among threads: the same numbers, in order; errors reach the caller."""

import os
import threading
import time
import warnings

import numpy as np
import pytest
import torch as oracle

import autograd_lab as torch
import autograd_lab.nn.functional as F
from autograd_lab import threads
from autograd_lab.threads import at_once


@pytest.fixture
def three(monkeypatch):
    """Three threads, however many processors there are."""
    monkeypatch.setattr(threads, "_count", lambda: 3)


def results(work, parts):
    taken = []
    at_once(np, work, parts, taken.append)
    return taken


def test_results_come_in_order(three):
    def slower_at_first(n):
        time.sleep(0.002 * (7 - n))
        return n

    assert results(slower_at_first, range(8)) == list(range(8))


def test_several_threads_work_at_once(three):
    gate = threading.Barrier(3)
    names = results(lambda _: (gate.wait(10), threading.current_thread().name)[1], range(3))
    assert len(set(names)) == 3


def test_never_more_results_wait_than_there_are_threads(three):
    begun, ahead = [], []
    at_once(np, begun.append, range(20), lambda _: ahead.append(len(begun)))
    assert all(count <= taken + 3 for taken, count in enumerate(ahead, 1))


@pytest.mark.parametrize("parts", [[], ["one"]])
def test_few_parts_stay_where_they_are(three, parts):
    here = threading.current_thread()
    assert results(lambda _: threading.current_thread(), parts) == [here] * len(parts)


def test_one_thread_asks_nobody(monkeypatch):
    monkeypatch.setattr(threads, "_count", lambda: 1)
    here = threading.current_thread()
    assert results(lambda _: threading.current_thread(), "abc") == [here] * 3


def test_what_is_shared_out_is_not_shared_out_once_more(three):
    """Threads that waited for threads of the same pool would wait for ever."""

    def outer(n):
        own = threading.current_thread()
        return [t is own for t in results(lambda _: threading.current_thread(), range(4))]

    assert results(outer, range(12)) == [[True] * 4] * 12


def test_an_error_reaches_the_caller(three):
    def work(n):
        if n == 2:
            raise MemoryError("no room for part 2")
        return n

    with pytest.raises(MemoryError, match="no room for part 2"):
        results(work, range(6))
    assert results(lambda n: n, range(6)) == list(range(6))


def test_settings_of_numpy_hold_in_every_thread(three):
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        results(lambda _: np.float32(1e38) * np.float32(1e38), range(3))
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("error")
        assert results(lambda _: np.float32(1e38) * np.float32(1e38), range(3)) == [np.inf] * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own(three):
    assert results(lambda n: n, range(3)) == [0, 1, 2]
    child = os.fork()
    if child == 0:
        os._exit(results(lambda n: n + 40, range(3)) != [40, 41, 42])
    for _ in range(200):
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.05)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("the forked process waits for threads that it does not have")
    assert code == 0


LAYERS = {
    "bands": ((70, 3, 32, 32), (6, 3, 5, 5), {}),
    "columns": ((70, 4, 24, 24), (64, 4, 3, 3), {"padding": 1}),
    "groups": ((70, 6, 24, 24), (12, 3, 3, 3), {"groups": 2, "stride": 2}),
    "stamps": ((70, 8, 25, 25), (16, 8, 5, 5), {"stride": 2}),
    "deep": ((40, 256, 2, 2), (256, 256, 3, 3), {"padding": 1}),
}


def trained(lib, shape, filters, settings):
    """Give a convolution's map and its three gradients."""
    r = np.random.default_rng(3)
    x, w, b = [r.standard_normal(s).astype("f") for s in (shape, filters, filters[:1])]
    x, w, b = [lib.tensor(a, requires_grad=True) for a in (x, w, b)]
    y = lib.nn.functional.conv2d(x, w, b, **settings)
    (y * y.detach().cos()).sum().backward()
    return [t.detach().numpy() for t in (y, x.grad, w.grad, b.grad)]


@pytest.mark.parametrize("name", LAYERS)
def test_a_convolution_by_threads(name, monkeypatch):
    given = []
    for count in (1, 3):
        monkeypatch.setattr(threads, "_count", lambda count=count: count)
        given.append(trained(torch, *LAYERS[name]))
    for one, several, theirs in zip(*given, trained(oracle, *LAYERS[name])):
        np.testing.assert_array_equal(one, several)
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(one / scale, theirs / scale, atol=3e-5)


def test_a_nan_in_one_block_stays_there(three):
    x = torch.ones(70, 3, 32, 32)
    x[40, 1, 8, 8] = float("nan")
    spoilt = F.conv2d(x, torch.ones(6, 3, 5, 5)).isnan()
    assert spoilt.sum() == 6 * 25
    assert spoilt[40].sum() == 6 * 25
