"""Agreement: all ranks of a group must be in the same exchange, or each of them hears who is where.

With every exchange by MPI travels a small text, which says what this rank does: "all_reduce of a
float32 tensor of 3 elements". Where all have said the same, the exchange counts. Without it, MPI
would add up numbers of one kind and bytes of another, or wait for ever.
"""

import functools

import numpy as np

from .meeting import named
from .reduce_op import ReduceOp

ROOM = 128  # bytes of a text
ORDER = "every rank must call the same exchanges in the same order"
ALIKE = (
    "in one exchange all ranks have tensors of one dtype and of as many elements, and name the "
    "same rank and the same op"
)


@functools.lru_cache(1024)
def about(dtype, count: int, op=ReduceOp.SUM) -> str:
    """Describe a tensor that is exchanged, and what is computed from it if that is no sum.

    >>> about(torch.float32, 3, ReduceOp.MAX)
    ' (MAX) of a float32 tensor of 3 elements'
    """
    how = "" if op is ReduceOp.SUM else f" ({op.name})"
    article = "an" if dtype.name[0] == "i" else "a"
    return f"{how} of {article} {dtype.name} tensor of {count} element{'s' * (count != 1)}"


class Agreed:
    """A request that is done once ``told`` is, ``check()`` has not raised, and it is done itself.

    Both have begun: it costs little to let the check travel beside what is checked.
    """

    def __init__(self, told, check, request, absent=list):
        self.told, self.check, self.request, self.absent = told, check, request, absent

    def Test(self) -> bool:
        """Say whether all is done; raise if the ranks do not agree."""
        if self.told is not None:
            if not self.told.Test():
                return False
            self.check()
            self.told, self.absent = None, list
        return self.request.Test()


class Refused:
    """A request of a group whose ranks have lost each other; it holds the memory that MPI uses."""

    def __init__(self, why: str, request):
        self.why, self.request = why, request

    def Test(self):
        raise RuntimeError(
            f"this group of processes cannot be used any more, since an exchange failed: {self.why}"
        )


def agreed(here, words: str, request):
    """Let a request of a group count only if all its ranks say the same words."""
    host = here.host
    if host.size == 1:
        return request
    if host.broken:
        return Refused(host.broken, request)
    mine = words.encode()[:ROOM].ljust(ROOM)
    found = bytearray(ROOM * host.size)

    def check():
        if found != mine * host.size:
            host.broken = _difference(here.ranks, _texts(found))
            raise RuntimeError(host.broken)

    def absent():
        return [rank for rank, text in zip(here.ranks, _texts(found)) if not text.strip("\0")]

    return Agreed(host.tell(mine, found), check, request, absent)


def _texts(found):
    return [found[at : at + ROOM].decode().rstrip() for at in range(0, len(found), ROOM)]


def _difference(ranks, texts):
    """Say which ranks are in what."""
    where: dict[str, list[int]] = {}
    for rank, text in zip(ranks, texts):
        where.setdefault(text, []).append(rank)
    said = [
        f"{named(who)} {'is' if len(who) == 1 else 'are'} in {text}" for text, who in where.items()
    ]
    names = {text.replace("(", " ").split()[0] for text in where}
    return f"{', '.join(said)}: {ORDER if len(names) > 1 else ALIKE}"


def shares(here, what: str, gives, takes, request):
    """Let a request count only if every rank gives each other as many numbers as that one takes."""
    host = here.host
    if host.size == 1:
        return request
    found = np.empty((host.size, 2, host.size), np.int64)

    def check():
        given, taken = found[:, 0], found[:, 1].T
        if (given != taken).any():
            giver, taker = (int(place) for place in np.argwhere(given != taken)[0])
            host.broken = (
                f"{what}: rank {here.ranks[giver]} gives rank {here.ranks[taker]} "
                f"{given[giver, taker]} elements, where that one takes {taken[giver, taker]}"
            )
            raise RuntimeError(host.broken)

    return Agreed(host.all_gather(found, np.array([gives, takes], np.int64)), check, request)


def label(here, tensor, to: int, tag: int, request):
    """Send a label beside a message; gives the request for both."""
    text = about(tensor.dtype, tensor.array.size).encode().ljust(ROOM)
    return Agreed(here.host.labels.Isend(text, to, tag), lambda: None, request)


class Labelled:
    """A message with its label: it must hold what its receiver has room for.

    From a rank that is named, the labels come in the order of the messages. From any rank, a label
    is asked for when the message is there; that of another one, of another size, is passed over.
    """

    def __init__(self, here, tensor, come_from, tag: int, request):
        self.here, self.tensor, self.tag, self.request = here, tensor, tag, request
        self.found, self.came = bytearray(ROOM), False
        self.told = None if come_from is None else self._ask(come_from)

    def _ask(self, rank):
        return self.here.host.labels.Irecv(self.found, rank, self.tag)

    def source(self) -> int:
        """Tell from which rank of the group it came."""
        return self.request.source()

    def Test(self) -> bool:
        """Say whether both have come; raise if the message is another than was expected."""
        self.came = self.came or self.request.Test()
        if self.came and self.told is None:
            self.told = self._ask(self.source())
        if not self.came or not self.told.Test():
            return False
        wanted = about(self.tensor.dtype, self.tensor.array.size)
        sent = self.found.decode().rstrip()
        filled = self.request.filled()
        if sent != wanted and not (filled and self._size(sent) != self._size(wanted)):
            ranks = self.here.ranks
            raise RuntimeError(
                f"recv by rank {ranks[self.here.rank()]}: rank {ranks[self.source()]} sent "
                f"{sent.removeprefix(' of ')}, and the tensor to be filled is "
                f"{wanted.removeprefix(' of ')}: send and recv must be called with the same dtype "
                "and number of elements"
            )
        return True

    def _size(self, text):
        """Count the bytes of what a label describes."""
        words = text.split()
        return np.dtype(words[2]).itemsize * int(words[5])


def waiting(here, words: str, request) -> str:
    """Say what a rank waits in, and who is not known to be there.

    Who is there may have told only some: a name is said where it helps to find the one missing.
    """
    mine = here.ranks[here.rank()]
    absent = getattr(request, "absent", list)()
    known = 0 < len(absent) < here.size() - 1 or here.size() == 2 == len(absent) + 1
    heard = f", and has not heard of {named(absent)} there" if known else ""
    return f"rank {mine} waits in {words}{heard}"
