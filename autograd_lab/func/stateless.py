"""Models without parameters of their own: called with given ones, or stacked into one."""

from ..core import Tensor
from ..nn.utils.stateless import functional_call as functional_call
from ..ops import stack


def stack_module_state(models):
    """Stack the parameters, and the buffers, of several models of one kind: for ``vmap``.

    >>> params, buffers = torch.func.stack_module_state([nn.Linear(2, 1), nn.Linear(2, 1)])
    >>> params["weight"].shape
    torch.Size([2, 1, 2])
    """
    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError(
            "stack_module_state: Expected all models to have the same training/eval mode."
        )
    params = _stacked([dict(model.named_parameters()) for model in models])
    buffers = _stacked([dict(model.named_buffers()) for model in models])
    return params, buffers


def _stacked(states):
    return {path: _stack([state[path] for state in states]) for path in states[0]}


def _stack(tensors) -> Tensor:
    """Stack tensors into a new leaf, which needs gradients if they did."""
    return stack([t.detach() for t in tensors]).requires_grad_(tensors[0].requires_grad)
