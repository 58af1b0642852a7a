"""Ask for gradients and get them back, instead of finding them in ``.grad``."""

import warnings

from ..backward import as_gradient, backward_into, nodes_of
from ..backward import backward as run_backward
from ..core import Tensor, wrap
from ..creation import zeros_like


def _list(value):
    return [value] if value is None or isinstance(value, Tensor) else list(value)


def _gradients(outputs, gradients):
    gradients = _list(gradients)
    if gradients == [None]:
        gradients = [None] * len(outputs)
    if len(gradients) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(gradients)} gradients")
    return [as_gradient(t, g) for t, g in zip(outputs, gradients)]


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """Compute the gradients of several tensors at once, into the leaves' ``grad``.

    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> torch.autograd.backward([x * 3, x * 4])
    >>> x.grad
    tensor(7.)
    """
    tensors = _list(tensors)
    gradients = _gradients(tensors, grad_tensors)
    retain = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        run_backward(tensors, gradients, retain, create_graph)
    else:
        backward_into(_list(inputs), tensors, gradients, retain, create_graph)


def grad(
    outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True,
    allow_unused=None, is_grads_batched=False, materialize_grads=False,
):  # fmt: skip
    """Give the gradients of ``outputs`` with respect to ``inputs``, and leave ``.grad`` alone.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> torch.autograd.grad(x * x, x)
    (tensor(6.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To "
            "accumulate gradient for other parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    outputs, inputs = _list(outputs), _list(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if is_grads_batched:
        return _batched(outputs, inputs, grad_outputs, create_graph, allow_unused)
    gradients = _gradients(outputs, grad_outputs)
    nodes = nodes_of(inputs)
    capture = dict.fromkeys(nodes)
    retain = create_graph if retain_graph is None else retain_graph
    run_backward(outputs, gradients, retain, create_graph, capture)
    found = tuple(_tensor(capture[node]) for node in nodes)
    if materialize_grads:
        found = tuple(zeros_like(t) if g is None else g for t, g in zip(inputs, found))
    for i, g in enumerate(found):
        if g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {i} appears to not have been used in the "
                "graph. Set allow_unused=True if this is the desired behavior."
            )
    return found


def _tensor(g):
    if g is None or isinstance(g, Tensor):
        return g
    return wrap(g.copy() if hasattr(g, "copy") else g)


def _batched(outputs, inputs, grad_outputs, create_graph, allow_unused):
    """Take one gradient for each first entry of ``grad_outputs``, and stack them."""
    from ..ops import stack

    rows = [
        grad(outputs, inputs, list(row), True, create_graph, allow_unused=allow_unused)
        for row in zip(*[list(g) for g in _list(grad_outputs)])
    ]
    return tuple(None if column[0] is None else stack(list(column)) for column in zip(*rows))
