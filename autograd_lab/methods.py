"""Tensor's methods and operators: one table, one line each.

A method is the operation itself: ``Tensor.tanh is torch.tanh``. Only PyTorch's variadic spellings
(``x.view(2, 3)``) and writing in place (``x.add_(1)``) need a word more.
"""

from . import convert, dtypes, ops
from .core import Tensor


def of_sizes(call):
    """Let a method take its list spelled out: ``x.expand(2, 3)`` for ``x.expand((2, 3))``."""

    def method(self, *sizes, **named):
        if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
            return call(self, tuple(sizes[0]), **named)
        return call(self, tuple(sizes), **named) if sizes else call(self, **named)

    method.__name__, method.__doc__ = call.__name__, call.__doc__
    method.__wrapped__ = getattr(call, "__wrapped__", call)
    return method


def in_place(call):
    """Make the method that writes an operation's result into the tensor: ``x.add_(1)``."""

    def method(self, *args, **named):
        return self.write(call(self, *args, **named))

    method.__name__ = call.__name__ + "_"
    method.__doc__ = f"Do what ``{call.__name__}`` does, in this tensor's own memory."
    return method


def reflected(call):
    """Make the operator that Python calls when the tensor stands on the right: ``2 - x``."""

    def method(self, other):
        return call(other, self)

    return method


T = Tensor

# --- operators
T.__add__ = T.add = ops.add
T.__radd__ = reflected(ops.add)
T.__sub__, T.__rsub__ = ops.sub, reflected(ops.sub)
T.__mul__, T.__rmul__ = ops.mul, reflected(ops.mul)
T.__truediv__, T.__rtruediv__ = ops.div, reflected(ops.div)
T.__neg__ = ops.neg
T.__getitem__, T.__setitem__ = ops.getitem, ops.setitem

# --- arithmetic.py
T.sub, T.mul, T.div, T.neg = ops.sub, ops.mul, ops.div, ops.neg

# --- pointwise.py
T.exp, T.tanh, T.relu = ops.exp, ops.tanh, ops.relu

# --- reduce.py
T.sum = ops.sum

# --- shape.py
T.expand = of_sizes(ops.expand)
T.reshape = of_sizes(ops.reshape)

# --- convert.py: to Python, NumPy, another dtype, another device
for name in (
    "item", "tolist", "numpy", "to", "clone", "type_as", "cpu", "cuda", "size", "dim", "numel",
    "element_size", "stride", "is_contiguous", "contiguous", "data_ptr", "resize_to", "__float__",
    "__int__", "__complex__", "__index__", "__bool__", "__len__", "__hash__", "__contains__",
    "__deepcopy__", "__reduce__",
):  # fmt: skip
    setattr(T, name, getattr(convert, name))
T.type, T.__array__, T.ndimension, T.nelement = (
    convert.type_, convert.to_array, convert.dim, convert.numel,
)  # fmt: skip
T.itemsize, T.nbytes = property(convert.element_size), property(convert.nbytes)
for d in dtypes.ALL:
    short = {"float32": "float", "float64": "double", "float16": "half", "int64": "long",
             "int32": "int", "int16": "short", "int8": "char", "uint8": "byte",
             "complex64": "cfloat", "complex128": "cdouble"}.get(d.name, d.name)  # fmt: skip
    setattr(T, short, convert.converter(d))

# --- in place: every one of these writes what its namesake computes
IN_PLACE = ["add", "sub", "mul", "div", "neg", "exp", "tanh", "relu"]
for name in IN_PLACE:
    setattr(T, name + "_", in_place(getattr(ops, name)))
T.__iadd__, T.__isub__, T.__imul__, T.__itruediv__ = T.add_, T.sub_, T.mul_, T.div_
