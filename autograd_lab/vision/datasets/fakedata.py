"""Pictures of noise: to try a program out before the real data is there."""

from ...random import Generator, randint, randn
from ..transforms.functional import to_pil_image
from .vision import VisionDataset


class FakeData(VisionDataset):
    """Make pictures of noise with random classes; the same ones each time.

    >>> noise = FakeData(size=10, image_size=(3, 8, 8), num_classes=5)
    >>> picture, kind = noise[3]
    >>> picture.size, kind == noise[3][1]
    ((8, 8), True)
    """

    def __init__(self, size=1000, image_size=(3, 224, 224), num_classes=10, transform=None,
                 target_transform=None, random_offset=0):  # fmt: skip
        super().__init__(None, transform=transform, target_transform=target_transform)
        self.size, self.num_classes, self.image_size = size, num_classes, image_size
        self.random_offset = random_offset

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        source = Generator().manual_seed(index + self.random_offset)
        picture = randn(*self.image_size, generator=source)
        target = randint(0, self.num_classes, (1,), generator=source).item()
        return self.changed(to_pil_image(picture), target)
