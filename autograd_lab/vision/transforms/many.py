"""Change many pictures at once: what makes a batch cheap where each picture is changed alike."""

import numpy as np

from ...creation import from_numpy
from . import convert, v2
from .compose import Compose
from .functional import bytes_to_fractions

STARTS = {
    convert.ToTensor: bytes_to_fractions,
    convert.PILToTensor: lambda picture: picture,
    v2.ToImage: lambda picture: picture,
}
NEXT = {convert.Normalize, convert.ConvertImageDtype, v2.ToDtype}


def for_many(transform):
    """Give a function that does to the bytes of many pictures what a transform does to each.

    It takes an array (N, H, W) or (N, H, W, C), and gives a tensor (N, C, H, W). Only for
    transforms that look at each number by itself; for all others, and one's own, it is None.

    >>> from autograd_lab.vision.transforms import CenterCrop, ToTensor
    >>> for_many(ToTensor())(np.zeros((5, 2, 3), np.uint8)).shape
    torch.Size([5, 1, 2, 3])
    >>> for_many(CenterCrop(2)) is None
    True
    """
    steps = list(transform.transforms) if type(transform) is Compose else [transform]
    if type(steps[0] if steps else None) not in STARTS or not NEXT.issuperset(map(type, steps[1:])):
        return None

    def change(pixels):
        pixels = pixels[..., None] if pixels.ndim == 3 else pixels
        pictures = from_numpy(np.array(pixels.transpose(0, 3, 1, 2), order="C"))
        pictures = STARTS[type(steps[0])](pictures)
        for step in steps[1:]:
            pictures = step(pictures)
        return pictures

    return change
