"""What other processes run: at the top of a module, where spawned ones find it."""

import os
import signal
import sys
import time
import warnings

import autograd_lab as torch
from autograd_lab.notice import say_once


def add_number(number, totals):
    """Add this process's number to a tensor in shared memory, and pass on its place."""
    totals[number] += number + 1


def put(number, queue, scale):
    """Send a tensor, and wait until it was taken."""
    queue.put((number, torch.full((2,), float(number)) * scale))
    queue.close()
    queue.join_thread()


def fail(number, where, why="has no data"):
    """Raise in one process; the others would go on for long."""
    if number == where:
        raise ValueError(f"process {number} {why}")
    time.sleep(10_000)


def leave(number, code):
    """End without a word."""
    os._exit(code)


def speak(number):
    """Train, which shows how far it is, and say something once."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        say_once("a remark of the tests")
    torch.train_model(torch.nn.Linear(1, 1), [(torch.ones(2, 1), torch.ones(2, 1))])
    torch.train_model(torch.nn.Linear(1, 1), [(torch.ones(2, 1), torch.ones(2, 1))], interrupted)
    print(f"process {number} remarked {len(heard)}", flush=True)


def interrupted(output, target):
    """Be broken off, as by Ctrl-C, while the loss is computed."""
    raise KeyboardInterrupt


def interrupt(number):
    """End as Ctrl-C ends one process."""
    raise KeyboardInterrupt


def give_up(number, why):
    """End with a text, as programs do that miss something."""
    sys.exit(why)


def kill(number):
    """End by a signal."""
    os.kill(os.getpid(), signal.SIGKILL)


def doubled(x):
    """Compute, for a pool."""
    return x * 2


def nothing(number):
    """Do nothing."""


def descend(model, steps):
    """Train without locks: every process changes the same parameters."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        (model.weight - 3).pow(2).sum().backward()
        optimizer.step()


def write(tensors):
    """Change what was given."""
    for tensor in tensors:
        tensor[0] = 7


def write_with_number(number, tensors):
    """Change what was given, as one of several."""
    write(tensors)


def write_all(tensors, queue, connection):
    """Change what comes in three ways."""
    for given in (tensors, queue.get(), connection.recv()):
        write(given)
    connection.send("done")


def send_ones(send, size):
    """Send a tensor, and end at once."""
    send(torch.ones(size))


def send_ones_and_die(connection):
    """Send a large tensor, and be killed before it is taken."""
    connection.send(torch.ones(100_000))
    os.kill(os.getpid(), signal.SIGKILL)
