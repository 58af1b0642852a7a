"""Numbers that change from step to step, such as the learning rate, in a step that is replayed.

A captured step (see ``cuda/graphs.py``) is repeated by the GPU alone: a number that Python worked
out while it was captured would stay the same for ever. So such a number is asked for with ``live``:
as a rule it is a plain number; in a captured step it lies in the memory of the GPU, and is worked
out anew before each replay.
"""

import threading
from typing import Any


class Present(threading.local):
    """What this thread is doing now."""

    graph: Any = None  # the CUDA graph that it captures, if any


present = Present()


def live(count: int, numbers, like):
    """Give the numbers of a step: those that ``numbers()`` gives, ``count`` of them.

    ``like`` is an array of the dtype in which they are used.

    >>> rates = iter([0.1, 0.05])
    >>> live(1, lambda: [next(rates)], None), live(1, lambda: [next(rates)], None)
    ([0.1], [0.05])
    """
    graph = present.graph
    return numbers() if graph is None else graph.numbers(count, numbers, like.dtype)


def refuse_first_step() -> None:
    """Raise if a step is captured before there is anything to remember it in.

    >>> refuse_first_step()
    """
    if present.graph is not None:
        raise RuntimeError(
            "an optimizer's first step makes the memory for its means, and in a captured step that "
            "would be made, and emptied, again and again: take a few steps before the capture, as "
            "PyTorch asks, too"
        )
