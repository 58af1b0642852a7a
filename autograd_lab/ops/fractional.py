"""Fractional pooling: windows at random steps, so that an image shrinks by any ratio."""

import math

from ..core import wrap
from ..random import uniform
from .adaptive import chosen_max_pool
from .dims import spread
from .pooling import check_images, each_setting


def _fractional(
    name, dims, input, kernel_size, output_size, output_ratio, return_indices, samples
):
    """Place windows at random so that they fill the image, in steps that are no whole number."""
    kernel = each_setting(name, "kernel_size", kernel_size, dims)
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    check_images(name, dims, tuple(input.array.shape))
    sizes, xp = input.array.shape[-dims:], input.device.xp
    if output_size is None:
        counts = [int(n * r) for n, r in zip(sizes, spread(output_ratio, dims))]
    else:
        counts = spread(output_size, dims)
    lead = input.array.shape[: input.ndim - dims]
    if samples is None:
        random = uniform((math.prod(lead[:-1]), lead[-1], dims))
        samples = wrap(xp.asarray(random, input.array.dtype))
    _check_samples(name, samples, dims, lead)
    draws = samples.array[: math.prod(lead[:-1])].reshape(*lead, dims)
    order = (1, 0) if dims == 2 else (0, 1, 2)  # which draw belongs to which dimension
    places = [
        _random_places(name, xp, n, count, k, draws[..., which])
        for n, count, k, which in zip(sizes, counts, kernel, order)
    ]
    found = chosen_max_pool(input, places)
    return found if return_indices else found[0]


def _random_places(name, xp, size, count, width, draws):
    """Give the numbers that each window covers, along one dimension, for every image."""
    if width < 1 or count < 1 or count + width - 1 > size:
        raise RuntimeError(
            f"{name}(): pool size {width} too large relative to input size {size} for {count} "
            "windows"
        )
    room = size - width
    step = room / (count - 1) if count > 1 else 0.0
    draws = draws[..., None]
    starts = ((xp.arange(count) + draws) * step).astype("int64") - (draws * step).astype("int64")
    starts[..., -1] = room
    return starts[..., None] + xp.arange(width)


def _check_samples(name, samples, dims, lead):
    shape = tuple(samples.shape)
    batch = lead[0] if len(lead) == 2 else 1
    for d, wanted in enumerate((batch, lead[-1], dims)):
        if len(shape) != 3 or shape[d] != wanted and not (d == 0 and shape[0] > wanted):
            raise RuntimeError(
                f"{name}: Expect _random_samples of sizes {[batch, lead[-1], dims]}; got "
                f"{list(shape)}."
            )


def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
    _random_samples=None,
):  # fmt: skip
    """Keep the brightest pixels of windows at random steps: shrink by any ratio.

    >>> F.fractional_max_pool2d(torch.ones(1, 1, 9, 9), 2, output_ratio=0.7).shape
    torch.Size([1, 1, 6, 6])
    """
    return _fractional(
        "fractional_max_pool2d", 2, input, kernel_size, output_size, output_ratio, return_indices,
        _random_samples,
    )  # fmt: skip


def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
    _random_samples=None,
):  # fmt: skip
    """Keep the largest numbers of boxes at random steps: shrink by any ratio.

    >>> F.fractional_max_pool3d(torch.ones(1, 1, 9, 9, 9), 2, output_size=5).shape
    torch.Size([1, 1, 5, 5, 5])
    """
    return _fractional(
        "fractional_max_pool3d", 3, input, kernel_size, output_size, output_ratio, return_indices,
        _random_samples,
    )  # fmt: skip
