"""Looking at a picture through a bent grid: grid_sample and affine_grid."""

import math
import warnings
from itertools import product

from ..core import wrap
from ..dtypes import int64, legacy_name
from ..tensors_only import tensors_only
from .compare import clamp, where
from .complex_numbers import abs
from .gather import gather
from .join import unbind
from .linalg import bmm
from .pointwise import floor, round
from .shape import expand, reshape, to, transpose

OLD = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
    "Please specify align_corners=True if the old behavior is desired. See the documentation of "
    "grid_sample for details."
)


# --- where the grid's points lie


def affine_grid(theta, size, align_corners=None):
    """Make the grid that turns, stretches and shifts a picture as matrices say.

    ``theta`` (N, 2, 3) for pictures of ``size`` (N, C, H, W), (N, 3, 4) for volumes.

    >>> F.affine_grid(torch.tensor([[[1., 0., 0.], [0., 1., 0.]]]), (1, 1, 1, 2), False)
    tensor([[[[-0.5000,  0.0000],
              [ 0.5000,  0.0000]]]])
    """
    if align_corners is None:
        warnings.warn(OLD, stacklevel=2)
    _check_theta(theta, size)
    if align_corners and min(size[2:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when "
            "align_corners=True. This is not an intended use case of affine_grid. See the "
            "documentation of affine_grid for details.",
            stacklevel=2,
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return affine_grid_generator(theta, size, bool(align_corners))


def _check_theta(theta, size):
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    n = len(size) - 2
    if n not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
            f"respectively. Got size {size}."
        )
    if theta.ndim != 3 or theta.shape[-2:] != (n, n + 1):
        raise ValueError(
            f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size {size}. Got "
            f"{theta.shape}."
        )


def affine_grid_generator(theta, size, align_corners):
    """Make an affine grid, without a look at the sizes: what ``affine_grid`` calls.

    >>> torch.affine_grid_generator(torch.zeros(1, 2, 3), (1, 1, 4, 5), False).shape
    torch.Size([1, 4, 5, 2])
    """
    xp, dtype, sizes = theta.device.xp, theta.array.dtype, tuple(size[2:])
    even = [_even(xp, n, align_corners).astype(dtype) for n in sizes]
    lines = xp.meshgrid(*even, indexing="ij")[::-1]  # x, the last dimension, comes first
    points = xp.stack([*lines, xp.ones(sizes, dtype)], -1).reshape(1, -1, len(sizes) + 1)
    points = expand(wrap(points), (size[0], -1, -1))
    return reshape(bmm(points, transpose(theta, 1, 2)), (size[0], *sizes, len(sizes)))


def _even(xp, n, align_corners):
    """Lay n points evenly between -1 and 1: on the borders, or in the middle of their pixels."""
    if align_corners:
        return xp.linspace(-1, 1, n) if n > 1 else xp.zeros(1)
    return (2 * xp.arange(n) + 1) / n - 1


# --- looking


@tensors_only(name="grid_sampler")
def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Look at a picture (N, C, H, W) at the points of a grid (N, h, w, 2) between -1 and 1.

    >>> picture = torch.tensor([[[[1., 2.], [3., 4.]]]])
    >>> F.grid_sample(picture, torch.zeros(1, 1, 1, 2), align_corners=False)
    tensor([[[[2.5000]]]])
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or "
            f"'reflection', but got: '{padding_mode}'"
        )
    if align_corners is None:
        warnings.warn(OLD, stacklevel=3)
    _check_grid(input, grid, mode)
    sizes = input.shape[2:]
    places = [
        _unnormalized(x, n, align_corners) for x, n in zip(unbind(grid, -1), reversed(sizes))
    ][::-1]
    if mode != "bicubic":
        places = [_inside(x, n, padding_mode, align_corners) for x, n in zip(places, sizes)]
    taps = [TAPS[mode](x) for x in places]
    total = None
    for corner in product(*taps):
        at = [x for x, _ in corner]
        if mode == "bicubic":
            at = [_inside(x, n, padding_mode, align_corners) for x, n in zip(at, sizes)]
        part = _picked(input, at, [w for _, w in corner])
        total = part if total is None else total + part
    return total


def grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners):
    """Look at a picture through a grid: ``grid_sample`` with numbers for its modes.

    >>> torch.grid_sampler(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 1, 2), 0, 0, False)
    tensor([[[[1.]]]])
    """
    mode = ("bilinear", "nearest", "bicubic")[interpolation_mode]
    return grid_sample(
        input, grid, mode, ("zeros", "border", "reflection")[padding_mode], align_corners
    )


def _check_grid(input, grid, mode):
    """Raise PyTorch's errors where picture and grid do not fit."""
    if input.device != grid.device:
        raise RuntimeError(
            "grid_sampler(): expected input and grid to be on same device, but input is on "
            f"{input.device} and grid is on {grid.device}"
        )
    if input.shape[0] != grid.shape[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with "
            f"sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if grid.shape[-1] != input.ndim - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but "
            f"got grid with sizes {list(grid.shape)}"
        )
    if input.ndim not in (4, 5) or input.ndim != grid.ndim:
        raise RuntimeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but "
            f"got input with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    for i, n in enumerate(input.shape[2:], 2):
        if n <= 0:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input "
                f"has sizes {list(input.shape)} with dimension {i} being empty"
            )
    if mode == "bicubic" and input.ndim != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input.dtype is not grid.dtype:
        said = [legacy_name(x.dtype) for x in (input, grid)]
        raise RuntimeError(
            f"expected scalar type {said[0]} but found {said[1]}: grid_sample takes picture and "
            "grid of one dtype"
        )


def _unnormalized(x, n, align_corners):
    """Turn -1 ... 1 into places among n pixels."""
    return (x + 1) * ((n - 1) / 2) if align_corners else ((x + 1) * n - 1) / 2


def _inside(x, n, padding_mode, align_corners):
    """Bring places outside of the picture to its border, or back by reflection."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        x = _reflected(x, *((0, n - 1) if align_corners else (-0.5, n - 0.5)))
    free = (x > 0) & (x < n - 1)
    return where(free, x, clamp(x.detach(), 0, n - 1))


def _reflected(x, low, high):
    """Fold a line back and forth between two mirrors."""
    span = high - low
    if span == 0:
        return x * 0
    away = abs(x - low)
    flips = floor(away.detach() / span)
    rest = away - flips * span
    return where(flips % 2 == 0, rest + low, high - rest)


def _two(x):
    """List the two pixels around each place, with their shares."""
    first = floor(x.detach())
    share = x - first
    return [(first, 1 - share), (first + 1, share)]


def _four(x):
    """List the four pixels around each place, with the weights of a smooth curve."""
    first, a = floor(x.detach()), -0.75
    t = x - first
    s = 1 - t
    far = [((a * (u + 1) - 5 * a) * (u + 1) + 8 * a) * (u + 1) - 4 * a for u in (t, s)]
    near = [((a + 2) * u - (a + 3)) * u * u + 1 for u in (t, s)]
    weights = (far[0], near[0], near[1], far[1])
    return [(first + k, weight) for k, weight in zip((-1, 0, 1, 2), weights)]


def _nearest(x):
    """Give the nearest pixel, with a share of 1 that has a gradient, though it is 0."""
    never = x.detach() < -math.inf
    return [(round(x.detach()), where(never, x, 1))]


TAPS = {"nearest": _nearest, "bilinear": _two, "bicubic": _four}


def _picked(input, places, weights):
    """Read one pixel for each point of the grid, times its weight; nothing outside."""
    n, c, *sizes = input.shape
    flat, outside = 0, False
    for place, size in zip(places, sizes):
        seen = (place >= 0) & (place <= size - 1)
        outside = outside | ~seen
        flat = flat * size + where(seen, to(where(seen, place, 0), int64), 0)
    shape = places[0].shape
    count, pixels = math.prod(shape[1:]), math.prod(sizes)
    flat = expand(reshape(flat, (n, 1, count)), (n, c, count))
    read = reshape(gather(reshape(input, (n, c, pixels)), 2, flat), (n, c, *shape[1:]))
    outside = expand(reshape(outside, (n, 1, *shape[1:])), read.shape)
    read = where(outside, 0, read)
    weight = weights[0]
    for each in weights[1:]:
        weight = weight * each
    return read * reshape(weight, (n, 1, *shape[1:]))


grid_sampler_2d = grid_sampler_3d = grid_sampler  # PyTorch's names for pictures and for volumes
