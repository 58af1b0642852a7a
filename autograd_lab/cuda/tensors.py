"""PyTorch's old names for tensors on the GPU: ``torch.cuda.FloatTensor(2, 3)``."""

from .. import dtypes
from ..core import Tensor
from ..creation import legacy


class OldType:
    """A dtype on the GPU under its old name: makes tensors, and knows its own by ``isinstance``."""

    device = "cuda"

    def __init__(self, dtype):
        self.dtype = dtype
        self.__name__ = f"{dtypes.legacy_name(dtype)}Tensor"

    def __call__(self, *data):
        return legacy(data, self.dtype, self.device)

    def __instancecheck__(self, tensor):
        return isinstance(tensor, Tensor) and tensor.is_cuda and tensor.dtype is self.dtype

    def __repr__(self):
        return f"torch.cuda.{self.__name__}"


FloatTensor, DoubleTensor = OldType(dtypes.float32), OldType(dtypes.float64)
HalfTensor, IntTensor = OldType(dtypes.float16), OldType(dtypes.int32)
LongTensor, ByteTensor = OldType(dtypes.int64), OldType(dtypes.uint8)
BoolTensor = OldType(dtypes.bool)
