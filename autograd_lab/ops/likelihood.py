"""Losses that ask how likely the target is, under a distribution that the output describes."""

import math

from ..core import Tensor, wrap
from ..device import on_host
from ..tensors_only import tensors_only
from .activation import logsigmoid
from .compare import clamp_min, where
from .pointwise import exp, log
from .reduce import sum
from .reduction import check_reduction, chosen_reduction, summed_up
from .shape import unsqueeze


def multilabel_soft_margin_loss(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Punish the scores of many yes-or-no questions about one thing; their mean is its loss.

    >>> F.multilabel_soft_margin_loss(torch.tensor([[2., -1.]]), torch.tensor([[1., 0.]]))
    tensor(0.2201)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    each = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    each = each if weight is None else each * weight
    check_reduction(reduction, "is not valid")
    return summed_up(sum(each, -1) / input.shape[-1], reduction)


@tensors_only
def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None,
    reduction="mean",
):  # fmt: skip
    """Measure how unlikely counts are, given their expected numbers (or the logarithms of these).

    >>> F.poisson_nll_loss(torch.tensor([0.]), torch.tensor([3.]))
    tensor(1.)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    check_reduction(reduction)
    if log_input:
        each = exp(input) - target * input
    else:
        each = input - target * log(input + eps)
    if full:  # Stirling's formula for the logarithm of target!
        count = where(target > 1, target, 1)
        rest = count * log(count) - count + 0.5 * log(2 * math.pi * count)
        each = each + where(target > 1, rest, 0.0)
    return summed_up(each, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """Measure how unlikely targets are under normal distributions of given means and variances.

    >>> F.gaussian_nll_loss(torch.tensor([0.]), torch.tensor([2.]), torch.tensor([1.]))
    tensor(2.)
    """
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = wrap(input.device.xp.full(input.shape, float(var), input.array.dtype))
    if on_host(var.array) and (var.array < 0).any():
        raise ValueError("var has negative entry/entries")
    var = _fitting(var, input.shape)
    check_reduction(reduction, "is not valid")
    var = var + (clamp_min(var.detach(), eps) - var.detach())  # never less than eps
    each = 0.5 * (log(var) + (input - target) ** 2 / var)
    if full:
        each = each + 0.5 * math.log(2 * math.pi)
    return summed_up(each, reduction)


def _fitting(var, shape):
    """Accept one variance for each number, or one for each row."""
    if var.shape == shape:
        return var
    if var.shape == shape[:-1]:
        return unsqueeze(var, -1)
    unlike = [n for m, n in zip(shape, var.shape) if m != n]
    if var.ndim != len(shape) or unlike != [1]:
        raise ValueError("var is of incorrect size")
    return var
