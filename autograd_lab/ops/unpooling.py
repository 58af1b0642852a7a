"""Unpooling: put the largest numbers back to where pooling found them."""

import math

from ..core import wrap
from ..device import cpu
from ..dtypes import legacy_name
from .dims import of_images, spread
from .gather import scatter
from .shape import reshape


def _max_unpool(dims, input, indices, kernel_size, stride, padding, output_size):
    kernel, padding = spread(kernel_size, dims), spread(padding, dims)
    stride = kernel if stride is None else spread(stride, dims)
    sizes = _unpooled_sizes(dims, input, kernel, stride, padding, output_size)
    _check_indices(dims, input, indices, sizes)
    lead = input.array.shape[: input.ndim - dims]
    flat = (*lead, math.prod(input.array.shape[len(lead) :]))
    empty = wrap(input.device.xp.zeros((*lead, math.prod(sizes)), input.array.dtype))
    full = scatter(empty, len(lead), reshape(indices, flat), reshape(input, flat))
    return reshape(full, (*lead, *sizes))


def _unpooled_sizes(dims, input, kernel, stride, padding, output_size):
    """Find the sizes that pooling may have started from."""
    usual = tuple([
        (n - 1) * s + k - 2 * p
        for n, s, k, p in zip(input.shape[-dims:], stride, kernel, padding)
    ])  # fmt: skip
    if output_size is None:
        return usual
    sizes = tuple(output_size)[2:] if len(output_size) == dims + 2 else tuple(output_size)
    if len(sizes) != dims:
        raise ValueError(
            f"output_size should be a sequence containing {dims} or {dims + 2} elements, but it "
            f"has a length of '{len(sizes)}'"
        )
    for d, (n, s, asked) in enumerate(zip(usual, stride, sizes)):
        if not n - s < asked < n + s:
            raise ValueError(
                f'invalid output_size "{sizes}" (dim {d} must be between {n - s} and {n + s})'
            )
    return sizes


def _check_indices(dims, input, indices, sizes):
    if indices.dtype.name != "int64":
        raise RuntimeError(
            f"elements in indices should be type int64 but got: {legacy_name(indices.dtype)}"
        )
    if not of_images(input.shape, dims):
        raise RuntimeError(
            f"Input to max_unpooling{dims}d should be a {dims + 1}d or {dims + 2}d Tensor, but got "
            f"a tensor with {input.ndim} dimensions."
        )
    if input.shape != indices.shape:
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(input.shape)}) but got indices tensor with shape: {list(indices.shape)}"
        )
    if 0 in input.shape[1:]:
        raise RuntimeError(
            f"max_unpooling{dims}d(): Expected input to have non-zero size for non-batch "
            f"dimensions, but got {list(input.shape)}"
        )
    array, room = indices.array, math.prod(sizes)
    if indices.device != cpu or not array.size:  # a GPU would have to wait for the answer
        return
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= room:
        wrong = high if high >= room else low
        raise RuntimeError(
            f"Found an invalid max index: {wrong} (output volumes are of size "
            f"{'x'.join(map(str, sizes))})"
        )


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the largest numbers back where ``max_pool1d`` found them; the rest is 0.

    >>> y, places = F.max_pool1d(torch.tensor([[[1., 3., 2., 5.]]]), 2, return_indices=True)
    >>> F.max_unpool1d(y, places, 2)
    tensor([[[0., 3., 0., 5.]]])
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the brightest pixels back where ``max_pool2d`` found them; the rest is 0.

    >>> image = torch.arange(4.).reshape(1, 1, 2, 2)
    >>> F.max_unpool2d(*F.max_pool2d(image, 2, return_indices=True), 2)
    tensor([[[[0., 0.],
              [0., 3.]]]])
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the largest numbers back where ``max_pool3d`` found them; the rest is 0.

    >>> volume = torch.arange(4.).reshape(1, 1, 1, 2, 2)
    >>> F.max_unpool3d(*F.max_pool3d(volume, (1, 2, 2), return_indices=True), (1, 2, 2))
    tensor([[[[[0., 0.],
               [0., 3.]]]]])
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)
