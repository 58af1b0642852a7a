"""Buckets: gradients laid side by side, so that a few large exchanges do for many small ones.

Backward finds the gradients of the last layers first. So the last parameters fill the first
bucket, and its exchange travels while backward still works on the layers before.
"""

import numpy as np

from ... import distributed
from ...core import Leaf, wrap
from ...device import beside
from ...distributed.work import move_on
from ...writes import wrote
from .scatter_gather import tensors_in

FIRST = 1 << 20  # bytes of the first bucket: it is to be on its way early
UNFINISHED = (
    "Expected to have finished reduction in the prior iteration before starting a new one. This "
    "error indicates that your module has parameters that were not used in producing loss. You can "
    "enable unused parameter detection by passing the keyword argument "
    "`find_unused_parameters=True` to `torch.nn.parallel.DistributedDataParallel`, and by making "
    "sure all `forward` function outputs participate in calculating loss. Parameter(s) without a "
    "gradient on rank {rank}: {names}"
)


class Bucket:
    """Room for the gradients of some parameters, in one flat tensor."""

    def __init__(self, parameters):
        first = parameters[0]
        sizes = [parameter.array.size for parameter in parameters]
        ends = np.cumsum(sizes).tolist()
        with first.device.active():
            flat = first.device.xp.zeros(ends[-1], first.array.dtype)
        self.flat, self.parameters = wrap(flat), parameters
        self.slots = {
            id(parameter): flat[end - size : end].reshape(parameter.array.shape)
            for parameter, size, end in zip(parameters, sizes, ends)
        }
        self.missing, self.work = set(self.slots), None

    def put(self, parameter) -> None:
        """Copy a parameter's gradient to its slot; zeros where there is none."""
        slot = self.slots[id(parameter)]
        with beside(slot):
            slot[...] = 0 if parameter.grad is None else parameter.grad.array
        self.missing.discard(id(parameter))

    def take(self, parameter) -> None:
        """Copy the mean over all ranks back to the parameter's gradient."""
        slot = self.slots[id(parameter)]
        with beside(slot):
            if parameter.grad is None:
                parameter.grad = wrap(slot.copy())
                return
            target = parameter.grad.shared()
            target[...] = slot
        wrote(target)


def fill(parameters, limit: float) -> list[Bucket]:
    """Make buckets of at most ``limit`` bytes, the last parameters first."""
    rows: list[list] = []
    full, row_limit = 0, 0
    for parameter in reversed(parameters):
        size = parameter.array.nbytes
        kind = (parameter.dtype, parameter.device)
        if not rows or full + size > row_limit or kind != (rows[-1][0].dtype, rows[-1][0].device):
            row_limit = limit if rows else min(FIRST, limit)
            rows.append([])
            full = 0
        rows[-1].append(parameter)
        full += size
    return [Bucket(row) for row in rows]


class Reducer:
    """Average the gradients over all ranks, each bucket as soon as its last gradient has come."""

    def __init__(self, named, group, limit: float, find_unused: bool):
        self.names = {id(parameter): name for name, parameter in named}
        self.group, self.find_unused, self.expecting = group, find_unused, False
        self.buckets = fill([parameter for _, parameter in named], limit)
        self.home = {each: bucket for bucket in self.buckets for each in bucket.slots}
        self.begun = 0  # how many buckets travel
        self.sharing: int | None = None  # among how many gradients are divided, if not among all
        self.unused: list = []  # what the outputs of this rank do not need
        self.left_out: set = set()  # the same by id, once backward has begun
        for _, parameter in named:
            parameter.register_post_accumulate_grad_hook(self._came)

    def prepare(self, outputs) -> None:
        """Get ready for the backward of these outputs."""
        missing = [each for each in self.names if each in self.home[each].missing]
        if len(missing) < len(self.names):
            names = ", ".join(self.names[each] for each in missing)
            raise RuntimeError(UNFINISHED.format(rank=distributed.get_rank(), names=names))
        self.expecting = True
        if self.find_unused:
            used = leaves_behind(outputs)
            self.unused = [
                parameter
                for bucket in self.buckets
                for parameter in bucket.parameters
                if id(parameter) not in used
            ]

    def _came(self, parameter):
        """Take in a gradient; backward calls this as soon as it has added it up."""
        if not self.expecting:
            return
        unused, self.unused = self.unused, []
        if unused:
            self.left_out = {id(each) for each in unused}
        for each in (*unused, parameter):
            self.home[id(each)].put(each)
        while self.begun < len(self.buckets) and not self.buckets[self.begun].missing:
            self._send(self.buckets[self.begun])
            self.begun += 1
        if self.begun == len(self.buckets):
            self._finish()
        else:
            move_on()

    def _send(self, bucket):
        op = distributed.ReduceOp.SUM if self.sharing else distributed.ReduceOp.AVG
        bucket.work = distributed.all_reduce(bucket.flat, op, self.group, async_op=True)

    def shadow(self) -> None:
        """Take part in the backward of others, and bring nothing: this rank has no batch left."""
        for bucket in self.buckets:
            bucket.flat.zero_()
            self._send(bucket)
        if self.find_unused:
            self.left_out = set(self.names)
            self._unused_everywhere()
        for bucket in self.buckets:
            bucket.work.wait()
        self.left_out = set()

    def _finish(self):
        """Wait for all buckets, and hand out the means."""
        untouched = self._unused_everywhere() if self.find_unused else ()
        for bucket in self.buckets:
            bucket.work.wait()
            if self.sharing:
                bucket.flat /= self.sharing
            for parameter in bucket.parameters:
                if id(parameter) not in untouched:
                    bucket.take(parameter)
            bucket.missing, bucket.work = set(bucket.slots), None
        self.begun, self.left_out = 0, set()
        self.expecting = False  # a backward without a forward of ours is this rank's own affair

    def _unused_everywhere(self):
        """Find the parameters that no rank used: their gradients stay as they are."""
        used = np.array([each not in self.left_out for each in self.names], np.uint8)
        distributed.all_reduce(wrap(used), distributed.ReduceOp.MAX, self.group)
        return {each for each, anywhere in zip(self.names, used) if not anywhere}


def leaves_behind(outputs) -> set:
    """Find the tensors that outputs were computed from, by id."""
    waiting = [tensor.node for tensor in tensors_in(outputs) if tensor.node is not None]
    seen, found = set(waiting), set()
    while waiting:
        node = waiting.pop()
        if type(node) is Leaf:
            found.add(id(node.tensor()))
        for before in node.next:
            if before not in seen:
                seen.add(before)
                waiting.append(before)
    return found


def broadcast_all(tensors, group, src: int = 0) -> None:
    """Copy one rank's tensors to all, those of one kind in one exchange."""
    kinds: dict = {}
    for tensor in tensors:
        kinds.setdefault((tensor.dtype, tensor.device), []).append(tensor)
    for (_, device), row in kinds.items():
        with device.active():
            flat = device.xp.concatenate([tensor.shared().reshape(-1) for tensor in row])
            distributed.broadcast(wrap(flat), src, group)
            end = 0
            for tensor in row:
                start, end = end, end + tensor.array.size
                tensor.array[...] = flat[start:end].reshape(tensor.array.shape)
                wrote(tensor.array)
