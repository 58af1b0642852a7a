"""Upsampling layers against PyTorch; the modes are compared in tests/ops/test_interpolate.py."""

import pytest

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair


@pytest.mark.parametrize(("name", "settings"), [
    ("Upsample", {"scale_factor": 2}), ("Upsample", {"size": (3, 7)}),
    ("Upsample", {"scale_factor": (1.5, 2), "mode": "bilinear", "align_corners": True}),
    ("Upsample", {"scale_factor": 1.7, "mode": "bicubic", "recompute_scale_factor": True}),
    ("UpsamplingNearest2d", {"scale_factor": 2}), ("UpsamplingNearest2d", {"size": 5}),
    ("UpsamplingBilinear2d", {"scale_factor": 2}), ("UpsamplingBilinear2d", {"size": (5, 2)}),
], ids=str)  # fmt: skip
def test_values_and_gradients(name, settings):
    agree(*pair(name, **settings), numbers(2, 3, 4, 5))


def test_on_the_gpu(gpu):
    alike_on_the_gpu(ours.nn.Upsample(scale_factor=2, mode="bilinear"), numbers(2, 3, 4, 5))
