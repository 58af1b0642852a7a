"""Writing in place, with gradients kept right: ``x += 1``, ``x[0] = 1``, and views of one memory.

A view remembers the tensor that owns the memory and how it was made from it. After a write, the
owner gets a new node, and every living view is taken again from the owner.
"""

import weakref

import numpy as np

from . import grad_mode
from .core import OPS, Leaf, wrap
from .device import beside
from .dtypes import legacy_name
from .grad_mode import is_grad_enabled
from .hooks import add_hook
from .writes import birth, wrote


class Path:
    """The steps from the tensor that owns the memory to a view of it."""

    __slots__ = ("steps",)

    def __init__(self, steps):
        self.steps = steps

    def __call__(self, base):
        """Take the same view of something else: an array or a Tensor."""
        for call, args, place in self.steps:
            base = call(base, *args)
            base = base if place is None else base[place]
        return base


class View:
    """How a tensor that shares memory was made from the tensor that owns it.

    ``several``: it is one of several outputs; ``silent``: it was made while nothing was recorded.
    """

    __slots__ = ("base", "path", "several", "silent")

    def __init__(self, base, steps, several=False, silent=False):
        self.base, self.path, self.several, self.silent = base, Path(steps), several, silent

    @property
    def steps(self) -> tuple:
        """List the steps: (operation, its arguments, which of its outputs)."""
        return self.path.steps


def note_view(result, source, call, args, place=None) -> None:
    """Note that two tensors share memory, and how to make the one from the other."""
    step = (call, args, place)
    view = getattr(source, "_view", None)
    silent = grad_mode.quiet and not is_grad_enabled() and source.node is not None
    if view is None:
        base = source
        result._view = View(base, (step,), place is not None, silent)
    else:
        base = view.base
        several = place is not None or view.several
        result._view = View(base, (*view.steps, step), several, silent or view.silent)
    views = getattr(base, "_views", None)
    if views is None:
        base._views = [weakref.ref(result)]
        return
    if len(views) >= 16 and len(views) & (len(views) - 1) == 0:  # sweep out the dead now and then
        views[:] = [v for v in views if v() is not None]
    views.append(weakref.ref(result))


def check_may_write(tensor) -> None:
    """Raise PyTorch's error where a write in place would make gradients wrong."""
    view = getattr(tensor, "_view", None)
    if view is None:
        if type(tensor.node) is Leaf:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation. A step "
                "by hand is written under `with torch.no_grad():`"
            )
        return
    if type(view.base.node) is Leaf:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation. "
            "A step by hand is written under `with torch.no_grad():`"
        )
    if view.silent:
        raise RuntimeError(
            "A view was created in no_grad mode and is being modified inplace with grad mode "
            "enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You "
            "can clarify your code by moving both the view and the inplace either both inside the "
            "no_grad block (if you don't want the inplace to be tracked) or both outside (if you "
            "want the inplace to be tracked)."
        )
    if view.several:
        raise RuntimeError(
            "Output 0 of a function that returns multiple views is a view and is being modified "
            "inplace. Such functions do not allow the output views to be modified inplace. You "
            "should replace the inplace operation by an out-of-place one."
        )


def check_apart(array) -> None:
    """Raise PyTorch's error where several elements are one place in memory, as after expand."""
    if not array.size or 0 not in array.strides:
        return
    if any(n > 1 and not s for n, s in zip(array.shape, array.strides)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation."
        )


def protect(node, array) -> None:
    """Give a node its own copy of what is about to be overwritten."""
    if node.saved and any(a is array for a in node.saved):
        keep = isinstance(array, np.generic)  # a NumPy scalar is never overwritten
        node.saved = tuple([a.copy() if a is array and not keep else a for a in node.saved])


def write(self, value, uniform=False):
    """Put a Tensor's values into this tensor's memory: every in-place operation ends here.

    ``uniform`` says that all values are the same one, so elements may share a place.
    """
    if value.array.shape != self.array.shape:
        raise RuntimeError(
            f"output with shape {list(self.shape)} doesn't match the broadcast shape "
            f"{list(value.shape)}"
        )
    if value.array.dtype != self.array.dtype:
        value = cast_for_write(self, value)
    view = getattr(self, "_view", None)
    tracked = is_grad_enabled() and (
        value.node is not None or self.node is not None or (view is not None and view.silent)
    )
    if tracked:
        check_may_write(self)
        if value.node is not None:
            protect(value.node, self.array)
    if isinstance(self.array, np.generic):
        self.array = self.array.dtype.type(value.array)
        if self.node is not None:
            self.__dict__["replaced"] = birth()  # a picture of what was computed before says so
    else:
        if not uniform:
            check_apart(self.array)
        if type(self.array) is np.ndarray:
            self.array[...] = value.array
        else:
            with beside(self.array):
                self.array[...] = value.array
        wrote(self.array)
    if tracked:
        rebase(self, value.node)
    return self


def cast_for_write(self, value):
    """Convert a value to this tensor's dtype, unless that would lose its kind."""
    if value.dtype.rank > self.dtype.rank:
        raise RuntimeError(
            f"result type {legacy_name(value.dtype)} can't be cast to the desired output type "
            f"{legacy_name(self.dtype)}"
        )
    return OPS["to"](value, self.dtype)


def rebase(self, node) -> None:
    """Say that this tensor's memory now holds what ``node`` made, and tell its views."""
    view = getattr(self, "_view", None)
    if view is None:
        self.node = node
        keep_again(self)
        root = self
    else:
        root = view.base
        after = wrap(self.array, node)
        root.node = OPS["write_view"](wrap(root.array, root.node), after, view.path, True).node
        keep_again(root)
    for other in getattr(root, "_views", ()):
        tensor = other()
        if tensor is not None:
            tensor.node = tensor._view.path(wrap(root.array, root.node)).node
            keep_again(tensor)


def keep_again(tensor) -> None:
    """After a write in place, the gradient that ``retain_grad`` keeps is that of the new value."""
    old = tensor.__dict__.get("retains")
    if old is not None and tensor.node is not None:
        tensor.retains = add_hook(tensor.node, "keep", old.hooks.pop(old.key))
