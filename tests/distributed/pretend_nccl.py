"""``cupy.cuda.nccl`` for pretend GPUs: CuPy's names and arguments, and MPI does the work."""

import ctypes

import numpy as np
from mpi4py import MPI

available = True
TYPES = [np.int8, np.uint8, np.int32, np.uint32, np.int64, np.uint64, np.float16, np.float32,
         np.float64]  # fmt: skip
for code, kind in enumerate(TYPES):
    globals()[f"NCCL_{kind.__name__.upper()}"] = code
NCCL_SUM, NCCL_PROD, NCCL_MAX, NCCL_MIN = range(4)
OPS = [MPI.SUM, MPI.PROD, MPI.MAX, MPI.MIN]
group: list = []  # for each group that is open, what it has begun; only the first one's end waits
calls: list = []


def get_unique_id():
    return tuple(range(-64, 64))


def groupStart():
    group.append([])


def groupEnd():
    begun = group.pop()
    if group:
        group[-1] += begun
    else:
        MPI.Request.Waitall(begun)


def at(pointer, count, kind):
    """The numbers at an address."""
    size = count * np.dtype(TYPES[kind]).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(pointer), TYPES[kind])


class NcclCommunicator:
    def __init__(self, size, key, rank):
        assert key == get_unique_id()
        self.comm = MPI.COMM_WORLD.Dup()
        assert (size, rank) == (self.comm.size, self.comm.rank)

    def destroy(self):
        self.comm.Free()

    def allReduce(self, give, take, count, kind, op, stream):
        calls.append("allReduce")
        assert give == take and stream
        self.comm.Allreduce(MPI.IN_PLACE, at(take, count, kind), OPS[op])

    def reduce(self, give, take, count, kind, op, root, stream):
        mine = at(give, count, kind).copy()
        self.comm.Reduce(mine, at(take, count, kind), OPS[op], root)

    def bcast(self, data, count, kind, root, stream):
        self.comm.Bcast(at(data, count, kind), root)

    def reduceScatter(self, give, take, count, kind, op, stream):
        whole = at(give, count * self.comm.size, kind)
        self.comm.Reduce_scatter_block(whole, at(take, count, kind), OPS[op])

    def allGather(self, give, take, count, kind, stream):
        whole = at(take, count * self.comm.size, kind)
        self.comm.Allgather(at(give, count, kind), whole)

    def send(self, data, count, kind, peer, stream):
        group[-1].append(self.comm.Isend(at(data, count, kind), peer))

    def recv(self, data, count, kind, peer, stream):
        group[-1].append(self.comm.Irecv(at(data, count, kind), peer))
