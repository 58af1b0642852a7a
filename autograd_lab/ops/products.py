"""Matrix products in pieces so small that the processor's BLAS multiplies them as they lie.

A BLAS copies its matrices into an order of its own before it multiplies them; a product of few rows
by many columns spends up to half of its time on that. OpenBLAS leaves the copying out where a
product is small (``kernel/x86_64/sgemm_small_kernel_permit_skylakex.c`` says what is small). So a
wide matrix is cut into groups of columns, or a tall one into groups of rows, which copies nothing
either, and each is multiplied by itself. Where there are several threads, the BLAS shares a large
product out among them, whole.
"""

import math
from functools import lru_cache

import numpy as np

from ..processor import MULTIPLIES_AS_IT_LIES
from ..threads import HERE, by_blas, is_worth_it

SMALL = 1_000_000  # multiplications
SMALL_TURNED = 1_200  # results, where the second matrix lies turned: column by column
LEAST = 16  # a narrower group leaves a part of the processor's registers empty
LONGEST = 1024  # a longer turned column does not stay close to the processor
MANY = 256  # rows that make up for turning a small matrix first
KEPT = 4096  # numbers: shorter vectors of ones are made once


def product(a, b):
    """Multiply two arrays; a matrix by a matrix in the way that is fastest."""
    if b.ndim != 2 or a.size * b.shape[1] <= SMALL or type(b) is not np.ndarray:
        return a.dot(b)
    if is_worth_it(a.size * b.shape[1]):
        return by_blas(np.dot, a, b)
    if MULTIPLIES_AS_IT_LIES and not HERE.whole and _fit(a, b):
        return _in_pieces(a, b)
    return _whole(a, b)


def dot(a, b):
    """Multiply two matrices whole, a large one by all threads of the BLAS."""
    if type(a) is np.ndarray and is_worth_it(a.size * b.shape[1]):
        return by_blas(np.dot, a, b)
    return a.dot(b)


def _whole(a, b):
    if 2 * len(a) <= b.shape[1] and _lies_turned(b):  # the smaller matrix is turned faster
        return np.ascontiguousarray(b.T.dot(a.T).T)
    return a.dot(b)


def _in_pieces(a, b):
    (rows, k), wide, turned = a.shape, b.shape[1], _lies_turned(b)
    count = _count(rows, k, wide, turned)
    if count > 1:
        y = np.empty((rows, wide), b.dtype)
        np.matmul(a, _grouped(b, count), out=_grouped(y, count))
        return y
    count = _count(wide, k, rows, False)
    if count > 1 and (rows >= MANY or not turned):
        return _by_rows(a, np.ascontiguousarray(b), count)
    if k <= LONGEST and not rows % 16:
        if max(rows, 2 * wide) <= MANY and not wide % 32 and _lies_turned(a):
            return _by_tiles(a, _grouped(b, wide // 32))
        if rows >= MANY and 16 * 64 * k <= SMALL and not wide % 64 and not _lies_turned(a):
            return _by_tiles(a, np.ascontiguousarray(_grouped(b, wide // 64)))
    return _whole(a, b)


def stacked(xp, a, b, out=None):
    """Multiply stacks of matrices, or a stack and one matrix; ``out`` may be a view."""
    if min(a.ndim, b.ndim) > 1 and _is_large(b, a.shape[-2], math.prod(a.shape[:-2])):
        return by_blas(np.matmul, a, b, out)
    return xp.matmul(a, b, out=out)


def _is_large(b, rows, stack=1) -> bool:
    """Say whether the BLAS should multiply that many rows by each matrix of a stack, whole."""
    each = rows * math.prod(b.shape[-2:])
    total = max(rows * b.size, stack * each)
    return 4 * each > SMALL and type(b) is np.ndarray and is_worth_it(total)


def laid_for(a, b):
    """Lay out the stack ``b`` to multiply the stack ``a`` by: many small matrices, such as heads.

    They are turned around, if they lie turned and are multiplied faster for it.
    """
    if MULTIPLIES_AS_IT_LIES and type(b) is np.ndarray and min(a.ndim, b.ndim) > 2:
        rows, (k, wide) = a.shape[-2], b.shape[-2:]
        slowly = rows * wide > SMALL_TURNED and rows * k * wide <= SMALL and _lies_turned(b)
        if slowly and b.dtype.char == "f" and 0 not in b.strides:
            return np.ascontiguousarray(b)
    return b


def by_rows(a, b, out=None):
    """Multiply each matrix of a stack by one matrix, a group of rows at a time if that is faster.

    ``out`` may be a view.
    """
    able = MULTIPLIES_AS_IT_LIES and not HERE.whole and type(b) is np.ndarray
    if able and _fit(a, b) and not _lies_turned(b):
        count = _count(b.shape[1], len(b), a.shape[-2], False)
        if count > 1:
            return _by_rows(a, b, count, out)
    return np.matmul(a, b, out=out)


def _by_rows(a, b, count, out=None):
    *stack, rows, k = a.shape
    groups, wide = (*stack, count, rows // count), b.shape[1]
    into = None if out is None else out.reshape(*groups, wide)
    found = np.matmul(a.reshape(*groups, k), b, out=into)
    return found.reshape(*stack, rows, wide) if out is None else out


def _by_tiles(a, groups):
    """Multiply 16 rows by a group of columns at a time."""
    rows, (count, k, wide) = len(a), groups.shape
    y = np.empty((rows, count * wide), a.dtype)
    tiles = y.reshape(rows // 16, 16, count, wide).swapaxes(1, 2)
    np.matmul(a.reshape(rows // 16, 1, 16, k), groups, out=tiles)
    return y


def by_columns(w, rows, into):
    """Prepare to multiply up to ``rows`` rows, many times, by each matrix of a stack.

    Give the matrices (..., k, n) laid out as (count, ..., k, n / count) and a view of ``into``,
    which the products are written to, likewise. What is better multiplied whole stays as it is.
    """
    able = MULTIPLIES_AS_IT_LIES and not HERE.whole and type(w) is np.ndarray
    if not able or w.dtype.char != "f" or _is_large(w, rows):
        return w, into
    count = _count(rows, *w.shape[-2:], _lies_turned(w))
    if count == 1:
        return w, into
    return np.ascontiguousarray(_grouped(w, count)), _grouped(into, count)


def _grouped(x, count):
    """Show the columns of each matrix of a stack in ``count`` groups; the groups come first."""
    *stack, k, n = x.shape
    last = len(stack)
    return x.reshape(*stack, k, count, n // count).transpose(last + 1, *range(last + 1), last + 2)


def ones(xp, count, dtype):
    """Give a vector of ones: a BLAS adds up by multiplying with it, faster than ``sum`` does."""
    if xp is np and count <= KEPT:
        return _kept_ones(count, dtype)
    return xp.ones(count, dtype)


@lru_cache(maxsize=256)
def _kept_ones(count, dtype):
    made = np.ones(count, dtype)
    made.flags.writeable = False
    return made


def _fit(a, b) -> bool:
    return a.dtype.char == b.dtype.char == "f" and a.shape[-1] == len(b)


def _lies_turned(x) -> bool:
    return x.strides[-1] != x.itemsize


@lru_cache(maxsize=1024)
def _count(rows, k, n, turned) -> int:
    """Find the smallest number of equal groups that makes each product small; 1 if none does.

    The groups are of the ``n`` columns of the second matrix; or, asked the other way round, of the
    rows of the first.
    """
    most = SMALL // max(rows * k, 1)
    if turned:
        most = min(most, SMALL_TURNED // rows) if k <= LONGEST else 0
    if most >= n or most < LEAST:
        return 1
    return next((n // wide for wide in range(most, LEAST - 1, -1) if n % wide == 0), 1)
