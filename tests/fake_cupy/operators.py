"""The operators of the array. There is no ``__imatmul__``, ``__index__`` or ``__contains__``."""

import numpy as np

from .array import NUMBERS, ndarray, operand, wrap
from .state import check_device, here, library, stats


def defers(other) -> bool:
    """Tell, by CuPy's rule, whether an operator leaves the work to the other operand."""
    protocol = getattr(other, "__array_ufunc__", other)
    if protocol is not other:
        return protocol is None
    return getattr(other, "__array_priority__", 0) > ndarray.__array_priority__


def operator(ufunc, reflected=False):
    """Make a binary operator from NumPy's ufunc."""

    def method(self, other):
        kind = type(other)
        if self._device != here.device:
            check_device(self._device)
        if kind is ndarray:
            if other._device != here.device:
                check_device(other._device)
            other = other._array
        elif kind not in NUMBERS:
            if defers(other):
                return NotImplemented
            operand(other, ufunc.__name__)
        stats.launches += 1
        if reflected:
            return wrap(here.run(ufunc, other, self._array, order="C"))
        return wrap(here.run(ufunc, self._array, other, order="C"))

    return method


def in_place(ufunc):
    """Make an in-place operator: the result must fit into the array's own dtype and shape."""

    def method(self, other):
        check_device(self._device)
        stats.launches += 1
        here.run(ufunc, self._array, operand(other, ufunc.__name__), out=self._array)
        return self

    return method


def unary(ufunc):
    """Make an operator of one operand."""

    def method(self):
        check_device(self._device)
        stats.launches += 1
        return wrap(here.run(ufunc, self._array, order="C"))

    return method


def product(reflected=False):
    """Make ``@``, which is cuBLAS's work (and has no in-place form: ``w @= x`` rebinds w)."""
    plain = operator(np.matmul, reflected)

    def method(self, other):
        if self.dtype.kind in "fc":
            library("cuBLAS")
        if type(other) in NUMBERS:
            raise ValueError("matmul: Input operand does not have enough dimensions")
        return plain(self, other)

    return method


BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "pow": np.power, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
}  # fmt: skip
COMPARE = {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}  # fmt: skip
UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}

for name, ufunc in BINARY.items():
    setattr(ndarray, f"__{name}__", operator(ufunc))
    setattr(ndarray, f"__r{name}__", operator(ufunc, reflected=True))
    setattr(ndarray, f"__i{name}__", in_place(ufunc))
for name, ufunc in COMPARE.items():
    setattr(ndarray, f"__{name}__", operator(ufunc))
for name, ufunc in UNARY.items():
    setattr(ndarray, f"__{name}__", unary(ufunc))
ndarray.__matmul__, ndarray.__rmatmul__ = product(), product(reflected=True)
ndarray.__divmod__ = lambda self, other: (self // other, self % other)
ndarray.__rdivmod__ = lambda self, other: (other // self, other % self)
