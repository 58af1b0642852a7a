"""The gradient of a function, its Jacobian and Hessian: functions in, functions out."""

import functools

from ..autograd import grad as gradients_of
from ..core import Leaf, Tensor, wrap
from ..creation import ones_like, zeros_like
from ..grad_mode import enable_grad, is_grad_enabled
from ..ops import stack
from . import tree


class Run:
    """One call of a function on fresh copies of some arguments, ready for gradients.

    ``outside`` says whether the result also depends on something that needs gradients outside: an
    argument that did already, a weight that the function found by itself. Then gradients are
    recorded in turn; otherwise nothing of the graph leaves this call.
    """

    def __init__(self, func, args, kwargs, chosen, has_aux=False):
        recording = is_grad_enabled()
        with enable_grad():
            self.chosen = chosen
            self.inputs = [_fresh(t, recording) for t in _tensors(chosen)]
            made = func(*_replaced(args, chosen, self.inputs), **kwargs)
            self.made, self.aux = _with_aux(made, has_aux)
        self.outputs = _tensors(self.made)
        own = {t.node for t in self.inputs}
        self.outside = recording and any(_reaches_outside(t.node, own) for t in self.outputs)

    def pull(self, outputs, weights, inputs=None, again=False):
        """Give the gradient of weighted outputs with respect to the inputs, 0 where unused."""
        inputs = self.inputs if inputs is None else inputs
        live = [(y, w) for y, w in zip(outputs, weights) if y.requires_grad]
        if not live:
            return [zeros_like(x) for x in inputs]
        found = gradients_of(
            [y for y, _ in live], inputs, [w for _, w in live], retain_graph=True,
            create_graph=self.outside or again, allow_unused=True,
        )  # fmt: skip
        return [zeros_like(x) if g is None else g for x, g in zip(inputs, found)]

    def finish(self, value, outside=False):
        """Let go of the graph of this call, unless somebody outside needs it."""
        if self.outside or outside:
            return value
        return tree.map_leaves(lambda t: t.detach() if isinstance(t, Tensor) else t, value)


def _tensors(value):
    found = tree.leaves(value)
    for t in found:
        if not isinstance(t, Tensor):
            raise RuntimeError(f"expected tensors, got {type(t).__name__}")
    return found


def _fresh(x, recording):
    """Copy an argument: a new leaf, or a view that leads on to what was there before."""
    if not x.dtype.is_floating_point and not x.dtype.is_complex:
        raise RuntimeError("only Tensors of floating point dtype can require gradients")
    return x.view_as(x) if recording and x.requires_grad else x.detach().requires_grad_()


def _replaced(args, chosen, inputs):
    """Give the arguments with the chosen ones replaced: {place: value}."""
    new = iter(inputs)
    fresh = {i: tree.map_leaves(lambda _: next(new), value) for i, value in chosen.items()}
    return [fresh.get(i, a) for i, a in enumerate(args)]


def _with_aux(made, has_aux):
    if not has_aux:
        return made, None
    if not isinstance(made, tuple) or len(made) != 2:
        raise RuntimeError(
            "output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return made


def _reaches_outside(node, own) -> bool:
    """Say whether a graph leads to a leaf that is not one of ours."""
    seen, waiting = set(), [node] if node is not None else []
    while waiting:
        n = waiting.pop()
        if n in seen or n in own and type(n) is Leaf:
            continue
        if type(n) is Leaf:
            return True
        seen.add(n)
        waiting += n.next
    return False


def _choose(argnums, args):
    """Give the arguments to differentiate by place, and say whether it is only one."""
    several = isinstance(argnums, tuple)
    places = argnums if several else (argnums,)
    for place in places:
        if not -len(args) <= place < len(args):
            raise RuntimeError(
                f"Got argnum={place}, but only {len(args)} positional inputs"
            )
    return {place % len(args): args[place] for place in places}, several


def _given(parts, chosen, several):
    """Put gradients into the form of the arguments they belong to."""
    new = iter(parts)
    found = tuple(tree.map_leaves(lambda _: next(new), value) for value in chosen.values())
    return found if several else found[0]


def grad_and_value(func, argnums=0, has_aux=False):
    """Make a function that gives the gradient of ``func`` and its value.

    >>> slope, value = torch.func.grad_and_value(lambda x: x ** 3)(torch.tensor(2.0))
    >>> slope, value
    (tensor(12.), tensor(8.))
    """

    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        chosen, several = _choose(argnums, args)
        run = Run(func, args, kwargs, chosen, has_aux)
        y = run.made
        if not isinstance(y, Tensor) or y.ndim:
            kind = f"tensor with {y.ndim} dims" if isinstance(y, Tensor) else type(y).__name__
            raise RuntimeError(
                "Expected the function given to grad to return a scalar tensor, got "
                f"{kind}. Maybe you wanted to use the vjp or jacrev APIs instead?"
            )
        with enable_grad():
            slopes = run.pull([y], [ones_like(y)])
        slopes = run.finish(_given(slopes, chosen, several))
        value = run.finish(y)
        return (slopes, (value, run.finish(run.aux))) if has_aux else (slopes, value)

    return wrapped


def grad(func, argnums=0, has_aux=False):
    """Make a function that gives the gradient of ``func``, which returns one number.

    >>> torch.func.grad(torch.sin)(torch.tensor(0.0))
    tensor(1.)
    >>> torch.func.grad(torch.func.grad(lambda x: x ** 3))(torch.tensor(2.0))
    tensor(12.)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        slopes, value = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return wrapped


def vjp(func, *primals, has_aux=False):
    """Give ``func(*primals)``, and a function that multiplies a vector by its Jacobian.

    >>> y, pull = torch.func.vjp(torch.sin, torch.zeros(2))
    >>> pull(torch.tensor([1., 10.]))
    (tensor([ 1., 10.]),)
    """
    chosen = dict(enumerate(primals))
    run = Run(func, primals, {}, chosen, has_aux)

    def pull(*cotangents, retain_graph=True, create_graph=None):
        """Multiply: one vector, or as many as the function has results."""
        weights = _tensors(list(cotangents))
        if [w.shape for w in weights] != [y.shape for y in run.outputs]:
            raise RuntimeError(
                "Expected the vectors to have the shapes of the function's results: got "
                f"{[list(w.shape) for w in weights]} for {[list(y.shape) for y in run.outputs]}"
            )
        again = is_grad_enabled() and any(w.requires_grad for w in weights)
        with enable_grad():
            found = run.pull(run.outputs, weights, again=again)
        found = _given(found, chosen, True)
        return found if again else run.finish(found)

    made = run.finish(run.made)
    return (made, pull, run.finish(run.aux)) if has_aux else (made, pull)


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """Give ``func(*primals)``, and how it moves when the primals move by the tangents.

    This engine only goes backward, so it goes twice: the gradient of (u times Jacobian) with
    respect to u is the Jacobian times the tangent.

    >>> torch.func.jvp(torch.sin, (torch.zeros(1),), (torch.tensor([5.]),))
    (tensor([0.]), tensor([5.]))
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals and tangents to be tuples")
    moves = _tensors(tangents)
    if [m.shape for m in moves] != [x.shape for x in _tensors(primals)]:
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same shapes"
        )
    run = Run(func, primals, {}, dict(enumerate(primals)), has_aux)
    outside = run.outside or is_grad_enabled() and any(m.requires_grad for m in moves)
    with enable_grad():
        us = [zeros_like(y).requires_grad_() for y in run.outputs]
        slopes = run.pull(run.outputs, us, again=True)
        moved = run.pull(slopes, moves, inputs=us, again=outside)
    moved = run.finish(tree.rebuild(run.made, moved), outside)
    made = run.finish(run.made, outside)
    return (made, moved, run.finish(run.aux, outside)) if has_aux else (made, moved)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None):
    """Make a function that gives the Jacobian of ``func``: one backward pass for each result.

    >>> torch.func.jacrev(lambda x: x * x)(torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """

    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        chosen, several = _choose(argnums, args)
        run = Run(func, args, kwargs, chosen, has_aux)
        with enable_grad():
            tables = [_given(_table(run, y), chosen, several) for y in run.outputs]
        answer = run.finish(tree.rebuild(run.made, tables))
        return (answer, run.finish(run.aux)) if has_aux else answer

    return wrapped


def _table(run, y):
    """Give the derivative of one result with respect to each input, all of its elements."""
    with y.device.active():
        seeds = wrap(y.device.xp.eye(y.numel(), dtype=y.array.dtype))
    rows = [run.pull([y], [seed.reshape(y.shape)]) for seed in seeds]
    shapes = [(*y.shape, *x.shape) for x in run.inputs]
    if not rows:
        return [zeros_like(x).reshape(-1)[:0].reshape(s) for x, s in zip(run.inputs, shapes)]
    return [stack(list(column)).reshape(shape) for column, shape in zip(zip(*rows), shapes)]


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """Make a function that gives the Jacobian of ``func``: the numbers that ``jacrev`` gives.

    PyTorch computes them forward here; this engine computes them backward, as ``jacrev``.

    >>> torch.func.jacfwd(torch.sin)(torch.zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func, argnums=0):
    """Make a function that gives all second derivatives of ``func``.

    >>> torch.func.hessian(lambda x: (x ** 3).sum())(torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
