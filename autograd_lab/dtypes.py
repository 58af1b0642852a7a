"""What kind of number a tensor holds, under PyTorch's names, and PyTorch's rules for mixing them.

NumPy stores the numbers; this file is the one place where PyTorch's rules differ from NumPy's:
a Python number never widens a tensor, and a 0-d tensor never widens an n-d one of its kind.
"""

import numpy as np


class dtype:
    """Name a kind of number: ``float32``, ``int64``, ``bool`` ...

    >>> import autograd_lab as torch
    >>> torch.float32, torch.float32.itemsize, torch.int64.is_floating_point
    (torch.float32, 4, False)
    """

    __slots__ = ("array", "itemsize", "name", "rank")

    def __init__(self, name: str, rank: int):
        self.name, self.rank = name, rank
        self.array = np.dtype(name)
        self.itemsize = self.array.itemsize

    def __repr__(self):
        return f"torch.{self.name}"

    def __reduce__(self):
        return named, (self.name,)

    @property
    def is_floating_point(self) -> bool:
        """Say whether this is a real floating type."""
        return self.rank == 2

    @property
    def is_complex(self) -> bool:
        """Say whether this is a complex type."""
        return self.rank == 3

    @property
    def is_signed(self) -> bool:
        """Say whether this type can hold negative numbers."""
        return self.array.kind not in "bu"

    def to_complex(self) -> "dtype":
        """Give the complex type of the same precision."""
        return {float64: complex128, complex128: complex128}.get(self, complex64)


BOOL, INTEGER, FLOATING, COMPLEX = range(4)  # the ranks: a higher kind wins in a mixture

bool = dtype("bool", BOOL)
uint8 = dtype("uint8", INTEGER)
int8 = dtype("int8", INTEGER)
int16 = short = dtype("int16", INTEGER)
int32 = int = dtype("int32", INTEGER)
int64 = long = dtype("int64", INTEGER)
float16 = half = dtype("float16", FLOATING)
float32 = float = dtype("float32", FLOATING)
float64 = double = dtype("float64", FLOATING)
complex64 = cfloat = dtype("complex64", COMPLEX)
complex128 = cdouble = dtype("complex128", COMPLEX)

ALL = (bool, uint8, int8, int16, int32, int64, float16, float32, float64, complex64, complex128)
OF_ARRAY = {d.array: d for d in ALL}
OF_NAME = {d.name: d for d in ALL}
OF_PYTHON = {type(True): bool, type(1): int64, type(1.0): float64, type(1j): complex128}

default = float32


def named(name: str) -> dtype:
    """Look a type up by its name."""
    return OF_NAME[name]


def get_default_dtype() -> dtype:
    """Tell the type that Python's floating numbers become (float32 unless changed).

    >>> torch.get_default_dtype()
    torch.float32
    """
    return default


def set_default_dtype(d: dtype) -> None:
    """Set the type that Python's floating numbers become.

    >>> torch.set_default_dtype(torch.float64)
    >>> torch.tensor(1.5).dtype
    torch.float64
    >>> torch.set_default_dtype(torch.float32)
    """
    global default
    if not (isinstance(d, dtype) and d.is_floating_point):
        raise TypeError("only floating-point types are supported as the default type")
    default = d


def of_array(array_dtype) -> dtype:
    """Translate NumPy's dtype; says so where PyTorch has no such type."""
    found = OF_ARRAY.get(array_dtype)
    if found is None:
        raise TypeError(
            f"can't convert np.ndarray of type {array_dtype}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint8, "
            "and bool."
        )
    return found


def as_array_dtype(d) -> np.dtype:
    """Accept our dtype, NumPy's, or Python's ``float``, ``int``, ``bool``; give NumPy's."""
    if isinstance(d, dtype):
        return d.array
    if isinstance(d, type) and d in OF_PYTHON:
        return OF_PYTHON[d].array
    return of_array(np.dtype(d)).array


def accumulator(array_dtype, asked=None) -> np.dtype:
    """Choose NumPy's dtype to add up in: the one that is asked for, or int64 for whole numbers.

    >>> accumulator(np.dtype("uint8")), accumulator(np.dtype("float32"))
    (dtype('int64'), dtype('float32'))
    """
    if asked is not None:
        return as_array_dtype(asked)
    return array_dtype if array_dtype.kind in "fc" else int64.array


def of_number(number) -> dtype:
    """Say which type a Python number would have as a tensor."""
    if isinstance(number, type(1.0)):
        return default
    if isinstance(number, type(1j)):
        return default.to_complex()
    return OF_PYTHON.get(type(number), int64)


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Give the smallest type that holds both: the higher kind wins, then the wider.

    >>> import autograd_lab as torch
    >>> torch.promote_types(torch.int64, torch.float16)
    torch.float16
    >>> torch.promote_types(torch.uint8, torch.int8)
    torch.int16
    """
    if type1 is type2:
        return type1
    if type1.rank == type2.rank:
        return OF_ARRAY[np.promote_types(type1.array, type2.array)]
    high, low = (type1, type2) if type1.rank > type2.rank else (type2, type1)
    if high.rank == COMPLEX and low is float64:
        return complex128
    return high


def combine(tensors, scalars, numbers) -> dtype:
    """Apply PyTorch's rule to the types of n-d tensors, of 0-d tensors and of Python numbers.

    n-d tensors decide; a 0-d tensor or a number counts only if its kind is higher.
    Source: the notes on type promotion in PyTorch's documentation of ``torch.result_type``.
    """
    result = None
    for group in (numbers, scalars, tensors):
        here = None
        for d in group:
            here = d if here is None else promote_types(here, d)
        result = here if result is None else _override(here, result)
    assert result is not None, "at least one operand"
    return result


def _override(strong, weak):
    if strong is None:
        return weak
    if strong.rank == FLOATING and weak.rank == COMPLEX:
        return strong.to_complex()
    if strong.rank == BOOL or weak.rank > max(strong.rank, INTEGER):
        return weak if weak.rank > strong.rank else promote_types(strong, weak)
    return strong


LEGACY = {
    "float32": "Float", "float64": "Double", "float16": "Half", "int64": "Long", "int32": "Int",
    "int16": "Short", "int8": "Char", "uint8": "Byte", "bool": "Bool",
    "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip


def legacy_name(d: dtype | np.dtype) -> str:
    """Give the name that PyTorch's errors and old type names use: ``Float``, ``Long``.

    It has one for our types and for those of arrays.

    >>> legacy_name(int64), legacy_name(np.dtype("complex64"))
    ('Long', 'ComplexFloat')
    """
    return LEGACY[d.name]


class _Limits:
    """What numbers a dtype can hold."""

    def __init__(self, d=None):
        self.dtype = (d or default).name
        self.bits = (d or default).itemsize * 8

    def __repr__(self):
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        said = [f"{name}={getattr(self, name):.6g}" for name in names if hasattr(self, name)]
        return f"{type(self).__name__}({', '.join(said)}, dtype={self.dtype})"


class finfo(_Limits):
    """The limits of a floating type: its largest number, its precision.

    >>> torch.finfo(torch.float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, d=None):
        super().__init__(d)
        limits = np.finfo((d or default).array)
        self.max, self.min = limits.max.item(), limits.min.item()
        self.eps, self.tiny = limits.eps.item(), limits.tiny.item()
        self.smallest_normal, self.resolution = self.tiny, limits.resolution.item()


class iinfo(_Limits):
    """The limits of a whole-number type.

    >>> torch.iinfo(torch.int8).max
    127
    """

    def __init__(self, d):
        super().__init__(d)
        limits = np.iinfo(d.array)
        self.max, self.min = limits.max, limits.min

    def __repr__(self):
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
