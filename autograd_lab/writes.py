"""One clock for everything: when a node was born, and when memory was last written to in place.

A node may use what it saved if nobody wrote to that memory after the node's birth. So no tensor
carries a version counter, and a training step in which nothing is written between forward and
backward is not checked at all.
"""

import itertools
import weakref

import numpy as np

from .device import HOST, memory

birth = itertools.count(1).__next__
last_write = 0
_written = {}  # id of the memory -> [time of the last write, number of writes]


def wrote(array) -> None:
    """Note that an array's memory was just written to in place."""
    global last_write
    owner = memory(array)
    key = id(owner)
    last_write = birth()
    record = _written.get(key)
    if record is None:
        _written[key] = [last_write, 1]
        weakref.finalize(owner, _written.pop, key, None).atexit = False
    else:
        record[0] = last_write
        record[1] += 1


def written_since(array, time: int) -> bool:
    """Say whether an array's memory was written to after ``time``."""
    if type(array) in HOST and not isinstance(array, np.ndarray):
        return False  # a NumPy scalar cannot be written to
    record = _written.get(id(memory(array)))
    return record is not None and record[0] > time


def changed_since(tensor, time: int) -> bool:
    """Say whether a tensor holds other numbers than at ``time``: scalars are replaced instead."""
    return tensor.__dict__.get("replaced", 0) > time or written_since(tensor.array, time)


def version(array) -> int:
    """Count the writes in place to an array's memory: PyTorch's version counter."""
    record = _written.get(id(memory(array)))
    return record[1] if record else 0
