"""Channels become pixels, and pixels channels; channels change places."""

from ..tensors_only import check_tensors
from .shape import permute, reshape


def _check(name, input, factor, word):
    check_tensors(name, input=input)
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {input.ndim} "
            "dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive {word}, but got {factor}")


def pixel_shuffle(input, upscale_factor):
    """Lay the channels out as pixels: (..., C r², H, W) becomes (..., C, H r, W r).

    >>> torch.pixel_shuffle(torch.arange(4.).reshape(4, 1, 1), 2)
    tensor([[[0., 1.],
             [2., 3.]]])
    """
    _check("pixel_shuffle", input, upscale_factor, "upscale_factor")
    (*lead, c, h, w), r = input.shape, upscale_factor
    if c % r**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={c} is not divisible by {r**2}"
        )
    n = len(lead)
    x = reshape(input, (*lead, c // r**2, r, r, h, w))
    x = permute(x, (*range(n + 1), n + 3, n + 1, n + 4, n + 2))
    return reshape(x, (*lead, c // r**2, h * r, w * r))


def pixel_unshuffle(input, downscale_factor):
    """Gather pixels as channels: (..., C, H r, W r) becomes (..., C r², H, W).

    >>> torch.pixel_unshuffle(torch.arange(4.).reshape(1, 2, 2), 2).flatten()
    tensor([0., 1., 2., 3.])
    """
    _check("pixel_unshuffle", input, downscale_factor, "downscale_factor")
    (*lead, c, h, w), r = input.shape, downscale_factor
    for name, dim, n in (("height", -2, h), ("width", -1, w)):
        if n % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({dim})={n} is not divisible by {r}"
            )
    n = len(lead)
    x = reshape(input, (*lead, c, h // r, r, w // r, r))
    x = permute(x, (*range(n + 1), n + 2, n + 4, n + 1, n + 3))
    return reshape(x, (*lead, c * r**2, h // r, w // r))


def channel_shuffle(input, groups):
    """Deal the channels of (N, C, ...) out like cards, one group after the other.

    >>> torch.channel_shuffle(torch.arange(6.).reshape(1, 6, 1), 2).flatten()
    tensor([0., 3., 1., 4., 2., 5.])
    """
    if input.ndim < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes "
            f"{list(input.shape)}"
        )
    if groups <= 0:
        raise RuntimeError(
            "Number of groups to divide channels in must be positive. Value of groups:"
            f"{groups}"
        )
    n, c, *rest = input.shape
    if c % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {c} channels and {groups} groups."
        )
    x = reshape(input, (n, groups, c // groups, *rest))
    return reshape(permute(x, (0, 2, 1, *range(3, x.ndim))), input.shape)


native_channel_shuffle = channel_shuffle
