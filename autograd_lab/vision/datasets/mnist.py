"""MNIST and Fashion-MNIST: 70,000 grey pictures of 28 x 28, ten classes."""

import gzip
import struct
import zlib
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np

from ...creation import from_numpy
from ...datasets.cache import cache_folder, fetch
from .vision import PicturesInMemory, aside

TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
PIECE = 1 << 20  # bytes
INSTEAD = "autograd_lab.vision.datasets.Digits() needs no internet"
FITTING = "Put one that fits there; or move it away, and download=True fetches the published one"


def read_idx(path) -> np.ndarray:
    """Read a file in the format that MNIST is published in: a header with the sizes, then numbers.

    No more is unpacked than the header says: a small file cannot fill the memory unnoticed.

    Format: http://yann.lecun.com/exdb/mnist/
    """
    name = Path(path).name
    with _naming(name), (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
        start = file.read(4)
        zero, kind, rank = struct.unpack(">HBB", start) if len(start) == 4 else (1, 0, 0)
        sizes = file.read(4 * rank)
        if zero or kind not in TYPES or len(sizes) < 4 * rank:
            raise ValueError(f"{name} is not an idx file")
        shape, dtype = struct.unpack(f">{rank}I", sizes), np.dtype(TYPES[kind])
        size = prod(shape) * dtype.itemsize
        data = _read_up_to(file, size + 1)
    if len(data) != size:
        found = "more" if len(data) > size else len(data) // dtype.itemsize
        raise ValueError(f"{name} should hold {shape} numbers, but holds {found}")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _read_up_to(file, size):
    """Read at most so many bytes, piece by piece: there may be far fewer than a header claims."""
    data = bytearray()
    while part := file.read(min(PIECE, size - len(data))):
        data += part
    return data


@contextmanager
def _naming(name):
    """Say which file it is that cannot be unpacked."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as damage:
        raise ValueError(f"{name} cannot be unpacked: {damage}") from None


class MNIST(PicturesInMemory):
    """Load handwritten digits: 60,000 to train with, 10,000 to test, 28 x 28 grey pixels each.

    ``data`` (N, 28, 28) and ``targets`` (N,) are tensors; an index gives (picture, class).

    Args:
        root: the folder in which ``MNIST/raw`` lies; the cache folder unless it is given.
        train: the 60,000 rather than the 10,000.
        transform, target_transform: functions for the picture and the class.
        download: fetch what is missing, and anew what cannot be read; the damaged file is kept
            beside it as ``NAME.damaged1``. Files of your own that can be read are never replaced.

    Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0.
    """

    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    )
    classes = [
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six",
        "7 - seven", "8 - eight", "9 - nine",
    ]  # fmt: skip
    files = {  # name -> checksum of the file, checksum of the .gz
        "train-images-idx3-ubyte": (
            "md5:6bbc9ace898e44ae57da46a324031adb", "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        "train-labels-idx1-ubyte": (
            "md5:a25bea736e30d166cdddb491f175f624", "md5:d53e105ee54ea40749a09fcbcd1e9432"),
        "t10k-images-idx3-ubyte": (
            "md5:2646ac647ad5339dbf082846283269ea", "md5:9fb629c4189551a2d022fa330f9573f3"),
        "t10k-labels-idx1-ubyte": (
            "md5:27ae3e4e09519cfbb04c329615203637", "md5:ec29112dd5afa0611ce80d1b7f02629c"),
    }  # fmt: skip

    def __init__(self, root=None, train=True, transform=None, target_transform=None,
                 download=False):  # fmt: skip
        super().__init__(
            cache_folder() if root is None else root,
            transform=transform, target_transform=target_transform,
        )  # fmt: skip
        self.train = train
        if download:
            self.download()
        if not self._check_exists():
            raise RuntimeError("Dataset not found. You can use download=True to download it")
        part = "train" if train else "t10k"
        data = self._read(f"{part}-images-idx3-ubyte", 3, download)
        targets = self._read(f"{part}-labels-idx1-ubyte", 1, download)
        if len(data) != len(targets):
            given = f"{len(data)} pictures but {len(targets)} labels in {self.raw_folder}"
            raise ValueError(f"{given}: one of the two files is of another set. {FITTING}")
        self.data, self.targets = from_numpy(data), from_numpy(targets.astype(np.int64))

    def _read(self, name, rank, download):
        """Read a file of so many dimensions; one that cannot be read is put aside for another."""
        file = self._file(name)
        try:
            numbers = read_idx(file)
        except ValueError as damage:
            if not download:
                hint = "You can use download=True to download it again"
                raise ValueError(f"{damage}. {hint}") from None
            with aside(file):
                beside = self._file(name).exists()  # a packed one, which may be one's own too
                if not beside:
                    self._fetch(name)
                return self._read(name, rank, download=beside)
        if numbers.ndim != rank:
            raise ValueError(f"{file} should have {rank} dimensions, not {numbers.ndim}. {FITTING}")
        return numbers

    @property
    def raw_folder(self) -> str:
        """Name the folder of the published files."""
        return str(self.root / type(self).__name__ / "raw")

    @property
    def train_data(self):
        """Give ``data`` by its name in older programs; so do the next three."""
        return self.data

    @property
    def train_labels(self):
        """Give ``targets``."""
        return self.targets

    test_data, test_labels = train_data, train_labels

    @property
    def class_to_idx(self) -> dict:
        """Give each class's number."""
        return {name: number for number, name in enumerate(self.classes)}

    def _file(self, name):
        """Give the file, unpacked or as it is published."""
        plain = Path(self.raw_folder) / name
        return plain if plain.exists() else plain.with_name(name + ".gz")

    def _check_exists(self):
        return all(self._file(name).exists() for name in self.files)

    def download(self) -> None:
        """Fetch what is not there yet; what is fetched is compared with the published checksum."""
        for name in self.files:
            if not self._file(name).exists():
                self._fetch(name)

    def _fetch(self, name):
        """Fetch a file and unpack it."""
        checksum, packed = self.files[name]
        place = f"{type(self).__name__}/raw/{name}"
        urls = [f"{mirror}{name}.gz" for mirror in self.mirrors]
        fetch(place, urls, checksum, packed, root=self.root, instead=INSTEAD)


class FashionMNIST(MNIST):
    """Load pictures of clothes: MNIST's sizes and format, ten kinds of clothes, a harder task.

    H. Xiao, K. Rasul, R. Vollgraf, 2017, https://github.com/zalandoresearch/fashion-mnist, MIT.
    """

    mirrors = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
    classes = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
        "Bag", "Ankle boot",
    ]  # fmt: skip
    files = {
        "train-images-idx3-ubyte": ("", "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        "train-labels-idx1-ubyte": ("", "md5:25c81989df183df01b3e8a0aad5dffbe"),
        "t10k-images-idx3-ubyte": ("", "md5:bef4ecab320f06d8554ea6380940ec79"),
        "t10k-labels-idx1-ubyte": ("", "md5:bb300cfdad3c16e7a12a480ee83cd310"),
    }

    def _fetch(self, name):
        """Fetch a file and keep it packed, as it is published."""
        place, url = f"{type(self).__name__}/raw/{name}.gz", f"{self.mirrors[0]}{name}.gz"
        fetch(place, [url], self.files[name][1], root=self.root, instead=INSTEAD)
