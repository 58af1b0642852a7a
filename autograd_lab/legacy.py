"""Names from PyTorch's early days that tutorials still use."""

from . import dtypes
from .core import Tensor
from .creation import legacy


def is_tensor(obj) -> bool:
    """Say whether this is a Tensor.

    >>> torch.is_tensor(torch.ones(2)), torch.is_tensor([1, 2])
    (True, False)
    """
    return isinstance(obj, Tensor)


def is_floating_point(input) -> bool:
    """Say whether a tensor holds real floating numbers.

    >>> torch.is_floating_point(torch.ones(2)), torch.is_floating_point(torch.tensor([1]))
    (True, False)
    """
    return input.dtype.is_floating_point


def is_complex(input) -> bool:
    """Say whether a tensor holds complex numbers.

    >>> torch.is_complex(torch.ones(2)), torch.is_complex(torch.tensor([1j]))
    (False, True)
    """
    return input.dtype.is_complex


def _maker(dtype, name):
    def make(*data, device=None):
        return legacy(data, dtype, device)

    make.__name__ = make.__qualname__ = name
    make.dtype = dtype
    make.__doc__ = f"Make a {dtype.name} tensor of sizes or from data; ``tensor`` is newer."
    return make


FloatTensor = _maker(dtypes.float32, "FloatTensor")
DoubleTensor = _maker(dtypes.float64, "DoubleTensor")
IntTensor = _maker(dtypes.int32, "IntTensor")
LongTensor = _maker(dtypes.int64, "LongTensor")
ByteTensor = _maker(dtypes.uint8, "ByteTensor")
BoolTensor = _maker(dtypes.bool, "BoolTensor")
