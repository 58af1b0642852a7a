"""Tensors that belong to a module: what is learned, and what is only carried along."""

from ..core import Tensor, new
from ..printing import parameter_repr


def _of(cls, data, requires_grad):
    """Make a tensor of a class on the memory of another one."""
    if data is None:
        data = Tensor(0)
    if not isinstance(data, Tensor):
        raise TypeError(f"{cls.__name__}() expects a Tensor, not {type(data).__name__}")
    made = new(cls)
    made.array, made.node, made._grad = data.shared(), None, None
    return made.requires_grad_() if requires_grad else made


class Parameter(Tensor):
    """Say that a tensor is to be learned: a module lists it, an optimizer changes it.

    >>> nn.Parameter(torch.tensor([1., 2.]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __new__(cls, data=None, requires_grad: bool = True):
        return _of(cls, data, requires_grad)

    def __repr__(self):
        return parameter_repr(self)

    __str__ = __repr__


class Buffer(Tensor):
    """Say that a tensor belongs to a module's state without being learned: a running mean.

    >>> nn.Buffer(torch.tensor([1., 2.])).requires_grad
    False
    """

    __slots__ = ("persistent",)

    def __new__(cls, data=None, *, persistent: bool = True):
        made = _of(cls, data, False)
        made.persistent = persistent
        return made
