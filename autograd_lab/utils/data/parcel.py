"""Carry a batch from one process to another without copying it there.

The sender writes the numbers into an anonymous file in memory and hands over the open file; the
receiver maps it, and the numbers lie where its arrays are. Such a file has no name: if a process
dies, nothing is left behind. Small batches, and systems without such files, go through the pipe.
"""

import mmap
import os
import pickle
from multiprocessing import reduction

SMALL = 1 << 15  # up to so many bytes the pipe is as quick
ALIGNMENT = 64


def send(connection, obj) -> None:
    """Send an object through a pipe to the parent of this process."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(obj, protocol=5, buffer_callback=buffers.append)
    parts = [buffer.raw() for buffer in buffers]
    if not hasattr(os, "memfd_create") or sum(map(len, parts)) <= SMALL:
        connection.send((data, [bytearray(part) for part in parts], None))
        return
    file = os.memfd_create("batch")
    try:
        places = [_appended(file, part) for part in parts]
        connection.send((data, places, os.fstat(file).st_size))
        reduction.send_handle(connection, file, os.getppid())
    finally:
        os.close(file)


def receive(connection):
    """Receive what ``send`` sent from the other end of a pipe."""
    data, parts, size = connection.recv()
    if size is not None:
        file = reduction.recv_handle(connection)
        try:
            mapped = memoryview(mmap.mmap(file, size, mmap.MAP_SHARED | mmap.MAP_POPULATE))
        finally:
            os.close(file)
        parts = [mapped[start:end] for start, end in parts]
    return pickle.loads(data, buffers=parts)


def _appended(file, part):
    """Write at the end of a file, from an aligned place on; give where it begins and ends."""
    end = os.fstat(file).st_size
    start = place = end + -end % ALIGNMENT
    while len(part):
        done = os.pwrite(file, part, place)
        part, place = part[done:], place + done
    return start, place
