"""The engine's two halves: Tensor and Op.

An operation is one class (see ``ops/``); its instance is one node of the graph. A tensor points to
the node that made it, a node points to the nodes that its inputs came from; ``backward.py`` walks
them, ``dispatch.py`` makes them.
"""

import sys
import threading
import warnings
import weakref
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dtypes, writes
from .device import device_of
from .dtypes import legacy_name
from .hooks import RemovableHandle, add_hook

Array = np.ndarray  # the annotation of an operand in an op's ``forward``


class Arrays(list):
    """The annotation of an operand that is a list of arrays."""


new = object.__new__
born = attrgetter("seq")
OPS: dict[str, Any] = {}  # every op by its name; ``@op`` fills it
TENSORS: set[type] = set()  # Tensor and its subclasses: one lookup tells whether x is a tensor
on_new_kind = []  # called with each further subclass of Tensor
NUMBERS = frozenset({int, float, bool, complex})
_adding = threading.RLock()


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
    holomorphic = False  # of complex numbers, rules get and give conjugated gradients
    view = False  # the result shares memory with the first operand
    implicit = False  # made by the engine, not by the learner: pictures may hide it
    operands: tuple = ()
    operand_places: tuple = ()  # where the operands stand among the arguments of a call
    edges: tuple = ()  # which operands need a gradient: one entry for each node in ``next``
    keep: tuple = ()  # the names of what is in ``saved``
    extra: tuple = ()  # what forward leaves on self
    several = False  # forward returns a tuple of results
    exact_out = False  # ``out=`` must be of just the result's dtype
    apart_out = False  # ``out=`` must not share memory with an operand
    refuse = None  # a function that raises for operands that PyTorch does not take
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
        count = getattr(self, "members", len(self.operands))
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
        return add_hook(self, "after", hook)

    def register_prehook(self, hook) -> RemovableHandle:
        """Call ``hook(gradients of outputs)`` before this node's backward."""
        return add_hook(self, "before", hook)


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
        with _adding:  # several threads may share a leaf
            old = tensor._grad
            if type(g) is Tensor:  # create_graph: the gradient has a graph of its own
                tensor._grad = _own(g) if old is None else old + g
            elif old is None:
                tensor._grad = wrap(g if alone or isinstance(g, np.generic) else g.copy())
            elif isinstance(old.array, np.generic) or old.node is not None:
                old.array = old.array + g
            elif _held(old):
                _add_in_sight(old, g)
            else:
                old.array += g


def _held_once() -> int:
    holder = wrap(np.empty(1))
    return sys.getrefcount(holder.array)


def _held(tensor) -> bool:
    """Say whether somebody besides this tensor holds its array: a view, a node, NumPy."""
    return sys.getrefcount(tensor.array) > HELD_ONCE


def _own(g):
    """Give a gradient that is nobody else's: two leaves may be handed the same one."""
    return OPS["clone"](g) if type(g.node) is Leaf else wrap(g.array.copy(), g.node)


def _add_in_sight(tensor, g):
    """Add to an array that others hold, too: they see it, if it is memory that can be added to."""
    array = tensor.array
    if 0 in array.strides or not getattr(array.flags, "writeable", True):
        tensor.array = array + g
    else:
        array += g
        writes.wrote(array)


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
    array: Any
    node: Any

    if TYPE_CHECKING:  # methods.py attaches these, and all other methods and operators

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index) -> Any: ...
        def __setitem__(self, index, value) -> None: ...
        def __iter__(self) -> Any: ...
        def __len__(self) -> int: ...
        def __neg__(self) -> Any: ...
        def __add__(self, other) -> Any: ...
        def __radd__(self, other) -> Any: ...
        def __sub__(self, other) -> Any: ...
        def __rsub__(self, other) -> Any: ...
        def __mul__(self, other) -> Any: ...
        def __rmul__(self, other) -> Any: ...
        def __truediv__(self, other) -> Any: ...
        def __rtruediv__(self, other) -> Any: ...
        def __pow__(self, other) -> Any: ...
        def __matmul__(self, other) -> Any: ...
        def __lt__(self, other) -> Any: ...
        def __gt__(self, other) -> Any: ...
        def __invert__(self) -> Any: ...

    def __init_subclass__(cls):
        TENSORS.add(cls)
        for listener in on_new_kind:
            listener(cls)

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
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
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


TENSORS.add(Tensor)
HELD_ONCE = _held_once()  # what getrefcount says of an array that one tensor holds


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


def _warn_no_grad_kept():
    warnings.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
        "attribute won't be populated during autograd.backward(). If you indeed want the .grad "
        "field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor.",
        stacklevel=3,
    )


def _check_grad(tensor, grad):
    if grad is tensor:
        raise RuntimeError("can't assign Variable as its own grad")
    if not isinstance(grad, Tensor):
        raise TypeError(
            "assigned grad expected to be a Tensor or None but got grad of type "
            f"{type(grad).__name__}"
        )
    if grad.shape != tensor.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(grad.shape)}' to a tensor of size "
            f"'{list(tensor.shape)}'. Please ensure that the gradient and the tensor are the same "
            "size"
        )
    if grad.dtype is not tensor.dtype:
        raise RuntimeError(
            f"attempting to assign a gradient with dtype '{CPP_NAMES[grad.dtype.name]}' to a tensor"
            f" with grad_dtype '{legacy_name(tensor.dtype)}'. The gradient must match the tensor's "
            "dtype"
        )
    if grad.device != tensor.device:
        raise RuntimeError("assigned grad has data located on a different device")


CPP_NAMES = {d.name: legacy_name(d).lower() for d in dtypes.ALL} | {
    "float16": "c10::Half", "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>", "int64": "long int", "int16": "short int",
    "int8": "signed char", "uint8": "unsigned char",
}  # fmt: skip
