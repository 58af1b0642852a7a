"""Lay pictures out side by side, and save them."""

import math

from ..core import Tensor
from ..grad_mode import no_grad
from ..ops import cat, stack
from .transforms.functional import to_pil_image


@no_grad()
def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False,
              pad_value=0.0):  # fmt: skip
    """Lay a batch of pictures (N, C, H, W) out in rows: one picture (C, H', W') of all.

    ``nrow`` pictures stand in a row, ``padding`` pixels apart, on the colour ``pad_value``. With
    ``normalize`` the numbers are brought between 0 and 1: from ``value_range``, or else from the
    least and greatest of all pictures, or of each one with ``scale_each``.

    >>> make_grid(torch.ones(5, 1, 4, 4), nrow=3).shape
    torch.Size([3, 14, 20])
    """
    if not isinstance(tensor, Tensor) and not isinstance(tensor, list | tuple):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    pictures = tensor if isinstance(tensor, Tensor) else stack(list(tensor), 0)
    pictures = pictures.reshape((1,) * (4 - pictures.ndim) + tuple(pictures.shape))
    if pictures.shape[1] == 1:
        pictures = cat([pictures] * 3, 1)
    if normalize:
        pictures = _normalized(pictures, value_range, scale_each)
    count, channels, height, width = pictures.shape
    if count == 1:
        return pictures[0]
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    high, wide = height + padding, width + padding
    shape = (channels, rows * high + padding, columns * wide + padding)
    grid = pictures.new_full(shape, pad_value)
    for place in range(count):
        top, left = (place // columns) * high + padding, (place % columns) * wide + padding
        grid[:, top : top + height, left : left + width] = pictures[place]
    return grid


def _normalized(pictures, value_range, scale_each):
    if value_range is not None:
        low, high = value_range
    elif scale_each:
        low, high = (f((1, 2, 3), keepdim=True) for f in (pictures.amin, pictures.amax))
    else:
        low, high = pictures.min(), pictures.max()
    span = high - low
    span = span.clamp(min=1e-5) if isinstance(span, Tensor) else max(span, 1e-5)
    return ((pictures - low) / span).clamp(0, 1)


def save_image(tensor, fp, format=None, **options) -> None:
    """Save pictures, laid out as ``make_grid`` does, to a file; numbers lie between 0 and 1."""
    grid = make_grid(tensor, **options)
    bytes_ = (grid * 255 + 0.5).clamp(0, 255).byte()
    to_pil_image(bytes_).save(fp, format=format)
