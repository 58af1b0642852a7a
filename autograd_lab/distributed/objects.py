"""Exchanges of Python objects: numbers, texts, lists, dictionaries, anything picklable.

The ranks of one run are one program of one user and trust each other, so objects travel as
pickles. Exchanges of tensors move numbers only.
"""

import pickle

import numpy as np

from .agreement import agreed, waiting
from .farewell import exchange
from .groups import member
from .work import Work


def all_gather_object(object_list, obj, group=None) -> None:
    """Collect one object of each rank in everybody's list, in the order of ranks."""
    if (here := member(group, "all_gather_object")) is not None:
        found = _all_bytes(here, "all_gather_object()", pickle.dumps(obj))
        object_list[:] = [pickle.loads(data) for data in found]


def gather_object(obj, object_gather_list=None, dst=0, group=None) -> None:
    """Collect one object of each rank in rank ``dst``'s list."""
    if (here := member(group, "gather_object")) is None:
        return
    mine = here.rank() == here.place(dst)
    if mine != (object_gather_list is not None):
        raise ValueError("gather_object: object_gather_list is for rank dst, and for no other")
    found = _all_bytes(here, f"gather_object to rank {dst}", pickle.dumps(obj))
    if object_gather_list is not None:
        object_gather_list[:] = [pickle.loads(data) for data in found]


def broadcast_object_list(object_list, src=0, group=None, device=None) -> None:
    """Copy rank ``src``'s objects into everybody's list."""
    if (here := member(group, "broadcast_object_list")) is not None:
        object_list[:] = _from_one(here, "broadcast_object_list", src, list(object_list))


def scatter_object_list(
    scatter_object_output_list, scatter_object_input_list=None, src=0, group=None
) -> None:
    """Deal out rank ``src``'s objects: rank i gets the i-th, as the first of its output list."""
    if (here := member(group, "scatter_object_list")) is None:
        return
    given = list(scatter_object_input_list or ())
    if here.rank() == here.place(src) and len(given) != here.size():
        raise ValueError(f"scatter_object_list: {len(given)} objects for {here.size()} ranks")
    dealt = _from_one(here, "scatter_object_list", src, given)
    scatter_object_output_list[0] = dealt[here.rank()]


def _all_bytes(here, words: str, data: bytes) -> list[bytes]:
    """Collect texts of different lengths: first the lengths, then the texts, filled up."""
    sizes = np.empty((here.size(), 1), np.int64)
    mine = np.array([len(data)], np.int64)
    _wait(here, words, agreed(here, words, here.host.all_gather(sizes, mine)))
    mine = np.zeros(sizes.max(), np.uint8)
    mine[: len(data)] = np.frombuffer(data, np.uint8)
    found = np.empty((here.size(), len(mine)), np.uint8)
    _wait(here, words, here.host.all_gather(found, mine))
    return [row[:size].tobytes() for row, (size,) in zip(found, sizes)]


def _from_one(here, what: str, src: int, obj):
    """Copy one rank's object to all."""
    root, words = here.place(src), f"{what} from rank {src}"
    data = np.frombuffer(pickle.dumps(obj), np.uint8).copy()
    size = np.array([len(data)], np.int64)
    _wait(here, words, agreed(here, words, here.host.broadcast(size, root)))
    if here.rank() != root:
        data = np.empty(size[0], np.uint8)
    _wait(here, words, here.host.broadcast(data, root))
    return obj if here.rank() == root else pickle.loads(data.tobytes())


def _wait(here, words, request):
    Work(
        f"an exchange of objects by rank {here.ranks[here.rank()]}", request, list, here.patience,
        exchange(here), here, lambda: waiting(here, words, request),
    ).wait()  # fmt: skip
