"""Make tensors: from data, filled with a number, counting up."""

import math
import operator

import numpy as np

from . import dtypes
from .core import Size, Tensor, leaf, wrap
from .device import HOST, cpu, default_device, move, resolve
from .limits import INT64, check_fits, check_long
from .out import written
from .tensors_only import tensors_only


def _place(array, device, requires_grad=False):
    """Finish a new tensor: its device, and whether it needs gradients."""
    place = resolve(device)
    if place.type != "cpu":
        array = move(np.asarray(array), place)
    made = wrap(array)
    return made.requires_grad_() if requires_grad else made


def _array_of(data, dtype):
    """Turn nested lists, numbers, arrays and tensors into one NumPy array, by PyTorch's rules."""
    if isinstance(data, Tensor):
        array = data.array if type(data.array) in HOST else data.array.get()
        return array.astype(dtypes.as_array_dtype(dtype)) if dtype is not None else array.copy()
    if isinstance(data, (np.ndarray, np.generic)):
        want = dtypes.of_array(data.dtype).array if dtype is None else dtypes.as_array_dtype(dtype)
        return np.array(data, dtype=want)
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    kinds = _kinds(data)
    if any(issubclass(kind, Tensor) for kind in kinds):
        data = _without_tensors(data)
        kinds = _kinds(data)
    array = _nested(data)
    if dtype is not None:
        want = dtypes.as_array_dtype(dtype)
        if array.dtype.kind == "c" and want.kind in "iuf":
            raise TypeError("must be real number, not complex")
        if want.kind in "iu":
            _check_whole(array)
        return _cast_numbers(array, want)
    if array.dtype.kind in "fc":
        return array.astype(_float_dtype(kinds, array.dtype.kind), copy=False)
    _check_whole(array)
    return array


def _kinds(data):
    """Collect the types of the numbers in nested lists; an array counts by the type of its own."""
    found = set(map(type, data)) if isinstance(data, (list, tuple)) else {type(data)}
    for kind in [k for k in found if issubclass(k, (list, tuple))]:
        found.update(*[_kinds(row) for row in data if type(row) is kind])
    if np.ndarray in found:
        found.update(each.dtype.type for each in data if type(each) is np.ndarray)
    return found


def _float_dtype(kinds, kind):
    """Choose the dtype of floats ("f") or complex numbers ("c"): the widest that is among them."""
    floats = [k for k in kinds if issubclass(k, (float, complex, np.inexact))]
    wide = max(map(_width, floats), default=dtypes.default.array.itemsize)
    name = f"f{wide}" if kind == "f" else f"c{max(2 * wide, 8)}"
    return dtypes.of_array(np.dtype(name)).array


def _width(kind):
    """Give the bytes of a float or of half a complex number; Python's are of the default dtype."""
    if not issubclass(kind, np.generic):
        return dtypes.default.array.itemsize
    return np.dtype(kind).itemsize // (1 + issubclass(kind, np.complexfloating))


def _check_whole(array):
    """Refuse whole numbers beyond int64: PyTorch has nowhere to put them."""
    if array.dtype == object or array.dtype.kind == "u" and (array > INT64[-1]).any():
        check_long(2**63)


def _cast_numbers(array, want):
    """Convert numbers; where a whole dtype cannot hold them, say so (but -1 is 255 in uint8)."""
    if array.dtype.kind in "iuf" and want.kind in "iu" and array.size:
        limits = np.iinfo(want)
        low, high = min(limits.min, -limits.max - 1), limits.max
        if not (array.min() >= low and array.max() <= high):  # this way round, nan is refused too
            raise RuntimeError(
                f"value cannot be converted to type {want} without overflow: it goes from "
                f"{limits.min} to {limits.max}"
            )
    return array.astype(want)


def _nested(data):
    if hasattr(data, "__array__") and not isinstance(data, (list, tuple)):
        return np.array(data)
    try:
        array = np.array(data)
    except ValueError:
        raise _ragged(data) from None
    if array.dtype.kind == "f" and _may_be_whole(data, array):
        array = np.array(data, dtype=object)
    if array.dtype == object:
        for each in array.flat:
            if not isinstance(each, (int, float, complex)):
                raise RuntimeError(f"Could not infer dtype of {type(each).__name__}")
        return _beyond_64_bits(array)
    if array.dtype.kind in "USmM":
        raise TypeError(f"new(): invalid data type '{type(array.flat[0].item()).__name__}'")
    return array if array.size or array.dtype.kind != "f" else array.astype(dtypes.default.array)


def _may_be_whole(data, array):
    """Say whether NumPy may have made floats of whole numbers: 2**63 beside -1."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, int) and np.abs(array).max() >= 2**63


def _beyond_64_bits(array):
    """Make floats of large numbers if there are floats among them; else leave them as they are."""
    for kind in (complex, float):
        if any(isinstance(each, kind) for each in array.flat):
            return array.astype(kind)
    return array


def _without_tensors(data):
    return [
        _only_number(v) if isinstance(v, Tensor)
        else _without_tensors(v) if isinstance(v, (list, tuple)) else v
        for v in data
    ]  # fmt: skip


def _only_number(tensor):
    """Give the number of a tensor that has no more than one, as NumPy's of the same dtype."""
    if tensor.numel() != 1:
        raise ValueError(
            "only one element tensors can be converted to Python scalars, but one of the tensors "
            f"in the list is {tuple(tensor.shape)}. torch.stack(tensors) puts tensors of one "
            "shape below each other"
        )
    array = tensor.detach().cpu().array
    return array.reshape(())[()]


def _ragged(data):
    if not all(hasattr(v, "__len__") for v in data):
        return TypeError(f"{_mixed(data)}: numbers and lists do not stand side by side")
    sizes = [len(v) for v in data]
    other = next((n for n in sizes if n != sizes[0]), sizes[0])
    return ValueError(
        f"expected sequence of length {sizes[0]} at dim 1 (got {other}): the rows of nested lists "
        "must all have the same length"
    )


def _mixed(data) -> str:
    """Word as PyTorch does that a list holds lists and numbers: it goes by the first."""
    if hasattr(data[0], "__len__"):
        return "not a sequence"
    first = next(v for v in data if hasattr(v, "__len__"))
    if type(data[0]) is int:
        return f"'{type(first).__name__}' object cannot be interpreted as an integer"
    return f"must be real number, not {type(first).__name__}"


def tensor(data, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """Make a tensor from numbers, nested lists or an array; always a copy.

    >>> torch.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    >>> torch.tensor(1.5, requires_grad=True)
    tensor(1.5000, requires_grad=True)
    """
    if type(data) is float and dtype is device is None and default_device() is cpu:
        made = wrap(dtypes.default.array.type(data))
        if requires_grad:
            made.node = leaf(made)
        return made
    array = _array_of(data, dtype)
    return _place(array if array.ndim else array[()], device, requires_grad)


def as_tensor(data, dtype=None, device=None):
    """Make a tensor that shares memory with what it is made of, where it can.

    >>> a = np.ones(2, dtype="float32")
    >>> torch.as_tensor(a)[0] = 5
    >>> float(a[0])
    5.0
    """
    if isinstance(data, Tensor):
        return data.to(device or data.device, dtype or data.dtype)
    if isinstance(data, np.ndarray) and (
        dtype is None or dtypes.as_array_dtype(dtype) == data.dtype
    ):
        return from_numpy(data).to(resolve(device))
    return tensor(data, dtype, device)


asarray = as_tensor


def from_numpy(array):
    """Make a tensor on the same memory as a NumPy array: a change to one is a change to both.

    >>> torch.from_numpy(np.arange(3))
    tensor([0, 1, 2])
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    dtypes.of_array(array.dtype)
    if any(stride < 0 for stride in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative "
            "strides are not currently supported. (You can probably work around this by making a "
            "copy of your array  with array.copy().)"
        )
    return wrap(np.asarray(array))  # a memmap or a matrix becomes a plain array on its memory


def legacy(data, dtype, device=None):
    """Make what ``FloatTensor(...)`` makes: of sizes, or from data."""
    if len(data) == 1 and not isinstance(data[0], int):
        if isinstance(data[0], Size):
            return empty(data[0], dtype=dtype, device=device)
        return tensor(data[0], dtype=dtype, device=device)
    return empty(data, dtype=dtype, device=device) if data else empty(0, dtype=dtype, device=device)


def shape_of(size, refused="", name="") -> tuple:
    """Accept ``(2, 3)`` and ``((2, 3),)``; give a tuple of whole numbers.

    ``refused``: PyTorch's sentence for a size below 0, where it has one of its own; ``name``: of
    the function that was called.
    """
    if len(size) == 1 and not hasattr(size[0], "__index__"):
        size = size[0]
    try:
        shape = tuple(operator.index(n) for n in size)
    except TypeError:
        said = f"{_no_size(name, size)}sizes must be whole numbers, got {size!r}"
        raise TypeError(said) from None
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"{refused}Trying to create tensor with negative dimension {min(shape)}: {list(shape)}"
        )
    return shape


def _no_size(name, size) -> str:
    """Word as PyTorch does which of the sizes is none."""
    if not name:
        return ""
    if not isinstance(size, (tuple, list)):
        kind = type(size).__name__
        return f"{name}(): argument 'size' (position 1) must be tuple of ints, not {kind}: "
    at = next(i for i, n in enumerate(size) if not hasattr(n, "__index__"))
    return (
        f"{name}(): argument 'size' failed to unpack the object at pos {at + 1} with error \"type "
        f"must be tuple of ints,but got {type(size[at]).__name__}\": "
    )


def _fill_value(value, want):
    """Convert the one number that a tensor is filled with, unless the dtype cannot hold it."""
    value = value.item() if isinstance(value, np.generic) else value
    check_fits(value, want)
    return np.asarray(value.real if want.kind in "iuf" else value).astype(want).item()


def _number(value):
    """Take the number out of a tensor of one element."""
    return value.item() if isinstance(value, Tensor) else value


def _filled(maker, shape, dtype, device, requires_grad, *value):
    place = resolve(device)
    want = dtypes.default.array if dtype is None else dtypes.as_array_dtype(dtype)
    value = [_fill_value(_number(v), want) for v in value]
    with place.active():
        made = wrap(getattr(place.xp, maker)(shape, *value, dtype=want))
    return made.requires_grad_() if requires_grad else made


def _finish(made, out):
    return made if out is None else written(out, made)


def zeros(*size, out=None, dtype=None, device=None, requires_grad=False, layout=None,
          pin_memory=False, **sized):  # fmt: skip
    """Make a tensor full of 0.

    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    size = size_of("zeros", size, sized)
    shape = shape_of(size, "zeros: Dimension size must be non-negative. ", "zeros")
    made = _filled("zeros", shape, dtype, device, requires_grad)
    return _finish(made, out)


def ones(*size, out=None, dtype=None, device=None, requires_grad=False, layout=None,
         pin_memory=False, **sized):  # fmt: skip
    """Make a tensor full of 1.

    >>> torch.ones(2)
    tensor([1., 1.])
    """
    shape = shape_of(size_of("ones", size, sized), name="ones")
    made = _filled("ones", shape, dtype, device, requires_grad)
    return _finish(made, out)


def empty(*size, out=None, dtype=None, device=None, requires_grad=False, layout=None,
          memory_format=None, pin_memory=False, **sized):  # fmt: skip
    """Make a tensor without filling it: its numbers are whatever the memory held.

    >>> torch.empty(2, 3).shape
    torch.Size([2, 3])
    """
    shape = shape_of(size_of("empty", size, sized), name="empty")
    made = _filled("empty", shape, dtype, device, requires_grad)
    return _finish(made, out)


def size_of(call, size, sized):
    """Take the sizes from where they stand: by position, or as ``size=(2, 3)``."""
    unknown = set(sized) - {"size"}
    if unknown:
        raise TypeError(f"{call}() got an unexpected keyword argument '{unknown.pop()}'")
    if not (sized or size):
        raise TypeError(
            f'{call}() missing 1 required positional arguments: "size": (2, 3), say, or () for one '
            "number"
        )
    return (sized["size"],) if sized else size


def full(size, fill_value, out=None, dtype=None, device=None, requires_grad=False, layout=None):
    """Make a tensor full of one number.

    >>> torch.full((2,), 7)
    tensor([7, 7])
    """
    fill_value = _number(fill_value)
    dtype = dtype or dtypes.of_number(fill_value)
    made = _filled("full", shape_of((size,)), dtype, device, requires_grad, fill_value)
    return _finish(made, out)


def _like(maker, x, dtype, device, requires_grad, *value):
    return _filled(
        maker, x.array.shape, dtype or x.dtype, device or x.device, requires_grad, *value
    )


@tensors_only
def zeros_like(input, dtype=None, device=None, requires_grad=False, layout=None,
               memory_format=None):  # fmt: skip
    """Make a tensor full of 0, of the same shape and dtype as another.

    >>> torch.zeros_like(torch.tensor([[1, 2], [3, 4]]))
    tensor([[0, 0],
            [0, 0]])
    """
    return _like("zeros", input, dtype, device, requires_grad)


@tensors_only
def ones_like(input, dtype=None, device=None, requires_grad=False, layout=None,
              memory_format=None):  # fmt: skip
    """Make a tensor full of 1, of the same shape and dtype as another.

    >>> torch.ones_like(torch.tensor([2.5, 3.5]))
    tensor([1., 1.])
    """
    return _like("ones", input, dtype, device, requires_grad)


@tensors_only
def empty_like(input, dtype=None, device=None, requires_grad=False, layout=None,
               memory_format=None):  # fmt: skip
    """Make an unfilled tensor of the same shape and dtype as another.

    >>> torch.empty_like(torch.ones(2, 3)).shape
    torch.Size([2, 3])
    """
    return _like("empty", input, dtype, device, requires_grad)


@tensors_only
def full_like(input, fill_value, dtype=None, device=None, requires_grad=False, layout=None,
              memory_format=None):  # fmt: skip
    """Make a tensor full of one number, of the same shape and dtype as another.

    >>> torch.full_like(torch.zeros(3), 7)
    tensor([7., 7., 7.])
    """
    return _like("full", input, dtype, device, requires_grad, fill_value)


def arange(start=None, end=None, step=1, out=None, dtype=None, device=None, requires_grad=False,
           layout=None, pin_memory=False):  # fmt: skip
    """Count from ``start`` up to, and without, ``end``.

    >>> torch.arange(5), torch.arange(1, 2, 0.5)
    (tensor([0, 1, 2, 3, 4]), tensor([1.0000, 1.5000]))
    """
    start, end = (None, start) if end is None else (start, end)
    if end is None:
        raise TypeError(
            "arange() received an invalid combination of arguments - got no end: torch.arange(5)"
        )
    start = 0 if start is None else start
    start, end, step = (_number(v) for v in (start, end, step))
    if not (step > 0 or step < 0):  # this way round, nan is refused too
        raise RuntimeError("step must be nonzero")
    if not all(math.isfinite(v) for v in (start, end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if dtypes.int64 in (dtype, out is not None and out.dtype):
        start, end, step = int(start), int(end), int(step)
        if not step:
            raise ValueError("step must be nonzero, also as a whole number")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(v, int) for v in (start, end, step))
    dtype = dtype or (dtypes.int64 if whole else dtypes.default)
    count = math.ceil((end - start) / step)
    want = dtypes.as_array_dtype(dtype)
    for v in (start, end, step) if whole and want.kind in "iu" else ():
        check_fits(v, dtypes.int64.array)
    if want.kind in "iu":  # counted with fractions, but made of whole numbers
        start, step = int(start), int(step)
    if count not in INT64:
        raise RuntimeError(f"invalid size, possible overflow? {count:.4g} numbers are too many")
    array = (start + np.arange(count, dtype="int64" if whole else "float64") * step).astype(want)
    return _finish(_place(array, device, requires_grad), out)


def linspace(start, end, steps, out=None, dtype=None, device=None, requires_grad=False,
             layout=None):  # fmt: skip
    """Give ``steps`` numbers, evenly spaced from ``start`` to ``end``, both included.

    >>> torch.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    start, end = _ends("linspace", start, end, steps)
    if dtype is None:
        mixed = isinstance(start, complex) or isinstance(end, complex)
        dtype = dtypes.default.to_complex() if mixed else dtypes.default
    want = dtypes.as_array_dtype(dtype)
    if want.kind in "iu":  # as in PyTorch, the ends are whole numbers too then
        start, end = int(start), int(end)
    array = np.linspace(start, end, steps).astype(want)
    return _finish(_place(array, device, requires_grad), out)


def _ends(name, start, end, steps):
    """Give the two ends of a range as numbers, and raise PyTorch's errors."""
    for which, v in (("start", start), ("end", end)):
        if isinstance(v, Tensor) and v.ndim:
            raise RuntimeError(
                f"{name} only supports 0-dimensional start and end tensors, but got {which} with "
                f"{v.ndim} dimension(s)."
            )
    try:
        negative = operator.index(steps) < 0  # a tensor with one whole number will do
    except TypeError:
        raise TypeError(
            f"{name}() received an invalid combination of arguments: steps must be int, not "
            f"{type(steps).__name__}"
        ) from None
    if negative:
        raise RuntimeError("number of steps must be non-negative")
    return _number(start), _number(end)


def logspace(start, end, steps, base=10.0, out=None, dtype=None, device=None,
             requires_grad=False, layout=None):  # fmt: skip
    """Give ``steps`` numbers, evenly spaced as exponents, from base**start to base**end.

    >>> torch.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    start, end = _ends("logspace", start, end, steps)
    want = dtypes.as_array_dtype(dtype or dtypes.default)
    if want.kind in "iu" and steps > 1:  # here too
        start, end = int(start), int(end)
    array = np.logspace(start, end, steps, base=base).astype(want)
    return _finish(_place(array, device, requires_grad), out)


def eye(n, m=None, out=None, dtype=None, device=None, requires_grad=False, layout=None):
    """Make the matrix with 1 on the diagonal and 0 elsewhere.

    >>> torch.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    if n < 0 or (m is not None and m < 0):
        raise RuntimeError(f"n must be greater or equal to 0, got {n if n < 0 else m}")
    want = dtypes.as_array_dtype(dtype or dtypes.default)
    return _finish(_place(np.eye(n, m, dtype=want), device, requires_grad), out)


# --- methods: of the same dtype, on the same device


def new_tensor(self, data, dtype=None, device=None, requires_grad=False):
    """Make a tensor from data, of this tensor's dtype and on its device.

    >>> torch.ones(2, dtype=torch.float64).new_tensor([1, 2])
    tensor([1., 2.], dtype=torch.float64)
    """
    return tensor(data, dtype or self.dtype, device or self.device, requires_grad)


def new_full(self, size, fill_value, dtype=None, device=None, requires_grad=False):
    """Make a tensor full of one number, of this tensor's dtype and on its device.

    >>> torch.ones(2).new_full((3,), 7)
    tensor([7., 7., 7.])
    """
    return _filled(
        "full", shape_of((size,)), dtype or self.dtype, device or self.device, requires_grad,
        fill_value,
    )  # fmt: skip


def _newly(maker, what):
    """Make the method ``x.new_zeros(2, 3)`` from the name of NumPy's function."""

    def new(self, *size, dtype=None, device=None, requires_grad=False, **sized):
        shape = shape_of(size_of(f"new_{maker}", size, sized))
        return _filled(maker, shape, dtype or self.dtype, device or self.device, requires_grad)

    new.__name__ = new.__qualname__ = f"new_{maker}"
    new.__doc__ = f"Make a tensor {what}, of this tensor's dtype and on its device."
    return new


new_zeros = _newly("zeros", "full of 0")
new_ones = _newly("ones", "full of 1")
new_empty = _newly("empty", "without filling it")
