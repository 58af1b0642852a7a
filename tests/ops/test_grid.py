"""grid_sample and affine_grid against PyTorch."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

MODES = [(4, "bilinear"), (4, "nearest"), (4, "bicubic"), (5, "bilinear"), (5, "nearest")]


def picture(dims, sizes=(5, 4, 3)):
    return numbers(2, 3, *sizes[: dims - 2])


def grid(dims):
    shape = (*(2, 4, 3, 2)[: dims - 1], dims - 2)
    return np.random.default_rng(0).uniform(-1.6, 1.6, shape)


def sampled(*settings):
    return lambda torch, x, at: torch.nn.functional.grid_sample(x, at, *settings)


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("border", ["zeros", "border", "reflection"])
@pytest.mark.parametrize(("dims", "mode"), MODES)
def test_every_mode(dims, mode, border, corners):
    agree(sampled(mode, border, corners), picture(dims), grid(dims))
    agree(sampled(mode, border, corners), picture(dims, (1, 2, 1)), grid(dims))


@pytest.mark.parametrize(("shape", "points"), [
    ((0, 2, 5, 5), (0, 4, 4, 2)), ((2, 0, 5, 5), (2, 4, 4, 2)), ((2, 3, 5, 5), (2, 0, 4, 2)),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_nothing_to_look_at(mode, shape, points):
    agree(sampled(mode, "border", False), np.zeros(shape), np.zeros(points))


def test_nowhere_is_nothing():
    far = np.array([np.nan, np.inf, -np.inf, 1e30]).reshape(1, 2, 1, 2)
    x = ours.ones(1, 1, 2, 2)
    y = ours.nn.functional.grid_sample(x, ours.tensor(far).float(), "nearest", "zeros", False)
    assert y.tolist() == [[[[0.0], [0.0]]]]


@pytest.mark.parametrize(("dims", "mode"), MODES)
def test_on_the_gpu(gpu, dims, mode):
    alike_on_the_gpu(sampled(mode, "reflection", False), picture(dims), grid(dims))
    alike_on_the_gpu(sampled(mode, "zeros", True), picture(dims), grid(dims))


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 3, 4, 5, 2), (2, 1, 1, 3)])
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
def test_affine_grid(size, corners):
    n = len(size) - 2
    agree(
        lambda t, theta: t.nn.functional.affine_grid(theta, size, corners), numbers(2, n, n + 1)
    )


def test_a_picture_turned_by_a_quarter():
    turn = ours.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]])
    x = ours.arange(9.0).reshape(1, 1, 3, 3)
    F = ours.nn.functional
    y = F.grid_sample(x, F.affine_grid(turn, x.shape, False), align_corners=False)
    assert ours.allclose(y, ours.rot90(x, 1, (2, 3)), atol=1e-5)


@pytest.mark.parametrize("call", [
    lambda t, F: F.grid_sample(t.ones(1, 1, 2, 2), t.zeros(1, 1, 1, 2), "what"),
    lambda t, F: F.grid_sample(t.ones(1, 1, 2, 2), t.zeros(1, 1, 1, 2), "nearest", "what"),
    lambda t, F: F.grid_sample(t.ones(1, 2, 2), t.zeros(1, 1, 2), align_corners=False),
    lambda t, F: F.grid_sample(t.ones(1, 1, 2, 2), t.zeros(2, 1, 1, 2), align_corners=False),
    lambda t, F: F.grid_sample(t.ones(1, 1, 2, 2), t.zeros(1, 1, 1, 3), align_corners=False),
    lambda t, F: F.grid_sample(t.ones(1, 1, 0, 2), t.zeros(1, 1, 1, 2), align_corners=False),
    lambda t, F: F.grid_sample(
        t.ones(1, 1, 2, 2), t.zeros(1, 1, 1, 2).double(), align_corners=False
    ),
    lambda t, F: F.affine_grid(t.ones(1, 2, 3).long(), (1, 1, 2, 2), False),
    lambda t, F: F.affine_grid(t.ones(1, 3, 3), (1, 1, 2, 2), False),
    lambda t, F: F.affine_grid(t.ones(1, 2, 3), (1, 1, 2, 2, 2), False),
    lambda t, F: F.affine_grid(t.ones(1, 2, 3), (1, 1, 2), False),
    lambda t, F: F.affine_grid(t.ones(1, 2, 3), (1, 1, 0, 2), False),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t, t.nn.functional))


def test_a_choice_that_nobody_made_is_told():
    for t in (ours, theirs):
        with pytest.warns(UserWarning, match="align_corners=False since 1.3.0"):
            t.nn.functional.grid_sample(t.ones(1, 1, 2, 2), t.zeros(1, 1, 1, 2))
