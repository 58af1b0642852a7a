"""From a tensor to Python, NumPy, another dtype, another device."""

import math
import numbers

import numpy as np

from . import dtypes, grad_mode
from .core import OPS, Tensor, wrap
from .device import cpu as main_memory
from .device import memory, move, resolve


def item(self):
    """Give the Python number in a tensor of one element.

    >>> torch.tensor(2.5).item()
    2.5
    """
    if self.array.size != 1:
        raise RuntimeError(
            f"a Tensor with {self.array.size} elements cannot be converted to Scalar"
        )
    return self.array.item()


def tolist(self):
    """Give the numbers as nested lists.

    >>> torch.tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    return self.array.tolist()


def numpy(self, *, force=False):
    """Give the NumPy array on the same memory: a change to one is a change to both.

    >>> torch.ones(2).numpy()
    array([1., 1.], dtype=float32)
    """
    if force:
        return self.detach().cpu().shared()
    if self.requires_grad and not (grad_mode.quiet and not grad_mode.is_grad_enabled()):
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
        )
    if self.device.type != "cpu":
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy "
            "the tensor to host memory first."
        )
    return self.shared()


def to_array(self, dtype=None, copy=None):
    """Let NumPy's functions read a tensor: ``np.asarray(t)``."""
    array = numpy(self)
    array = array if dtype is None else array.astype(dtype, copy=False)
    return array.copy() if copy else array


def to(self, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None):
    """Convert to another dtype, another device, or both; itself where nothing changes.

    >>> torch.ones(2).to(torch.int64)
    tensor([1, 1])
    """
    dtype, device = dtype_and_device(args, dtype, device)
    result = self
    if device is not None and (place := resolve(device)) != self.device:
        result = OPS["to_device"](result, place)
    if dtype is not None and dtype.array != self.array.dtype:
        result = OPS["to"](result, dtype)
    return clone(result) if copy and result is self else result


def dtype_and_device(args, dtype=None, device=None):
    """Tell what the arguments of ``.to`` ask for: a dtype, a device, or a tensor to be like."""
    for a in args:
        if isinstance(a, Tensor):
            dtype, device = a.dtype, a.device
        elif isinstance(a, dtypes.dtype | type):  # Python's float and int are dtypes too
            dtype = a
        elif a is not None and not isinstance(a, bool):  # a bool is non_blocking, or copy
            device = a
    if dtype is not None:
        dtype = dtypes.of_array(dtypes.as_array_dtype(dtype))
    return dtype, device


def clone(self, memory_format=None):
    """Copy a tensor; gradients flow through the copy.

    >>> torch.ones(2).clone()
    tensor([1., 1.])
    """
    return OPS["clone"](self)


def type_(self, dtype=None, non_blocking=False):
    """Name PyTorch's old type of this tensor, or convert to one.

    >>> torch.ones(2).type()
    'torch.FloatTensor'
    >>> torch.ones(2).type("torch.LongTensor")
    tensor([1, 1])
    """
    if dtype is None:
        where = "torch.cuda" if self.device.type == "cuda" else "torch"
        return f"{where}.{dtypes.legacy_name(self.dtype)}Tensor"
    if isinstance(dtype, str):
        return to(self, *_of_old_name(dtype))
    if hasattr(dtype, "device"):  # torch.cuda.FloatTensor and the like
        return to(self, dtype.dtype, dtype.device)
    if not isinstance(dtype, (type, dtypes.dtype)):
        raise TypeError("dtype must be a type, str, or dtype object")
    return to(self, dtype)


def _of_old_name(name):
    """Say which dtype and device ``"torch.cuda.FloatTensor"`` means."""
    known = {f"torch.{dtypes.legacy_name(d)}Tensor": d for d in dtypes.ALL}
    found = known.get(name.replace("torch.cuda.", "torch."))
    if found is None:
        raise ValueError(f"invalid type: {name!r}; the known types are {', '.join(known)}")
    return found, "cuda" if name.startswith("torch.cuda.") else main_memory


def type_as(self, other):
    """Convert to the dtype and device of another tensor.

    >>> torch.tensor([1, 2]).type_as(torch.zeros(1))
    tensor([1., 2.])
    """
    return to(self, other)


def converter(dtype):
    """Make the method that converts to one dtype: ``t.float()``."""

    def convert(self, memory_format=None):
        return to(self, dtype)

    convert.__name__ = dtype.name
    convert.__doc__ = f"Convert to {dtype.name}."
    return convert


def cpu(self, memory_format=None):
    """Copy to main memory; itself if it is there already.

    >>> x = torch.ones(2)
    >>> x.cpu() is x
    True
    """
    return to(self, device=main_memory)


def cuda(self, device=None, non_blocking=False, memory_format=None):
    """Copy to the GPU; itself if it is there already.

    >>> x = torch.ones(2)
    >>> float((x.cuda() if torch.cuda.is_available() else x).sum())
    2.0
    """
    return to(self, device="cuda" if device is None else device)


def size(self, dim=None):
    """Give the sizes of all dimensions, or of one.

    >>> torch.zeros(2, 3).size(), torch.zeros(2, 3).size(-1)
    (torch.Size([2, 3]), 3)
    """
    if dim is None:
        return self.shape
    n = self.array.ndim
    if not -max(n, 1) <= dim < max(n, 1) or n == 0:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-max(n, 1)}, {max(n, 1) - 1}], "
            f"but got {dim})"
        )
    return self.array.shape[dim]


def dim(self):
    """Count the dimensions.

    >>> torch.zeros(2, 3).dim()
    2
    """
    return self.array.ndim


def numel(self):
    """Count the elements.

    >>> torch.zeros(2, 3).numel()
    6
    """
    return int(self.array.size)


def element_size(self):
    """Tell how many bytes one element takes.

    >>> torch.zeros(3).element_size(), torch.zeros(3, dtype=torch.float64).element_size()
    (4, 8)
    """
    return self.array.dtype.itemsize


def nbytes(self):
    """Tell how many bytes all elements take.

    >>> torch.zeros(3).nbytes
    12
    """
    return int(self.array.nbytes)


def stride(self, dim=None):
    """Tell how many elements to step over in memory, for one step along each dimension.

    >>> torch.zeros(2, 3).stride()
    (3, 1)
    """
    array = self.array
    if array.size:
        steps = tuple(s // array.itemsize for s in array.strides)
    else:  # nothing to step over: as if every dimension had one element at least
        sizes = [max(n, 1) for n in array.shape]
        steps = tuple(math.prod(sizes[i + 1 :]) for i in range(array.ndim))
    return steps if dim is None else steps[dim]


def is_contiguous(self, memory_format=None):
    """Say whether the elements lie in memory in the order in which they are read.

    >>> x = torch.zeros(2, 3)
    >>> x.is_contiguous(), x.t().is_contiguous()
    (True, False)
    """
    return bool(self.array.flags.c_contiguous)


def contiguous(self, memory_format=None):
    """Give the same numbers in reading order in memory: itself if they are.

    >>> x = torch.zeros(2, 3).t()
    >>> x.stride(), x.contiguous().stride()
    ((1, 3), (2, 1))
    """
    return self if is_contiguous(self) else OPS["clone"](self, True)


def data_ptr(self):
    """Give the address of the first element.

    >>> x = torch.zeros(2, 3)
    >>> x.data_ptr() == x.view(6).data_ptr()
    True
    """
    array = self.shared()
    return array.ctypes.data if isinstance(array, np.ndarray) else array.data.ptr


def array_ufunc(self, ufunc, method, *inputs, **named):
    """Let NumPy's functions take tensors: ``array + t`` is ours, ``np.sin(t)`` gives a tensor.

    >>> np.sin(torch.zeros(2))
    tensor([0., 0.])
    >>> np.ones(2) + torch.ones(2)
    tensor([2., 2.], dtype=torch.float64)
    """
    operator = OPERATORS.get(ufunc.__name__)
    if method == "__call__" and operator and not named:
        left, right = (wrap(x) if isinstance(x, np.ndarray) else x for x in inputs)
        if isinstance(left, Tensor):
            return getattr(left, operator[0])(right)
        return getattr(right, operator[1])(left)
    out = named.get("out")
    if out and any(isinstance(x, Tensor) for x in out):
        raise TypeError("return arrays must be of ArrayType")
    arrays = [numpy(x) if isinstance(x, Tensor) else x for x in inputs]
    result = getattr(ufunc, method)(*arrays, **named)
    if out:  # array += t: the result is that array
        return result
    return tuple(map(_wrapped, result)) if type(result) is tuple else _wrapped(result)


def _wrapped(result):
    return wrap(result) if isinstance(result, np.ndarray | np.generic) else result


OPERATORS = {  # NumPy's function -> the tensor's operator: with it on the left, on the right
    "add": ("__add__", "__radd__"), "subtract": ("__sub__", "__rsub__"),
    "multiply": ("__mul__", "__rmul__"), "true_divide": ("__truediv__", "__rtruediv__"),
    "divide": ("__truediv__", "__rtruediv__"), "remainder": ("__mod__", "__rmod__"),
    "floor_divide": ("__floordiv__", "__rfloordiv__"), "power": ("__pow__", "__rpow__"),
    "matmul": ("__matmul__", "__rmatmul__"), "equal": ("__eq__", "__eq__"),
    "not_equal": ("__ne__", "__ne__"), "less": ("__lt__", "__gt__"),
    "greater": ("__gt__", "__lt__"), "less_equal": ("__le__", "__ge__"),
    "greater_equal": ("__ge__", "__le__"), "bitwise_and": ("__and__", "__rand__"),
    "bitwise_or": ("__or__", "__ror__"), "bitwise_xor": ("__xor__", "__rxor__"),
}  # fmt: skip


def is_cuda(self):
    """Say whether the numbers live on a GPU.

    >>> torch.ones(2).is_cuda
    False
    """
    return self.device.type == "cuda"


def is_floating_point(self):
    """Say whether the numbers are real floating ones.

    >>> torch.ones(2).is_floating_point()
    True
    """
    return self.dtype.is_floating_point


def is_complex(self):
    """Say whether the numbers are complex.

    >>> torch.tensor(1j).is_complex()
    True
    """
    return self.dtype.is_complex


def is_signed(self):
    """Say whether the numbers may be negative.

    >>> torch.tensor([1], dtype=torch.uint8).is_signed()
    False
    """
    return self.dtype.is_signed


def is_nonzero(self):
    """Say whether a tensor of one element holds something else than 0.

    >>> torch.tensor([0.5]).is_nonzero()
    True
    """
    return __bool__(self)


def __float__(self):
    array = self.array
    return float(array if isinstance(array, np.generic) else _only_number(self))


def __int__(self):
    return int(_only_number(self))


def __complex__(self):
    return complex(_only_number(self))


def _only_number(tensor):
    """Give the Python number, or raise what Python's own conversions raise."""
    if tensor.array.size != 1:
        raise ValueError(
            "only one element tensors can be converted to Python scalars: this one has "
            f"{tensor.array.size}. x.tolist() gives them all"
        )
    return tensor.array.item()


def __index__(self):
    if self.array.size != 1 or self.dtype.rank > dtypes.INTEGER:
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self.array.item())


def __bool__(self):
    if self.array.size != 1:
        if self.array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    return bool(self.array.item())


def __len__(self):
    if self.array.ndim == 0:
        raise TypeError("len() of a 0-d tensor")
    return len(self.array)


def __hash__(self):
    return id(self)


def __contains__(self, element):
    if not isinstance(element, (Tensor, numbers.Number, np.generic)):
        raise RuntimeError(
            "Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
            f"{type(element)}."
        )
    left, right = (element, self) if isinstance(element, Tensor) else (self, element)
    return bool(OPS["eq"](left, right).array.any())


def __deepcopy__(self, memo):
    return deep_copy(self, _twin_of(self.array, memo), memo)


def deep_copy(like, array, memo):
    """Make a leaf of the same class around another array, with copies of attributes and grad."""
    if not like.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
            "protocol at the moment."
        )
    import copy

    memo[id(like)] = twin = object.__new__(type(like))
    twin.array, twin.node, twin._grad = array, None, copy.deepcopy(like._grad, memo)
    attributes = {k: v for k, v in like.__dict__.items() if k != "retains"}
    twin.__dict__.update(copy.deepcopy(attributes, memo))
    return twin.requires_grad_() if like.requires_grad else twin


def _twin_of(array, memo):
    """Copy the memory behind an array once: what shares it with other tensors still does."""
    owner = memory(array)
    flags = getattr(owner, "flags", None)
    if type(owner) is not np.ndarray or not (flags.c_contiguous or flags.f_contiguous):
        return array.copy("K")  # a number, a file's memory; on a GPU, each has its own
    if id(owner) not in memo:
        memo[id(owner)] = owner.copy("K")
    copy = memo[id(owner)]
    if array is owner:
        return copy
    start = array.ctypes.data - owner.ctypes.data
    flat = (copy if flags.c_contiguous else copy.T).reshape(-1)
    return np.ndarray(array.shape, array.dtype, flat, start, array.strides)


def __reduce__(self):
    place = () if self.device == main_memory else (str(self.device),)
    return rebuilt, (type(self), self.detach().cpu().shared(), self.requires_grad, *place)


def rebuilt(cls, array, requires_grad, device="cpu"):
    """Make a tensor again from what was pickled."""
    twin = object.__new__(cls)
    twin.array, twin.node, twin._grad = move(array, resolve(device)), None, None
    return twin.requires_grad_() if requires_grad else twin

