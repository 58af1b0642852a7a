"""Rarer questions that PyTorch answers about a tensor: its device, its sign, its memory."""

from ..core import Tensor
from .strided import owner


def get_device(input):
    """Give the number of the GPU that a tensor lives on; -1 for the CPU.

    >>> torch.ones(1).get_device()
    -1
    """
    return -1 if input.device.type == "cpu" else input.device.index or 0


def is_conj(input):
    """Say whether a conjugate still waits to be computed: never here.

    >>> torch.is_conj(torch.ones(1))
    False
    """
    return False


def is_neg(input):
    """Say whether a negation still waits to be computed: never here.

    >>> torch.is_neg(torch.ones(1))
    False
    """
    return False


def is_inference(input):
    """Say whether a tensor was made in inference mode: such tensors are like all others here.

    >>> torch.is_inference(torch.ones(1))
    False
    """
    return False


def is_nonzero(input):
    """Say whether the one number of a tensor differs from 0.

    >>> torch.is_nonzero(torch.tensor(2))
    True
    """
    return input.is_nonzero()


def is_pinned(self, device=None):
    """Say whether memory is pinned: never here.

    >>> torch.ones(2).is_pinned()
    False
    """
    return False


def is_signed(input):
    """Say whether the dtype knows negative numbers.

    >>> torch.is_signed(torch.ones(1))
    True
    """
    return input.is_signed()


def is_same_size(input, other):
    """Say whether two tensors have the same shape.

    >>> torch.is_same_size(torch.ones(2), torch.ones(3))
    False
    """
    return tuple(input.shape) == tuple(other.shape)


def is_set_to(self, tensor):
    """Say whether two tensors look at the same memory in the same way.

    >>> x = torch.ones(2)
    >>> x.is_set_to(x.detach()), x.is_set_to(x.clone())
    (True, False)
    """
    mine, other = self.shared(), tensor.shared()
    return (
        mine.shape == other.shape and mine.strides == other.strides
        and self.data_ptr() == tensor.data_ptr() and owner(mine) is owner(other)
    )  # fmt: skip


def typename(obj):
    """Name the type of a tensor, or what a class or a function is called, with its home.

    >>> torch.typename(torch.ones(1)), torch.typename(torch.nn.Linear), torch.typename(3)
    ('torch.FloatTensor', 'torch.nn.modules.linear.Linear', 'int')
    """
    if isinstance(obj, Tensor):
        return obj.type()
    thing = obj if hasattr(obj, "__qualname__") else type(obj)
    home = (thing.__module__ or "builtins").replace("autograd_lab", "torch", 1)
    if isinstance(thing, type):  # PyTorch keeps its layers one folder deeper
        home = home.replace("torch.nn.", "torch.nn.modules.", 1)
    return thing.__qualname__ if home == "builtins" else f"{home}.{thing.__qualname__}"


def can_cast(from_, to):
    """Say whether numbers of one dtype may be written to another without losing their kind.

    >>> torch.can_cast(torch.float, torch.int)
    False
    """
    return from_.rank <= to.rank
