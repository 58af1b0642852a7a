"""Work that is shared out among threads: the same numbers, in order; errors reach the caller."""

import contextlib
import gc
import os
import threading
import time
import warnings
import weakref

import numpy as np
import pytest
import torch as oracle

import autograd_lab as torch
import autograd_lab.nn.functional as F
from autograd_lab import threads
from autograd_lab.processor import THREADS
from autograd_lab.threads import at_once, by_blas, by_parts, is_worth_it, shares


@pytest.fixture
def three(monkeypatch):
    """Three threads, however many processors there are."""
    monkeypatch.setattr(THREADS, "count", 3)


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


def test_no_more_results_wait_than_a_round_has(three):
    begun, ahead = [], []
    at_once(np, begun.append, range(20), lambda _: ahead.append(len(begun)))
    assert all(count <= taken + 3 for taken, count in enumerate(ahead, 1))


def test_the_thread_that_asks_works_too(three):
    here = threading.current_thread()
    names = results(lambda _: (time.sleep(0.01), threading.current_thread())[1], range(7))
    assert [t is here for t in names] == [False, False, True, False, False, True, True]


@pytest.mark.parametrize("parts", [[], ["one"]])
def test_few_parts_stay_where_they_are(three, parts):
    here = threading.current_thread()
    assert results(lambda _: threading.current_thread(), parts) == [here] * len(parts)


def test_one_thread_asks_nobody(monkeypatch):
    monkeypatch.setattr(THREADS, "count", 1)
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


def test_an_error_of_ones_own_part_reaches_the_caller_and_nothing_stays_shared(three):
    def work(n):
        if n == 2:  # the last of the first round
            raise KeyboardInterrupt
        return n

    with pytest.raises(KeyboardInterrupt):
        results(work, range(6))
    assert not threads.HERE.shared
    assert len(set(results(lambda _: threading.current_thread(), range(6)))) > 1


def test_what_was_computed_is_not_kept(three):
    """A thread that waits for work must not hold the arrays of the last."""
    gone = []

    class Large:
        def __del__(self):
            gone.append(1)

    def give():
        parts = [Large() for _ in range(6)]
        at_once(np, lambda part: None, parts)

    give()
    for _ in range(100):
        if len(gone) == 6:
            break
        time.sleep(0.01)
    assert len(gone) == 6


def test_what_failed_is_not_kept(three):
    """Where memory was short, it must be free at once, not when garbage is collected next."""

    class Large:
        pass

    def fail():
        large = Large()

        def work(n):
            if n == 0 and large:
                raise MemoryError("no room")

        with contextlib.suppress(MemoryError):
            results(work, range(6))
        return weakref.ref(large)

    gc.disable()
    try:
        there = fail()
        for _ in range(100):  # other parts may still be at it
            if there() is None:
                break
            time.sleep(0.01)
        assert there() is None
    finally:
        gc.enable()


# --- how much is shared out, and by whom


def test_little_work_stays_together(three):
    assert shares(100, threads.LEAST // 100) == [slice(0, 100)]
    assert shares(100, threads.LEAST // 50) == [slice(0, 50), slice(50, 100)]
    assert shares(100, threads.LEAST) == [slice(0, 33), slice(33, 66), slice(66, 100)]
    assert shares(2, threads.LEAST) == [slice(0, 1), slice(1, 2)]
    assert shares(0, threads.LEAST) == [slice(0, 0)]


def test_parts_of_arrays_are_written_where_they_belong(three):
    x, y = np.arange(600_000.0).reshape(300, -1), np.empty((300, 2000))
    seen = []
    by_parts(np, lambda a, b: (seen.append(len(a)), np.multiply(a, 2, out=b)), x, y)
    np.testing.assert_array_equal(y, 2 * x)
    assert sorted(seen) == [100, 100, 100]


def test_a_few_numbers_are_one_part(three):
    here, seen = threading.current_thread(), []
    for x in (np.zeros(()), np.zeros(0), np.zeros((0, 3)), np.zeros((4, 4))):
        by_parts(np, lambda a: seen.append(threading.current_thread()), x)
    assert seen == [here] * 4


def test_a_gpu_gets_the_whole_at_once(three):
    seen = []
    by_parts("another array module", lambda a: seen.append(len(a)), np.zeros((300, 2000)))
    assert seen == [300]


@pytest.fixture
def told(monkeypatch):
    """Two threads, a BLAS that can be told, and what it was told."""
    said = []
    for name, value in {"count": 2, "tells_blas": True, "set_blas": said.append}.items():
        monkeypatch.setattr(THREADS, name, value)
    monkeypatch.setattr(threads._Here, "whole", False)
    return said


def test_the_blas_has_its_threads_for_as_long_as_it_computes(told):
    assert by_blas(lambda x: (list(told), x), 5) == ([2], 5)
    assert told == [2, 1]
    with pytest.raises(ZeroDivisionError):
        by_blas(lambda: 1 / 0)
    assert told == [2, 1, 2, 1] and not threads.HERE.whole


def test_an_interrupt_leaves_the_blas_one_thread(told, monkeypatch):
    def interrupted(count):
        told.append(count)
        if count > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(THREADS, "set_blas", interrupted)
    with pytest.raises(KeyboardInterrupt):
        by_blas(abs, -3)
    assert told == [2, 1] and not threads.HERE.whole


def test_a_blas_that_cannot_be_told_is_not_told(told, monkeypatch):
    """It began with one thread; then somebody asked for two."""
    monkeypatch.setattr(THREADS, "tells_blas", False)
    monkeypatch.setattr(THREADS, "set_blas", None)
    assert not is_worth_it(threads.LARGE)
    assert by_blas(abs, -3) == 3


def test_in_a_shared_part_the_blas_has_one_thread(told):
    results(lambda _: by_blas(abs, -3), range(4))
    assert told == []


def test_within_the_blas_nothing_is_asked_again(told):
    assert by_blas(by_blas, abs, -3) == 3
    assert told == [2, 1]


def test_a_large_product_is_worth_the_threads_of_the_blas(told, monkeypatch):
    assert not is_worth_it(threads.LARGE - 1) and is_worth_it(threads.LARGE)
    monkeypatch.setattr(THREADS, "count", 1)
    assert not is_worth_it(threads.LARGE)


def test_what_our_threads_did_last_changes_no_product(monkeypatch):
    """A training that is done again, but with pauses, gives the same numbers, bit for bit."""
    monkeypatch.setattr(THREADS, "count", 2)
    r = np.random.default_rng(0)
    a, b = [torch.tensor(r.standard_normal(s).astype("f")) for s in ((295, 485), (485, 51))]
    before = (a @ b).numpy()
    results(abs, range(4))
    np.testing.assert_array_equal((a @ b).numpy(), before)


@pytest.mark.parametrize(("images", "asked"), [(1, [2, 1]), (2, [])])
def test_one_image_is_left_to_the_blas_and_a_block_of_several_is_not(told, images, asked):
    F.conv2d(torch.ones(images, 16, 40, 40), torch.ones(32, 16, 3, 3))
    assert told == asked


def test_a_single_large_part_gets_the_threads_of_the_blas(told):
    at_once(np, lambda _: told.append("work"), [1], multiplications=threads.LARGE)
    at_once(np, lambda _: told.append("small"), [1], multiplications=threads.LARGE - 1)
    assert told == [2, "work", 1, "small"]


def test_where_the_system_grants_no_thread_the_one_that_asks_does_all(three, monkeypatch):
    """And nobody waits for a thread that was never begun."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "CREW", threads.Crew())
    with monkeypatch.context() as now:
        now.setattr(threading.Thread, "start", refuse)
        assert results(abs, range(6)) == list(range(6))
    assert threads.CREW.members == 0
    assert results(abs, range(6)) == list(range(6))
    assert threads.CREW.members == 2


def test_no_more_threads_are_begun_than_there_are_parts(monkeypatch):
    monkeypatch.setattr(threads, "CREW", threads.Crew())
    monkeypatch.setattr(THREADS, "count", 1000)
    assert results(abs, range(3)) == [0, 1, 2]
    assert threads.CREW.members == 2


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_waits_until_the_blas_has_one_thread(told):
    """In the midst of a product by several threads, OpenBLAS would never come to its end."""
    begun, may_end, events = threading.Event(), threading.Event(), []

    def product():
        begun.set()
        may_end.wait(10)
        time.sleep(0.05)
        events.append("product")

    other = threading.Thread(target=by_blas, args=(product,))
    other.start()
    begun.wait(10)
    may_end.set()
    child = os.fork()
    events.append("fork")
    if child == 0:
        os._exit(by_blas(lambda: told[-1]) != 2)
    other.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert events == ["product", "fork"]


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
        monkeypatch.setattr(THREADS, "count", count)
        given.append(trained(torch, *LAYERS[name]))
    for one, several, theirs in zip(*given, trained(oracle, *LAYERS[name])):
        np.testing.assert_array_equal(one, several)
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(one / scale, theirs / scale, atol=3e-5)


@pytest.mark.parametrize("odd", [None, float("nan"), float("inf")], ids=str)
@pytest.mark.parametrize("settings", [
    {"stride": 2}, {"stride": 1, "padding": 1}, {"stride": 3, "ceil_mode": True, "dilation": 2},
], ids=["apart", "overlapping", "leaping"])  # fmt: skip
def test_pooling_by_threads(settings, odd, monkeypatch):
    """Each thread has its images: with ties in them, and a number that is none in one."""
    images = np.random.default_rng(5).integers(-3, 3, (31, 4, 47, 47)).astype("f")
    if odd is not None:
        images[20, 1, 8:11, 8] = odd

    def pooled(lib):
        x = lib.tensor(images, requires_grad=True)
        y, places = lib.nn.functional.max_pool2d(x, 2, return_indices=True, **settings)
        (y.nan_to_num(1, 1) * lib.arange(y.shape[-1])).sum().backward()
        return [t.detach().numpy() for t in (y, places, x.grad)]

    given = []
    for count in (1, 3):
        monkeypatch.setattr(THREADS, "count", count)
        given.append(pooled(torch))
    for one, several, theirs in zip(*given, pooled(oracle)):
        np.testing.assert_array_equal(one, several)
        np.testing.assert_array_equal(one, theirs)


def test_a_nan_in_one_block_stays_there(three):
    x = torch.ones(70, 3, 32, 32)
    x[40, 1, 8, 8] = float("nan")
    spoilt = F.conv2d(x, torch.ones(6, 3, 5, 5)).isnan()
    assert spoilt.sum() == 6 * 25
    assert spoilt[40].sum() == 6 * 25
