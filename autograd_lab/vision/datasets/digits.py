"""The digits that travel with the package: 1,797 pictures of 8 x 8, no internet needed."""

import numpy as np

from ...creation import from_numpy
from ...datasets import load_digits
from .vision import PicturesInMemory


class Digits(PicturesInMemory):
    """Load small handwritten digits that need no internet: MNIST's shape of use, 8 x 8 pixels.

    The first 1,437 pictures are to train with, the last 360, by other hands, to test.

    >>> digits = Digits(train=False)
    >>> picture, digit = digits[0]
    >>> len(digits), picture.size, digit
    (360, (8, 8), 2)
    """

    classes = [str(digit) for digit in range(10)]

    def __init__(self, root=None, train=True, transform=None, target_transform=None,
                 download=False):  # fmt: skip
        super().__init__(None, transform=transform, target_transform=target_transform)
        table, part = load_digits(), slice(0, 1437) if train else slice(1437, None)
        pixels = np.asarray(table.data[part], np.float32).reshape(-1, 8, 8) / 16 * 255
        self.train, self.data = train, from_numpy(np.round(pixels).astype(np.uint8))
        self.targets = from_numpy(np.asarray(table.target[part], np.int64))
