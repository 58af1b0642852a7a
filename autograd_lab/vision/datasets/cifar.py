"""CIFAR-10 and CIFAR-100: 60,000 coloured pictures of 32 x 32."""

import tarfile

import numpy as np

from ...datasets.cache import cache_folder, fetch
from .vision import PicturesInMemory

INSTEAD = "autograd_lab.vision.datasets.FakeData(image_size=(3, 32, 32)) needs no internet"


class CIFAR10(PicturesInMemory):
    """Load pictures of ten kinds of things: 50,000 to train with, 10,000 to test, 32 x 32 pixels.

    ``data`` is an array (N, 32, 32, 3), ``targets`` a list. The binary form of the set is read:
    a class number and 3 x 32 x 32 pixels for each picture, nothing that could be a program.

    Args:
        root: the folder of the files; the cache folder unless it is given.
        train, transform, target_transform, download: as for MNIST.

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
        if missing := self._missing():
            raise RuntimeError(
                f"Dataset not found: {self._folder} has no {', '.join(missing)}. You can use "
                "download=True to download it"
            )
        parts = [self._read(name) for name in (self.train_list if train else self.test_list)]
        rows = np.concatenate(parts)
        pixels = rows[:, self.labels :].reshape(-1, 3, 32, 32)
        self.data = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
        self.targets = rows[:, self.labels - 1].astype(int).tolist()
        text = (self._folder / self.names).read_text(encoding="utf-8")
        self.classes = text.split()
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}

    @property
    def _folder(self):
        return self.root / self.base_folder

    def _missing(self):
        files = [*self.train_list, *self.test_list, self.names]
        return [name for name in files if not (self._folder / name).is_file()]

    def _read(self, name):
        numbers = np.fromfile(self._folder / name, np.uint8)
        width = self.labels + 3 * 32 * 32
        if numbers.size % width:
            raise ValueError(f"{name} does not hold whole pictures: {numbers.size} bytes")
        return numbers.reshape(-1, width)

    def download(self) -> None:
        """Fetch the set unless all its files are there, check what is fetched, and unpack it."""
        if not self._missing():
            return
        url = f"https://www.cs.toronto.edu/~kriz/{self.filename}"
        archive = fetch(self.filename, [url], self.checksum, root=self.root, instead=INSTEAD)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as packed:
            for name in [*self.train_list, *self.test_list, self.names]:
                opened = packed.extractfile(f"{self.base_folder}/{name}")
                if opened is None:
                    raise ValueError(f"{archive.name} has no file {name}")
                part = self._folder / f"{name}.part"
                part.write_bytes(opened.read())
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
