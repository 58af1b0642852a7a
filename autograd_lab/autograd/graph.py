"""The graph from inside: its nodes, and what they keep."""

import contextlib
import functools
import weakref

from ..core import Op as Node
from ..hooks import RemovableHandle, add_hook
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


class _Handles(RemovableHandle):
    """Takes off several hooks at once."""

    def __init__(self, handles):
        self.handles = handles

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()


class _Together:
    """Collects the gradients of several nodes in each backward, until all or any are known."""

    def __init__(self, nodes, fn, mode):
        self.nodes, self.fn, self.mode = nodes, fn, mode
        self.walk, self.found = None, {}

    def hear(self, place, gradient, visited):
        """Note a gradient; what is visited is one set in one backward, another in the next."""
        if self.walk is None or self.walk() is not visited:
            self.walk, self.found = weakref.ref(visited), {}
        self.found[place] = gradient
        if self.mode == "any":
            if len(self.found) == 1:
                self.fn(gradient)
        elif len(self.found) == sum(node in visited for node in self.nodes):
            found, self.walk = self.found, None
            self.fn([found.get(i) for i in range(len(self.nodes))])


def register_multi_grad_hook(tensors, fn, *, mode="all") -> RemovableHandle:
    """Call a function when the gradients of several tensors are known.

    Args:
        tensors: whose gradients are waited for.
        fn: in mode "all", called once in a backward with the list of gradients, None for tensors
            that this backward does not reach; in mode "any", called with the first gradient.
        mode: "all" or "any".

    >>> a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    >>> handle = torch.autograd.graph.register_multi_grad_hook([a, b], print)
    >>> (2 * a + 3 * b).sum().backward()
    [tensor([2., 2.]), tensor([3., 3.])]
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if mode == "any":
        tensors = [t for t in tensors if t.requires_grad]
    elif not all(t.requires_grad for t in tensors):
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    nodes = [t.node for t in tensors]
    hear = _Together(nodes, fn, mode).hear
    return _Handles([
        add_hook(node, "together", functools.partial(hear, i)) for i, node in enumerate(nodes)
    ])  # fmt: skip


__all__ = [
    "Node", "disable_saved_tensors_hooks", "register_multi_grad_hook", "save_on_cpu",
    "saved_tensors_hooks",
]  # fmt: skip
