"""Storages: the flat pieces of memory that tensors in a file are views of.

A file keeps memory and tensors apart. A storage is bytes; a tensor says which storage it looks at,
as which kind of number, from which element on, with which sizes and steps. That is how two tensors
that share memory still share it after loading.
"""

import sys
from math import prod

import numpy as np

from .. import dtypes
from ..core import wrap
from ..device import cpu, device, device_of, is_available, memory, move, resolve
from ..notice import NO_BFLOAT16, say_once
from .problem import LoadError

NAMES = {  # the names of PyTorch's kinds of storage
    "FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128", "BFloat16Storage": "bfloat16", "UntypedStorage": "uint8",
}  # fmt: skip
NAME_OF = {kind: name for name, kind in reversed(NAMES.items())}
WIDTH = {"bfloat16": 2} | {d.name: d.itemsize for d in dtypes.ALL}


class Storage:
    """Bytes that tensors look at, as ``map_location`` sees them."""

    def __init__(self, array, swapped=False):
        self.array, self.swapped = array, swapped  # swapped: written by a machine of another kind
        self._typed = {}
        self.signed = {}  # what was conjugated or negated of it, by how a tensor looks at it
        self._share = 4 * array.size

    @property
    def device(self):
        """Name the place where the bytes are."""
        return device_of(self.array)

    def nbytes(self) -> int:
        """Count the bytes."""
        return self.array.size

    def to(self, place):
        """Give the same bytes on a device."""
        place = resolve(place)
        return self if place == self.device else Storage(move(self.array, place), self.swapped)

    def cpu(self):
        """Give the same bytes in main memory."""
        return self.to(cpu)

    def cuda(self, device=None):
        """Give the same bytes on a GPU."""
        return self.to("cuda" if device is None else device)

    def beyond_its_share(self, size: int) -> int:
        """Say how much of a copy goes beyond a few copies of the whole storage."""
        beyond = max(0, size - self._share)
        self._share = max(0, self._share - size)
        return beyond

    def numbers(self, kind: str):
        """Read the bytes as numbers of one kind: the same memory each time."""
        if kind not in self._typed:
            self._typed[kind] = self._read(kind)
        return self._typed[kind]

    def _read(self, kind):
        width = WIDTH[kind]
        raw = self.array[: self.array.size // width * width]
        if self.swapped:
            part = width // 2 if kind.startswith("complex") else width
            raw = raw.reshape(-1, part)[:, ::-1].reshape(-1)
        if kind != "bfloat16":
            return raw.view(dtypes.named(kind).array)
        say_once(NO_BFLOAT16)
        return (raw.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


class Numbers:
    """A storage and the kind of number that a tensor reads in it."""

    def __init__(self, storage: Storage, kind: str):
        self.storage, self.kind = storage, kind


def kind_of(named) -> str:
    """Say which kind of number a storage's name in a file means."""
    kind = NAMES.get(getattr(named, "name", None))
    if kind is None:
        raise LoadError("its pickle has a storage of no known kind")
    return kind


def view(numbers: Numbers, offset, size, stride):
    """Make the tensor that looks at a storage in this way; refuse to look outside it."""
    if not all(type(n) is int and n >= 0 for n in (offset, *size, *stride)):
        raise LoadError(f"a tensor of size {size}, steps {stride} from {offset} on is impossible")
    flat = numbers.storage.numbers(numbers.kind)
    if len(size) != len(stride) or prod(size) * flat.itemsize > sys.maxsize:
        raise LoadError(f"a tensor of size {size} and steps {stride} is impossible")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride)) if all(size) else -1
    if last >= flat.size:
        raise LoadError(
            f"a tensor of size {list(size)} needs {last + 1} numbers, its storage has {flat.size}"
        )
    if last < 0:
        return wrap(flat[:0].reshape(size))
    steps = [step * flat.itemsize for step in stride]
    if isinstance(flat, np.ndarray):
        start = offset * flat.itemsize
        return wrap(np.ndarray(size, flat.dtype, flat, start, steps))
    strided = numbers.storage.device.xp.lib.stride_tricks.as_strided
    return wrap(strided(flat[offset:], size, steps))


def whole_memory(array):
    """Give the memory behind an array as one flat array, and where in it the array begins.

    Where the memory is nothing that could be saved (it belongs to a file, it is read backwards),
    that is a copy of the array itself.
    """
    owner = memory(array)
    if _saveable(owner, array):
        start = (_address(array) - _address(owner)) // array.itemsize
        flat = (owner if owner.flags.c_contiguous else owner.T).reshape(-1)
        return owner, flat.view(array.dtype), start, _steps(array)
    copy = array.copy("C")
    return copy, copy.reshape(-1), 0, _steps(copy)


def _saveable(owner, array):
    return (
        type(owner) is type(array)
        and (owner.flags.c_contiguous or owner.flags.f_contiguous)
        and owner.nbytes % array.itemsize == 0
        and (_address(array) - _address(owner)) % array.itemsize == 0
        and all(s >= 0 and s % array.itemsize == 0 for s in array.strides)
    )


def _steps(array):
    return tuple(s // array.itemsize for s in array.strides)


def _address(array):
    return array.ctypes.data if isinstance(array, np.ndarray) else array.data.ptr


class Places:
    """Say where each storage of a file goes: what ``map_location`` means."""

    def __init__(self, map_location=None):
        self.map_location = map_location

    def __call__(self, storage: Storage, location: str) -> Storage:
        """Put a storage where it belongs; ``location`` is where it was when it was saved."""
        wanted = self.map_location
        if isinstance(wanted, dict):
            return _restored(storage, wanted.get(location, location))
        if callable(wanted):
            return _asked(wanted, storage, location)
        return _restored(storage, location if wanted is None else wanted)


def _asked(map_location, storage, location):
    try:
        placed = map_location(storage, location)
    except Exception as error:
        raise LoadError(f"map_location: {type(error).__name__}: {error}") from error
    if not isinstance(placed, Storage | None):
        raise LoadError(f"map_location gave a {type(placed).__name__}, not a storage")
    return _restored(storage, location) if placed is None else placed


def _restored(storage, location):
    try:
        place = device(location)
    except (RuntimeError, TypeError, ValueError):
        raise LoadError(_unknown_place(location)) from None
    if place.type not in ("cpu", "cuda"):
        raise LoadError(_unknown_place(location))
    if place.type == "cuda" and not is_available():
        raise LoadError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is "
            "False. If you are running on a CPU-only machine, please use torch.load with "
            "map_location=torch.device('cpu') to map your storages to the CPU."
        )
    return storage.to(place)


def _unknown_place(location):
    return (
        "don't know how to restore data location of torch.storage.UntypedStorage (tagged with "
        f'{location}): load with map_location="cpu"'
    )
