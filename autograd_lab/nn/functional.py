"""Operations and losses as functions: ``F.relu(x)``, ``F.cross_entropy(scores, targets)``.

Operations are the very objects of ``autograd_lab.ops``; what is written out here is put together
from them, or speaks PyTorch's longer signatures.
"""

import functools
import inspect
import math
import warnings

from .. import ops
from ..core import wrap
from ..device import device_of, move
from ..ops import embedding as embedding
from ..ops import gelu as gelu
from ..ops import hardshrink as hardshrink
from ..ops import linear as linear
from ..ops import logsigmoid as logsigmoid
from ..ops import one_hot as one_hot
from ..ops import prelu as prelu
from ..ops import sigmoid as sigmoid
from ..ops import softplus as softplus
from ..ops import softshrink as softshrink
from ..ops import softsign as softsign
from ..ops import tanh as tanh
from ..ops import tanhshrink as tanhshrink
from ..random import uniform

# --- nonlinear functions


def with_inplace(call, *names):
    """Give an operation PyTorch's last argument ``inplace``: write the result into the input."""

    @functools.wraps(call)
    def function(input, *settings, inplace=False, **named):
        if len(settings) > len(names):
            *settings, inplace = settings
        y = call(input, *settings, **named)
        return input.write(y) if inplace else y

    keyword = inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False)
    known = inspect.signature(call).parameters.values()
    function.__signature__ = inspect.Signature([*known, keyword])
    return function


relu = with_inplace(ops.relu)
relu6 = with_inplace(ops.relu6)
selu = with_inplace(ops.selu)
silu = with_inplace(ops.silu)
mish = with_inplace(ops.mish)
hardsigmoid = with_inplace(ops.hardsigmoid)
hardswish = with_inplace(ops.hardswish)
elu = with_inplace(ops.elu, "alpha")
celu = with_inplace(ops.celu, "alpha")
leaky_relu = with_inplace(ops.leaky_relu, "negative_slope")
hardtanh = with_inplace(ops.hardtanh, "min_val", "max_val")
threshold = with_inplace(ops.threshold, "threshold", "value")


def relu_(input):
    """Replace what is negative by 0, in the tensor's own memory.

    >>> x = torch.tensor([-1., 2.])
    >>> y = F.relu_(x)
    >>> x
    tensor([0., 2.])
    """
    return relu(input, inplace=True)


def _dim(name, dim, ndim):
    """Choose a dimension where none was given, with PyTorch's warning."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        stacklevel=4,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Turn scores into probabilities: positive, and together 1 along a dimension.

    >>> F.softmax(torch.tensor([1., 2., 3.]), dim=0)
    tensor([0.0900, 0.2447, 0.6652])
    """
    return ops.softmax(input, _dim("softmax", dim, input.ndim), dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Take the logarithm of softmax.

    >>> F.log_softmax(torch.tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return ops.log_softmax(input, _dim("log_softmax", dim, input.ndim), dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """Give the smallest number the largest probability.

    >>> F.softmin(torch.tensor([1., 2., 3.]), dim=0)
    tensor([0.6652, 0.2447, 0.0900])
    """
    return ops.softmax(-input, _dim("softmin", dim, input.ndim), dtype)


def glu(input, dim=-1):
    """Let one half of the numbers, squashed, open and close the gates for the other.

    >>> F.glu(torch.tensor([1., 2., 0., 0.]))
    tensor([0.5000, 1.0000])
    """
    if input.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    dim = dim % input.ndim
    if input.size(dim) % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim} is size {input.size(dim)}"
        )
    values, gates = ops.chunk(input, 2, dim)
    return values * ops.sigmoid(gates)


# --- borders and patches


def pad(input, pad, mode="constant", value=None):
    """Put a border around the last dimensions: of a constant, or of the tensor's own numbers.

    ``pad`` counts from the last dimension: (left, right, top, bottom, ...); a negative width cuts.

    >>> F.pad(torch.tensor([[1., 2., 3.]]), (1, 1), "reflect")
    tensor([[2., 1., 2., 3., 2.]])
    """
    if mode == "constant":
        return ops.pad(input, pad, 0 if value is None else value)
    if value is not None:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    return ops.pad_with(input, tuple(pad), mode)


unfold, fold = ops.image_patches, ops.image_from_patches


# --- dropout


def _dropped(input, p, training, inplace, shape):
    """Replace elements by 0 with probability p, and raise the rest so that the mean stays."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    kept = uniform(shape) >= p
    scale = 0.0 if p == 1 else 1 / (1 - p)
    mask = move((kept * scale).astype(input.array.dtype), device_of(input.array))
    y = input * wrap(mask)
    return input.write(y) if inplace else y


def dropout(input, p=0.5, training=True, inplace=False):
    """Replace elements by 0 at random while training; raise the others, so that the mean stays.

    >>> F.dropout(torch.ones(3), 0.5, training=False)
    tensor([1., 1., 1.])
    """
    return _dropped(input, p, training, inplace, input.array.shape)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Drop whole channels of (N, C, L) or (C, L).

    >>> y = F.dropout1d(torch.ones(1, 50, 4))
    >>> (y == y[..., :1]).all()  # in a channel, all or none are dropped
    tensor(True)
    """
    if input.ndim not in (2, 3):
        raise RuntimeError(
            "dropout1d: Expected 2D or 3D input, but received a "
            f"{input.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on "
            "inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension "
            "(i.e. 2D or 3D inputs)."
        )
    return _dropped(input, p, training, inplace, (*input.array.shape[:-1], 1))


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Drop whole channels of (N, C, H, W).

    >>> y = F.dropout2d(torch.ones(1, 50, 4, 4))
    >>> (y == y[..., :1, :1]).all()  # in a channel, all or none are dropped
    tensor(True)
    """
    return _dropped(input, p, training, inplace, (*input.array.shape[:2], *(1,) * (input.ndim - 2)))


def dropout3d(input, p=0.5, training=True, inplace=False):
    """Drop whole channels of (N, C, D, H, W).

    >>> y = F.dropout3d(torch.ones(1, 50, 2, 4, 4))
    >>> (y == y[..., :1, :1, :1]).all()  # in a channel, all or none are dropped
    tensor(True)
    """
    return dropout2d(input, p, training, inplace)


# --- distances


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """Divide by the length along a dimension: what is left is the direction.

    >>> F.normalize(torch.tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    length = ops.clamp_min(ops.norm(input, p, dim, keepdim=True), eps)
    return ops.div(input, length, out=out)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """Tell the cosine of the angle between vectors: 1 if they point the same way.

    >>> F.cosine_similarity(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    tensor([0.7071])
    """
    x1, x2 = ops.broadcast_tensors(x1, x2)
    lengths = [ops.clamp_min(ops.vector_norm(x, 2, dim, keepdim=True), eps) for x in (x1, x2)]
    return ops.sum((x1 / lengths[0]) * (x2 / lengths[1]), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """Tell the distance between vectors, row by row.

    >>> F.pairwise_distance(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    tensor([5.0000])
    """
    return ops.norm(x1 - x2 + eps, p, -1, keepdim)


# --- losses


def _reduction(size_average, reduce, reduction):
    """Translate PyTorch's old pair of switches into the word that replaced them."""
    if size_average is None and reduce is None:
        return reduction
    size_average = True if size_average is None else size_average
    reduce = True if reduce is None else reduce
    word = "mean" if size_average and reduce else "sum" if reduce else "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{word}' instead.",
        stacklevel=4,
    )
    return word


def _reduced(each, reduction):
    """Give the mean of losses, their sum, or all of them."""
    if reduction == "mean":
        return ops.mean(each)
    if reduction == "sum":
        return ops.sum(each)
    if reduction == "none":
        return each
    raise ValueError(f"{reduction} is not a valid value for reduction")


def _same_shape(input, target):
    """Warn, in PyTorch's words, where a loss is about to broadcast; then do it."""
    if input.array.shape == target.array.shape:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size "
        f"({input.shape}). This will likely lead to incorrect results due to broadcasting. Please "
        "ensure they have the same size.",
        stacklevel=3,
    )
    return ops.broadcast_tensors(input, target)


def _given(function, **weights):
    """Raise PyTorch's error where a gradient is asked for that a loss does not compute."""
    for name, weight in weights.items():
        if weight is not None and weight.node is not None:
            raise RuntimeError(
                f"The function '{function}' is not differentiable with respect to argument "
                f"'{name}'. This input cannot have requires_grad True."
            )


def _weighted(each, weight, shape, reduction):
    """Reduce losses by given weights: their mean is divided by the sum of the weights."""
    if weight.shape != shape:
        raise ValueError("Weights and input must have the same size.")
    if reduction == "mean":
        return ops.sum(each * weight) / ops.sum(weight)
    return _reduced(each * weight, reduction)


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Average the squared differences between output and target.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """
    if input.array.shape != target.array.shape:
        input, target = _same_shape(input, target)
    reduction = _reduction(size_average, reduce, reduction)
    if weight is not None:
        return _weighted(ops.mse_loss(input, target, "none"), weight, input.shape, reduction)
    return ops.mse_loss(input, target, reduction)


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Average the distances between output and target.

    >>> F.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(1.)
    """
    input, target = _same_shape(input, target)
    each = ops.abs(input - target)
    reduction = _reduction(size_average, reduce, reduction)
    if weight is not None:
        return _weighted(each, weight, input.shape, reduction)
    return _reduced(each, reduction)


def smooth_l1_loss(
    input, target, size_average=None, reduce=None, reduction="mean", beta=1.0
):
    """Average the distances, rounded off to a parabola where they are below ``beta``.

    >>> F.smooth_l1_loss(torch.tensor([0.5, 3.]), torch.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """
    input, target = _same_shape(input, target)
    reduction = _reduction(size_average, reduce, reduction)
    if beta == 0:
        return _reduced(ops.abs(input - target), reduction)
    return ops.smooth_l1_loss(input, target, reduction, beta)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Average half the squared distances, continued as straight lines beyond ``delta``.

    >>> F.huber_loss(torch.tensor([0.5, 3.]), torch.zeros(2), delta=2., reduction="none")
    tensor([0.1250, 4.0000])
    """
    input, target = _same_shape(input, target)
    if weight is None:
        return ops.huber_loss(input, target, reduction, delta)
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    return _reduced(ops.huber_loss(input, target, "none", delta) * weight, reduction)


def nll_loss(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
):  # fmt: skip
    """Average the negative log-probabilities of the right classes.

    >>> F.nll_loss(torch.tensor([[-0.1, -2.4], [-1.6, -0.2]]), torch.tensor([0, 1]))
    tensor(0.1500)
    """
    reduction = _reduction(size_average, reduce, reduction)
    _given("nll_loss_forward", weight=weight)
    return ops.nll_loss(input, target, weight, reduction, ignore_index)


def cross_entropy(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
    label_smoothing=0.0,
):  # fmt: skip
    """Average how surprising the right classes are, given a score for every class.

    ``target`` holds class numbers, or a probability for every class.

    >>> F.cross_entropy(torch.tensor([[2., 0., 0.], [0., 1., 0.]]), torch.tensor([0, 2]))
    tensor(0.8955)
    """
    reduction = _reduction(size_average, reduce, reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(
            f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
        )
    if input.array.shape == target.array.shape:
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing, ignore_index)
    _given("nll_loss_forward", weight=weight)
    hard = ops.cross_entropy(input, target, weight, reduction, ignore_index)
    if label_smoothing == 0:
        return hard
    even = _even_cross_entropy(input, target, weight, reduction, ignore_index)
    return (1 - label_smoothing) * hard + label_smoothing * even


def _soft_cross_entropy(input, target, weight, reduction, smoothing, ignore_index):
    """Compute the cross entropy with a probability for every class."""
    if not target.dtype.is_floating_point:
        raise RuntimeError(
            "Expected floating point type for target with class probabilities, got "
            f"{_legacy(target)}"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    dim = 0 if input.ndim == 1 else 1
    classes = input.shape[dim]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    each = -(ops.log_softmax(input, dim) * target * _of_class(weight, input))
    if reduction == "mean":
        return ops.sum(each) / (input.numel() / classes or math.nan)
    return _reduced(ops.sum(each, dim) if reduction == "none" else each, reduction)


def _even_cross_entropy(input, target, weight, reduction, ignore_index):
    """Compute the cross entropy with all classes equally right: what label smoothing mixes in."""
    dim = 0 if input.ndim == 1 else 1
    each = -ops.mean(ops.log_softmax(input, dim) * _of_class(weight, input), dim)
    kept = target != ignore_index
    each = ops.where(kept, each, 0.0)
    if reduction != "mean":
        return _reduced(each, reduction)
    if weight is None:
        return ops.sum(each) / ops.sum(kept)
    heavy = ops.where(kept, weight[ops.where(kept, target, 0)], 0.0)
    return ops.sum(each) / ops.sum(heavy)


def _of_class(weight, input):
    """Shape the weights of the classes so that they meet the scores."""
    if weight is None:
        return 1.0
    return weight if input.ndim == 1 else ops.reshape(weight, (-1, *(1,) * (input.ndim - 2)))


def _legacy(x):
    return x.type().removeprefix("torch.").removesuffix("Tensor")


def binary_cross_entropy(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Punish probabilities for what they gave to the wrong answer.

    >>> F.binary_cross_entropy(torch.tensor([0.9, 0.2]), torch.tensor([1., 0.]))
    tensor(0.1643)
    """
    reduction = _reduction(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}) is deprecated. Please ensure they have the same size."
        )
    if weight is not None:
        _given("binary_cross_entropy", weight=weight)
        weight = ops.expand(weight, ops.broadcast_shapes(target.shape, weight.shape))
    return ops.binary_cross_entropy(input, target, weight, reduction)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """Punish scores, through their sigmoid, for what they gave to the wrong answer.

    >>> F.binary_cross_entropy_with_logits(torch.tensor([2., -1.]), torch.tensor([1., 0.]))
    tensor(0.2201)
    """
    reduction = _reduction(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"Target size ({target.shape}) must be the same as input size ({input.shape})"
        )
    _given("binary_cross_entropy_with_logits", weight=weight, pos_weight=pos_weight)
    return ops.binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction)


def kl_div(
    input, target, size_average=None, reduce=None, reduction="mean", log_target=False
):
    """Measure how far log-probabilities are from a target distribution.

    >>> F.kl_div(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[1., 0.]]), reduction="batchmean")
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction(size_average, reduce, reduction)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math "
            "definition.'mean' will be changed to behave the same as 'batchmean' in the next major "
            "release.",
            stacklevel=2,
        )
    if log_target:
        each = ops.exp(target) * (target - input)
    else:
        each = ops.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return ops.sum(each) / input.shape[0] if input.ndim else ops.sum(each)
    return _reduced(each, reduction)


def hinge_embedding_loss(
    input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"
):
    """Keep distances small where the target is 1, and above ``margin`` where it is -1.

    >>> distances, target = torch.tensor([0.5, 0.2, 3.]), torch.tensor([1, -1, -1])
    >>> F.hinge_embedding_loss(distances, target, reduction="none")
    tensor([0.5000, 0.8000, 0.0000])
    """
    reduction = _reduction(size_average, reduce, reduction)
    near = ops.where(target != -1, input, 0.0)
    far = ops.where(target != 1, ops.clamp_min(margin - input, 0), 0.0)
    return _reduced(near + far, reduction)


def margin_ranking_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """Keep the first score above the second where the target is 1, below where it is -1.

    >>> a, b, target = torch.tensor([3., 3.]), torch.tensor([1., 1.]), torch.tensor([1, -1])
    >>> F.margin_ranking_loss(a, b, target, reduction="none")
    tensor([0., 2.])
    """
    reduction = _reduction(size_average, reduce, reduction)
    return _reduced(ops.clamp_min(-target * (input1 - input2) + margin, 0), reduction)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Punish scores whose sign is not that of the target.

    >>> F.soft_margin_loss(torch.tensor([2., 2.]), torch.tensor([1, -1]), reduction="none")
    tensor([0.1269, 2.1269])
    """
    reduction = _reduction(size_average, reduce, reduction)
    return _reduced(ops.log1p(ops.exp(-target * input)), reduction)
