"""Names from PyTorch's early days that tutorials still use."""

from typing import Union

from . import dtypes
from .core import Tensor
from .creation import legacy
from .ops.strided import UntypedStorage


def is_tensor(obj) -> bool:
    """Say whether this is a Tensor.

    >>> torch.is_tensor(torch.ones(2)), torch.is_tensor([1, 2])
    (True, False)
    """
    return isinstance(obj, Tensor)


def is_storage(obj) -> bool:
    """Say whether this is the memory of a tensor.

    >>> x = torch.ones(2)
    >>> torch.is_storage(x.untyped_storage()), torch.is_storage(x)
    (True, False)
    """
    return isinstance(obj, UntypedStorage)


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


has_mps = False  # asked before torch.backends.mps.is_available() was there


class OldType:
    """A dtype on one kind of device under its old name: makes tensors, and knows its own.

    >>> x = torch.FloatTensor([1, 2])
    >>> isinstance(x, torch.FloatTensor), isinstance(x, torch.LongTensor)
    (True, False)
    """

    def __init__(self, dtype, device="cpu"):
        self.dtype, self.device = dtype, device
        self.__name__ = self.__qualname__ = f"{dtypes.legacy_name(dtype)}Tensor"
        self.__doc__ = f"Make a {dtype.name} tensor of sizes or from data; ``tensor`` is newer."

    def __call__(self, *data, device=None):
        return legacy(data, self.dtype, device or self.device)

    def __instancecheck__(self, tensor):
        return (
            isinstance(tensor, Tensor)
            and tensor.dtype is self.dtype and tensor.device.type == self.device
        )  # fmt: skip

    def __or__(self, other):
        return Union[self, other]  # noqa: UP007 (this is what makes `x: LongTensor | None` work)

    __ror__ = __or__

    def __repr__(self):
        return f"torch.{self.__name__}" if self.device == "cpu" else f"torch.cuda.{self.__name__}"


FloatTensor, DoubleTensor = OldType(dtypes.float32), OldType(dtypes.float64)
HalfTensor, BoolTensor = OldType(dtypes.float16), OldType(dtypes.bool)
LongTensor, IntTensor = OldType(dtypes.int64), OldType(dtypes.int32)
ShortTensor, CharTensor = OldType(dtypes.int16), OldType(dtypes.int8)
ByteTensor = OldType(dtypes.uint8)
