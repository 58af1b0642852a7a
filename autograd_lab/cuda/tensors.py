"""PyTorch's old names for tensors on the GPU: ``torch.cuda.FloatTensor(2, 3)``."""

from .. import dtypes
from ..legacy import OldType

FloatTensor, DoubleTensor = OldType(dtypes.float32, "cuda"), OldType(dtypes.float64, "cuda")
HalfTensor, BoolTensor = OldType(dtypes.float16, "cuda"), OldType(dtypes.bool, "cuda")
LongTensor, IntTensor = OldType(dtypes.int64, "cuda"), OldType(dtypes.int32, "cuda")
ByteTensor = OldType(dtypes.uint8, "cuda")
