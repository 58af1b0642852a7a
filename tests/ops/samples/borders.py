"""Samples of ops/borders.py."""

import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f


def unfolded(x, kernel, dilation=1, stride=1):
    """Slide a window with PyTorch, whose settings stand in another order."""
    return torch.nn.functional.unfold(x, kernel, dilation, 0, stride)


def folded(x, sizes, kernel, dilation=1, stride=1):
    """Add patches up with PyTorch, whose settings stand in another order."""
    return torch.nn.functional.fold(x, sizes, kernel, dilation, 0, stride)


def padded(x, widths, mode):
    """Put a border around with PyTorch."""
    return torch.nn.functional.pad(x, widths, mode)


IMAGES, FLOATS = f(2, 3, 5, 6), ("float32",)
UNFOLD, FOLD = "nn.functional.unfold", "nn.functional.fold"
BORDERS = [
    S(f(2, 4), (1, 3), "reflect", torch=padded, only=FLOATS),
    S(IMAGES, (2, -1, 0, 4), "replicate", torch=padded, only=FLOATS),
    S(IMAGES, (3, 1, 2, 0), "circular", torch=padded, only=FLOATS),
    S(IMAGES, (-1, 2, 1, -2), "circular", torch=padded, only=FLOATS),
    S(IMAGES, (-1, 2, 1, -2), "reflect", torch=padded, only=FLOATS),
    R(f(2, 4), (4, 0), "reflect", torch=padded), R(f(1, 2, 4), (5, 0), "circular", torch=padded),
    R(f(2, 4), (1, 0), "mirror", torch=padded), R(f(4), (1, 0), "reflect", torch=padded),
    R(f(2, 0), (1, 0), "replicate", torch=padded),
]  # fmt: skip
TABLE = {
    "patches": [
        S(IMAGES, (2, 3), torch=unfolded, only=FLOATS),
        S(IMAGES, (2, 2), (2, 1), (1, 2), torch=unfolded, only=FLOATS),
    ],
    "overlaid": [
        S(f(2, 12, 20), (5, 6), (2, 2), torch=folded, only=FLOATS),
        S(f(1, 8, 10), (4, 6), (2, 2), (2, 1), torch=folded, only=FLOATS),
    ],
    "pad_with": BORDERS,
    "image_patches": [
        S(IMAGES, 2, torch=UNFOLD, only=FLOATS), S(f(3, 5, 6), 3, 1, 1, 2, torch=UNFOLD),
        S(IMAGES, (2, 3), 1, (1, 2), (2, 1), torch=UNFOLD, only=FLOATS),
        R(f(2, 0, 5, 6), 2, torch=UNFOLD), R(IMAGES, 7, torch=UNFOLD),
    ],
    "image_from_patches": [
        S(f(2, 12, 20), (5, 6), 2, torch=FOLD, only=FLOATS),
        S(f(12, 9), (4, 4), 2, 1, 1, 2, torch=FOLD, only=FLOATS),
        R(f(12, 20), (5, 5), 2, torch=FOLD), R(f(2, 5, 20), (5, 6), 2, torch=FOLD),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
