"""Write an operation of your own: forward, and the rule for its gradient."""

import functools

from .. import grad_mode, watching
from ..core import Op, Output, Tensor, new, wrap
from ..writes import birth, written_since


class Context(Op):
    """What a Function's forward hands to its backward: ``ctx``. It is the node of the graph."""

    __slots__ = ("__dict__", "kept", "made", "needs_input_grad")
    rule = None  # the Function that the learner wrote
    materialize = True
    not_differentiable: tuple = ()
    dirty: tuple = ()

    def name(self) -> str:
        """Name the node as PyTorch does: the class, and Backward."""
        return f"{type(self).rule.__name__}Backward"

    def save_for_backward(self, *tensors) -> None:
        """Keep tensors for backward; read them there as ``ctx.saved_tensors``."""
        self.kept = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple:
        """Give what ``save_for_backward`` kept."""
        if self.saved is not None:
            self.saved[0]  # raises where backward has freed it
        kept = getattr(self, "kept", ())
        for t in kept:
            if t is not None and written_since(t.array, self.seq):
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an "
                    f"inplace operation: {self.name()} saved a tensor of shape {list(t.shape)}"
                )
        return tuple(kept)

    saved_variables = saved_tensors

    def mark_non_differentiable(self, *tensors) -> None:
        """Say that no gradient flows through these outputs."""
        self.not_differentiable = tensors

    def mark_dirty(self, *tensors) -> None:
        """Say that forward wrote to these inputs in place."""
        self.dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether backward gets zeros (the default) or None where no gradient arrived."""
        self.materialize = value

    def as_tensors(self):
        """Tensors were saved as they are: nothing to do."""
        return self

    def pull(self, g):
        """Call the learner's backward with the gradients of the outputs."""
        recorded = isinstance(g, Tensor) or (
            isinstance(g, dict) and any(isinstance(v, Tensor) for v in g.values())
        )
        gradients = g.filled(len(self.made)) if isinstance(g, dict) else [g]
        gradients = [self._gradient(g, like) for g, like in zip(gradients, self.made)]
        with grad_mode.enable_grad() if recorded else grad_mode.no_grad():
            answer = type(self).rule.backward(self, *gradients)
        answer = answer if isinstance(answer, tuple) else (answer,)
        if len(answer) < len(self.needs_input_grad):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected "
                f"{len(self.needs_input_grad)}, got {len(answer)})"
            )
        given = [answer[i] for i in self.edges]
        for i, d in zip(self.edges, given):
            if d is not None and not isinstance(d, Tensor):
                raise TypeError(f"{self.name()} must return Tensors or None, not {type(d).__name__}"
                                f" (gradient {i})")  # fmt: skip
        given = [d if d is None or recorded else d.array for d in given]
        return given[0] if len(given) == 1 else given

    def _gradient(self, g, like):
        if g is None:
            shape, dtype, xp = like
            return wrap(xp.zeros(shape, dtype)) if self.materialize else None
        return g if isinstance(g, Tensor) else wrap(g)


class Function:
    """Subclass it, write ``forward`` and ``backward``, and call ``apply``.

    >>> class Double(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> y = Double.apply(x)
    >>> y.backward()
    >>> x.grad
    tensor(2.)
    """

    @staticmethod
    def forward(*args):
        """Compute the result from Tensors and settings."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *gradients):
        """Give the gradient of every argument of forward, None for settings."""
        raise NotImplementedError("You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.")

    setup_context = None

    @classmethod
    @functools.cache
    def _node_class(cls):
        body = {"__slots__": (), "rule": cls, "__doc__": cls.__doc__, "torch_name": cls.__name__}
        return type(f"{cls.__name__}Backward", (Context,), body)

    @classmethod
    def apply(cls, *args):
        """Run the operation, and put it on the graph."""
        node = new(cls._node_class())
        tensors = [a if isinstance(a, Tensor) else None for a in args]
        node.needs_input_grad = tuple(t is not None and t.requires_grad for t in tensors)
        node.seq, node.saved = birth(), None
        recording = any(node.needs_input_grad) and grad_mode.is_grad_enabled()
        with grad_mode.no_grad():
            if cls.setup_context is None:
                made = cls.forward(node, *args)
            else:
                made = cls.forward(*args)
                cls.setup_context(node, args, made)
        several = isinstance(made, tuple)
        results = list(made) if several else [made]
        if recording:
            results = _attach(node, tensors, results, several)
        if watching.watchers:
            for r in results:
                watching.tell(node, r, args)
        return tuple(results) if several else results[0]


def _attach(node, tensors, results, several):
    """Put a finished operation on the graph."""
    edges = tuple(i for i, t in enumerate(tensors) if t is not None and t.requires_grad)
    node.__dict__["edges"] = edges
    node.next = tuple(tensors[i].node for i in edges)
    node.made = [(r.array.shape, r.array.dtype, r.device.xp) for r in results]
    node.seq = birth()
    inputs = {id(t) for t in tensors if t is not None}
    finished = []
    for place, r in enumerate(results):
        if not isinstance(r, Tensor) or any(r is t for t in node.not_differentiable):
            finished.append(r)
            continue
        if id(r) in inputs and not any(r is t for t in node.dirty):
            r = wrap(r.array)  # forward gave back its input: the result is a tensor of its own
        if r.dtype.rank < 2:
            finished.append(r)
            continue
        r.node = _output(node, place) if several else node
        finished.append(r)
    return finished


def _output(node, place):
    output = new(Output)
    output.next, output.seq, output.saved, output.place = (node,), birth(), None, place
    return output


def once_differentiable(backward):
    """Mark a backward whose own gradient cannot be asked for."""

    @functools.wraps(backward)
    def wrapped(ctx, *gradients):
        with grad_mode.no_grad():
            return backward(ctx, *gradients)

    return wrapped
