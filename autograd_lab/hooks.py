"""Hooks: the learner's own functions, called when a gradient is known."""

import weakref

from .writes import birth

hooked: set = set()  # weak references to the nodes that have hooks: almost always empty


class RemovableHandle:
    """Lets you take a hook off again: ``handle.remove()``, or use it in a ``with`` block."""

    def __init__(self, hooks: dict, key, when_empty=None):
        self.hooks, self.key, self.when_empty = hooks, key, when_empty

    def remove(self) -> None:
        """Take the hook off."""
        self.hooks.pop(self.key, None)
        if not self.hooks and self.when_empty is not None:
            self.when_empty()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def add_hook(node, kind, hook) -> RemovableHandle:
    """Put a hook on a node.

    Kinds: "tensor" and "before" see a gradient on its way in, "keep" only looks at it, "after" sees
    what the node passes on, "then" waits for a leaf's ``grad``, "together" sees a gradient and all
    nodes that this walk visits.
    """
    hooks = getattr(node, "hooks", None)
    if hooks is None:
        hooks = node.hooks = {}
    key = (kind, birth())
    hooks[key] = hook
    me = weakref.ref(node, hooked.discard)
    hooked.add(me)
    return RemovableHandle(hooks, key, lambda: hooked.discard(me))


def hooks_of(node, kind) -> list:
    """List a node's hooks of one kind, in the order in which they were put there."""
    hooks = getattr(node, "hooks", None) or {}
    return [hooks[key] for key in sorted(hooks) if key[0] == kind]
