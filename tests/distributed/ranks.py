"""Run a function on several ranks, each a process of its own, with a limit that nobody passes."""

import multiprocessing
import os
import signal
import socket
import subprocess
import time

from autograd_lab import distributed as dist
from autograd_lab import multiprocessing as mp

LIMIT = 60  # seconds; the machine may be busy with other things


def free_port():
    """Find a port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def finish(process):
    """Give what a command prints; it ends in time, or all that it began is ended."""
    try:
        return process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def run(function, size, *args):
    """Give what ``function(*args)`` returned on each rank, in their order."""
    queue = multiprocessing.get_context("fork").Queue()
    job = (function, args, queue)
    together = mp.start_processes(_rank, job, size, join=False, start_method="fork")
    try:
        found, end = {}, time.monotonic() + LIMIT
        while len(found) < size and time.monotonic() < end:
            together.join(0.01)
            while not queue.empty():
                rank, result = queue.get()
                found[rank] = result
        assert len(found) == size, f"only ranks {sorted(found)} finished in {LIMIT} s"
        assert together.join(LIMIT), "a rank does not end"
    finally:
        for process in together.processes:
            process.kill()
            process.join()
    return [found[rank] for rank in range(size)]


def run_all(size, **jobs):
    """Do several jobs on the same ranks, which takes less time; ``name=(function, *args)``.

    Gives, by the name of the job, what each rank returned.
    """
    found = run(_do_all, size, jobs)
    return {name: [returned[name] for returned in found] for name in jobs}


def _do_all(jobs):
    return {name: function(*args) for name, (function, *args) in jobs.items()}


def _rank(rank, function, args, queue):
    dist.init_process_group()
    result = function(*args)
    dist.destroy_process_group()
    queue.put((rank, result))
