"""Which of equal elements comes first: in everything that sorts, the same one as in PyTorch."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab
from autograd_lab.ops import ties

_draw = np.random.default_rng(5)


def rows(count=60, nan=0.0):
    """Rows of many lengths with many equal elements."""
    for _ in range(count):
        n = int(_draw.integers(1, 400))
        x = _draw.integers(0, _draw.integers(2, 60), n).astype(float)
        x[_draw.random(n) < nan] = np.nan
        yield x


def pairs(call, x):
    """The same call here and in PyTorch."""
    mine, theirs = call(lab.tensor(x)), call(oracle.from_numpy(x))
    return [t.numpy() for t in mine], [t.numpy() for t in theirs]


CALLS = {
    "sort": lambda x: x.sort(),
    "sort down": lambda x: x.sort(descending=True),
    "stable": lambda x: x.sort(stable=True),
    "argsort": lambda x: [x.argsort()],
    "topk": lambda x: x.topk(min(len(x), 7)),
    "few": lambda x: x.topk(max(1, len(x) // 100), largest=False),
    "unsorted": lambda x: x.topk(len(x) // 2, sorted=False),
    "kthvalue": lambda x: x.kthvalue((len(x) + 1) // 2),
    "median": lambda x: x.median(0),
    "mode": lambda x: x.mode(),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("nan", [0.0, 0.1])
def test_the_same_places(name, nan):
    for x in rows(nan=nan):
        mine, theirs = pairs(CALLS[name], x)
        for a, b in zip(mine, theirs):
            np.testing.assert_array_equal(a, b, err_msg=f"{name} of {x.tolist()}")


def test_whole_rows_with_nan():
    def unique(x):
        y = x.reshape(-1, 2)
        home = lab if isinstance(x, lab.Tensor) else oracle
        return home.unique(y, dim=0, return_inverse=True, return_counts=True)

    for x in rows(nan=0.2):
        mine, theirs = pairs(unique, x[: len(x) // 2 * 2])
        for a, b in zip(mine, theirs):
            np.testing.assert_array_equal(a, b)


def test_along_any_dimension():
    x = _draw.integers(0, 4, (40, 3, 30))
    for dim in range(3):
        mine, theirs = pairs(lambda t, d=dim: t.sort(d), x)
        np.testing.assert_array_equal(mine[1], theirs[1])
        mine, theirs = pairs(lambda t, d=dim: t.kthvalue(2, d), x)
        np.testing.assert_array_equal(mine[1], theirs[1])


def killer(n):
    """A row that makes the middle of three a bad choice every time (Musser's own)."""
    k = n // 2
    x = [0] * n
    for i in range(1, k + 1):
        x[i - 1] = i if i % 2 else k + i - 1
        x[k + i - 1] = 2 * i
    return np.array(x, float)


def test_where_splitting_fails_a_heap_goes_on():
    x = killer(4000)
    x[-1] = x[-2]  # equal elements, or nobody asks
    seen = []
    real = ties.sort_heap
    ties.sort_heap = lambda *args: seen.append(1) or real(*args)
    try:
        mine, theirs = pairs(CALLS["sort"], x)
    finally:
        ties.sort_heap = real
    assert seen, "the row was meant to need the heap"
    np.testing.assert_array_equal(mine[1], theirs[1])


def test_long_rows_keep_their_order():
    x = lab.tensor(_draw.integers(0, 3, ties.LIMIT + 1))
    np.testing.assert_array_equal(x.sort()[1].numpy(), np.argsort(x.numpy(), kind="stable"))
