"""Settings that are NumPy's whole numbers, as a computed size is: taken wherever an int is."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

ONE, TWO, THREE = np.int64(1), np.int32(2), np.int64(3)
F = {ours: ours.nn.functional, theirs: theirs.nn.functional}
CALLS = {
    "conv1d": lambda F, x, w: F.conv1d(x[:, :, 0], w[:, :, 0], None, TWO, ONE),
    "conv2d": lambda F, x, w: F.conv2d(x, w, None, TWO, ONE, ONE, ONE),
    "conv2d tuples": lambda F, x, w: F.conv2d(x, w, None, (TWO, ONE), (ONE, TWO)),
    "conv_transpose2d": lambda F, x, w: F.conv_transpose2d(x, w, None, TWO, ONE, ONE, ONE, ONE),
    "max_pool2d": lambda F, x, w: F.max_pool2d(x, THREE, TWO, ONE, ONE),
    "max_pool2d tuples": lambda F, x, w: F.max_pool2d(x, (THREE, TWO), (TWO, ONE), (ONE, ONE)),
    "avg_pool2d": lambda F, x, w: F.avg_pool2d(x, THREE, TWO, ONE),
    "avg_pool1d": lambda F, x, w: F.avg_pool1d(x[0], (THREE,), (TWO,)),
    "lp_pool2d": lambda F, x, w: F.lp_pool2d(x, 2, TWO, TWO),
    "adaptive_max_pool2d": lambda F, x, w: F.adaptive_max_pool2d(x, (TWO, THREE)),
    "unfold": lambda F, x, w: F.unfold(x, TWO, ONE, ONE, TWO),
    "fold": lambda F, x, w: F.fold(x[0, 0, :4, :4], (THREE, THREE), (TWO, TWO)),
    "pad": lambda F, x, w: F.pad(x, (ONE, TWO)),
    "pixel_shuffle": lambda F, x, w: F.pixel_shuffle(x.reshape(1, 4, 4, 4), TWO),
    "pixel_unshuffle": lambda F, x, w: F.pixel_unshuffle(x, TWO),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_functions(name):
    x, w = np.random.default_rng(0).normal(size=(2, 1, 1, 8, 8))
    w = w[:, :, :3, :3].copy()
    made = [CALLS[name](F[torch], torch.tensor(x), torch.tensor(w)) for torch in (ours, theirs)]
    np.testing.assert_allclose(made[0].numpy(), made[1].numpy(), atol=1e-12)


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_layers(torch):
    x = torch.ones(1, 1, 8, 8)
    layers = [
        torch.nn.Conv2d(ONE, TWO, THREE, TWO, ONE), torch.nn.MaxPool2d(TWO),
        torch.nn.ConvTranspose2d(TWO, ONE, THREE, TWO, ONE, ONE), torch.nn.AvgPool2d(TWO, ONE),
        torch.nn.Flatten(), torch.nn.Linear(np.int64(9), TWO),
    ]  # fmt: skip
    assert torch.nn.Sequential(*layers)(x).shape == (1, 2)
    layer = layers[0]
    assert [layer.kernel_size, layer.stride, layer.padding] == [(3, 3), (2, 2), (1, 1)]


@pytest.mark.parametrize("wrong", [2.0, "2", None])
def test_other_things_are_no_whole_numbers(wrong):
    x = ours.ones(1, 1, 8, 8)
    for call in (
        lambda: ours.nn.functional.max_pool2d(x, (2, wrong)),
        lambda: ours.nn.functional.conv2d(x, x, stride=(2, wrong)),
    ):
        with pytest.raises(TypeError, match=r"must be (a )?tuple of ints"):
            call()
