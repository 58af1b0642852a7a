"""NCCL between GPUs: one GPU to each process, and a queue of its own for what travels.

Nothing here waits: an exchange joins the queue, and the GPU's other work waits for its end when
somebody waits for the ``Work``. Who takes part is arranged through MPI.
"""

import contextlib

import numpy as np

from ..device import cupy
from .lending import Lender, as_bytes, row_bytes
from .reduce_op import ReduceOp

OPS = {
    ReduceOp.SUM: "NCCL_SUM", ReduceOp.PRODUCT: "NCCL_PROD", ReduceOp.MIN: "NCCL_MIN",
    ReduceOp.MAX: "NCCL_MAX",
}  # fmt: skip
KINDS = {"int8", "uint8", "int32", "int64", "float16", "float32", "float64"}


class Arrival:
    """The end of an exchange, as a mark in the queue."""

    moves_by_itself = True

    def __init__(self, event, kept, come_from=-1):
        self.event, self.kept, self.come_from = event, kept, come_from

    def Test(self) -> bool:
        """Let the work that follows wait for it; we need not."""
        cupy().cuda.get_current_stream().wait_event(self.event)
        return True

    def source(self) -> int:
        """Tell from which rank it came."""
        return self.come_from


class Nccl(Lender):
    """A group of processes whose GPUs exchange arrays."""

    wider = {np.dtype(bool): np.uint8}

    def __init__(self, host, key: tuple):
        gpu = cupy()
        self.nccl, self.rank, self.size = gpu.cuda.nccl, host.rank, host.size
        self.comm = self.nccl.NcclCommunicator(host.size, key, host.rank)
        self.stream = gpu.cuda.Stream(non_blocking=True)
        self.begun: list[Arrival] | None = None  # the messages of a batch that is being made

    @classmethod
    def among(cls, host):
        """Connect the GPUs of processes that MPI connects."""
        key = np.array(cupy().cuda.nccl.get_unique_id(), np.int64)
        host.comm.Bcast(key, 0)
        return cls(host, tuple(key.tolist()))

    def split(self, host):
        """Connect the GPUs of a smaller group."""
        return Nccl.among(host)

    def close(self) -> None:
        """Give the connections back."""
        self.comm.destroy()

    def _queued(self, call, *arrays, come_from=-1):
        """Put an exchange in the queue, behind the work that makes its arrays."""
        now = cupy().cuda.get_current_stream()
        self.stream.wait_event(now.record())
        call(self.stream.ptr)
        if self.begun is None:
            return Arrival(self.stream.record(), arrays, come_from)
        self.begun.append(Arrival(None, arrays, come_from))
        return self.begun[-1]

    @contextlib.contextmanager
    def batch(self):
        """Begin the messages of a block as one: no rank waits for the order of another's."""
        self.begun = []
        self.nccl.groupStart()
        try:
            yield
        finally:
            self.nccl.groupEnd()
            end, begun, self.begun = self.stream.record(), self.begun, None
            for arrival in begun:
                arrival.event = end

    def _kind(self, array):
        if array.dtype.name not in KINDS:
            raise TypeError(f"NCCL cannot reduce {array.dtype.name}: convert the tensor first")
        return getattr(self.nccl, f"NCCL_{array.dtype.name.upper()}")

    def _op(self, op):
        if op not in OPS:
            raise ValueError(f"Cannot use {op} with NCCL: move the tensor to the CPU")
        return getattr(self.nccl, OPS[op])

    # --- exchanges

    def all_reduce(self, array, op):
        at, how = array.data.ptr, (array.size, self._kind(array), self._op(op))
        return self._queued(lambda queue: self.comm.allReduce(at, at, *how, queue), array)

    def reduce(self, array, root, op):
        at, how = array.data.ptr, (array.size, self._kind(array), self._op(op), root)
        return self._queued(lambda queue: self.comm.reduce(at, at, *how, queue), array)

    def reduce_scatter(self, out, array, op):
        how = out.size, self._kind(array), self._op(op)
        return self._queued(
            lambda queue: self.comm.reduceScatter(array.data.ptr, out.data.ptr, *how, queue),
            out, array,
        )  # fmt: skip

    def broadcast(self, array, root):
        how = array.nbytes, self.nccl.NCCL_UINT8, root
        return self._queued(lambda queue: self.comm.bcast(array.data.ptr, *how, queue), array)

    def all_gather(self, out, array):
        how = array.nbytes, self.nccl.NCCL_UINT8
        return self._queued(
            lambda queue: self.comm.allGather(array.data.ptr, out.data.ptr, *how, queue),
            out, array,
        )  # fmt: skip

    def gather(self, out, array, root):
        mine = self.rank == root
        gives = {root: as_bytes(array)}
        takes = {rank: as_bytes(out[rank]) for rank in range(self.size)} if mine else {}
        return self._together(gives, takes)

    def scatter(self, array, parts, root):
        mine = self.rank == root
        gives = {rank: as_bytes(parts[rank]) for rank in range(self.size)} if mine else {}
        return self._together(gives, {root: as_bytes(array)})

    def all_to_all(self, out, array, out_sizes, sizes):
        """Exchange pieces along the first dimension; sizes count its rows."""
        return self._together(_cut(array, sizes), _cut(out, out_sizes))

    def send(self, array, to, tag):
        return self._together({to: as_bytes(array)}, {})

    def receive(self, array, come_from, tag):
        if come_from is None:
            raise ValueError("NCCL receives from a rank that is named: say src")
        return self._together({}, {come_from: as_bytes(array)}, come_from)

    def _together(self, gives, takes, come_from=-1):
        """Send pieces to ranks and receive pieces from ranks, all at once."""
        kind = self.nccl.NCCL_UINT8

        def call(queue):
            self.nccl.groupStart()
            for rank, piece in gives.items():
                self.comm.send(piece.data.ptr, piece.size, kind, rank, queue)
            for rank, piece in takes.items():
                self.comm.recv(piece.data.ptr, piece.size, kind, rank, queue)
            self.nccl.groupEnd()

        return self._queued(call, *gives.values(), *takes.values(), come_from=come_from)


def _cut(array, sizes):
    """Cut an array's bytes into the pieces of the ranks; ranks without one are left out."""
    data, row, pieces, end = as_bytes(array), row_bytes(array), {}, 0
    for rank, size in enumerate(sizes):
        start, end = end, end + size * row
        if size:
            pieces[rank] = data[start:end]
    return pieces
