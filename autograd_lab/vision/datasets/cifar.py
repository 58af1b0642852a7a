"""CIFAR-10 and CIFAR-100: 60,000 coloured pictures of 32 x 32."""

import hashlib
import re
import tarfile
from contextlib import nullcontext

import numpy as np

from ...datasets.cache import cache_folder, fetch, matches
from .vision import PicturesInMemory, aside

INSTEAD = "autograd_lab.vision.datasets.FakeData(image_size=(3, 32, 32)) needs no internet"
SUMS = "MD5SUMS"  # in the form that md5sum -c reads


class CIFAR10(PicturesInMemory):
    """Load pictures of ten kinds of things: 50,000 to train with, 10,000 to test, 32 x 32 pixels.

    ``data`` is an array (N, 32, 32, 3), ``targets`` a list. The binary form of the set is read:
    a class number and 3 x 32 x 32 pixels for each picture, nothing that could be a program.

    Args:
        root: the folder of the files; the cache folder unless it is given.
        train, transform, target_transform, download: as for MNIST; only files that are missing or
            damaged are unpacked.

    A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009,
    https://www.cs.toronto.edu/~kriz/cifar.html.
    """

    base_folder = "cifar-10-batches-bin"
    filename = "cifar-10-binary.tar.gz"
    checksum = "md5:c32a1d4ab5d03f1284b67883e8d87530"
    train_list = [f"data_batch_{n}.bin" for n in range(1, 6)]
    test_list = ["test_batch.bin"]
    labels = 1  # how many class numbers stand before the pixels; the last one counts
    names = "batches.meta.txt"

    def __init__(self, root=None, train=True, transform=None, target_transform=None,
                 download=False):  # fmt: skip
        super().__init__(
            cache_folder() if root is None else root,
            transform=transform, target_transform=target_transform,
        )  # fmt: skip
        self.train = train
        if download:
            self.download()
        if wrong := self._wrong():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it: "
                f"{', '.join(wrong)} in {self._folder}"
            )
        parts = [self._read(name) for name in (self.train_list if train else self.test_list)]
        rows = np.concatenate(parts)
        pixels = rows[:, self.labels :].reshape(-1, 3, 32, 32)
        self.data = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
        self.targets = rows[:, self.labels - 1].astype(int).tolist()
        self.classes = self._text(self.names).split()
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}

    @property
    def _folder(self):
        return self.root / self.base_folder

    @property
    def _files(self):
        return [*self.train_list, *self.test_list, self.names]

    def _wrong(self):
        """List the files that are missing, do not hold whole pictures, or not what was unpacked."""
        sums = self._sums()
        return [name for name in self._files if not self._whole(self._folder / name, sums)]

    def _whole(self, file, sums):
        size = file.stat().st_size if file.is_file() else 0
        width = 1 if file.name == self.names else self.labels + 3 * 32 * 32
        if not size or size % width:
            return False
        return file.name not in sums or matches(file, f"md5:{sums[file.name]}")

    def _sums(self):
        """Read the checksums that were noted when the files were unpacked, if they were."""
        noted = self._folder / SUMS
        text = noted.read_text(errors="replace") if noted.is_file() else ""
        pairs = re.findall(r"^([0-9a-fA-F]{32}) +(\S+)$", text, re.MULTILINE)
        return {name: checksum for checksum, name in pairs}

    def _text(self, name):
        try:
            return (self._folder / name).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            hint = "Save it as UTF-8; or move it away, and download=True unpacks the published one"
            raise ValueError(f"{self._folder / name} is not UTF-8 text: {error}. {hint}") from None

    def _read(self, name):
        numbers = np.fromfile(self._folder / name, np.uint8)
        return numbers.reshape(-1, self.labels + 3 * 32 * 32)

    def download(self) -> None:
        """Fetch the set, check it, and unpack the files that are not there, or not whole."""
        wrong = self._wrong()
        if not wrong:
            return
        url = f"https://www.cs.toronto.edu/~kriz/{self.filename}"
        archive = fetch(
            self.filename, [url], self.checksum, root=self.root, instead=INSTEAD, anew=True
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        sums = self._sums()
        with tarfile.open(archive) as packed:
            for name in wrong:
                opened = packed.extractfile(f"{self.base_folder}/{name}")
                if opened is None:
                    raise ValueError(f"{archive.name} has no file {name}")
                data = opened.read()
                sums[name] = hashlib.md5(data).hexdigest()
                self._note(sums)  # first, so that no file stays unnoted if this is interrupted
                file = self._folder / name
                with aside(file) if file.exists() else nullcontext():
                    self._write(name, data)

    def _note(self, sums):
        lines = (f"{checksum}  {name}\n" for name, checksum in sums.items())
        self._write(SUMS, "".join(lines).encode())

    def _write(self, name, data):
        part = self._folder / f"{name}.part"
        part.write_bytes(data)
        part.replace(self._folder / name)  # it is there whole, or it is not there


class CIFAR100(CIFAR10):
    """Load pictures of a hundred kinds of things: CIFAR-10's sizes, the fine classes."""

    base_folder = "cifar-100-binary"
    filename = "cifar-100-binary.tar.gz"
    checksum = "md5:03b5dce01913d631647c71ecec9e9cb8"
    train_list = ["train.bin"]
    test_list = ["test.bin"]
    labels = 2
    names = "fine_label_names.txt"
