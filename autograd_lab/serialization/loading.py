"""load: get back what was saved, without running anything that the file says."""

import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from .archive import Archive
from .legacy import read_legacy
from .names import Names
from .problem import LoadError
from .reader import Reader
from .storage import Numbers, Places, Storage, kind_of


def load(
    f, map_location=None, pickle_module=None, *, weights_only=None, mmap=None, encoding="utf-8"
) -> Any:
    """Load what ``save`` wrote, here or in PyTorch, from a path or an open file.

    A file cannot run anything: it is never unpickled freely, only data is built of it.
    ``weights_only=False`` allows a whole model too, of classes that are imported already.

    Args:
        f: a path, or a file that is open for reading.
        map_location: where tensors go: a device, a dict from device to device, or a function of
            (storage, location). None: where they were when they were saved.
        pickle_module: PyTorch's; nothing depends on it.
        weights_only: False also builds whole models.
        mmap: leave the numbers in the file and read what is used, without comparing checksums;
            ``f`` must be a path.
        encoding: PyTorch's; nothing depends on it.

    >>> torch.save([torch.arange(3)], "numbers.pth")
    >>> torch.load("numbers.pth")
    [tensor([0, 1, 2])]
    """
    places, names = Places(map_location), Names(whole=weights_only is False)
    if not isinstance(f, str | os.PathLike):
        if mmap:
            raise ValueError("f must be a file path in order to use the mmap argument")
        content = BytesIO(_all_of(f))
        return _explained("the file object", _read, content, names, places, None)
    with open(f, "rb") as file:
        path = Path(f) if mmap else None
        return _explained(f"the file {os.fspath(f)!r}", _read, file, names, places, path)


def _all_of(file):
    if not hasattr(file, "read"):
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'read' attribute, but "
            f"got {type(file).__name__}"
        )
    return file.read()


def _explained(what, read, *args):
    """Let every complaint name the file; damage that nobody foresaw is a complaint, too."""
    end = f"\n({what} was not loaded; nothing was changed)"
    try:
        return read(*args)
    except LoadError as error:
        raise LoadError(f"{error}{end}") from None
    except Exception as error:
        raise LoadError(f"it is damaged: {type(error).__name__}: {error}{end}") from error


def _read(file, names, places, path):
    start = file.read(9)
    file.seek(0)
    if not start:
        raise LoadError(
            "Ran out of input: there is nothing to read (of a file that was just written, go back "
            "to the start: f.seek(0))"
        )
    if start[:2] == b"PK":
        return _read_archive(Archive(file, path), names, places)
    if start[8:] == b"{":
        from .flat import read_flat  # the safetensors package is loaded where it is needed

        return read_flat(file, places, path)
    if path is not None:
        raise LoadError("mmap needs a file of the zip form, or of safetensors")
    if start[:1] == b"\x80":
        return read_legacy(BytesIO(file.read()), names, places)
    raise LoadError(_unknown(start))


def _unknown(start):
    if start.startswith(b"\x93NUMPY"):
        return "Invalid magic number: this is a NumPy array, read it with np.load"
    return (
        "Invalid magic number; corrupt file? Files of torch.save begin with PK, files of "
        f"safetensors with a length and {{; this one begins with {start!r}"
    )


def _read_archive(archive, names, places):
    order = archive.text("byteorder") or "little"
    storages = StoragesOfArchive(archive, places, order != sys.byteorder)
    return Reader(names, storages).read(archive.array("data.pkl").tobytes())


class StoragesOfArchive:
    """The storages of an archive: each is read once, and put where ``map_location`` says."""

    def __init__(self, archive, places, swapped):
        self.archive, self.places, self.swapped = archive, places, swapped
        self.found = {}

    def __call__(self, about):
        tag, kind, key, location, _ = about
        if tag != "storage" or type(key) is not str or type(location) is not str:
            raise LoadError("its pickle describes a storage in a way that is not known")
        if key not in self.found:
            storage = Storage(self.archive.array(f"data/{key}"), self.swapped)
            self.found[key] = self.places(storage, location)
        return Numbers(self.found[key], kind_of(kind))
