"""Losses that ask for a distance: nothing to pay where right and wrong are far enough apart."""

from ..core import wrap
from ..device import on_host
from ..dtypes import legacy_name
from ..tensors_only import tensors_only
from .arithmetic import sqrt
from .compare import clamp_min, minimum, where
from .distance import pairwise_distance
from .gather import gather, scatter_add
from .loss import only_floats
from .pointwise import exp, log1p
from .reduce import sum
from .reduction import check_reduction, chosen_reduction, summed_up
from .scan import cumprod
from .shape import reshape, to, unsqueeze

# --- one number, or two, against a target of 1 or -1


@tensors_only
def hinge_embedding_loss(
    input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"
):
    """Keep distances small where the target is 1, and above ``margin`` where it is -1.

    >>> distances, target = torch.tensor([0.5, 0.2, 3.]), torch.tensor([1, -1, -1])
    >>> F.hinge_embedding_loss(distances, target, reduction="none")
    tensor([0.5000, 0.8000, 0.0000])
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    near = where(target != -1, input, 0.0)
    far = where(target != 1, clamp_min(margin - input, 0), 0.0)
    return summed_up(near + far, reduction)


def margin_ranking_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """Keep the first score above the second where the target is 1, below where it is -1.

    >>> a, b, target = torch.tensor([3., 3.]), torch.tensor([1., 1.]), torch.tensor([1, -1])
    >>> F.margin_ranking_loss(a, b, target, reduction="none")
    tensor([0., 2.])
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    return summed_up(clamp_min(-target * (input1 - input2) + margin, 0), reduction)


@tensors_only
def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Punish scores whose sign is not that of the target.

    >>> F.soft_margin_loss(torch.tensor([2., 2.]), torch.tensor([1, -1]), reduction="none")
    tensor([0.1269, 2.1269])
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    return summed_up(log1p(exp(-target * input)), reduction)


def cosine_embedding_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """Turn vectors the same way where the target is 1, and away from each other where it is -1.

    >>> a, b = torch.tensor([[1., 0.], [1., 0.]]), torch.tensor([[0., 1.], [1., 0.]])
    >>> F.cosine_embedding_loss(a, b, torch.tensor([1, -1]), reduction="none")
    tensor([1., 1.])
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if (input1.ndim, input2.ndim) != (target.ndim + 1,) * 2:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found "
            f"inputs with sizes {list(input1.shape)} and {list(input2.shape)}."
        )
    check_reduction(reduction)
    tiny = 1e-12
    lengths = (sum(input1 * input1, -1) + tiny) * (sum(input2 * input2, -1) + tiny)
    cosine = sum(input1 * input2, -1) / sqrt(lengths)
    near = where(target == 1, 1 - cosine, 0.0)
    return summed_up(near + where(target == -1, clamp_min(cosine - margin, 0), 0.0), reduction)


# --- an anchor, what is like it, and what is not


def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False, size_average=None,
    reduce=None, reduction="mean",
):  # fmt: skip
    """Keep anchors nearer to what is like them than to what is not, by a margin.

    >>> here, near, far = torch.zeros(1, 2), torch.ones(1, 2), torch.full((1, 2), 3.)
    >>> F.triplet_margin_loss(here, near, far, margin=5.)
    tensor(2.1716)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)

    def distance(x1, x2):
        return pairwise_distance(x1, x2, p, eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap,
        reduction=reduction,
    )  # fmt: skip


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """Keep anchors nearer to what is like them than to what is not, by a distance of your own.

    >>> def steps(a, b):
    ...     return (a - b).abs().sum(-1)
    >>> here, near, far = torch.zeros(1, 2), torch.ones(1, 2), torch.full((1, 2), 3.)
    >>> F.triplet_margin_with_distance_loss(here, near, far, distance_function=steps, margin=5.)
    tensor(1.)
    """
    check_reduction(reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    dims = anchor.ndim, positive.ndim, negative.ndim
    if len(set(dims)) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {dims[0]}D, positive {dims[1]}D, and negative {dims[2]}D "
            "inputs"
        )
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:  # the nearer of the two counts: negative to anchor, negative to positive
        far = minimum(far, distance(positive, negative))
    return summed_up(clamp_min(margin + near - far, 0), reduction)


# --- a score for every class


def multi_margin_loss(
    input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Keep the score of the right class above all others, by a margin.

    >>> F.multi_margin_loss(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([3]))
    tensor(0.3250)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    check_reduction(reduction)
    _check_multi_margin(input, target, p, weight)
    classes = input.shape[-1] if input.ndim else 1
    rows, places = reshape(input, (-1, classes)), reshape(target, (-1, 1))
    too_near = clamp_min(margin - gather(rows, 1, places) + rows, 0) ** p
    if weight is not None:
        too_near = too_near * unsqueeze(weight[reshape(target, (-1,))], 1)
    others = wrap(input.device.xp.arange(classes)) != places
    each = sum(where(others, too_near, 0.0), 1) / classes
    return summed_up(reshape(each, target.shape), reduction)


def _check_multi_margin(input, target, p, weight):
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    _check_rows(input, "multi_margin_loss")
    lead, classes = input.shape[:-1], input.shape[-1] if input.ndim else 1
    if target.ndim > 1 or (target.shape or (1,)) != (lead or (1,)):
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input "
            f"samples (batch size). Expected target size {list(lead or (1,))}, but got "
            f"{list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {list(weight.shape)}"
        )
    _check_long(target)
    _check_range(target, 0, classes, "target out of range")


def _check_range(target, least, classes, words):
    """Raise where a target is no class; a GPU is not asked, that would make everybody wait."""
    places = target.array
    if on_host(places) and not ((places >= least) & (places < classes)).all():
        raise RuntimeError(words)


def _check_rows(input, name):
    if input.ndim > 2 or 0 in input.shape[-1:]:
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(input.shape)}"
        )
    only_floats(f"{name}_out_frame", input.array)


def _check_long(target):
    if target.dtype.name != "int64":
        said = legacy_name(target.dtype)
        raise RuntimeError(f"expected scalar type Long but found {said}: use target.long()")


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Keep the scores of all right classes above those of all wrong ones, by 1.

    ``target`` lists the right classes in each row; the first -1 ends the list.

    >>> scores = torch.tensor([[0.1, 0.2, 0.4, 0.8]])
    >>> F.multilabel_margin_loss(scores, torch.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    check_reduction(reduction)
    _check_multilabel(input, target)
    classes = input.shape[-1] if input.ndim else 1
    rows, places = reshape(input, (-1, classes)), reshape(target, (-1, classes))
    listed = cumprod(to(places >= 0, target.dtype), 1)
    places = places * listed
    right = scatter_add(listed * 0, 1, places, listed) > 0
    gaps = unsqueeze(gather(rows, 1, places), 2) - unsqueeze(rows, 1)
    counted = unsqueeze(listed > 0, 2) & ~unsqueeze(right, 1)
    each = sum(where(counted, clamp_min(1 - gaps, 0), 0.0), (1, 2)) / classes
    return summed_up(reshape(each, input.shape[:-1]), reduction)


def _check_multilabel(input, target):
    _check_rows(input, "multilabel_margin_loss_forward")
    if (target.shape or (1,)) != (input.shape or (1,)):
        raise RuntimeError(
            f"inconsistent target size: {list(target.shape)} for input of size: "
            f"{list(input.shape)}"
        )
    _check_long(target)
    classes = input.shape[-1] if input.ndim else 1
    _check_range(target, -1, classes, "argument #2 'target' is out of range")
