"""interpolate: every mode against PyTorch, sizes and factors, errors, the pretend GPU."""

import numpy as np
import pytest

import autograd_lab as ours
from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

SHAPES = {3: (2, 3, 6), 4: (2, 3, 6, 5), 5: (1, 2, 6, 5, 4)}
MODES = [
    (3, "nearest"), (3, "nearest-exact"), (3, "linear"), (3, "area"), (4, "nearest"),
    (4, "nearest-exact"), (4, "bilinear"), (4, "bicubic"), (4, "area"), (5, "nearest"),
    (5, "nearest-exact"), (5, "trilinear"), (5, "area"),
]  # fmt: skip
SIZES = [
    {"size": 7}, {"size": 3}, {"size": 1}, {"scale_factor": 2}, {"scale_factor": 0.6},
    {"scale_factor": 1.7}, {"scale_factor": 1.7, "recompute_scale_factor": True},
]  # fmt: skip


def stretched(**settings):
    return lambda torch, x: torch.nn.functional.interpolate(x, **settings)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(("dims", "mode"), MODES)
def test_every_mode(dims, mode, size):
    smooth = "near" not in mode and mode != "area"
    for corners in (False, True) if smooth else (None,):
        agree(stretched(mode=mode, align_corners=corners, **size), numbers(*SHAPES[dims]))


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_antialias(mode, size):
    agree(stretched(mode=mode, antialias=True, **size), numbers(*SHAPES[4]), near=1e-7)


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_rounding_of_nearest_is_pytorch_s(mode, kind):
    for length, size in [(4096, 97), (4096, 4095), (250, 29), (250, 57), (96, 97), (7, 12288)]:
        x = np.arange(length, dtype=kind)[None, None]
        for how in ({"size": size}, {"scale_factor": size / length}):
            agree(lambda t, x, how=how: stretched(mode=mode, **how)(t, x.detach()), x)


def test_one_number_for_each_dimension_float32_and_bytes():
    agree(stretched(size=(3, 9)), numbers(*SHAPES[4]))
    agree(stretched(scale_factor=(0.5, 2.5), mode="bilinear"), numbers(*SHAPES[4]))
    agree(stretched(size=4), numbers(*SHAPES[4]).astype("float32"))
    picture = np.arange(12, dtype="uint8").reshape(1, 1, 3, 4)
    agree(stretched(size=5), picture)


def test_the_gradient_of_the_gradient():
    x = ours.tensor(numbers(1, 2, 3), requires_grad=True)
    assert ours.autograd.gradgradcheck(
        lambda x: ours.nn.functional.interpolate(x**3, size=5, mode="linear"), x
    )


@pytest.mark.parametrize(("dims", "mode"), MODES)
def test_on_the_gpu(gpu, dims, mode):
    alike_on_the_gpu(stretched(size=4, mode=mode), numbers(*SHAPES[dims]))


@pytest.mark.parametrize("settings", [
    {}, {"size": 3, "scale_factor": 2}, {"size": (3, 3, 3)}, {"scale_factor": (2.0,)},
    {"size": 3, "mode": "nearest", "align_corners": True}, {"size": 3, "mode": "linear"},
    {"size": 3, "mode": "trilinear"}, {"size": 3, "mode": "what"}, {"size": 2.5},
    {"size": (2.5, 2)}, {"size": 3, "mode": "lanczos"}, {"size": 3, "antialias": True},
    {"size": 3, "mode": "lanczos", "antialias": True, "align_corners": True},
    {"size": 3, "recompute_scale_factor": True}, {"size": (0, 2), "mode": "bilinear"},
], ids=str)  # fmt: skip
def test_errors(settings):
    if settings == {"size": 2.5}:
        with pytest.raises(TypeError, match="expected size to be one of int"):
            stretched(**settings)(ours, ours.ones(1, 1, 2, 2))
    elif settings.get("size") == (0, 2):
        with pytest.raises(RuntimeError, match="Input and output sizes should be greater than 0"):
            stretched(**settings)(ours, ours.ones(1, 1, 2, 2))
    else:
        same_error(lambda t: stretched(**settings)(t, t.ones(1, 1, 2, 2)))


def test_whole_numbers_cannot_be_mixed():
    same_error(lambda t: t.nn.functional.interpolate(t.ones(2, 2), size=3))
    with pytest.raises(NotImplementedError, match="not implemented for 'Long'"):
        stretched(size=3, mode="linear")(ours, ours.ones(1, 1, 2, dtype=ours.int64))


def test_the_old_names():
    F = ours.nn.functional
    x = ours.tensor(numbers(1, 2, 3, 4))
    with pytest.warns(UserWarning, match="upsample_nearest.* is deprecated"):
        assert ours.equal(F.upsample_nearest(x, 5), F.interpolate(x, 5))
    with pytest.warns(UserWarning, match="upsample_bilinear.* is deprecated"):
        y = F.upsample_bilinear(x, 5)
    assert ours.equal(y, F.interpolate(x, 5, mode="bilinear", align_corners=True))
    with pytest.warns(UserWarning, match=r"upsample. is deprecated"):
        assert ours.equal(F.upsample(x, scale_factor=2), F.interpolate(x, scale_factor=2))
