"""MPI between processors: each exchange is one call of mpi4py that begins it.

Arrays lie in main memory; those of a GPU are copied there and back.
"""

import numpy as np

from ..device import cpu, move
from .farewell import shown
from .lending import Lender, as_bytes, row_bytes
from .reduce_op import ReduceOp
from .work import await_all

ROLL_CALL = 30_000  # the tag of monitored_barrier's messages


class Receipt:
    """A request for what another rank sends; it knows from which rank that came, and how much.

    Of a message that is too long the first part has come, and more than there is room for.
    """

    def __init__(self, request, status, room: int, fails):
        self.request, self.status, self.room, self.fails = request, status, room, fails
        self.fits = True

    def Test(self):
        try:
            return self.request.Test(self.status)
        except self.fails as error:
            if "truncat" not in str(error).lower():
                raise
            self.fits = False
            return True

    def source(self) -> int:
        return self.status.Get_source()

    def filled(self) -> bool:
        """Say whether exactly as many bytes have come as there is room for."""
        return self.fits and self.status.Get_count() == self.room


def call_off(requests) -> None:
    """Wait no longer for messages: MPI would write them into memory that is others' by then."""
    for request in requests:
        if request:  # what has come is no request any more
            request.Cancel()
            request.Wait()


class Mpi(Lender):
    """A group of processes that exchange arrays through MPI."""

    wider = {np.dtype("float16"): np.float32, np.dtype(bool): np.uint8}

    def __init__(self, comm):
        from mpi4py import MPI

        self.comm, self.MPI = comm, MPI
        self.labels = comm.Dup()  # where each message has a label, which says what it holds
        self.rank, self.size = comm.Get_rank(), comm.Get_size()
        self.broken = ""  # why the ranks cannot exchange anything any more: they did not agree
        self.ops = {
            ReduceOp.SUM: MPI.SUM, ReduceOp.PRODUCT: MPI.PROD, ReduceOp.MIN: MPI.MIN,
            ReduceOp.MAX: MPI.MAX, ReduceOp.BAND: MPI.BAND, ReduceOp.BOR: MPI.BOR,
            ReduceOp.BXOR: MPI.BXOR,
        }  # fmt: skip

    def moved(self, array):
        """Bring an array to main memory."""
        return move(array, cpu)

    def xp(self, tensor):
        """Work with NumPy, wherever the tensor lies."""
        return np

    # --- exchanges: each returns MPI's request

    def all_reduce(self, array, op):
        return self.comm.Iallreduce(self.MPI.IN_PLACE, array, self.ops[op])

    def reduce(self, array, root, op):
        if self.rank == root:
            return self.comm.Ireduce(self.MPI.IN_PLACE, array, self.ops[op], root)
        return self.comm.Ireduce(array, None, self.ops[op], root)

    def reduce_scatter(self, out, array, op):
        return self.comm.Ireduce_scatter_block(array, out, self.ops[op])

    def broadcast(self, array, root):
        return self.comm.Ibcast(as_bytes(array), root)

    def all_gather(self, out, array):
        return self.comm.Iallgather(as_bytes(array), as_bytes(out))

    def gather(self, out, array, root):
        return self.comm.Igather(as_bytes(array), None if out is None else as_bytes(out), root)

    def scatter(self, array, parts, root):
        return self.comm.Iscatter(None if parts is None else as_bytes(parts), as_bytes(array), root)

    def all_to_all(self, out, array, out_sizes, sizes):
        """Exchange pieces along the first dimension; sizes count its rows."""
        give, take = row_bytes(array), row_bytes(out)
        return self.comm.Ialltoallv(
            [as_bytes(array), [n * give for n in sizes]],
            [as_bytes(out), [n * take for n in out_sizes]],
        )

    def send(self, array, to, tag):
        return self.comm.Isend(as_bytes(array), to, tag)

    def receive(self, array, come_from, tag):
        source = self.MPI.ANY_SOURCE if come_from is None else come_from
        request = self.comm.Irecv(as_bytes(array), source, tag)
        return Receipt(request, self.MPI.Status(), array.nbytes, self.MPI.Exception)

    def tell(self, mine, found):
        """Tell all ranks some bytes, and hear theirs."""
        return self.comm.Iallgather(mine, found)

    def barrier(self):
        return self.comm.Ibarrier()

    def roll_call(self, patience, wait_for_all, names, gone) -> None:
        """Let rank 0 hear of every rank in time, or raise there, naming who did not come.

        ``gone(ranks)`` lists those of some ranks of the group that have left.
        """
        if self.rank:
            self._answer(patience, f"monitored_barrier by rank {names[self.rank]}", gone)
            return
        words = np.zeros((self.size, 1), np.uint8)
        absent = {
            rank: self.comm.Irecv(words[rank], rank, ROLL_CALL) for rank in range(1, self.size)
        }

        def came():
            for rank in [rank for rank, request in absent.items() if request.Test()]:
                del absent[rank]
            return not absent

        try:
            await_all(came, patience, "monitored_barrier", lambda: gone(absent))
        except RuntimeError:
            late = [names[rank] for rank in absent][: None if wait_for_all else 1]
            left = gone(absent)
            raise RuntimeError(
                f"Rank{'s' * (len(late) > 1)} {', '.join(map(str, late))} failed to pass "
                f"monitoredBarrier{f': {shown(left)}' if left else f' in {patience * 1000:.0f} ms'}"
            ) from None
        finally:
            call_off(absent.values())
        for rank in range(1, self.size):
            self.comm.Isend(words[rank], rank, ROLL_CALL)

    def _answer(self, patience, what, gone):
        """Tell rank 0 that this one has come, and hear from it that all have."""
        word = np.zeros(2, np.uint8)
        sent = self.comm.Isend(word[:1], 0, ROLL_CALL)
        heard = self.comm.Irecv(word[1:], 0, ROLL_CALL)
        try:
            for request in (sent, heard):
                await_all(request.Test, patience, what, lambda: gone([0]))
        finally:
            call_off([heard])

    # --- groups

    def split(self, ranks):
        """Make a group of some of the ranks; all must ask for it. None for those left out."""
        color = 0 if self.rank in ranks else self.MPI.UNDEFINED
        comm = self.comm.Split(color, self.rank)
        return None if comm == self.MPI.COMM_NULL else Mpi(comm)

    def close(self):
        """Give the group back to MPI."""
        self.labels.Free()
        self.comm.Free()
