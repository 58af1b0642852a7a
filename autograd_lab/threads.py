"""Work that is shared out among threads: NumPy computes in several at once, Python does not.

So what is shared out are parts in which NumPy is busy for long, such as blocks of images. Every
part is computed as it would be by one thread, and results are taken in the order of the parts:
the numbers are the same, however many threads there are.

What cannot be cut into such parts, as one large product, is left to the threads of the BLAS. They
round otherwise than one thread does, but the same product gives the same numbers every time.
"""

import contextlib
import contextvars
import itertools
import os
import threading
from collections import deque
from queue import SimpleQueue

from .device import on_host
from .processor import THREADS

LEAST = 5_000_000  # multiplications (some 100 us) that are worth waking a thread for
NUMBER = 25  # multiplications take as long as one number of a simple operation on arrays
LARGE = 5_000_000  # multiplications of a product that are worth the BLAS's threads


class _Here(threading.local):
    """What a thread is doing."""

    shared = False  # a part of work that is shared out: that is not shared out once more
    whole = THREADS.count > 1 and not THREADS.tells_blas  # products by all threads of the BLAS


HERE = _Here()
WHOLE = threading.RLock()  # held while the BLAS has all its threads: for one product at a time


def shares(count, each):
    """Cut ``count`` pieces of work, of so many multiplications each, into a part for each thread.

    Little work stays together.
    """
    parts = min(THREADS.count, count, int(count * each // LEAST))
    if parts < 2 or HERE.shared:
        return [slice(0, count)]
    edges = [count * i // parts for i in range(parts + 1)]
    return [slice(*edge) for edge in itertools.pairwise(edges)]


def is_worth_it(multiplications) -> bool:
    """Say whether a product is so large that the BLAS should use all its threads.

    Only what is computed decides, never the time: several threads round otherwise than one does,
    and a training has to give the same numbers when it is done again.
    """
    return multiplications >= LARGE and _may_tell()


def _may_tell():
    """Say whether it is for this thread to give the BLAS more threads than one."""
    return THREADS.tells_blas and THREADS.count > 1 and not (HERE.shared or HERE.whole)


def by_parts(xp, compute, *arrays):
    """Let each thread compute with a part of some arrays, cut along their first dimension.

    What is computed has to be written to one of them. A GPU gets all of it at once.
    """
    size, parts = arrays[-1].size, ()
    if size >= LEAST // NUMBER and on_host(xp):
        count = len(arrays[-1])
        parts = shares(count, NUMBER * size // count)
    if len(parts) < 2:
        compute(*arrays)
    else:
        at_once(xp, lambda part: compute(*[x[part] for x in arrays]), parts)


def by_blas(compute, *operands):
    """Compute with all threads of the BLAS: it shares a large product or decomposition out."""
    if not _may_tell():
        return compute(*operands)
    with WHOLE:
        HERE.whole = True
        try:
            THREADS.set_blas(THREADS.count)
            return compute(*operands)
        finally:
            HERE.whole = False
            THREADS.set_blas(1)


def at_once(xp, work, parts, take=None, multiplications=0):
    """Do the same work for each part, several at once; ``take`` gets the results, in order.

    A single part is left to the threads of the BLAS, if so many multiplications are worth them.

    >>> import numpy as np
    >>> squares = []
    >>> at_once(np, lambda n: n * n, [1, 2, 3], take=squares.append)
    >>> squares
    [1, 4, 9]
    """
    threads = min(THREADS.count, len(parts))
    if len(parts) == 1 and is_worth_it(multiplications) and on_host(xp):
        results = [by_blas(work, parts[0])]
    elif threads < 2 or not on_host(xp) or HERE.shared:
        results = map(work, parts)
    else:
        results = _results(work, parts, threads)
    for result in results:
        if take is not None:
            take(result)


def _results(work, parts, threads):
    """Compute parts in turn with others: the last of every round is this thread's own."""
    waiting, last = deque(), len(parts) - 1
    for number, part in enumerate(parts):
        own = number % threads == threads - 1 or number == last
        waiting.append(_own(work, part) if own else CREW.ask(work, part))
        while len(waiting) > threads:
            yield _given(waiting.popleft())
    while waiting:
        yield _given(waiting.popleft())


def _own(work, part):
    HERE.shared = True
    try:
        return work(part), None
    finally:
        HERE.shared = False


def _given(answer):
    result, error = answer.get() if type(answer) is SimpleQueue else answer
    if error is not None:
        try:
            raise error
        finally:
            del error  # its traceback holds this frame: neither would go before the next collection
    return result


class Crew:
    """The other threads. They are begun when they are first needed, and end with the program."""

    def __init__(self):
        self.tasks, self.members = SimpleQueue(), 0

    def ask(self, work, part):
        """Let somebody do a part; give the queue that will hold the result, or the error.

        Where there is nobody, the thread that asks does it, and gives what it found.
        """
        if self.members < THREADS.count - 1:
            self._begin_another()
        if not self.members:
            return _own(work, part)
        answer = SimpleQueue()
        self.tasks.put((contextvars.copy_context(), work, part, answer))
        return answer

    def _begin_another(self):
        name = f"autograd_lab_{self.members + 1}"
        member = threading.Thread(target=_serve, args=(self.tasks,), name=name, daemon=True)
        with contextlib.suppress(RuntimeError):  # the system grants no more threads
            member.start()
            self.members += 1


def _serve(tasks):
    HERE.shared = True
    while True:
        _do(*tasks.get())


def _do(context, work, part, answer):
    """Do one part as the thread would that asked: with its settings of NumPy."""
    try:
        answer.put((context.run(work, part), None))
    except BaseException as error:
        answer.put((None, error))


def _after_a_fork():
    """Begin anew: a forked process has none of the threads."""
    CREW.__init__()
    WHOLE.release()


CREW = Crew()
if hasattr(os, "register_at_fork"):  # a fork in the midst of a product would stop it for ever
    os.register_at_fork(
        before=WHOLE.acquire, after_in_parent=WHOLE.release, after_in_child=_after_a_fork
    )
