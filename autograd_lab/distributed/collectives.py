"""Exchanges of tensors between the processes of a group.

Each function finds the group, lends its backend the tensors' memory, begins, and waits for the
end, unless ``async_op=True`` asks for the Work to wait for later. Ranks are those of the whole run.
"""

import contextlib
import math

from ..core import Tensor
from ..device import beside
from .agreement import Labelled, about, agreed, label, shares, waiting
from .farewell import exchange, message
from .groups import member, world
from .reduce_op import ReduceOp, check_op
from .work import Work

SUM = ReduceOp.SUM


def _finish(here, backend, what, detail, request, after, async_op):
    """Give the Work, or wait for it; by MPI, all ranks must be in the same exchange.

    NCCL's exchanges are arranged by the GPUs, where nobody is to wait for a check.
    """
    gone = exchange(here)
    if backend is here.host:
        request = agreed(here, what + detail, request)
    work = _work(here, what, detail, request, after, gone)
    if async_op:
        return work
    work.wait()
    return None


def _work(here, what, detail, request, after, gone):
    by = f"{what} by rank {here.ranks[here.rank()]}"
    return Work(
        by, request, after, here.patience, gone, here,
        lambda: waiting(here, what + detail, request),
    )  # fmt: skip


def _about(tensor, op=SUM):
    return about(tensor.dtype, tensor.array.size, op)


def _check(what, *tensors):
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"Invalid function argument. Expected {what}'s parameter to be of type "
                f"torch.Tensor but got {type(tensor)} instead."
            )
    kinds = {tensor.dtype for tensor in tensors}
    if len(kinds) > 1:
        raise ValueError(
            f"{what}: tensors of one exchange have one dtype, not {' and '.join(map(str, kinds))}"
        )


def _check_list(what, name, tensors, count, like=None):
    if not isinstance(tensors, list | tuple):
        raise TypeError(f"{what}: {name} is a list with one tensor for each of {count} ranks")
    if len(tensors) != count:
        raise ValueError(f"{what}: {name} has {len(tensors)} tensors, and there are {count} ranks")
    _check(what, *tensors, *([] if like is None else [like]))
    for rank, tensor in enumerate(tensors):
        wanted = tensors[0] if like is None else like
        if tensor.shape != wanted.shape:
            raise ValueError(
                f"{what}: {name}[{rank}] has shape {tuple(tensor.shape)}, where "
                f"{tuple(wanted.shape)} is exchanged"
            )


def _check_size(what, large, small, count):
    _check(what, large, small)
    if large.array.size != small.array.size * count:
        raise ValueError(
            f"{what}: one tensor must be {count} times as large as the other, and they have "
            f"{large.array.size} and {small.array.size} elements"
        )


def _dealt(backend, tensors, arrays):
    """Give each tensor its part."""

    def give():
        for tensor, array in zip(tensors, arrays):
            backend.give_back(tensor, array)

    return give


def _averaged(op, count, tensor, array, backend):
    """Give back what was reduced; a mean is a sum, divided at last."""

    def give():
        if op is ReduceOp.AVG:
            with beside(array):
                array[...] /= count
        backend.give_back(tensor, array)

    return give


def _summing(op):
    return SUM if op is ReduceOp.AVG else op


# --- everybody gets the result


def all_reduce(tensor, op=SUM, group=None, async_op=False):
    """Add up (or ``op``) a tensor over all ranks, element by element; each gets the result."""
    _check("all_reduce", tensor)
    check_op(op, tensor.dtype, "all_reduce")
    if (here := member(group, "all_reduce")) is None:
        return None
    backend = here.backend(tensor)
    array = backend.lend(tensor, reduced=True)
    request = backend.all_reduce(array, _summing(op))
    after = _averaged(op, here.size(), tensor, array, backend)
    return _finish(here, backend, "all_reduce", _about(tensor, op), request, after, async_op)


def all_gather(tensor_list, tensor, group=None, async_op=False):
    """Collect the tensors of all ranks; each gets them all, in the order of ranks."""
    if (here := member(group, "all_gather")) is None:
        return None
    _check_list("all_gather", "tensor_list", tensor_list, here.size(), tensor)
    backend = here.backend(tensor, *tensor_list)
    arrays = backend.empty(tensor, here.size())
    request = backend.all_gather(arrays, backend.lend(tensor))
    after = _dealt(backend, tensor_list, arrays)
    return _finish(here, backend, "all_gather", _about(tensor), request, after, async_op)


def all_gather_into_tensor(output_tensor, input_tensor, group=None, async_op=False):
    """Collect the tensors of all ranks in one, joined or stacked along its first dimension."""
    if (here := member(group, "all_gather_into_tensor")) is None:
        return None
    _check_size("all_gather_into_tensor", output_tensor, input_tensor, here.size())
    backend = here.backend(output_tensor, input_tensor)
    array = backend.lend(output_tensor)
    request = backend.all_gather(array, backend.lend(input_tensor))
    after = _dealt(backend, [output_tensor], [array])
    detail = _about(input_tensor)
    return _finish(here, backend, "all_gather_into_tensor", detail, request, after, async_op)


all_gather_single = all_gather_into_tensor  # its newer name


# --- each gets its part


def reduce_scatter(output, input_list, op=SUM, group=None, async_op=False):
    """Add up lists of tensors over all ranks; rank i gets the i-th sum."""
    if (here := member(group, "reduce_scatter")) is None:
        return None
    _check_list("reduce_scatter", "input_list", input_list, here.size(), output)
    check_op(op, output.dtype, "reduce_scatter")
    backend = here.backend(output, *input_list)
    stacked = backend.stack(input_list, reduced=True)
    return _reduce_scatter(here, backend, output, stacked, op, async_op)


def reduce_scatter_tensor(output, input, op=SUM, group=None, async_op=False):
    """Add up a tensor over all ranks; rank i gets the i-th part of the sum."""
    if (here := member(group, "reduce_scatter_tensor")) is None:
        return None
    _check_size("reduce_scatter_tensor", input, output, here.size())
    check_op(op, output.dtype, "reduce_scatter_tensor")
    backend = here.backend(output, input)
    lent = backend.lend(input, reduced=True)
    return _reduce_scatter(here, backend, output, lent, op, async_op)


reduce_scatter_single = reduce_scatter_tensor  # its newer name


def _reduce_scatter(here, backend, output, given, op, async_op):
    array = backend.room(output, output.shape, reduced=True)
    request = backend.reduce_scatter(array, given, _summing(op))
    after = _averaged(op, here.size(), output, array, backend)
    return _finish(here, backend, "reduce_scatter", _about(output, op), request, after, async_op)


def all_to_all(output_tensor_list, input_tensor_list, group=None, async_op=False):
    """Send the i-th tensor of a list to rank i, and get one from each rank; sizes may differ."""
    if (here := member(group, "all_to_all")) is None:
        return None
    outs, ins = output_tensor_list, input_tensor_list
    if len(outs) != here.size() or len(ins) != here.size():
        raise ValueError(f"all_to_all: each list has one tensor for each of {here.size()} ranks")
    _check("all_to_all", *outs, *ins)
    backend = here.backend(*outs, *ins)
    given = backend.flat(ins)
    sizes = [each.array.size for each in outs]
    out = backend.room(outs[0], (sum(sizes),))
    given_sizes = [each.array.size for each in ins]
    request = backend.all_to_all(out, given, sizes, given_sizes)
    if backend is here.host:
        request = shares(here, "all_to_all", given_sizes, sizes, request)
    parts, at = [], 0
    for size in sizes:
        parts.append(out[at : at + size])
        at += size
    after, detail = _dealt(backend, outs, parts), f" of {outs[0].dtype.name} tensors"
    return _finish(here, backend, "all_to_all", detail, request, after, async_op)


def all_to_all_single(
    output, input, output_split_sizes=None, input_split_sizes=None, group=None, async_op=False
):
    """Cut a tensor along its first dimension, send part i to rank i, and join what comes."""
    if (here := member(group, "all_to_all_single")) is None:
        return None
    _check("all_to_all_single", output, input)
    sizes = [
        _split(tensor, given, here.size())
        for tensor, given in ((output, output_split_sizes), (input, input_split_sizes))
    ]
    backend = here.backend(output, input)
    array = backend.lend(output)
    request = backend.all_to_all(array, backend.lend(input), *sizes)
    if backend is here.host:
        takes, gives = (
            [rows * math.prod(tensor.shape[1:]) for rows in cut]
            for tensor, cut in zip((output, input), sizes)
        )
        request = shares(here, "all_to_all_single", gives, takes, request)
    after, detail = _dealt(backend, [output], [array]), f" of {input.dtype.name} tensors"
    return _finish(here, backend, "all_to_all_single", detail, request, after, async_op)


def _split(tensor, sizes, count):
    rows = tensor.shape[0]
    if not sizes:
        if rows % count:
            raise ValueError("Tensor's dim 0 does not divide equally across group size")
        return [rows // count] * count
    if len(sizes) != count or sum(sizes) != rows:
        raise ValueError("Split sizes doesn't match total dim 0 size")
    return list(sizes)


# --- one rank gives or gets


def broadcast(tensor, src=None, group=None, async_op=False, group_src=None):
    """Copy rank ``src``'s tensor into everybody's."""
    _check("broadcast", tensor)
    if (here := member(group, "broadcast")) is None:
        return None
    backend = here.backend(tensor)
    array = backend.lend(tensor)
    root = _root(here, src, group_src, "broadcast")
    request = backend.broadcast(array, root)
    after, detail = _dealt(backend, [tensor], [array]), _rooted(here, "from", root, tensor)
    return _finish(here, backend, "broadcast", detail, request, after, async_op)


def reduce(tensor, dst=None, op=SUM, group=None, async_op=False, group_dst=None):
    """Add up (or ``op``) a tensor over all ranks; rank ``dst`` gets the result."""
    _check("reduce", tensor)
    check_op(op, tensor.dtype, "reduce")
    if (here := member(group, "reduce")) is None:
        return None
    root = _root(here, dst, group_dst, "reduce")
    backend = here.backend(tensor)
    array = backend.lend(tensor, reduced=True)
    request = backend.reduce(array, root, _summing(op))
    after = _averaged(op, here.size(), tensor, array, backend)
    if here.rank() != root:
        after = _nothing
    detail = _rooted(here, "to", root, tensor, op)
    return _finish(here, backend, "reduce", detail, request, after, async_op)


def gather(tensor, gather_list=None, dst=None, group=None, async_op=False, group_dst=None):
    """Collect the tensors of all ranks in rank ``dst``'s list."""
    _check("gather", tensor)
    if (here := member(group, "gather")) is None:
        return None
    root = _root(here, 0 if dst is None and group_dst is None else dst, group_dst, "gather")
    backend = here.backend(tensor, *(gather_list or ()))
    arrays, after = None, _nothing
    if here.rank() == root:
        _check_list("gather", "gather_list", gather_list, here.size(), tensor)
        arrays = backend.empty(tensor, here.size())
        after = _dealt(backend, gather_list, arrays)
    elif gather_list:
        raise ValueError("Argument ``gather_list`` must NOT be specified on non-destination ranks.")
    request = backend.gather(arrays, backend.lend(tensor), root)
    detail = _rooted(here, "to", root, tensor)
    return _finish(here, backend, "gather", detail, request, after, async_op)


def scatter(tensor, scatter_list=None, src=None, group=None, async_op=False, group_src=None):
    """Deal out the tensors of rank ``src``'s list: rank i gets the i-th."""
    _check("scatter", tensor)
    if (here := member(group, "scatter")) is None:
        return None
    root = _root(here, 0 if src is None and group_src is None else src, group_src, "scatter")
    backend = here.backend(tensor, *(scatter_list or ()))
    parts = None
    if here.rank() == root:
        _check_list("scatter", "scatter_list", scatter_list, here.size(), tensor)
        parts = backend.stack(scatter_list)
    elif scatter_list:
        raise ValueError("Argument ``scatter_list`` must NOT be specified on non-source ranks.")
    array = backend.lend(tensor)
    request = backend.scatter(array, parts, root)
    after, detail = _dealt(backend, [tensor], [array]), _rooted(here, "from", root, tensor)
    return _finish(here, backend, "scatter", detail, request, after, async_op)


def _root(here, rank, in_group, what):
    if rank is None and in_group is None:
        raise ValueError(f"{what}: say which rank, by its number in the whole run")
    return here.place(rank) if in_group is None else in_group


def _rooted(here, word, root, tensor, op=SUM):
    return f" {word} rank {here.ranks[root]}{_about(tensor, op)}"


def _nothing():
    """Do nothing: this rank gets nothing."""


# --- from one to one


def isend(tensor, dst=None, group=None, tag: int = 0, group_dst=None):
    """Begin to send a tensor to rank ``dst``; gives the Work to wait for."""
    _check("isend", tensor)
    if (here := member(group, "isend")) is None:
        return None
    to = _root(here, dst, group_dst, "isend")
    if to == here.rank():
        raise ValueError("Invalid destination rank: destination rank should not be the same as "
                         "the rank of the current process.")  # fmt: skip
    backend = here.backend(tensor)
    array = backend.lend(tensor)
    request = backend.send(array, to, tag)
    if backend is here.host:
        request = label(here, tensor, to, tag, request)
    detail = f"{_about(tensor)} to rank {here.ranks[to]}{_tagged(tag)}"
    return _work(here, "send", detail, request, lambda: array, message(here, to))


def irecv(tensor, src=None, group=None, tag: int = 0, group_src=None):
    """Begin to receive a tensor from rank ``src`` (from any if None); gives the Work."""
    _check("irecv", tensor)
    if (here := member(group, "irecv")) is None:
        return None
    come_from = None if src is None and group_src is None else _root(here, src, group_src, "irecv")
    backend = here.backend(tensor)
    array = backend.lend(tensor)
    request = backend.receive(array, come_from, tag)
    if backend is here.host:
        request = Labelled(here, tensor, come_from, tag, request)
    after, sender = _dealt(backend, [tensor], [array]), "any rank"
    if come_from is not None:
        sender = f"rank {here.ranks[come_from]}"
    detail = f"{_about(tensor)} from {sender}{_tagged(tag)}"
    return _work(here, "recv", detail, request, after, message(here, come_from))


def _tagged(tag):
    return f" with tag {tag}" if tag else ""


def send(tensor, dst=None, group=None, tag: int = 0, group_dst=None) -> None:
    """Send a tensor to rank ``dst``, which must call ``recv``."""
    work = isend(tensor, dst, group, tag, group_dst)
    if work is not None:
        work.wait()


def recv(tensor, src=None, group=None, tag: int = 0, group_src=None) -> int:
    """Receive a tensor from rank ``src``, or from any; tells from which rank it came."""
    work = irecv(tensor, src, group, tag, group_src)
    if work is None:
        return -1
    request = work.request
    work.wait()
    return member(group, "recv").ranks[request.source()]


class P2POp:
    """One of several messages that ``batch_isend_irecv`` begins together.

    Args:
        op: ``isend`` or ``irecv``.
        tensor: what is sent, or where it is received.
        peer: the other rank.
        group: both belong to it; all ranks if None.
        tag: the same on both sides.
        group_peer: the other rank by its number in the group.
    """

    def __init__(self, op, tensor, peer=None, group=None, tag=0, group_peer=None):
        if op not in (isend, irecv):
            raise ValueError("Invalid ``op``. Expected ``op`` to be isend or irecv")
        self.op, self.tensor, self.peer, self.group = op, tensor, peer, group
        self.tag, self.group_peer = tag, group_peer


def batch_isend_irecv(p2p_op_list) -> list:
    """Begin several messages, in any order; gives the list of their Work to wait for."""
    groups = {each.group or world() for each in p2p_op_list}
    if len(groups) > 1:
        raise ValueError("All ops need to use the same group.")
    gpus = [gpu for group in groups if (gpu := getattr(group, "gpu", None)) is not None]
    with gpus[0].batch() if gpus else contextlib.nullcontext():
        return [
            each.op(each.tensor, each.peer, each.group, each.tag, each.group_peer)
            for each in p2p_op_list
        ]


def barrier(group=None, async_op=False, device_ids=None):
    """Wait until all ranks have come here."""
    if (here := member(group, "barrier")) is None:
        return None
    request = here.host.barrier()
    return _finish(here, here.host, "barrier", "()", request, _nothing, async_op)
