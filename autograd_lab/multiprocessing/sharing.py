"""Memory that several processes see: a change by one is a change for all.

Shared memory is an open file without a name: on Linux it lies in main memory. Who is given the file
maps it, and sees the same numbers; when the last one has ended, however it ended, it is gone. A
tensor that is passed to another process, or put into a queue or a pipe, moves there first, together
with all tensors on the same memory.
"""

import contextlib
import ctypes
import gc
import mmap
import os
import pickle
import sys
import tempfile
import threading
import time
import weakref
from multiprocessing import context, parent_process, reduction, resource_sharer, util

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ..core import HELD_ONCE, TENSORS, Tensor, new, on_new_kind
from ..device import memory
from ..ops.strided import owner

SMALL = 1 << 15  # up to so many bytes, a queue carries a copy, in case the sender ends too soon
PATIENCE = 5  # seconds until a process says for what it waits at its end
LONGEST = 60  # seconds until it waits no more, if nobody takes anything
_mapped = weakref.WeakValueDictionary()  # the bytes of each file that this process has mapped
_untaken = {}  # the numbers of files that were sent without a copy, and the threads that sent them


class SharedMemory(mmap.mmap):
    """A piece of memory that is not copied when this process forks; ``file`` is its open file."""

    file: int


def share_memory_(self):
    """Move the numbers to memory that other processes can share with this one.

    They share it if they are given the tensor, or inherit it when they are forked. Its views, and
    the tensor that it is a view of, move with it.

    >>> x = torch.zeros(2).share_memory_()
    >>> x.is_shared(), torch.zeros(2).is_shared()
    (True, False)
    """
    share([self])
    return self


def is_shared(self) -> bool:
    """Say whether other processes can see changes of this tensor (those on a GPU always do).

    >>> torch.ones(2).is_shared()
    False
    """
    return self.device.type != "cpu" or _piece(self) is not None


def _piece(tensor):
    """Give the shared memory that a tensor lies in, or None."""
    owner = memory(tensor.shared())
    piece = getattr(owner, "obj", owner)
    return piece if isinstance(piece, SharedMemory) else None


# --- moving there


def share(tensors) -> None:
    """Move tensors to shared memory, and all others that lie on the same memory.

    >>> x = torch.zeros(3)
    >>> share([x[1:]])
    >>> x.is_shared()
    True
    """
    tensors = [t for t in tensors if not is_shared(t) and t.array.size]
    near = [_near(t) for t in tensors]
    families = {} if all(near) else _families()
    for tensor, family in zip(tensors, near):
        if not is_shared(tensor):  # an earlier one may have taken it along
            _move(tensor, family or families.get(id(memory(tensor.array)), [tensor]))


def _near(tensor):
    """List all tensors on a tensor's memory, if they are only itself and its base; else none."""
    tensor.shared()
    near = [tensor] if tensor._base is None else [tensor._base, tensor]
    whole = near[0]
    alone = whole.array.base is None and sys.getrefcount(whole.array) < HELD_ONCE + len(near)
    if whole is not tensor:  # a view holds the base's array, and nothing else holds its own
        alone &= tensor.array.base is whole.array and sys.getrefcount(tensor.array) <= HELD_ONCE
    return near if alone else []


def _families():
    """List the living tensors by the memory that they lie on: views do not know of each other."""
    found = {}
    for each in gc.get_objects():
        if type(each) in TENSORS:
            array = _array(each)
            if isinstance(array, np.ndarray):
                found.setdefault(id(memory(array)), []).append(each)
    return found


def _array(tensor):
    """Give a tensor's array as it is; None if it is just being made."""
    try:
        return Tensor.array.__get__(tensor)  # a parameter without a shape refuses to show it
    except AttributeError:
        return None


def _move(tensor, family):
    """Copy a tensor's memory, all of it, and let each of a family look at the same place there."""
    low, high = byte_bounds(owner(tensor.array))
    moved = _bytes_of(_new_file(high - low), high - low)
    ctypes.memmove(moved.ctypes.data, low, high - low)
    for each in family:
        array = each.array
        first, last = byte_bounds(array)
        if low <= first and last <= high and array.size:
            start = array.__array_interface__["data"][0] - low
            each.array = np.ndarray(array.shape, array.dtype, moved, start, array.strides)


def _new_file(size) -> int:
    """Open a file of some size that has no name."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("tensor")
    else:
        with tempfile.TemporaryFile() as named_no_more:
            file = os.dup(named_no_more.fileno())
    os.ftruncate(file, size)
    return file


def _bytes_of(file, size):
    """Map an open file, which is ours from now on: the same one twice gives the same bytes."""
    key = os.fstat(file).st_dev, os.fstat(file).st_ino
    known = _mapped.get(key)
    if known is not None:
        os.close(file)
        return known
    _allow_more_than(file)
    piece = SharedMemory(file, size)
    piece.file = file
    weakref.finalize(piece, os.close, file).atexit = False
    _mapped[key] = found = np.frombuffer(piece, np.uint8)
    return found


def _allow_more_than(file):
    """Allow more open files in good time: a large model has hundreds of tensors."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has none
        import resource

        allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        enough = 4 * allowed if most == resource.RLIM_INFINITY else min(4 * allowed, most)
        if file > allowed // 4 and allowed < enough:
            resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


# --- passing it on


def check_may_travel(tensor) -> None:
    """Raise PyTorch's error for a result: its graph would stay behind."""
    if tensor.requires_grad and not tensor.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd "
            "does not support crossing process boundaries.  If you just want to transfer the data, "
            "call detach() on the tensor before serializing (e.g., putting it on the queue)."
        )


def _reduce(tensor):
    """Say how a tensor is made again in another process: on the same memory, not as a copy."""
    check_may_travel(tensor)
    share([tensor])
    array, piece = tensor.shared(), _piece(tensor)
    if piece is None:  # on a GPU, or without elements
        return tensor.__reduce__()
    start = array.__array_interface__["data"][0] - np.frombuffer(piece, np.uint8).ctypes.data
    place = array.shape, array.dtype, start, array.strides
    persistent = getattr(tensor, "persistent", None)  # what a Buffer knows besides
    return _rebuilt, (type(tensor), piece, place, tensor.requires_grad, persistent)


def _rebuilt(cls, piece, place, requires_grad, persistent):
    shape, dtype, start, strides = place
    tensor = new(cls)
    tensor.array = np.ndarray(shape, dtype, piece, start, strides)
    tensor.node = tensor._grad = None
    if persistent is not None:
        tensor.persistent = persistent
    return tensor.requires_grad_() if requires_grad else tensor


def _reduce_piece(piece):
    """Hand over the open file: with a new process, or when the receiver asks this one for it."""
    process = context.get_spawning_popen()
    if process is not None and process.method == "spawn":
        return _open, (reduction.DupFd(piece.file), len(piece), None)
    handle = resource_sharer.DupFd(piece.file)  # a fork server takes few files with a process
    if len(piece) <= SMALL:
        return _open, (handle, len(piece), piece[:])
    _remember(handle._id[1])
    return _open, (handle, len(piece), None)


def _remember(number):
    """Remember a file until it was handed over: to be asked for it is not enough."""
    handles = resource_sharer._resource_sharer._cache
    send, close = handles[number]

    def forget():
        close()
        _untaken.pop(number, None)

    _untaken[number] = threading.current_thread()
    handles[number] = send, forget


def _open(handle, size, copy):
    try:
        return _bytes_of(handle.detach(), size)
    except (ConnectionError, FileNotFoundError, EOFError) as gone:
        if copy is None:
            raise RuntimeError(
                "the process that sent this tensor has ended: it must go on until others have "
                "taken what it sent"
            ) from gone
        return np.frombuffer(bytearray(copy), np.uint8)  # nobody is left to share it with


def _wait_until_taken():
    """Go on until others have taken the large tensors that this process has sent them."""
    hasty, end = _hasty_threads(), time.monotonic() + PATIENCE
    for thread in threading.enumerate():
        if thread.name == "QueueFeederThread" and thread not in hasty:
            thread.join(max(0, end - time.monotonic()))  # queues were closed: it sends the rest
    if not _are_taken(PATIENCE, hasty):
        _say("waits until a tensor that it has sent is taken: call get() before join()")
        if not _are_taken(LONGEST - PATIENCE, hasty):
            _say(f"ends: for {LONGEST} seconds nobody has taken a tensor that it has sent")


def _hasty_threads():
    """List the threads of queues with ``cancel_join_thread()``: what they send may be lost."""
    known = list(util._afterfork_registry.values())
    return [each._thread for each in known if getattr(each, "_joincancelled", False)]


def _are_taken(patience, hasty) -> bool:
    """Wait until all is taken (then True), or until for some seconds nobody has taken any."""
    last, since = None, 0
    while parent_process().is_alive():
        left = {number for number, sender in list(_untaken.items()) if sender not in hasty}
        if left != last:
            last, since = left, time.monotonic()
        if not left or time.monotonic() - since > patience:
            return not left
        time.sleep(0.01)
    return True  # nobody is there any more


def _say(what):
    print(f"torch.multiprocessing: this process {what}", file=sys.stderr, flush=True)


def _begin(_=None):
    """In a new process: forget what its parent has sent, and wait for what it sends itself."""
    _untaken.clear()
    if parent_process() is not None:
        util.Finalize(None, _wait_until_taken, exitpriority=1)  # at 0 nobody can ask any more


def register() -> None:
    """Let what Python sends to other processes, in any way, share the memory of its tensors."""
    if not reduction.HAVE_SEND_HANDLE or sys.platform == "win32":
        return  # Windows has no open files to hand over: tensors are copied
    for kind in TENSORS:
        _register(kind)
    on_new_kind.append(_register)
    reduction.register(SharedMemory, _reduce_piece)
    util.register_after_fork(SharedMemory, _begin)
    _begin()


def _register(kind):
    if _is_ordinary(kind):
        reduction.register(kind, _reduce)


def _is_ordinary(kind) -> bool:
    ways = kind.__reduce_ex__, kind.__reduce__  # parameters without a shape have their own
    return ways == (object.__reduce_ex__, Tensor.__reduce__)


# --- what a forked process inherits


def share_within(obj) -> None:
    """Share all tensors in an object, as passing it to a process does that is not forked.

    >>> model = nn.Linear(2, 1)
    >>> share_within({"model": [model]})
    >>> model.weight.is_shared()
    True
    """
    with open(os.devnull, "wb") as nowhere:
        walk = Walk(nowhere)
        walk.dump(obj)
    share(walk.found)


class Walk(pickle.Pickler):
    """Go to all that pickling would reach; what cannot be pickled is passed over."""

    def __init__(self, file):
        super().__init__(file)
        self.found = []
        traitlets = sys.modules.get("traitlets")  # a widget knows the kernel, and that all the rest
        self.closed = (np.ndarray, traitlets.HasTraits) if traitlets else np.ndarray

    def reducer_override(self, obj):
        """List the tensors, and look into whatever says what it is made of."""
        if obj is object:
            return NotImplemented
        if type(obj) in TENSORS and _is_ordinary(type(obj)):
            check_may_travel(obj)
            self.found.append(obj)
        elif not isinstance(obj, self.closed):
            try:
                made = obj.__reduce_ex__(2)
            except Exception:
                made = None
            if isinstance(made, tuple):
                return made
        return object, ()
