"""Work that is shared out among threads: NumPy computes in several at once, Python does not.

So what is shared out are parts in which NumPy is busy for long, such as blocks of images. Every
part is computed as it would be by one thread, and results are taken in the order of the parts:
the numbers are the same, however many threads there are.
"""

import contextvars
import os
import threading
from collections import deque

from .device import on_host
from .processor import get_num_threads

MOST = 8  # threads; more wait for Python, and for memory

_here = threading.local()
_pools = {}


def at_once(xp, work, parts, take=None):
    """Do the same work for each part, several at once; ``take`` gets the results, in order.

    >>> import numpy as np
    >>> squares = []
    >>> at_once(np, lambda n: n * n, [1, 2, 3], take=squares.append)
    >>> squares
    [1, 4, 9]
    """
    for result in _results(xp, work, parts):
        if take is not None:
            take(result)


def _results(xp, work, parts):
    count = min(_count(), len(parts))
    if count < 2 or not on_host(xp) or getattr(_here, "shared", False):
        yield from map(work, parts)
        return
    begun = deque()
    for part in parts:
        if len(begun) == count:
            yield begun.popleft().result()
        begun.append(_pool().submit(contextvars.copy_context().run, work, part))
    for future in begun:
        yield future.result()


def _count() -> int:
    """Count the threads that have a processor of their own."""
    able = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(MOST)
    return min(get_num_threads(), len(able), MOST)


def _pool():
    if "pool" not in _pools:
        from concurrent.futures import ThreadPoolExecutor  # slow to import, and seldom needed

        _pools["pool"] = ThreadPoolExecutor(MOST, "autograd_lab", _begin)
    return _pools["pool"]


def _begin():
    """Mark a thread as one of ours: what it computes is not shared out once more."""
    _here.shared = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # a forked process has none of the threads
