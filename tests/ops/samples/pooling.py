"""Samples of ops/pooling.py."""

import numpy as np
import torch

from autograd_lab.ops.pooling import pool_plan
from tests.ops.samples import S, bare, f

FLOATS = ("float32",)
PAIRS = pool_plan("max_pool2d", 2, (2, 3, 6, 8), 2, None, 0)
OVERLAPPING = pool_plan("max_pool2d", 2, (2, 3, 7, 6), (3, 2), (2, 1), (1, 1), (1, 2))
RAGGED = pool_plan("max_pool1d", 1, (2, 3, 8), 3, 2, 1, ceil_mode=True)
BOX = pool_plan("avg_pool3d", 3, (2, 4, 5, 6), 2, None, 0)
RAGGED_MEAN = pool_plan("avg_pool2d", 2, (2, 6, 7), (3, 2), 2, (1, 0), ceil_mode=True)
TIED = np.array([[[0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 0.0, 0.0]]])


def pooled(x, slide, return_indices=False):
    """Keep the largest with PyTorch."""
    pool = getattr(torch, f"max_pool{len(slide.sizes)}d")
    if return_indices:
        pool = getattr(torch.nn.functional, f"max_pool{len(slide.sizes)}d_with_indices")
    ceil = slide.after > slide.before
    return pool(x, slide.kernel, slide.stride, slide.before, slide.dilation, ceil)


def indexed(x, slide):
    """Keep the largest, and say where it stood, with PyTorch."""
    return pooled(x, slide, True)


def meaned(x, slide, count_border=True, divisor=None):
    """Take means with PyTorch."""
    pool = getattr(torch.nn.functional, f"avg_pool{len(slide.sizes)}d")
    ceil = slide.after > slide.before
    more = () if divisor is None else (divisor,)
    return pool(x, slide.kernel, slide.stride, slide.before, ceil, count_border, *more)


def of_images(slide, *lead):
    """Draw images that fit, and how large the pooled ones are."""
    return f(*lead, *slide.sizes), f(*lead, *slide.counts)


def places(slide, *lead):
    """Choose a place in every window."""
    return bare(np.random.default_rng(1).integers(0, np.prod(slide.kernel), (*lead, *slide.counts)))


IMAGES = [(PAIRS, 2, 3), (OVERLAPPING, 2, 3), (RAGGED, 2, 3), (RAGGED, 3)]
MEANS = [(PAIRS, 2, 3), (RAGGED_MEAN, 2), (BOX, 2), (RAGGED, 2, 3)]
SAMPLES = {
    "max_pool": [
        *[S(of_images(*case)[0], case[0], torch=pooled) for case in IMAGES],
        S(TIED, RAGGED, torch=pooled, smooth=False),
    ],
    "max_pool_indices": [
        *[S(of_images(*case)[0], case[0], torch=indexed) for case in IMAGES],
        S(TIED, RAGGED, torch=indexed, smooth=False),
    ],
    "to_largest": [
        S(of_images(*case)[1], places(*case), case[0], torch=None, only=FLOATS) for case in IMAGES
    ],
    "from_largest": [
        S(of_images(*case)[0], places(*case), case[0], torch=None, only=FLOATS) for case in IMAGES
    ],
    "avg_pool": [
        *[S(of_images(*case)[0], case[0], torch=meaned) for case in MEANS],
        S(of_images(RAGGED_MEAN, 2)[0], RAGGED_MEAN, False, torch=meaned),
        S(of_images(RAGGED_MEAN, 2)[0], RAGGED_MEAN, True, 5, torch=meaned),
    ],
    "spread_mean": [
        *[S(of_images(*case)[1], case[0], torch=None, only=FLOATS) for case in MEANS],
        S(of_images(RAGGED_MEAN, 2)[1], RAGGED_MEAN, False, torch=None, only=FLOATS),
    ],
}  # fmt: skip
