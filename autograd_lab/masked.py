"""PyTorch's ``torch.masked``: sums, means, softmax ... over those elements where a mask is True.

Every function here does one thing: it puts the number that changes nothing (0 for a sum, 1 for a
product) where the mask is False, and calls the ordinary operation. That also makes the gradients
right: none flows to what is masked out.
"""

import math

import numpy as np

from . import dtypes, ops
from .missing import explaining as _explaining
from .ops.dims import chosen

__all__ = [
    "amax", "amin", "argmax", "argmin", "cumprod", "cumsum", "log_softmax", "logaddexp",
    "logsumexp", "mean", "median", "norm", "normalize", "prod", "softmax", "softmin", "std", "sum",
    "var",
]  # fmt: skip


def _lowest(name, dtype):
    """Give the number that is below all others in a dtype."""
    if dtype is dtypes.bool:
        raise NotImplementedError(f"identity of {name} on torch.bool input")
    if dtype.is_complex and name != "logsumexp":
        raise TypeError(f"masked.{name}: complex numbers have no order")
    return -math.inf if dtype.rank >= dtypes.FLOATING else int(np.iinfo(dtype.array).min)


def _highest(name, dtype):
    """Give the number that is above all others in a dtype."""
    low = _lowest(name, dtype)
    return math.inf if low == -math.inf else int(np.iinfo(dtype.array).max)


def _only(input, mask, fill):
    """Put ``fill`` wherever the mask is False."""
    return input if mask is None else ops.where(_fitted(mask, input), input, fill)


def _fitted(mask, input):
    """Stretch a mask to the tensor's shape, by the rules of broadcasting."""
    if mask.ndim > input.ndim:
        raise IndexError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher than of the "
            "input)"
        )
    mask = mask if mask.dtype is dtypes.bool else mask != 0
    return mask if mask.shape == input.shape else ops.expand(mask, input.shape)


def _as(input, dtype):
    return input if dtype is None or dtype is input.dtype else ops.to(input, dtype)


def _counting(input, dtype):
    """Give the dtype of a sum or a product: whole numbers become int64."""
    whole = input.dtype.rank < dtypes.FLOATING
    return dtype or (dtypes.int64 if whole else input.dtype)


def sum(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Add up the elements where the mask is True; 0 where there are none.

    >>> torch.masked.sum(torch.tensor([1., 2., 4.]), mask=torch.tensor([True, False, True]))
    tensor(5.)
    """
    input = _as(input, _counting(input, dtype))
    return ops.sum(_only(input, mask, 0), chosen(dim, input.ndim), keepdim)


def prod(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Multiply the elements where the mask is True; 1 where there are none.

    >>> torch.masked.prod(torch.tensor([3., 2., 4.]), mask=torch.tensor([True, False, True]))
    tensor(12.)
    """
    y = _only(_as(input, _counting(input, dtype)), mask, 1)
    for d in sorted(chosen(dim, input.ndim), reverse=True):
        y = ops.prod(y, d, keepdim)
    return y


def cumsum(input, dim, *, dtype=None, mask=None):
    """Give the sum so far of the elements where the mask is True.

    >>> torch.masked.cumsum(torch.tensor([1., 2., 4.]), 0, mask=torch.tensor([True, False, True]))
    tensor([1., 1., 5.])
    """
    input = _as(input, dtype)
    return ops.cumsum(_only(input, mask, 0), dim, dtype=input.dtype)


def cumprod(input, dim, *, dtype=None, mask=None):
    """Give the product so far of the elements where the mask is True.

    >>> torch.masked.cumprod(torch.tensor([3., 2., 4.]), 0, mask=torch.tensor([True, False, True]))
    tensor([ 3.,  3., 12.])
    """
    input = _as(input, dtype)
    return ops.cumprod(_only(input, mask, 1), dim, dtype=input.dtype)


def amax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the largest element where the mask is True.

    >>> torch.masked.amax(torch.tensor([1., 9., 4.]), mask=torch.tensor([True, False, True]))
    tensor(4.)
    """
    input = _as(input, dtype)
    y = _only(input, mask, _lowest("amax", input.dtype))
    return ops.amax(y, chosen(dim, input.ndim), keepdim)


def amin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the smallest element where the mask is True.

    >>> torch.masked.amin(torch.tensor([2., 1., 4.]), mask=torch.tensor([True, False, True]))
    tensor(2.)
    """
    input = _as(input, dtype)
    y = _only(input, mask, _highest("amin", input.dtype))
    return ops.amin(y, chosen(dim, input.ndim), keepdim)


def argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Say where the largest element stands among those where the mask is True.

    As in PyTorch the place has the dtype of the elements.

    >>> torch.masked.argmax(torch.tensor([1, 9, 4]), mask=torch.tensor([True, False, True]))
    tensor(2)
    """
    input = _as(input, dtype)
    y = _only(input, mask, _lowest("argmax", input.dtype))
    return _as(ops.argmax(y, dim, bool(keepdim)), input.dtype)


def argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Say where the smallest element stands among those where the mask is True.

    As in PyTorch the place has the dtype of the elements.

    >>> torch.masked.argmin(torch.tensor([2, 1, 4]), mask=torch.tensor([True, False, True]))
    tensor(0)
    """
    input = _as(input, dtype)
    y = _only(input, mask, _highest("argmin", input.dtype))
    return _as(ops.argmin(y, dim, bool(keepdim)), input.dtype)


def _count(input, dims, mask):
    """Count, along some dimensions, the elements where the mask is True."""
    if mask is None:
        return math.prod([input.shape[d] for d in dims])
    return ops.sum(_fitted(mask, input), dims, True)


def mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Average the elements where the mask is True; nan where there are none.

    >>> torch.masked.mean(torch.tensor([1., 2., 4.]), mask=torch.tensor([True, False, True]))
    tensor(2.5000)
    """
    if (dtype or input.dtype).rank < dtypes.FLOATING:
        raise ValueError(
            "mean(): Could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {dtype or input.dtype}"
        )
    input, dims = _as(input, dtype), chosen(dim, input.ndim)
    if mask is None:
        return ops.mean(input, dims, keepdim)
    y = ops.sum(_only(input, mask, 0), dims, True) / _count(input, dims, mask)
    return y if keepdim else _dropped(y, dims)


def _dropped(y, dims):
    """Leave out the dimensions of size 1 that a reduction kept."""
    return ops.reshape(y, tuple([n for i, n in enumerate(y.shape) if i not in dims]))


def median(input, dim=-1, *, keepdim=False, dtype=None, mask=None):
    """Take the element in the middle of those where the mask is True.

    >>> torch.masked.median(torch.tensor([1., 2., 4.]), 0, mask=torch.tensor([True, False, True]))
    tensor(1.)
    """
    dtype = dtype or input.dtype
    if dtype.is_floating_point:
        y = _only(_as(input, dtype), mask, math.nan)
        return ops.nanmedian(y, dim, keepdim)[0]
    if mask is not None and not ops.all(ops.any(_fitted(mask, input), dim)):
        raise ValueError(
            "masked median expects no fully masked out rows if dtype is not floating point"
        )
    y = _only(_as(input, dtypes.float32), mask, math.nan)
    return _as(ops.nanmedian(y, dim, keepdim)[0], dtype)


def norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Measure the length of the vector of the elements where the mask is True.

    >>> torch.masked.norm(torch.tensor([3., 2., 4.]), mask=torch.tensor([True, False, True]))
    tensor(5.)
    """
    input = _as(input, dtype)
    y = _only(input, mask, math.inf if ord == -math.inf else 0)
    return ops.vector_norm(y, ord, chosen(dim, input.ndim), bool(keepdim))


def normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None):
    """Divide by the length of the vector of the elements where the mask is True.

    >>> torch.masked.normalize(
    ...     torch.tensor([3., 2., 4.]), 2., 0, mask=torch.tensor([True, False, True]))
    tensor([0.6000, 0.0000, 0.8000])
    """
    input = _as(input, dtype)
    length = norm(input, ord, dim, keepdim=True, mask=mask)
    return _only(input, mask, 0) / ops.clamp_min(length, eps)


def var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """Average the squared distances from the mean, where the mask is True.

    >>> torch.masked.var(torch.tensor([1., 9., 3.]), mask=torch.tensor([True, False, True]))
    tensor(2.)
    """
    return _spread(input, dim, _correction(unbiased, correction), keepdim, dtype, mask)


def std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """Measure the standard deviation of the elements where the mask is True.

    >>> torch.masked.std(torch.tensor([1., 9., 3.]), mask=torch.tensor([True, False, True]))
    tensor(1.4142)
    """
    return ops.sqrt(_spread(input, dim, _correction(unbiased, correction), keepdim, dtype, mask))


def _correction(unbiased, correction):
    if unbiased is not None and correction is not None:
        raise RuntimeError("Only one of unbiased and correction may be given")
    if correction is not None:
        return correction
    return 1 if unbiased is None else int(unbiased)


def _spread(input, dim, correction, keepdim, dtype, mask):
    """Give the variance of the elements where the mask is True."""
    if (dtype or input.dtype).rank < dtypes.FLOATING:
        dtype = dtypes.default
    input, dims = _as(input, dtype), chosen(dim, input.ndim)
    away = input - mean(input, dims, keepdim=True, mask=mask)
    squares = _only(away * away.conj() if input.dtype.is_complex else away * away, mask, 0)
    rest = _count(input, dims, mask) - correction
    rest = max(rest, 0) if mask is None else ops.clamp_min(rest, 0)
    total = ops.sum(squares, dims, True)
    y = _as(total / rest, total.dtype)
    return y if keepdim else _dropped(y, dims)


def softmax(input, dim, *, dtype=None, mask=None):
    """Turn the scores where the mask is True into probabilities; the others have none.

    >>> torch.masked.softmax(torch.tensor([1., 9., 1.]), 0, mask=torch.tensor([True, False, True]))
    tensor([0.5000, 0.0000, 0.5000])
    """
    y = _only(input, mask, _lowest("softmax", input.dtype))
    return ops.softmax(_as(y, dtype), dim)


def log_softmax(input, dim, *, dtype=None, mask=None):
    """Take the logarithm of softmax over the elements where the mask is True.

    >>> torch.masked.log_softmax(torch.tensor([1., 9.]), 0, mask=torch.tensor([True, False]))
    tensor([0., -inf])
    """
    y = _only(input, mask, _lowest("log_softmax", input.dtype))
    return ops.log_softmax(_as(y, dtype), dim)


def softmin(input, dim, *, dtype=None, mask=None):
    """Give the smallest score where the mask is True the largest probability.

    >>> torch.masked.softmin(torch.tensor([1., 0., 1.]), 0, mask=torch.tensor([True, False, True]))
    tensor([0.5000, 0.0000, 0.5000])
    """
    y = _only(input, mask, _highest("softmin", input.dtype))
    return ops.softmax(-_as(y, dtype), dim)


def logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the logarithm of the sum of exponentials where the mask is True.

    >>> torch.masked.logsumexp(torch.tensor([0., 9., 0.]), mask=torch.tensor([True, False, True]))
    tensor(0.6931)
    """
    input = _as(input, dtype)
    y = _only(input, mask, _lowest("logsumexp", input.dtype))
    return _as(ops.logsumexp(y, chosen(dim, input.ndim), keepdim), input.dtype)


def logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    """Add two numbers that are given as logarithms; what is masked out counts as 0.

    >>> torch.masked.logaddexp(torch.zeros(1), torch.zeros(1), input_mask=torch.tensor([False]))
    tensor([0.])
    """
    input, other = _as(input, dtype), _as(other, dtype)
    fill = _lowest("logaddexp", input.dtype)
    return ops.logaddexp(_only(input, input_mask, fill), _only(other, other_mask, fill))


__getattr__ = _explaining(__name__)
