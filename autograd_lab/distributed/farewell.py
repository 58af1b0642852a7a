"""Farewells: a rank that ends says so, and nobody waits for it for ever.

Every rank counts the exchanges that it begins, group by group. All call the same ones in the same
order: so if a rank has left after fewer than the one that is waited for, that one never ends.
"""

import time
from typing import Any

GRACE = 1.0  # seconds in which a message of a rank that has left may still be on its way
PAUSE = 1e-3
WHY = (
    "every rank must call the same exchanges. Perhaps it had fewer batches (DistributedSampler "
    "gives each rank as many as the others), or it ended by sys.exit"
)


class Book:
    """What this rank has begun, and what those had begun that have left."""

    comm: Any = None  # MPI's; only farewells travel on it
    begun: list[int] = []  # exchanges of each group, in the order in which the groups were made
    left: dict[int, tuple[float, list[int]]] = {}  # when we heard of it, and what it had begun


def open_book(comm) -> None:
    """Open the line on which farewells travel; all ranks do so together, once."""
    if Book.comm is None and comm.Get_size() > 1:
        Book.comm = comm.Dup()


def number_group() -> int:
    """Give a new group its number, which is the same on all ranks."""
    Book.begun.append(0)
    return len(Book.begun) - 1


def hear() -> None:
    """Note who has left since we last asked."""
    while Book.comm is not None and Book.comm.iprobe():
        rank, begun = Book.comm.recv()
        Book.left[rank] = time.monotonic(), begun


def exchange(group):
    """Count an exchange that begins; give the question who left before it."""
    number = group.number
    Book.begun[number] += 1
    count = Book.begun[number]

    def gone():
        hear()
        return [
            rank for rank in group.ranks
            if rank in Book.left and [*Book.left[rank][1], *[0] * number][number] < count
        ]  # fmt: skip

    return gone


def message(group, peer):
    """Give the question whether those have left who could take, or send, this message."""
    ranks = [group.ranks[peer]] if peer is not None else group.ranks
    others = [rank for rank in ranks if rank != group.ranks[group.rank()]]

    def gone():
        hear()
        before = time.monotonic() - GRACE
        late = [rank for rank in others if rank in Book.left and Book.left[rank][0] < before]
        return late if late == others else []

    return gone


def shown(ranks) -> str:
    """Say who has left, and why that may be.

    >>> shown([1])[:38]
    'rank 1 has ended without taking part: '
    """
    names = " and ".join(map(str, ranks))
    subject = f"rank {names} has" if len(ranks) == 1 else f"ranks {names} have"
    return f"{subject} ended without taking part: {WHY}"


def say() -> None:
    """Tell all that this rank leaves, and wait until they do so, too: MPI ends for all at once."""
    if (comm := Book.comm) is None:
        return
    words, others = (comm.Get_rank(), Book.begun), comm.Get_size() - 1
    sent = [comm.isend(words, rank) for rank in range(others + 1) if rank != comm.Get_rank()]
    while len(Book.left) < others or not all(request.test()[0] for request in sent):
        hear()
        time.sleep(PAUSE)
    Book.comm = None
