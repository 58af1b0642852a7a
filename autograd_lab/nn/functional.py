"""Operations and losses as functions: ``F.relu(x)``, ``F.cross_entropy(scores, targets)``.

Operations are the very objects of ``autograd_lab.ops``; what is written out here is put together
from them, or speaks PyTorch's longer signatures.
"""

import functools
import inspect
import math
import warnings
from contextlib import suppress

import numpy as np

from .. import dtypes, general, ops
from ..core import CPP_NAMES, wrap
from ..device import device_of, move
from ..grad_mode import no_grad
from ..missing import explaining as _explaining
from ..mistakes import note
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
from ..ops.adaptive import adaptive_avg_pool1d as adaptive_avg_pool1d
from ..ops.adaptive import adaptive_avg_pool2d as adaptive_avg_pool2d
from ..ops.adaptive import adaptive_avg_pool3d as adaptive_avg_pool3d
from ..ops.adaptive import adaptive_max_pool1d as adaptive_max_pool1d
from ..ops.adaptive import adaptive_max_pool2d as adaptive_max_pool2d
from ..ops.adaptive import adaptive_max_pool3d as adaptive_max_pool3d
from ..ops.attention import multi_head_attention_forward as multi_head_attention_forward
from ..ops.attention import scaled_dot_product_attention as scaled_dot_product_attention
from ..ops.cells import gru_cell as gru_cell
from ..ops.cells import gru_step as gru_step
from ..ops.cells import lstm_cell as lstm_cell
from ..ops.cells import lstm_step as lstm_step
from ..ops.cells import rnn_relu_cell as rnn_relu_cell
from ..ops.cells import rnn_tanh_cell as rnn_tanh_cell
from ..ops.convolution import conv1d as conv1d
from ..ops.convolution import conv2d as conv2d
from ..ops.convolution import conv3d as conv3d
from ..ops.convolution import conv_transpose1d as conv_transpose1d
from ..ops.convolution import conv_transpose2d as conv_transpose2d
from ..ops.convolution import conv_transpose3d as conv_transpose3d
from ..ops.ctc import ctc_loss as ctc_loss
from ..ops.distance import cosine_similarity as cosine_similarity
from ..ops.distance import pairwise_distance as pairwise_distance
from ..ops.distance import pdist as pdist
from ..ops.embedding import embedding as embedding
from ..ops.embedding import embedding_bag as embedding_bag
from ..ops.fractional import fractional_max_pool2d as fractional_max_pool2d
from ..ops.fractional import fractional_max_pool3d as fractional_max_pool3d
from ..ops.grid import affine_grid as affine_grid
from ..ops.grid import grid_sample as grid_sample
from ..ops.interpolate import interpolate as interpolate
from ..ops.likelihood import gaussian_nll_loss as gaussian_nll_loss
from ..ops.likelihood import multilabel_soft_margin_loss as multilabel_soft_margin_loss
from ..ops.likelihood import poisson_nll_loss as poisson_nll_loss
from ..ops.margin import cosine_embedding_loss as cosine_embedding_loss
from ..ops.margin import hinge_embedding_loss as hinge_embedding_loss
from ..ops.margin import margin_ranking_loss as margin_ranking_loss
from ..ops.margin import multi_margin_loss as multi_margin_loss
from ..ops.margin import multilabel_margin_loss as multilabel_margin_loss
from ..ops.margin import soft_margin_loss as soft_margin_loss
from ..ops.margin import triplet_margin_loss as triplet_margin_loss
from ..ops.margin import (
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)
from ..ops.normalization import batch_norm as batch_norm
from ..ops.normalization import group_norm as group_norm
from ..ops.normalization import instance_norm as instance_norm
from ..ops.normalization import layer_norm as layer_norm
from ..ops.normalization import local_response_norm as local_response_norm
from ..ops.normalization import rms_norm as rms_norm
from ..ops.pixels import channel_shuffle as channel_shuffle
from ..ops.pixels import native_channel_shuffle as native_channel_shuffle
from ..ops.pixels import pixel_shuffle as pixel_shuffle
from ..ops.pixels import pixel_unshuffle as pixel_unshuffle
from ..ops.pooling import avg_pool1d as avg_pool1d
from ..ops.pooling import avg_pool2d as avg_pool2d
from ..ops.pooling import avg_pool3d as avg_pool3d
from ..ops.pooling import lp_pool1d as lp_pool1d
from ..ops.pooling import lp_pool2d as lp_pool2d
from ..ops.pooling import lp_pool3d as lp_pool3d
from ..ops.pooling import max_pool1d as max_pool1d
from ..ops.pooling import max_pool2d as max_pool2d
from ..ops.pooling import max_pool3d as max_pool3d
from ..ops.recurrent import gru_layer as gru_layer
from ..ops.recurrent import lstm_layer as lstm_layer
from ..ops.recurrent import rnn_layer as rnn_layer
from ..ops.reduction import chosen_reduction, summed_up
from ..ops.sequence import pack_rows as pack_rows
from ..ops.sequence import pad_rows as pad_rows
from ..ops.sequence import pad_sequences as pad_sequences
from ..ops.unpooling import max_unpool1d as max_unpool1d
from ..ops.unpooling import max_unpool2d as max_unpool2d
from ..ops.unpooling import max_unpool3d as max_unpool3d
from ..random import uniform
from ..tensors_only import check_tensors, tensors_only

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
    function.__module__ = __name__  # where pickle finds it
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


@tensors_only(asks="softmax")
def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Turn scores into probabilities: positive, and together 1 along a dimension.

    >>> F.softmax(torch.tensor([1., 2., 3.]), dim=0)
    tensor([0.0900, 0.2447, 0.6652])
    """
    return ops.softmax(input, _dim("softmax", dim, input.ndim), dtype)


@tensors_only(asks="log_softmax")
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


@tensors_only(asks="dim")
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


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """Let a random share of what is negative through while training; else their mean.

    >>> F.rrelu(torch.tensor([-6., 2.]), 1 / 6, 1 / 2)
    tensor([-2.,  2.])
    """
    if lower > upper:
        raise RuntimeError(
            f"Expected lower <= upper, but got lower={float(lower)} and upper={float(upper)}: the "
            "lower bound should be less than or equal to the upper bound"
        )
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    drawn = lower + (upper - lower) * uniform(input.shape)
    slope = wrap(move(drawn.astype(input.array.dtype), device_of(input.array)))
    y = ops.where(input <= 0, input * slope, input)
    return input.write(y) if inplace else y


def _into_input(function):
    """Make the form of a function that writes its result into the input."""

    @functools.wraps(function)
    def call(input, *settings, **named):
        return input.write(function(input, *settings, **named))

    call.__name__ = call.__qualname__ = function.__name__ + "_"
    return call


celu_, elu_, selu_ = _into_input(celu), _into_input(elu), _into_input(selu)
leaky_relu_, rrelu_ = _into_input(leaky_relu), _into_input(rrelu)
hardtanh_, threshold_ = _into_input(hardtanh), _into_input(threshold)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Draw from the classes that scores describe, so that gradients can pass.

    The lower ``tau``, the nearer is one probability to 1; with ``hard`` it is 1, and the gradient
    is still that of the softmax.

    >>> F.gumbel_softmax(torch.tensor([[0., 100.]]), hard=True)
    tensor([[0., 1.]])
    """
    drawn = -np.log(-np.log1p(-uniform(logits.shape)))
    noise = wrap(move(drawn.astype(logits.array.dtype), device_of(logits.array)))
    soft = ops.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    best = ops.argmax(soft.detach(), dim, keepdim=True)
    chosen = ops.scatter(soft.detach() * 0, dim, best, 1.0)
    return chosen - soft.detach() + soft


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


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """Make a picture larger: the old name of ``interpolate``.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> F.upsample(torch.tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    warnings.warn(
        "`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """Make a picture larger by repeating pixels: use ``interpolate``.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> F.upsample_nearest(torch.tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    warnings.warn(
        "`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    """Make a picture larger by mixing neighbours: use ``interpolate``.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> F.upsample_bilinear(torch.tensor([[[[0., 1.]]]]), size=(1, 3))
    tensor([[[[0.0000, 0.5000, 1.0000]]]])
    """
    warnings.warn(
        "`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


# --- maxima and their places


def _with_indices(pool):
    """Make ``max_pool2d_with_indices`` of ``max_pool2d``."""
    wants = inspect.signature(pool)

    def call(*args, **named):
        given = wants.bind(*args, **named)
        given.arguments["return_indices"] = True
        return pool(*given.args, **given.kwargs)

    call.__name__ = call.__qualname__ = f"{pool.__name__}_with_indices"
    call.__doc__ = f"Do what ``{pool.__name__}`` does, and tell where each maximum was found."
    call.__signature__ = wants
    return call


max_pool1d_with_indices = _with_indices(max_pool1d)
max_pool2d_with_indices = _with_indices(max_pool2d)
max_pool3d_with_indices = _with_indices(max_pool3d)
adaptive_max_pool1d_with_indices = _with_indices(adaptive_max_pool1d)
adaptive_max_pool2d_with_indices = _with_indices(adaptive_max_pool2d)
adaptive_max_pool3d_with_indices = _with_indices(adaptive_max_pool3d)
fractional_max_pool2d_with_indices = _with_indices(fractional_max_pool2d)
fractional_max_pool3d_with_indices = _with_indices(fractional_max_pool3d)


# --- dropout


def _dropped(input, p, training, inplace, shape):
    """Replace elements by 0 with probability p, and raise the rest so that the mean stays."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    if p < 1:
        _refuse_whole_numbers(input)
    place = device_of(input.array)
    kept = uniform(shape, place=place) >= p
    scale = 0.0 if p == 1 else 1 / (1 - p)
    mask = move((kept * scale).astype(input.array.dtype), place)
    y = input * wrap(mask)
    return input.write(y) if inplace else y


def _refuse_whole_numbers(input):
    """Raise PyTorch's error where whole numbers would be multiplied by 1 / (1 - p)."""
    if input.dtype.rank < dtypes.FLOATING and input.numel():
        raise RuntimeError(
            "result type Float can't be cast to the desired output type "
            f"{_legacy(input)}: what dropout keeps is raised, and whole numbers cannot be. "
            "Convert it: x.float()"
        )


def dropout(input, p=0.5, training=True, inplace=False):
    """Replace elements by 0 at random while training; raise the others, so that the mean stays.

    >>> F.dropout(torch.ones(3), 0.5, training=False)
    tensor([1., 1., 1.])
    """
    check_tensors("dropout", input=input)
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
    return _dropped(input, p, training, inplace, _channels(input, p, training))


def dropout3d(input, p=0.5, training=True, inplace=False):
    """Drop whole channels of (N, C, D, H, W) or (C, D, H, W).

    >>> y = F.dropout3d(torch.ones(1, 50, 2, 4, 4))
    >>> (y == y[..., :1, :1, :1]).all()  # in a channel, all or none are dropped
    tensor(True)
    """
    lead = 2 if input.ndim == 5 else 1  # without a batch the channels come first
    return _dropped(input, p, training, inplace, _channels(input, p, training, lead))


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Drop elements to SELU's lower limit, so that mean and spread stay: for SELU networks.

    >>> F.alpha_dropout(torch.ones(3), 0.5)
    tensor([1., 1., 1.])
    """
    check_tensors("alpha_dropout", input=input)
    return _alpha_dropped(input, p, training, inplace, input.array.shape)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Drop whole channels of (N, C, ...) to SELU's lower limit.

    >>> y = F.feature_alpha_dropout(torch.ones(1, 50, 4), training=True)
    >>> (y == y[..., :1]).all()  # in a channel, all or none are dropped
    tensor(True)
    """
    return _alpha_dropped(input, p, training, inplace, _channels(input, p, training))


def _channels(input, p, training, lead=2):
    """Give the shape of what is drawn where whole channels of (N, C, ...) are dropped."""
    if input.ndim < lead and training and 0 < p < 1 and input.numel():
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return *input.array.shape[:lead], *(1,) * (input.ndim - lead)


def _alpha_dropped(input, p, training, inplace, shape):
    """Replace elements by SELU's lower limit, then stretch and shift to mean 0 and spread 1."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    if p == 1:
        y = input * 0
        return input.write(y) if inplace else y
    _refuse_whole_numbers(input)
    limit = 1.7580993408473766  # SELU's scale times its alpha
    stretch = 1 / math.sqrt((limit**2 * p + 1) * (1 - p))
    place, dtype = device_of(input.array), input.array.dtype
    kept = uniform(shape, place=place) >= p
    shift = (kept - 1.0) * limit * stretch + limit * stretch * p
    kept, shift = [wrap(move(x.astype(dtype), place)) for x in (kept * stretch, shift)]
    y = input * kept + shift
    return input.write(y) if inplace else y


# --- distances and products


@tensors_only
def bilinear(input1, input2, weight, bias=None):
    r"""Multiply every number of one vector with every number of another, and weigh the products.

    $y_o = \sum_{ij} x_i\, W_{oij}\, z_j + b_o$

    >>> F.bilinear(torch.tensor([[1., 2.]]), torch.tensor([[3.]]), torch.ones(1, 2, 1))
    tensor([[9.]])
    """
    _check_bilinear(input1, input2, weight, bias)
    outputs, rows, columns = weight.shape
    matrix = ops.reshape(ops.permute(weight, (1, 0, 2)), (rows, outputs * columns))
    mixed = ops.matmul(input1, matrix)
    mixed = ops.reshape(mixed, (*input1.shape[:-1], outputs, columns))
    y = ops.sum(mixed * ops.unsqueeze(input2, -2), -1, dtype=mixed.dtype)
    return y if bias is None else y + bias


def _check_bilinear(input1, input2, weight, bias):
    """Raise PyTorch's errors where the operands of bilinear do not fit."""
    if input1.ndim != input2.ndim:
        raise RuntimeError(
            f"bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}"
        )
    if not input1.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    for dim, (m, n) in enumerate(zip(input1.shape[:-1], input2.shape[:-1])):
        if m != n:
            raise RuntimeError(
                f"bilinear(): input batch dimensions do not match at dim {dim}: got {m} and {n}"
            )
    for i, x in ((1, input1), (2, input2)):
        if x.shape[-1] != weight.shape[i]:
            raise RuntimeError(
                f"bilinear(): input{i} size does not match weight size: got {x.shape[-1]} but "
                f"expected {weight.shape[i]}"
            )
    if bias is not None and bias.shape != (weight.shape[0],):
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias.shape[0]} but expected "
            f"{weight.shape[0]}"
        )
    given = {"input1": input1, "input2": input2, "weight": weight, "bias": bias}
    kinds = {name: x.dtype.name for name, x in given.items() if x is not None}
    if len(set(kinds.values())) > 1 and general.mixed is None:  # autocast brings them together
        said = ", ".join(f"{name}: {CPP_NAMES[kind]}" for name, kind in kinds.items())
        raise RuntimeError(f"All tensors must have the same dtype, got {said}")


@tensors_only(asks="norm")
def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """Divide by the length along a dimension: what is left is the direction.

    >>> F.normalize(torch.tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    length = ops.clamp_min(ops.norm(input, p, dim, keepdim=True), eps)
    return ops.div(input, length, out=out)


# --- losses


def _same_shape(input, target):
    """Warn, in PyTorch's words, where a loss is about to broadcast; then do it."""
    if input.array.shape == target.array.shape:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size "
        f"({input.shape}). This will likely lead to incorrect results due to broadcasting. Please "
        "ensure they have the same size.",
        stacklevel=4,
    )
    return ops.broadcast_tensors(input, target)


def _note_sizes(error, loss, input, target):
    """Add to an error of a loss the names, the line and what would work."""
    note(error, loss.__name__, ("input", "target"), [input, target], lambda xs: loss(*xs))


def _given(function, **weights):
    """Raise PyTorch's error where a gradient is asked for that a loss does not compute."""
    for name, weight in weights.items():
        if weight is not None and weight.node is not None:
            raise RuntimeError(
                f"The function '{function}' is not differentiable with respect to argument "
                f"'{name}'. This input cannot have requires_grad True."
            )


def _check_stretched(shape, weight):
    """Raise PyTorch's error where a weight has more losses than there are inputs."""
    pairs = zip(reversed(shape), reversed(weight.shape))
    if weight.ndim > len(shape) or any(n == 1 != m for n, m in pairs):
        wide = ops.broadcast_shapes(shape, weight.shape)
        raise RuntimeError(
            f"output with shape {list(shape)} doesn't match the broadcast shape {list(wide)}"
        )


def _weighted(each, weight, shape, reduction):
    """Reduce losses by given weights: their mean is divided by the sum of the weights."""
    if weight.shape != shape:
        raise ValueError("Weights and input must have the same size.")
    if reduction == "mean":
        return ops.sum(each * weight) / ops.sum(weight)
    return summed_up(each * weight, reduction)


@tensors_only(asks="size")
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Average the squared differences between output and target.

    Both have the same shape. If not, it warns and broadcasts: an output (N, 1) and a target (N,)
    make N * N differences, and a wrong loss. ``squeeze`` the one or ``unsqueeze`` the other.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """
    if input.array.shape != target.array.shape:
        input, target = _same_shape(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    if weight is not None:
        return _weighted(ops.mse_loss(input, target, "none"), weight, input.shape, reduction)
    return ops.mse_loss(input, target, reduction)


@tensors_only(asks="size")
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Average the distances between output and target.

    >>> F.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(1.)
    """
    input, target = _same_shape(input, target)
    each = ops.abs(input - target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    if weight is not None:
        return _weighted(each, weight, input.shape, reduction)
    return summed_up(each, reduction)


@tensors_only(asks="size")
def smooth_l1_loss(
    input, target, size_average=None, reduce=None, reduction="mean", beta=1.0
):
    """Average the distances, rounded off to a parabola where they are below ``beta``.

    >>> F.smooth_l1_loss(torch.tensor([0.5, 3.]), torch.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """
    input, target = _same_shape(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    if beta == 0:
        return summed_up(ops.abs(input - target), reduction)
    return ops.smooth_l1_loss(input, target, reduction, beta)


@tensors_only(asks="size")
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
    return summed_up(ops.huber_loss(input, target, "none", delta) * weight, reduction)


@tensors_only(name="nll_loss_nd")
def nll_loss(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
):  # fmt: skip
    """Average the negative log-probabilities of the right classes.

    ``input`` holds log-probabilities (N, C), from ``log_softmax``; ``target`` class numbers (N,),
    of int64. ``cross_entropy`` does both at once, from scores.

    >>> F.nll_loss(torch.tensor([[-0.1, -2.4], [-1.6, -0.2]]), torch.tensor([0, 1]))
    tensor(0.1500)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    _given("nll_loss_forward", weight=weight)
    return ops.nll_loss(input, target, weight, reduction, ignore_index)


@tensors_only(name="cross_entropy_loss")
def cross_entropy(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
    label_smoothing=0.0,
):  # fmt: skip
    """Compare scores for every class with the right classes; softmax is inside.

    Give it the scores as the last layer makes them, not probabilities: it takes their softmax
    itself. The loss of one row x with the right class t is -log(exp(x[t]) / sum(exp(x))): 0 if
    the model is sure and right, about log(C) if it guesses among C classes (2.3 for ten).

    Args:
        input: scores (N, C) for N examples and C classes; also (C,) for one example, or
            (N, C, height, width) for a class at each pixel.
        target: the right classes (N,), as int64 numbers from 0 to C - 1 (not floats, and not
            (N, 1)); or a probability for each class, as floats in the shape of ``input``.
        weight: (C,), how much each class counts: a larger number for a rare class.
        ignore_index: targets with this number do not count; good for padding.
        reduction: ``"mean"``, ``"sum"``, or ``"none"``: one loss for each example. With a
            ``weight`` and class numbers the mean is divided by the targets' weights, not by N.
        label_smoothing: from 0 to 1: this part of the truth is shared out among all classes.
        size_average: an older word for ``reduction``.
        reduce: likewise.

    >>> scores = torch.tensor([[2., 0., 0.], [0., 1., 0.]])
    >>> F.cross_entropy(scores, torch.tensor([0, 2]))
    tensor(0.8955)
    >>> F.cross_entropy(scores, torch.tensor([0, 2]), reduction="none")
    tensor([0.2395, 1.5514])
    >>> F.cross_entropy(scores, torch.tensor([[1., 0., 0.], [0., 0., 1.]]))  # as probabilities
    tensor(0.8955)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(
            f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
        )
    check_tensors("cross_entropy_loss", input=input, target=target)
    if input.array.shape == target.array.shape:
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing, ignore_index)
    _given("nll_loss_forward", weight=weight)
    try:
        hard = ops.cross_entropy(input, target, weight, reduction, ignore_index)
    except (RuntimeError, ValueError):
        if input.dtype.is_floating_point:
            raise
        raise _no_scores(input, target) from None
    if label_smoothing == 0:
        return hard
    even = _even_cross_entropy(input, target, weight, reduction, ignore_index)
    return (1 - label_smoothing) * hard + label_smoothing * even


def _no_scores(input, target):
    """Word that the scores are whole numbers: mostly they were given second."""
    said = f'"log_softmax_lastdim_kernel_impl" not implemented for \'{_legacy(input)}\''
    with suppress(Exception), no_grad():
        ops.cross_entropy(target, input, None, "mean", -100)
        said += ". The scores come first, the classes second: swap the two"
    error = NotImplementedError(said)
    _note_sizes(error, cross_entropy, input, target)
    return error


def _soft_cross_entropy(input, target, weight, reduction, smoothing, ignore_index):
    """Compute the cross entropy with a probability for every class."""
    if not target.dtype.is_floating_point:
        error = RuntimeError(
            "Expected floating point type for target with class probabilities, got "
            f"{_legacy(target)}"
        )
        _note_sizes(error, cross_entropy, input, target)
        raise error
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    dim = 0 if input.ndim == 1 else 1
    classes = input.shape[dim]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    each = -(ops.log_softmax(input, dim) * target * _of_class(weight, input))
    if reduction == "mean":
        return ops.sum(each) / (input.numel() / (classes or 1) or math.nan)
    return summed_up(ops.sum(each, dim) if reduction == "none" else each, reduction)


def _even_cross_entropy(input, target, weight, reduction, ignore_index):
    """Compute the cross entropy with all classes equally right: what label smoothing mixes in."""
    dim = 0 if input.ndim == 1 else 1
    each = -ops.mean(ops.log_softmax(input, dim) * _of_class(weight, input), dim)
    kept = target != ignore_index
    each = ops.where(kept, each, 0.0)
    if reduction != "mean":
        return summed_up(each, reduction)
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


@tensors_only(asks="size")
def binary_cross_entropy(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Punish probabilities for what they gave to the wrong answer.

    ``input`` holds probabilities from 0 to 1, ``target`` floats from 0 (no) to 1 (yes) in the same
    shape. For scores, use ``binary_cross_entropy_with_logits``.

    >>> F.binary_cross_entropy(torch.tensor([0.9, 0.2]), torch.tensor([1., 0.]))
    tensor(0.1643)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    if input.shape != target.shape:
        error = ValueError(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}) is deprecated. Please ensure they have the same size."
        )
        _note_sizes(error, binary_cross_entropy, input, target)
        raise error
    if input.dtype is not target.dtype:
        error = RuntimeError(f"Found dtype {_legacy(target)} but expected {_legacy(input)}")
        _note_sizes(error, binary_cross_entropy, input, target)
        raise error
    if weight is not None:
        _given("binary_cross_entropy", weight=weight)
        _check_stretched(input.shape, weight)
        weight = ops.expand(weight, ops.broadcast_shapes(target.shape, weight.shape))
    return ops.binary_cross_entropy(input, target, weight, reduction)


@tensors_only(asks="size")
def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """Punish scores, through their sigmoid, for what they gave to the wrong answer.

    The sigmoid is inside: give scores, not probabilities. ``target`` holds floats from 0 (no) to 1
    (yes) in the same shape; ``pos_weight`` says how many times more a yes counts than a no.

    >>> F.binary_cross_entropy_with_logits(torch.tensor([2., -1.]), torch.tensor([1., 0.]))
    tensor(0.2201)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    if input.shape != target.shape:
        error = ValueError(
            f"Target size ({target.shape}) must be the same as input size ({input.shape})"
        )
        _note_sizes(error, binary_cross_entropy_with_logits, input, target)
        raise error
    if not target.dtype.is_floating_point:
        error = RuntimeError(
            f"result type {_legacy(input)} can't be cast to the desired output type "
            f"{_legacy(target)}"
        )
        _note_sizes(error, binary_cross_entropy_with_logits, input, target)
        raise error
    _given("binary_cross_entropy_with_logits", weight=weight, pos_weight=pos_weight)
    for given in (weight, pos_weight):
        if given is not None:
            _check_stretched(input.shape, given)
    return ops.binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction)


@tensors_only
def kl_div(
    input, target, size_average=None, reduce=None, reduction="mean", log_target=False
):
    """Measure how far log-probabilities are from a target distribution.

    >>> F.kl_div(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[1., 0.]]), reduction="batchmean")
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = chosen_reduction(size_average, reduce, reduction)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math "
            "definition.'mean' will be changed to behave the same as 'batchmean' in the next major "
            "release.",
            stacklevel=3,
        )
    check_tensors("kl_div", input=input, target=target)
    if log_target:
        each = ops.exp(target) * (target - input)
    else:
        each = ops.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return ops.sum(each) / input.shape[0] if input.ndim else ops.sum(each)
    return summed_up(each, reduction)


def linear_cross_entropy(
    input, linear_weight, target, *, linear_bias=None, weight=None, reduction="mean",
    ignore_index=None, label_smoothing=0.0, options=None,
):  # fmt: skip
    """Multiply by a matrix, then take the cross entropy: a classifier's last layer and its loss.

    >>> x, w = torch.eye(2), torch.tensor([[1., 0.], [0., 1.]])
    >>> F.linear_cross_entropy(x, w, torch.tensor([0, 1]))
    tensor(0.3133)
    """
    _check_last_layer(input, linear_weight, linear_bias)
    shape = *input.shape[:-1], *linear_weight.shape[:-1]
    if ignore_index is not None and target.shape == shape:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    matrix = ops.reshape(linear_weight, (-1, linear_weight.shape[-1]))
    bias = None if linear_bias is None else ops.reshape(linear_bias, (-1,))
    scores = ops.reshape(linear(input, matrix, bias), shape)
    return cross_entropy(
        scores, target, weight, ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction, label_smoothing=label_smoothing,
    )  # fmt: skip


def _check_last_layer(input, weight, bias):
    """Raise PyTorch's errors where input, matrix and bias do not fit."""
    if input.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.ndim}")
    if weight.ndim < 2:
        raise RuntimeError(
            f"expected linear_weight with dimensionality at least 2, got {weight.ndim}"
        )
    if input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {weight.shape[-1]}, respectively"
        )
    if bias is not None and bias.shape != weight.shape[:-1]:
        raise RuntimeError(
            f"expected linear_bias shape {tuple(weight.shape[:-1])}, got {tuple(bias.shape)}"
        )
    if weight.ndim > 2 and input.ndim < 2:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} requires "
            f"batched input, (N, {input.shape[-1]}), got unbatched input with shape "
            f"{tuple(input.shape)}"
        )


__getattr__ = _explaining(__name__)
