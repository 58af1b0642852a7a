"""The array of the pretend GPU: NumPy inside, CuPy's manners outside.

Nothing here touches NumPy's own dispatch: NumPy functions are told to go away, and what CuPy's
array lacks (``__index__``, ``__contains__``, ``__imatmul__``, ``setflags`` ...) this one lacks too.
"""

import weakref
from operator import attrgetter

import numpy as np

from .casts import cast, fitting, poison, supported
from .devices import Device
from .memory import Memory, MemoryPointer, address, pool
from .state import check_device, download, here, stats, upload
from .surface import SURFACE, VERSION
from .tape import writes

NUMBERS = frozenset(
    {bool, int, float, complex}
    | {t for t in np.sctypeDict.values() if np.dtype(t).char in "?bhilqBHILQefdFD"}
)
COMPARISONS = {np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal}
new = object.__new__
pointed_at = weakref.WeakValueDictionary()  # arrays whose address somebody has asked for


class Flags:
    """The three flags of a CuPy array (there is no ``writeable``)."""

    __slots__ = ("c_contiguous", "f_contiguous", "owndata")

    def __init__(self, array):
        flags = array._array.flags
        self.c_contiguous, self.f_contiguous = flags.c_contiguous, flags.f_contiguous
        self.owndata = array.base is None

    fnc = property(lambda self: self.f_contiguous and not self.c_contiguous)
    forc = property(lambda self: self.f_contiguous or self.c_contiguous)

    def __getitem__(self, name):
        if name not in ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA"):
            raise KeyError(f"{name} is not defined for cupy.ndarray.flags")
        return getattr(self, name.lower())


class ndarray:
    """An array in the memory of a pretend GPU."""

    __slots__ = ("__weakref__", "_array", "_device", "_memory", "base")
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape, dtype=float, memptr=None, strides=None, order="C"):
        if memptr is not None or strides is not None:
            raise NotImplementedError("the pretend GPU makes no array from a pointer")
        self._array = poison(np.empty(shape, supported(dtype), order=order))
        self._device = here.device
        self.base = self._memory = None

    # What NumPy may not do with it.

    def __array__(self, *args, **kwargs):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "__call__" and not kwargs:
            from .ufuncs import ufuncs  # np.float32(2) * x arrives here, and works in CuPy

            if ufunc in COMPARISONS:  # np.float32(2) < x arrives as a 0-d array
                inputs = [i.item() if type(i) is np.ndarray and not i.ndim else i for i in inputs]
            if any(type(i) in NUMBERS for i in inputs):
                return ufuncs[ufunc.__name__](*inputs)
        if any(isinstance(i, np.ndarray) for i in inputs):
            raise TypeError(f"{ufunc.__name__}: Unsupported type <class 'numpy.ndarray'>")
        raise TypeError(f"np.{ufunc.__name__} got a GPU array: use xp.{ufunc.__name__}")

    def __array_function__(self, function, types, args, kwargs):
        raise TypeError(f"np.{function.__name__} got a GPU array: use xp.{function.__name__}")

    def __getattr__(self, name):
        known = name in SURFACE["classes"]["ndarray"]
        reason = "the pretend GPU leaves it out" if known else f"CuPy {VERSION}"
        raise AttributeError(f"'ndarray' object has no attribute {name!r} ({reason})")

    # What it is.

    shape = property(attrgetter("_array.shape"))
    dtype = property(attrgetter("_array.dtype"))
    ndim = property(attrgetter("_array.ndim"))
    size = property(attrgetter("_array.size"))
    nbytes = property(attrgetter("_array.nbytes"))
    itemsize = property(attrgetter("_array.itemsize"))
    strides = property(attrgetter("_array.strides"))
    flags = property(Flags)

    @shape.setter
    def shape(self, shape):
        self._array = self._array.reshape(shape, copy=False)

    @property
    def device(self):
        return Device(self._device)

    @property
    def data(self):
        root = self if self.base is None else self.base
        if root._memory is None:
            root._memory = Memory(address(root._array), root.nbytes, root._device)
            pointed_at[root._memory.ptr] = root
        return MemoryPointer(root._memory, address(self._array))

    @property
    def __cuda_array_interface__(self) -> dict:
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "descr": self.dtype.descr,
            "strides": None if self._array.flags.c_contiguous else self.strides,
            "version": 3,
            "stream": 1,
            "data": (address(self._array), False),
        }

    # Views.

    @property
    def T(self):
        return view_of(self, self._array.T)

    @property
    def mT(self):
        return view_of(self, self._array.mT)

    @property
    def real(self):
        return self if self.dtype.kind != "c" else view_of(self, self._array.real)

    @property
    def imag(self):
        if self.dtype.kind == "c":
            return view_of(self, self._array.imag)
        stats.launches += 1
        return wrap(here.run(np.zeros_like, self._array))

    def view(self, dtype=None):
        return view_of(self, self._array.view() if dtype is None else self._array.view(dtype))

    def __iter__(self):
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __len__(self):
        return len(self._array)

    # Copies on the device.

    def astype(self, dtype, order="K", casting=None, subok=None, copy=True):
        for name, given in (("casting", casting), ("subok", subok)):
            if given is not None:
                raise TypeError(f"{name} is not supported yet")
        dtype = supported(dtype)
        if dtype == self.dtype and not copy:
            return self
        check_device(self._device)
        stats.launches += 1
        return wrap(here.run(cast, self._array, dtype, order))

    def copy(self, order="C"):
        stats.launches += 1
        return wrap(here.run(np.copy, self._array, order))  # CuPy copies across devices, too

    def fill(self, value):
        check_device(self._device)
        stats.launches += 1
        value = operand(value, "fill")
        if np.ndim(value):
            raise ValueError("non-scalar cupy.ndarray cannot be used for fill")
        here.run(overwrite, self._array, value)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        with self.device:
            return self.copy()

    def __reduce__(self):
        from .creation import array

        return array, (self.get(),)

    # To the host and back: each of these waits, or transfers.

    def get(self, stream=None, order="C", out=None, blocking=True):
        download("get()") if blocking else None
        if out is None:
            return self._array.copy(order)
        if type(out) is not np.ndarray:
            raise TypeError("Only numpy.ndarray can be obtained from cupy.ndarray")
        if (out.dtype, out.shape) != (self.dtype, self.shape):
            raise TypeError(f"{out.dtype} array cannot be obtained from {self.dtype} array")
        out[...] = self._array
        return out

    def set(self, arr, stream=None):
        if type(arr) is not np.ndarray:
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if arr.dtype != self.dtype:
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        if arr.shape != self.shape:
            raise ValueError(f"Shape mismatch. Old shape: {self.shape}, new shape: {arr.shape}")
        upload()
        self._array[...] = arr

    def item(self):
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        download("item()")
        return self._array.item()

    def tolist(self):
        download("tolist()")
        return self._array.tolist()

    def tobytes(self, order="C"):
        download("tobytes()")
        return self._array.tobytes(order)

    def __bool__(self):
        if self.size > 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. "
                "Use a.any() or a.all()"
            )
        download("bool()")
        return bool(self._array.item())

    def __float__(self):
        download("float()")
        return float(self._array)

    def __int__(self):
        download("int()")
        return int(self._array)

    def __complex__(self):
        download("complex()")
        return complex(self._array)

    def __repr__(self):
        download("repr()")
        return repr(self._array)

    def __str__(self):
        download("str()")
        return str(self._array)

    def __format__(self, spec):
        download("format()")
        return format(self._array, spec)


@writes
def overwrite(array: np.ndarray, value):
    """Write one number everywhere."""
    array[...] = fitting(value, array.dtype)


def wrap(host) -> ndarray:
    """Make a device array that owns this fresh NumPy array (or NumPy number)."""
    if pool.limit:
        pool.take(host.nbytes)
    self = new(ndarray)
    self._array = host if type(host) is np.ndarray else np.asarray(host)
    self._device = here.device
    self.base = self._memory = None
    return self


def view_of(parent: ndarray, host) -> ndarray:
    """Make a device array that shares its memory with ``parent``."""
    self = new(ndarray)
    self._array = host
    self._device = parent._device
    self.base = parent if parent.base is None else parent.base
    self._memory = None
    return self


def operand(value, name):
    """Unwrap one operand: an array of the current GPU or a number, nothing else."""
    kind = type(value)
    if kind is ndarray:
        if value._device != here.device:
            check_device(value._device)
        return value._array
    if kind in NUMBERS:
        return value
    raise TypeError(f"{name}: Unsupported type {kind}")
