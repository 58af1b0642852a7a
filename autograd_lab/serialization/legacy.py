"""Files of PyTorch before 1.6: five pickles, one after the other, then the storages' bytes."""

import sys

import numpy as np

from .names import Names
from .problem import LoadError
from .reader import Reader
from .storage import WIDTH, Numbers, Storage, kind_of

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001  # PyTorch's: what such a file begins with


def read_legacy(file, names: Names, places):
    """Read a file of the old form.

    Its tensors come before the bytes they look at, so the pickle is run twice: once to learn which
    storages there are, and once they are filled, to make the tensors.
    """
    plain = Reader(names, _no_storage)
    if plain.read(file) != MAGIC or plain.read(file) != VERSION:
        raise LoadError("it is a pickle, but none that torch.save wrote")
    swapped = plain.read(file).get("little_endian", True) != (sys.byteorder == "little")
    start = file.tell()
    storages = StoragesOfOldFile(len(file.getbuffer()), swapped)
    Reader(names, storages).read(file)
    storages.fill(plain.read(file), file)
    file.seek(start)
    storages.places = places
    return Reader(names, storages).read(file)


class StoragesOfOldFile:
    """The storages of an old file, by their keys."""

    def __init__(self, size, swapped):
        self.room, self.swapped = size, swapped
        self.empty, self.placed, self.places = {}, {}, None

    def __call__(self, about):
        tag, kind, key, location, count, *part = about
        if tag != "storage" or any(part) or type(key) is not str:
            raise LoadError("its pickle describes a storage in a way that is not known")
        kind = kind_of(kind)
        if key not in self.empty:
            self.empty[key] = self._new(kind, count)
        _, storage = self.empty[key]
        if self.places is None:
            return Numbers(storage, kind)
        if key not in self.placed:
            self.placed[key] = self.places(storage, location)
        return Numbers(self.placed[key], kind)

    def _new(self, kind, count):
        width = WIDTH[kind]
        if type(count) is not int or not 0 <= count * width <= self.room:
            raise LoadError(f"a storage of {count} numbers does not fit into the file")
        self.room -= count * width
        return width, Storage(np.zeros(count * width, np.uint8), self.swapped)

    def fill(self, keys, file):
        """Read the bytes of all storages, in the order in which the file lists them."""
        if len(keys) != len(self.empty) or set(keys) != set(self.empty):
            raise LoadError("its storages are not those that its tensors look at")
        for key in keys:
            width, storage = self.empty[key]
            count = int.from_bytes(file.read(8), "big" if self._big() else "little")
            whole = count * width == storage.nbytes()
            if not whole or file.readinto(storage.array) != storage.nbytes():
                raise LoadError(f"storage {key} is cut off")
            self.empty[key] = width, Storage(storage.array, self.swapped)

    def _big(self):
        return self.swapped == (sys.byteorder == "little")


def _no_storage(about):
    raise LoadError("a storage stands where none can be")
