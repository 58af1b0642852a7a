"""The outer form of a ``.pth`` file: a zip archive of a pickle and of one record for each storage.

Nothing is ever unpacked: records are found by their names and read where they lie, so a path in the
archive leads nowhere. Records are stored as they are, not compressed, so they cannot swell either.
"""

import sys
import zipfile
import zlib

import numpy as np

from .problem import LoadError

ALIGNMENT = 64  # a record begins at a multiple of this, so that it can be used where it lies
LOCAL_HEADER = 30  # bytes before the name of a record


class Archive:
    """A zip archive that is open for reading."""

    def __init__(self, file, path=None):
        self.file, self.path = file, path  # a path: records are mapped into memory, not read
        try:
            self.records = {info.filename: info for info in self._directory()}
        except LoadError:
            raise
        except Exception as error:
            raise LoadError(
                "PytorchStreamReader failed reading zip archive: failed finding central directory "
                f"({error}). The file is cut off or damaged"
            ) from None
        self.folder = self._folder()

    def _directory(self):
        """List the records, if they can all be what they claim to be."""
        self.size = self.file.seek(0, 2)
        found = zipfile.ZipFile(self.file).infolist()
        if len({info.filename for info in found}) < len(found):
            raise LoadError("two records of the archive have the same name")
        for info in found:
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
                raise LoadError(
                    f"record {info.filename!r} is compressed or encrypted; records of saved "
                    "tensors are stored as they are"
                )
            if info.file_size != info.compress_size:
                raise LoadError(f"record {info.filename!r} has two different sizes")
        if sum(info.file_size for info in found) > self.size:
            raise LoadError("the records claim to be larger than the whole file")
        return found

    def _folder(self):
        if any(name.endswith("/constants.pkl") for name in self.records):
            raise LoadError("this is a TorchScript archive: it holds a program, not only tensors")
        pickles = [name for name in self.records if name.endswith("/data.pkl")]
        if len(pickles) == 1 and pickles[0].count("/") == 1:
            return pickles[0].removesuffix("data.pkl")
        if any(name.endswith(".npy") for name in self.records):
            raise LoadError("this is a file of NumPy arrays: read it with np.load")
        raise LoadError("file in archive is not in a subdirectory: no NAME/data.pkl in this zip")

    def text(self, name: str) -> str:
        """Read a record as text, "" where there is none."""
        known = self.folder + name in self.records
        return self.array(name).tobytes().decode("ascii", "replace") if known else ""

    def array(self, name: str):
        """Read a record into an array of bytes, and check them against the archive's checksum.

        A record that is mapped into memory (``mmap=True``) is not checked: that would read it all.
        """
        info = self.records.get(self.folder + name)
        if info is None:
            raise LoadError(f"the archive has no record {name!r}")
        start = self._start(info)
        if self.path is not None and info.file_size:
            mapped = np.memmap(self.path, np.uint8, "c", start, (info.file_size,))
            return mapped.view(np.ndarray)
        array = np.empty(info.file_size, np.uint8)
        self.file.seek(start)
        if self.file.readinto(array) != info.file_size or zlib.crc32(array) != info.CRC:
            raise LoadError(f"record {name!r} is damaged: its checksum is wrong")
        return array

    def _start(self, info):
        """Find where a record's bytes begin: after a header of its own."""
        self.file.seek(max(info.header_offset, 0))  # damage can make it negative
        header = self.file.read(LOCAL_HEADER)
        if len(header) < LOCAL_HEADER or header[:4] != b"PK\x03\x04":
            raise LoadError(f"record {info.filename!r} does not begin where the archive says")
        name, extra = int.from_bytes(header[26:28], "little"), header[28:30]
        start = info.header_offset + LOCAL_HEADER + name + int.from_bytes(extra, "little")
        if start < 0 or start + info.file_size > self.size:
            raise LoadError(f"record {info.filename!r} is cut off")
        return start


def pack(file, folder: str, pickle: bytes, storages) -> None:
    """Write the archive of a pickle and its storages (flat arrays), as PyTorch lays it out.

    The same content gives the same bytes: no date is written.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, f"{folder}/data.pkl", pickle)
        _add(archive, f"{folder}/byteorder", sys.byteorder.encode())
        for number, array in enumerate(storages):
            _add(archive, f"{folder}/data/{number}", memoryview(array.view(np.uint8)))
        _add(archive, f"{folder}/version", b"3\n")


def _add(archive, name, content):
    info = zipfile.ZipInfo(name)
    info.file_size = len(content)
    big = info.file_size * 1.05 > zipfile.ZIP64_LIMIT  # zipfile then adds 20 bytes of its own
    here = archive.fp.tell() + LOCAL_HEADER + len(name.encode()) + 4 + 20 * big
    gap = -here % ALIGNMENT
    info.extra = b"FB" + gap.to_bytes(2, "little") + bytes(gap)
    with archive.open(info, "w") as record:
        record.write(content)
