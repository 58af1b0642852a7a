"""The graph from inside: its nodes, and what they keep."""

import contextlib

from ..core import Op as Node
from ..notice import say_once


class saved_tensors_hooks:
    """Refuse: what a node keeps for backward is an array under its own name, and is not packed.

    Read it there: ``y.grad_fn.saved``.
    """

    def __init__(self, pack_hook, unpack_hook):
        raise NotImplementedError(
            "saved_tensors_hooks: nodes keep arrays as they are here, there is nothing to pack. To "
            "see what a node keeps, look at y.grad_fn.saved; to keep less, use "
            "torch.utils.checkpoint"
        )


@contextlib.contextmanager
def save_on_cpu(pin_memory=False, device_type="cuda"):
    """Accept the wish to keep in main memory what backward needs: it stays where it is."""
    say_once("save_on_cpu: what backward needs stays on the device where it was computed")
    yield


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message):
    """Accept: there are no such hooks."""
    yield


__all__ = ["Node", "disable_saved_tensors_hooks", "save_on_cpu", "saved_tensors_hooks"]
