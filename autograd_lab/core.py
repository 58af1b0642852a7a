"""The engine: Tensor, Op, and backward.

An operation is one class (see ``ops/``); its instance is one node of the graph. A tensor points to
the node that made it, a node points to the nodes that its inputs came from, and ``backward`` walks
them from the youngest to the oldest.
"""

import sys
import threading
import weakref
from operator import attrgetter
from typing import Any

import numpy as np

from . import dtypes, grad_mode, writes
from .device import HOST, device_of, memory
from .errors import explain_written
from .grad_mode import is_grad_enabled
from .watching import Site, describe
from .writes import birth, wrote

Array = np.ndarray  # the annotation of an operand in an op's ``forward``


class Arrays:
    """The annotation of an operand that is a list of arrays."""


new = object.__new__
born = attrgetter("seq")
OPS: dict[str, Any] = {}  # every op by its name; ``@op`` fills it
TENSORS: set[type] = set()  # Tensor and its subclasses: one lookup tells whether x is a tensor
NUMBERS = frozenset({int, float, bool, complex})


class Freed:
    """Stands where saved values stood: only an operation that needs them can notice."""

    def __getitem__(self, place):
        raise RuntimeError(
            "Trying to backward through the graph a second time (or directly access saved tensors "
            "after they have already been freed). Saved intermediate values of the graph are freed "
            "when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to"
            " backward through the graph a second time or if you need to access saved tensors after"
            " calling backward."
        )

    def __iter__(self):
        return iter(())


FREED = Freed()


class RemovableHandle:
    """Lets you take a hook off again: ``handle.remove()``, or use it in a ``with`` block."""

    def __init__(self, hooks: dict, key):
        self.hooks, self.key = hooks, key

    def remove(self) -> None:
        """Take the hook off."""
        self.hooks.pop(self.key, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


class Op:
    """One operation and, once it has run, one node of the graph.

    ``next`` holds the nodes that its inputs came from, ``saved`` what its rules need for backward.
    """

    __slots__ = ("__weakref__", "hooks", "next", "saved", "seq", "told")

    xp = np  # the array module of the device that this node computes on
    formula = gradient = ""
    promote = False  # bring the operands to one dtype first, as PyTorch's result_type says
    broadcast = False  # operands of different shapes are expanded, visibly, to the result's shape
    result = "same"  # dtype of the result: "same" as the operands', "float" (integers become it)
    view = False  # the result shares memory with the first operand
    implicit = False  # made by the engine, not by the learner: pictures may hide it
    operands: tuple = ()
    operand_places: tuple = ()  # where the operands stand among the arguments of a call
    edges: tuple = ()  # which operands need a gradient: one entry for each node in ``next``
    keep: tuple = ()  # the names of what is in ``saved``
    extra: tuple = ()  # what forward leaves on self
    several = False  # forward returns a tuple of results
    also = None  # a function for PyTorch's rarer spellings of the call: add(a, b, alpha=2)
    torch_name = "Op"  # PyTorch's name of the node, as grad_fn shows it

    def name(self) -> str:
        """Give PyTorch's name of this node: ``MulBackward0``."""
        return type(self).__name__

    def __repr__(self):
        return f"<{self.name()} object at {id(self):#x}>"

    @property
    def next_functions(self):
        """List the nodes that the operands came from, as PyTorch does: ``((node, 0), ...)``."""
        found = dict(zip(self.edges, self.next))
        count = max(len(self.operands), len(self.next))
        return tuple((_user_node(found.get(i)), _place(found.get(i))) for i in range(count))

    def as_tensors(self):
        """Give the same node with Tensors for saved arrays: its gradients are recorded in turn."""
        cls = type(self)
        twin = new(cls)
        for name in cls.extra:
            if hasattr(self, name):
                setattr(twin, name, getattr(self, name))
        twin.next = self.next
        came_from = dict(zip(self.edges, self.next))
        origin = {name: came_from.get(i) for i, name in enumerate(cls.operands)}
        origin["y"] = self
        saved = [self.saved[i] for i in range(len(cls.keep))]
        twin.saved = tuple([
            [_tied(each, came_from.get(i)) for i, each in enumerate(a)] if type(a) is list
            else _tied(a, origin.get(k))
            for k, a in zip(cls.keep, saved)
        ])  # fmt: skip
        return twin

    def register_hook(self, hook) -> RemovableHandle:
        """Call ``hook(gradients of inputs, gradients of outputs)`` after this node's backward."""
        return _add_hook(self, ("after", birth()), hook)

    def register_prehook(self, hook) -> RemovableHandle:
        """Call ``hook(gradients of outputs)`` before this node's backward."""
        return _add_hook(self, ("before", birth()), hook)


class Pointwise(Op):
    """An operation on each element by itself: operands share a dtype and a broadcast shape."""

    __slots__ = ()
    promote = broadcast = True


def _tied(saved, node):
    """Wrap a saved array as a Tensor that knows where it came from."""
    if type(saved) in NUMBERS or saved is None or type(saved) in TENSORS:
        return saved
    if node is not None and node.implicit:  # broadcasting put an expand on this edge: what was
        node = node.next[0]  # saved is the operand as it was before
    return wrap(saved, node)


def _user_node(node):
    return node.next[0] if type(node) is Output else node


def _place(node):
    return node.place if type(node) is Output else 0


class Leaf(Op):
    """Where a gradient ends: in ``tensor.grad``. The tensor owns its leaf, so the leaf is weak."""

    __slots__ = ("tensor",)
    next, seq, saved = (), 0, None

    def name(self) -> str:
        """Give PyTorch's name of this node."""
        return "AccumulateGrad"

    @property
    def variable(self):
        """Give the tensor whose gradient this is."""
        return self.tensor()

    def as_tensors(self):
        """A leaf saves nothing."""
        return self

    def accumulate(self, g, alone: bool) -> None:
        """Add a gradient to ``tensor.grad``; ``alone`` says that nobody else holds this array."""
        tensor = self.tensor()
        if tensor is None:
            return
        old = tensor._grad
        if type(g) is Tensor:  # create_graph: the gradient has a graph of its own
            tensor._grad = g if old is None else old + g
        elif old is None:
            tensor._grad = wrap(g if alone or isinstance(g, np.generic) else _copy(g))
        elif isinstance(old.array, np.generic) or old.node is not None:
            old.array = old.array + g
        else:
            old.array += g
            wrote(old.array)


def _copy(array):
    return array.copy()


def leaf(tensor) -> Leaf:
    """Make the node in which a tensor's gradients are collected."""
    node = new(Leaf)
    node.tensor = weakref.ref(tensor)
    return node


class Output(Op):
    """One of several outputs: carries its gradient, with its place, to the node that made it."""

    __slots__ = ("place",)

    def pull(self, g):
        """Say which output the gradient belongs to."""
        return Part({self.place: g})

    def as_tensors(self):
        """An output saves nothing."""
        return self


class Part(dict):
    """The gradients of some of an operation's outputs, by place."""

    def __add__(self, other):
        return Part(
            {**self, **{k: self[k] + g if k in self else g for k, g in other.items()}}
        )

    def filled(self, count):
        """List the gradients of all outputs, None where there is none."""
        return [self.get(i) for i in range(count)]


class View:
    """How a tensor that shares memory was made from the tensor that owns it."""

    __slots__ = ("base", "several", "silent", "steps")

    def __init__(self, base, steps, several=False, silent=False):
        self.base, self.steps, self.several, self.silent = base, steps, several, silent

    def __call__(self, base):
        """Take the same view of something else: an array or a Tensor."""
        for call, args, place in self.steps:
            base = call(base, *args)
            base = base if place is None else base[place]
        return base


def wrap(array, node=None):
    """Make a Tensor around an array, without a look at it."""
    tensor = new(Tensor)
    tensor.array, tensor.node, tensor._grad = array, node, None
    return tensor


class Tensor:
    """An array of numbers, and the node that made it (None where nobody asked for gradients).

    ``array`` is the NumPy or CuPy array itself: the glass is open.

    >>> import autograd_lab as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ("__dict__", "__weakref__", "_grad", "_view", "_views", "array", "node")
    __array_ufunc__ = None  # NumPy leaves mixed arithmetic to us

    array: Any
    node: Any

    def __init_subclass__(cls):
        TENSORS.add(cls)

    def __new__(cls, *data, dtype=None, device=None):
        return _construct(cls, data, dtype, device)

    # --- what it is

    @property
    def shape(self):
        """Give the sizes of all dimensions."""
        return Size(self.array.shape)

    @property
    def ndim(self) -> int:
        """Count the dimensions."""
        return self.array.ndim

    @property
    def dtype(self) -> dtypes.dtype:
        """Name the kind of number that it holds."""
        return dtypes.OF_ARRAY[self.array.dtype]

    @property
    def device(self):
        """Name the place where its numbers live."""
        return device_of(self.array)

    @property
    def is_leaf(self) -> bool:
        """Say whether it was made by the learner, and not by an operation on such a tensor."""
        return self.node is None or type(self.node) is Leaf

    @property
    def grad_fn(self):
        """Give the node that made it, or None for a leaf."""
        node = self.node
        return None if node is None or type(node) is Leaf else _user_node(node)

    @property
    def requires_grad(self) -> bool:
        """Say whether gradients will be computed for it."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, on: bool):
        self.requires_grad_(on)

    def requires_grad_(self, requires_grad: bool = True):
        """Ask for gradients (or no longer): changes this tensor and returns it."""
        if not self.is_leaf:
            if requires_grad:
                return self
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a "
                "computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
        if requires_grad and self.dtype.rank < dtypes.FLOATING:
            raise RuntimeError(
                "only Tensors of floating point and complex dtype can require gradients"
            )
        self.node = (self.node or leaf(self)) if requires_grad else None
        return self

    @property
    def grad(self):
        """Give the gradient that ``backward`` collected here, or None."""
        if self._grad is None and not self.is_leaf and "retains" not in self.__dict__:
            _warn_no_grad_kept()
        return self._grad

    @grad.setter
    def grad(self, value):
        if value is not None:
            _check_grad(self, value)
        self._grad = value

    @grad.deleter
    def grad(self):
        self._grad = None

    # --- one memory, several tensors

    def shared(self):
        """Give the array, ready to be shared: a 0-d result is a NumPy scalar until then."""
        if isinstance(self.array, np.generic):
            self.array = np.asarray(self.array)
        return self.array

    @property
    def data(self):
        """Give a tensor on the same memory that no gradient flows through."""
        return wrap(self.shared())

    @data.setter
    def data(self, value):
        self.array = value.array

    def detach(self):
        """Give a tensor on the same memory, cut off from the graph."""
        return wrap(self.shared())

    @property
    def _base(self):
        view = getattr(self, "_view", None)
        return None if view is None else view.base

    @property
    def _version(self) -> int:
        return 0 if isinstance(self.array, np.generic) else writes.version(self.array)

    # --- gradients

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None) -> None:
        """Compute the gradient of this tensor with respect to every leaf it depends on.

        Adds to the leaves' ``grad``. A tensor with more than one element needs ``gradient``, the
        gradient of some later scalar with respect to it.
        """
        retain = create_graph if retain_graph is None else retain_graph
        gradient = as_gradient(self, gradient)
        if inputs is None:
            backward([self], [gradient], retain, create_graph)
            return
        inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        if not inputs:
            raise RuntimeError("'inputs' argument to backward() cannot be empty.")
        capture = dict.fromkeys(nodes_of(inputs))
        backward([self], [gradient], retain, create_graph, capture)
        for node, tensor in zip(nodes_of(inputs), inputs):
            if capture[node] is not None:
                collector = node if type(node) is Leaf else leaf(tensor)
                collector.accumulate(capture[node], False)
                run_after(node, tensor)

    def register_hook(self, hook) -> RemovableHandle:
        """Call ``hook(gradient)`` when this tensor's gradient is known; it may return another."""
        if self.node is None:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        return _add_hook(self.node, ("tensor", birth()), hook)

    def register_post_accumulate_grad_hook(self, hook) -> RemovableHandle:
        """Call ``hook(tensor)`` after its ``grad`` has been added to."""
        if type(self.node) is not Leaf:
            raise RuntimeError(
                "post accumulate grad hooks cannot be registered on non-leaf tensors"
            )
        return _add_hook(self.node, ("then", birth()), hook)

    def retain_grad(self) -> None:
        """Keep the gradient of a tensor that is not a leaf, too."""
        if self.node is None:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self.is_leaf or "retains" in self.__dict__:
            return
        self.__dict__["retains"] = True
        me = weakref.ref(self)

        def keep(g):
            if (tensor := me()) is not None:
                tensor._grad = g if tensor._grad is None else tensor._grad + g

        _add_hook(self.node, ("then_keep", birth()), keep)

    @property
    def retains_grad(self) -> bool:
        """Say whether ``retain_grad`` was asked for."""
        return "retains" in self.__dict__

    # --- writing in place

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
            value = self.cast_for_write(value)
        view = getattr(self, "_view", None)
        tracked = is_grad_enabled() and (
            value.node is not None or self.node is not None or (view is not None and view.silent)
        )
        if tracked:
            check_may_write(self)
            if value.node is not None:
                _protect(value.node, self.array)
        if isinstance(self.array, np.generic):
            self.array = self.array.dtype.type(value.array)
        else:
            if not uniform:
                check_apart(self.array)
            self.array[...] = value.array
            wrote(self.array)
        if tracked:
            self.rebase(value.node)
        return self

    def cast_for_write(self, value):
        """Convert a value to this tensor's dtype, unless that would lose its kind."""
        if value.dtype.rank > self.dtype.rank:
            raise RuntimeError(
                f"result type {_legacy(value.dtype)} can't be cast to the desired output type "
                f"{_legacy(self.dtype)}"
            )
        return OPS["to"](value, self.dtype)

    def rebase(self, node) -> None:
        """Say that this tensor's memory now holds what ``node`` made, and tell its views."""
        view = getattr(self, "_view", None)
        if view is None:
            self.node = node
            root = self
        else:
            root = view.base
            after = wrap(self.array, node)
            root.node = OPS["write_view"](wrap(root.array, root.node), after, view, True).node
        for other in getattr(root, "_views", ()):
            tensor = other()
            if tensor is not None:
                tensor.node = tensor._view(wrap(root.array, root.node)).node


TENSORS.add(Tensor)


class Size(tuple):
    """The sizes of a tensor's dimensions.

    >>> import autograd_lab as torch
    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def numel(self) -> int:
        """Count the elements of a tensor of this shape."""
        count = 1
        for n in self:
            count *= n
        return count

    def __repr__(self):
        return f"torch.Size({list(self)})"

    def __getitem__(self, place):
        found = tuple.__getitem__(self, place)
        return Size(found) if isinstance(place, slice) else found

    def __add__(self, other):
        return Size(tuple.__add__(self, tuple(other)))


def _construct(cls, data, dtype, device):
    """Make the legacy ``Tensor(2, 3)`` (uninitialised) or ``Tensor([1, 2])``."""
    creation = sys.modules[__package__ + ".creation"]
    made = creation.legacy(data, dtype or dtypes.default, device)
    tensor = new(cls)
    tensor.array, tensor.node, tensor._grad = made.array, None, None
    return tensor


def _legacy(dtype) -> str:
    return {
        "float32": "Float", "float64": "Double", "float16": "Half", "int64": "Long",
        "int32": "Int", "int16": "Short", "int8": "Char", "uint8": "Byte", "bool": "Bool",
        "complex64": "ComplexFloat", "complex128": "ComplexDouble",
    }[dtype.name]  # fmt: skip


def _warn_no_grad_kept():
    import warnings

    warnings.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
        "attribute won't be populated during autograd.backward(). If you indeed want the .grad "
        "field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor.",
        stacklevel=3,
    )


def _check_grad(tensor, grad):
    if not isinstance(grad, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type "
                        f"{type(grad).__name__}")  # fmt: skip
    if grad.shape != tensor.shape:
        raise RuntimeError(
            f"assigned grad has data of a different size: {list(grad.shape)} for a tensor of "
            f"shape {list(tensor.shape)}"
        )
    if grad.dtype is not tensor.dtype:
        raise RuntimeError(
            f"assigned grad has data of a different type: {grad.dtype} for a tensor of "
            f"{tensor.dtype}"
        )
    if grad.device != tensor.device:
        raise RuntimeError("assigned grad has data located on a different device")


# --- views


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
                "a leaf Variable that requires grad is being used in an in-place operation."
            )
        return
    if type(view.base.node) is Leaf:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation."
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


def check_apart(array):
    """Raise PyTorch's error where several elements are one place in memory, as after expand."""
    if 0 in array.strides and any(n > 1 and not s for n, s in zip(array.shape, array.strides)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation."
        )


def _protect(node, array):
    """Give a node its own copy of what is about to be overwritten."""
    if node.saved and any(a is array for a in node.saved):
        keep = isinstance(array, np.generic)  # a NumPy scalar is never overwritten
        node.saved = tuple([_copy(a) if a is array and not keep else a for a in node.saved])


def check_saved(node) -> None:
    """Raise PyTorch's error if what a node saved was written to after the node was made."""
    for name, saved in zip(type(node).keep, node.saved or ()):
        array = saved.array if type(saved) in TENSORS else saved
        if hasattr(array, "dtype") and writes.written_since(array, node.seq):
            raise explain_written(node, name, array, writes.version(array), site_of(node))


def site_of(node) -> Site | None:
    """Say where in the learner's code a node was made, if somebody looked."""
    told = getattr(node, "told", None)
    return told and told.site


# --- hooks

_hooked: "weakref.WeakSet[Op]" = weakref.WeakSet()  # nodes with hooks: almost always empty


def _add_hook(node, key, hook) -> RemovableHandle:
    hooks = getattr(node, "hooks", None)
    if hooks is None:
        hooks = node.hooks = {}
    hooks[key] = hook
    _hooked.add(node)
    return RemovableHandle(hooks, key)


def _hooks_of(node, kind):
    hooks = getattr(node, "hooks", None) or {}
    return [hooks[key] for key in sorted(hooks) if key[0] == kind]


def run_hooks(node, g):
    """Show a gradient to a tensor's hooks, in order; each may replace it."""
    for hook in _hooks_of(node, "tensor"):
        answer = hook(g if type(g) is Tensor else wrap(g))
        if answer is not None:
            g = answer if type(g) is Tensor else answer.array
    for hook in _hooks_of(node, "before"):
        answer = hook((g if type(g) is Tensor else wrap(g),))
        if answer is not None:
            g = answer[0] if type(g) is Tensor else answer[0].array
    for hook in _hooks_of(node, "then_keep"):
        hook(g if type(g) is Tensor else wrap(_copy(g)))
    return g


def run_after(node, tensor=None) -> None:
    """Call the hooks that wait for a leaf's ``grad``."""
    for hook in _hooks_of(node, "then"):
        hook(tensor if tensor is not None else node.tensor())


def _run_node_hooks(node, given, g):
    """Show a node's gradients, in and out, to the hooks on the node."""
    for hook in _hooks_of(node, "after"):
        answer = hook(tuple(_as_tensor(d) for d in given), (_as_tensor(g),))
        if answer is not None:
            given = [a if a is None or type(g) is Tensor else a.array for a in answer]
    return given


def _as_tensor(g):
    return g if g is None or type(g) in TENSORS or isinstance(g, Part) else wrap(g)


# --- backward

anomaly = threading.local()  # .on: look for nan in every gradient (autograd.detect_anomaly)


def _held_once() -> int:
    g = np.empty(1)
    return sys.getrefcount(g)


ALONE = _held_once()  # the count of an array that only one local name holds (differs by Python)


def nodes_of(tensors):
    """Give the nodes of tensors whose gradients are asked for."""
    for tensor in tensors:
        if tensor.node is None:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    return [tensor.node for tensor in tensors]


def as_gradient(tensor, gradient):
    """Check the gradient that backward starts with, or make it (1 for a scalar)."""
    if tensor.node is None:
        raise RuntimeError(
            "element 0 of tensors does not require grad and does not have a grad_fn"
        )
    array = tensor.array
    if gradient is None:
        if array.size != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        if tensor.dtype.is_complex:
            raise RuntimeError(
                "grad can be implicitly created only for real scalar outputs but got "
                f"{tensor.dtype}"
            )
        one = array.dtype.type(1)
        return wrap(one if isinstance(array, np.generic) else device_of(array).xp.full_like(array, 1))
    if not isinstance(gradient, Tensor):
        raise TypeError(
            f"gradients can be either Tensors or None, but got {type(gradient).__name__}"
        )
    if gradient.shape != tensor.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] has "
            f"a shape of {tensor.shape}."
        )
    return gradient if gradient.dtype is tensor.dtype else OPS["to"](gradient, tensor.dtype)


def _needed(nodes, capture):
    """Keep the nodes on the way to what was asked for."""
    wanted = set(capture)
    for node in reversed(nodes):
        if node not in wanted and any(before in wanted for before in node.next):
            wanted.add(node)
    return wanted


def backward(roots, gradients, retain_graph=False, create_graph=False, capture=None) -> None:
    """Visit the nodes from the youngest to the oldest, each once, and apply the chain rule.

    ``capture``: {node: None} for the gradients that are asked for; without it they go to the
    leaves. All state is local, so several threads may do this at once, and hooks may do it again.
    """
    if type(roots[0].array) not in HOST:
        with roots[0].device.active():
            _visit_in_mode(roots, gradients, retain_graph, create_graph, capture)
    else:
        _visit_in_mode(roots, gradients, retain_graph, create_graph, capture)


def _visit_in_mode(roots, gradients, retain_graph, create_graph, capture):
    if create_graph or _hooked:  # the learner's own code runs inside: say whether it is recorded
        with grad_mode.enable_grad() if create_graph else grad_mode.no_grad():
            _visit(roots, gradients, retain_graph, create_graph, capture)
    else:
        _visit(roots, gradients, retain_graph, False, capture)


def _visit(roots, gradients, retain_graph, create_graph, capture):
    grads, nodes = {}, []
    for tensor, g in zip(roots, gradients):
        node, g = tensor.node, g if create_graph else g.array
        if node in grads:
            grads[node] = grads[node] + g
        else:
            grads[node] = g
            nodes.append(node)
    for n in nodes:  # everything the roots depend on; the list grows while it is read
        for m in n.next:
            if m not in grads:
                grads[m] = None
                nodes.append(m)
    nodes.sort(key=born, reverse=True)  # a node is younger than its inputs
    oldest = next((n.seq for n in reversed(nodes) if n.seq), 0)
    written = oldest < writes.last_write
    if written or _hooked or create_graph or capture is not None or getattr(anomaly, "on", False):
        _visit_carefully(nodes, grads, retain_graph, create_graph, capture)
    else:
        _visit_quickly(nodes, grads, retain_graph)


def _visit_quickly(nodes, grads, retain_graph):
    """Apply the chain rule where nothing rare was asked for: almost every training step."""
    take, refs = grads.pop, sys.getrefcount
    for n in nodes:
        g = take(n)
        if g is None:
            continue
        inputs = n.next
        edges = len(inputs)
        if edges == 2:
            m, k = inputs
            d, e = n.pull(g)
            old = grads[m]
            grads[m] = d if old is None else old if d is None else old + d
            old = grads[k]
            grads[k] = e if old is None else old if e is None else old + e
            e = None
        elif edges == 1:
            (m,) = inputs
            d = n.pull(g)
            old = grads[m]
            grads[m] = d if old is None else old if d is None else old + d
        elif edges:
            for m, d in zip(inputs, n.pull(g)):
                old = grads[m]
                grads[m] = d if old is None else old if d is None else old + d
        else:
            n.accumulate(g, type(g) is Array and refs(g) <= ALONE and g.base is None)
            continue
        d = old = None  # so that refs(g) counts only those who keep g
        if not retain_graph:
            n.saved = FREED


def _visit_carefully(nodes, grads, retain_graph, create_graph, capture):
    """Apply the chain rule with all that is rare: hooks, checks, gradients that were asked for."""
    wanted = None if capture is None else _needed(nodes, capture)
    for n in nodes:
        g = grads.pop(n)
        if g is None or wanted is not None and n not in wanted:
            continue
        if n.saved:
            check_saved(n)
        g = run_hooks(n, g)
        if capture is not None:
            if n in capture:
                capture[n] = g
            if not any(m in wanted for m in n.next):
                continue
        if type(n) is Leaf:
            n.accumulate(g, False)
            run_after(n)
            continue
        given = (n.as_tensors() if create_graph else n).pull(g)
        given = _run_node_hooks(n, (given,) if len(n.next) == 1 else given, g)
        if getattr(anomaly, "on", False):
            check_nan(n, given)
        for m, d in zip(n.next, given):
            if d is not None:
                old = grads[m]
                grads[m] = d if old is None else old + d
        if not retain_graph:
            n.saved = FREED


def check_nan(node, given) -> None:
    """Raise if a gradient has become nan: ``detect_anomaly`` asked."""
    for place, g in enumerate(given):
        array = g.array if type(g) in TENSORS else g
        if array is None or isinstance(array, Part) or array.dtype.kind not in "fc":
            continue
        if bool((array != array).any()):
            site = site_of(node)
            where = f" It was made here: {describe(site)}" if site else ""
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {place}th output.{where}"
            )
