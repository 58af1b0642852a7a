"""Write an operation of your own: forward, and the rule for its gradient."""

import functools
import inspect
import weakref

from .. import grad_mode, watching
from ..core import FREED, OPS, Op, Output, Tensor, new, wrap
from ..inplace import check_may_write, note_view
from ..writes import birth, written_since


class FunctionCtx:
    """What forward hands to backward, as ``ctx``: saved tensors, and all that you set on it."""

    _materialize = True
    _not_differentiable: tuple = ()
    _dirty: tuple = ()

    def __init__(self, node, needs_input_grad):
        self._node = weakref.ref(node)
        self.needs_input_grad = needs_input_grad

    def save_for_backward(self, *tensors) -> None:
        """Keep tensors for backward; read them there as ``ctx.saved_tensors``."""
        self._node().saved = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple:
        """Give what ``save_for_backward`` kept."""
        return self._node().saved_tensors

    saved_variables = saved_tensors

    def mark_non_differentiable(self, *tensors) -> None:
        """Say that no gradient flows through these outputs."""
        self._not_differentiable = tensors

    def mark_dirty(self, *tensors) -> None:
        """Say that forward wrote to these inputs in place."""
        self._dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether backward gets zeros (the default) or None where no gradient arrived."""
        self._materialize = value


class FunctionNode(Op):
    """The node of one call of a Function. What was set on ``ctx`` can be read on it, too."""

    __slots__ = ("ctx", "edges", "made", "own", "taken")
    rule = None  # the Function that the learner wrote

    def name(self) -> str:
        """Name the node as PyTorch does: the class, and Backward."""
        return type(self).__name__

    def __getattr__(self, name):
        if name in ("ctx", "hooks", "told"):
            raise AttributeError(name)
        return getattr(self.ctx, name)

    @property
    def saved_tensors(self) -> tuple:
        """Give what ``save_for_backward`` kept, if nobody wrote to it since."""
        if self.saved is FREED:
            FREED[0]
        return tuple([self._whole(i, t) for i, t in enumerate(self.saved or ())])

    def _whole(self, i, t):
        """Tie a saved output to this node again: keeping it tied would never free the two."""
        if t is not None and written_since(t.array, self.seq):
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an "
                f"inplace operation: {self.name()} saved a tensor of shape {list(t.shape)}"
            )
        if i not in self.own:
            return t
        place, several = self.own[i]
        return wrap(t.array, _output(self, place) if several else self)

    def as_tensors(self):
        """Tensors were saved as they are: nothing to do."""
        return self

    def pull(self, g):
        """Call the learner's backward with the gradients of the outputs."""
        several = isinstance(g, dict)
        gradients = g.filled(len(self.made)) if several else [g]
        recorded = any(isinstance(v, Tensor) for v in gradients)
        gradients = [self._gradient(v, like) for v, like in zip(gradients, self.made)]
        with grad_mode.enable_grad() if recorded else grad_mode.no_grad():
            answer = type(self).rule.backward(self.ctx, *gradients)
            answer = answer if isinstance(answer, tuple) else (answer,)
            self._check_count(answer)
            given = [self._fitted(i, answer[i], like) for i, like in zip(self.edges, self.taken)]
        given = [d if d is None or recorded else d.array for d in given]
        return given[0] if len(given) == 1 else given

    def _gradient(self, g, like):
        """Make of what arrived for an output what the learner's backward gets."""
        if g is None and like is not None and self.ctx._materialize:
            shape, dtype, xp = like
            return wrap(xp.zeros(shape, dtype))
        return g if g is None or isinstance(g, Tensor) else wrap(g)

    def _check_count(self, answer):
        count = len(self.ctx.needs_input_grad)
        if len(answer) < count or any(d is not None for d in answer[count:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected "
                f"{count}, got {len(answer)})"
            )

    def _fitted(self, i, d, like):
        """Check a gradient that the learner gave, and bring it to its input's shape and dtype."""
        if d is None:
            return None
        if not isinstance(d, Tensor):
            raise TypeError(
                f"expected Variable or None (got {type(d).__name__}): {self.name()} must return a "
                f"Tensor or None as gradient {i}"
            )
        shape, dtype = like
        if d.array.shape != shape:
            if not _stretches(shape, d.array.shape):
                raise RuntimeError(
                    f"Function {self.name()} returned an invalid gradient at index {i} - got "
                    f"{list(d.shape)} but expected shape compatible with {list(shape)}"
                )
            d = OPS["sum_to"](d, shape)
        return d if d.dtype is dtype else OPS["to"](d, dtype)


def _stretches(shape, to) -> bool:
    """Say whether broadcasting could bring one shape to the other."""
    lead = len(to) - len(shape)
    return lead >= 0 and all(n in (1, m) for n, m in zip(shape, to[lead:]))


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
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def backward(ctx, *gradients):
        """Give the gradient of every argument of forward, None for settings."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD."
        )

    setup_context = None

    def __call__(self, *args, **named):
        """Raise PyTorch's error: a Function is not made first and called then."""
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use "
            "new-style autograd function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function) Write "
            f"{type(self).__name__}.apply(x) instead of {type(self).__name__}()(x)"
        )

    @classmethod
    @functools.cache
    def _node_class(cls):
        name = f"{cls.__name__}Backward"
        body = {"__slots__": (), "rule": cls, "__doc__": cls.__doc__, "torch_name": name}
        node_class = type(name, (FunctionNode,), body)
        node_class.call = staticmethod(cls.apply)
        return node_class

    @classmethod
    def apply(cls, *args, **named):
        """Run the operation, and put it on the graph."""
        args = _placed(cls, args, named)
        node = new(cls._node_class())
        tensors = [a if isinstance(a, Tensor) else None for a in args]
        node.seq, node.saved, node.own = birth(), None, {}
        ctx = node.ctx = FunctionCtx(
            node, tuple(t is not None and t.requires_grad for t in tensors)
        )
        recording = any(ctx.needs_input_grad) and grad_mode.is_grad_enabled()
        with grad_mode.no_grad():
            if cls.setup_context is None:
                made = cls.forward(ctx, *args)
            else:
                made = cls.forward(*args)
                cls.setup_context(ctx, args, made)
        several = isinstance(made, tuple)
        results = list(made) if several else [made]
        if recording:
            results = _attach(node, tensors, results, several)
        if watching.watchers:
            for r in results:
                if isinstance(r, Tensor):
                    watching.tell(node, r, args)
        return tuple(results) if several else results[0]


def _placed(cls, args, named):
    """Put keywords, and defaults of forward, in their places."""
    if not named and cls.setup_context is None:
        return args
    ctx = (None,) if cls.setup_context is None else ()
    bound = inspect.signature(cls.forward).bind(*ctx, *args, **named)
    bound.apply_defaults()
    return bound.args[len(ctx) :]


def _attach(node, tensors, results, several):
    """Put a finished operation on the graph."""
    node.edges = tuple(i for i, need in enumerate(node.ctx.needs_input_grad) if need)
    node.next = tuple(tensors[i].node for i in node.edges)
    node.taken = [(tensors[i].array.shape, tensors[i].dtype) for i in node.edges]
    node.made = [
        (r.array.shape, r.array.dtype, r.device.xp) if isinstance(r, Tensor) else None
        for r in results
    ]
    node.seq = birth()
    inputs = [t for t in tensors if t is not None]
    finished = []
    for place, r in enumerate(results):
        fixed = any(r is t for t in node.ctx._not_differentiable)
        if isinstance(r, Tensor) and not fixed and r.dtype.rank >= 2:
            r = _tied(r, _output(node, place) if several else node, inputs, node.ctx._dirty)
        finished.append(r)
    _cut_cycles(node, finished, several)
    return finished


def _tied(r, node, inputs, dirty):
    """Make a result point to the node that made it."""
    if any(r is t for t in dirty):
        check_may_write(r)
        r.rebase(node)
        return r
    given_back = any(r is t for t in inputs)
    base = r if given_back else getattr(r, "_base", None)
    if base is not None:  # memory of somebody else: a tensor of its own, which nobody may write to
        r = wrap(r.shared())
        note_view(r, base, _refuse_write, (), 0)
    r.node = node
    return r


def _refuse_write(base):
    """Stand where a view's steps stand: a write would go around the learner's backward."""
    raise RuntimeError(
        "Output 0 of a custom Function is a view and its base or another view of its base has been "
        "modified inplace. This view was created inside a custom Function (or because an input was "
        "returned as-is), so the gradient of the write cannot be known. Return x.clone() from "
        "forward, or make a new tensor instead of writing."
    )


def _output(node, place):
    output = new(Output)
    output.next, output.seq, output.saved, output.place = (node,), birth(), None, place
    return output


def _cut_cycles(node, results, several):
    """Keep of a saved output only its array: a tensor that holds its own node is never freed."""
    places = {id(r): place for place, r in enumerate(results) if isinstance(r, Tensor) and r.node}
    saved = node.saved or ()
    node.own = {i: (places[id(t)], several) for i, t in enumerate(saved) if id(t) in places}
    if node.own:
        node.saved = tuple([wrap(t.array) if i in node.own else t for i, t in enumerate(saved)])


class _Once(Function):
    """Stands behind gradients that were computed without being recorded."""

    @staticmethod
    def forward(ctx, answer, *gradients):
        """Give the answer itself."""
        return answer.clone()

    @staticmethod
    def backward(ctx, *gradients):
        """Refuse."""
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


def once_differentiable(backward):
    """Mark a backward whose own gradient cannot be asked for."""

    @functools.wraps(backward)
    def wrapped(ctx, *gradients):
        with grad_mode.no_grad():
            answer = backward(ctx, *gradients)
        wanted = [g for g in gradients if isinstance(g, Tensor) and g.requires_grad]
        if not wanted or not grad_mode.is_grad_enabled():
            return answer
        several = isinstance(answer, tuple)
        refusing = [
            _Once.apply(d, *wanted) if isinstance(d, Tensor) else d
            for d in (answer if several else (answer,))
        ]
        return tuple(refusing) if several else refusing[0]

    return wrapped
