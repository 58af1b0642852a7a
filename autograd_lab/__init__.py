"""PyTorch made of glass: ``import autograd_lab as torch``.

The names, the calls and the numbers are PyTorch's; the source is short enough to be read.
Everything is defined in the file that its import path names, and only listed here.

>>> import autograd_lab as torch
>>> x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([2., 4., 6.])
"""

import math as _math
import warnings as _warnings
from importlib import import_module as _import_module

import numpy as _numpy

# PyTorch lets log(0) be -inf without a word; NumPy's remark about it would only puzzle.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"autograd_lab\.")

# A large array, given back untouched: glibc's allocator then keeps what is freed at hand, up to
# 64 MB. Before that it returns each large array to the system, and fetches it anew page by page.
_numpy.empty(31 << 20, "uint8")

from . import methods as _methods
from . import printing as _printing
from .core import Size, Tensor
from .creation import (
    arange, as_tensor, asarray, empty, empty_like, eye, from_numpy, full, full_like, linspace,
    logspace, ones, ones_like, tensor, zeros, zeros_like,
)  # fmt: skip
from .device import device
from .dtypes import (
    bool, cdouble, cfloat, complex64, complex128, double, dtype, finfo, float, float16, float32,
    float64, get_default_dtype, half, iinfo, int, int8, int16, int32, int64, long,
    promote_types, set_default_dtype, short, uint8,
)  # fmt: skip
from .formats import (
    channels_last, channels_last_3d, contiguous_format, layout, memory_format, preserve_format,
    strided,
)  # fmt: skip
from .general import result_type
from .grad_mode import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad,
    set_grad_enabled,
)  # fmt: skip
from .legacy import (
    BoolTensor, ByteTensor, DoubleTensor, FloatTensor, IntTensor, LongTensor, is_complex,
    is_floating_point, is_tensor,
)  # fmt: skip
from .methods import fill_, zero_
from .ops import (
    abs, absolute, acos, acosh, add, addbmm, addcdiv, addcmul, addmm, addmv, addr, adjoint, all,
    allclose, amax, amin, aminmax, angle, any, arccos, arccosh, arcsin, arcsinh, arctan,
    arctan2, arctanh, argmax, argmin, argsort, argwhere, as_strided, asin,
    asinh, atan, atan2, atanh, atleast_1d, atleast_2d, atleast_3d, baddbmm,
    binary_cross_entropy_with_logits, bincount, bitwise_and, bitwise_left_shift, bitwise_not,
    bitwise_or, bitwise_right_shift, bitwise_xor, block_diag, bmm, broadcast_shapes,
    broadcast_tensors, broadcast_to, bucketize, cartesian_prod, cat, ceil, celu, cholesky,
    cholesky_inverse, cholesky_solve, chunk, clamp, clamp_max, clamp_min, clip, clone,
    column_stack, combinations, complex, concat, concatenate, conj, conj_physical, copysign,
    corrcoef, cos, cosh, count_nonzero, cov, cross, cummax, cummin, cumprod, cumsum, deg2rad,
    det, diag, diag_embed, diagflat, diagonal, diagonal_scatter, diff, dist, div, divide, dot,
    dsplit, dstack, einsum, eq, equal, erf, erfc, erfinv, exp, exp2, expm1, fill, fix, flatten,
    flip, fliplr, flipud, float_power, floor, floor_divide, fmax, fmin, fmod, frac, frexp,
    gather, gcd, ge, geqrf, ger, greater, greater_equal, gt, hardshrink, heaviside, histc,
    histogram, hsplit, hstack, hypot, imag, index_add, index_copy, index_fill, index_put,
    index_reduce, index_select, inner, inverse, isclose, isfinite, isin, isinf, isnan, isneginf,
    isposinf, isreal, kron, kthvalue, lcm, ldexp, le, lerp, less, less_equal, log, log1p, log2,
    log10, log_softmax, logaddexp, logaddexp2, logcumsumexp, logdet, logical_and, logical_not,
    logical_or, logical_xor, logit, logsumexp, lt, lu, lu_solve, lu_unpack, masked_fill,
    masked_scatter, masked_select, matmul, matrix_exp, matrix_power, max, maximum, mean, median,
    meshgrid, min, minimum, mm, mode, moveaxis, movedim, msort, mul, multiply, mv, nan_to_num,
    nanmean, nanmedian, nanquantile, nansum, narrow, ne, neg, negative, nextafter, nonzero,
    nonzero_static, norm, not_equal, numel, ormqr, outer, permute, pinverse, polar, positive,
    pow, prelu, prod, put, qr, quantile, rad2deg, ravel, real, reciprocal, relu, remainder,
    renorm, repeat, repeat_interleave, reshape, resolve_conj, resolve_neg, roll, rot90, round,
    row_stack, rsqrt, rsub, scatter, scatter_add, scatter_reduce, searchsorted, select,
    select_scatter, selu, sgn, sigmoid, sign, signbit, sin, sinc, sinh, slice_scatter, slogdet,
    softmax, sort, split, split_with_sizes, sqrt, square, squeeze, stack, std, std_mean, sub,
    subtract, sum, svd, swapaxes, swapdims, t, take, take_along_dim, tan, tanh, tensor_split,
    tensordot, threshold, tile, topk, trace, transpose, triangular_solve, tril, tril_indices,
    triu, triu_indices, true_divide, trunc, unbind, unflatten, unique, unique_consecutive,
    unravel_index, unsqueeze, vander, var, var_mean, vdot, view_as_complex, view_as_real,
    vsplit, vstack, where, xlogy,
)  # fmt: skip
from .printing import set_printoptions
from .random import (
    Generator, bernoulli, default_generator, get_rng_state, initial_seed, manual_seed,
    multinomial, normal, rand, rand_like, randint, randint_like, randn, randn_like, randperm,
    seed, set_rng_state,
)  # fmt: skip
from .watching import in_notebook as _in_notebook
from .watching import remember_lines, watch

inf, nan, pi, e = _math.inf, _math.nan, _math.pi, _math.e
newaxis = None
__version__ = "0.1.0"

# What waits until a program names it, so that this import stays light: name -> where it is.
_LATER = {
    "GradScaler": "amp", "accelerator": "accelerator", "adaptive_avg_pool1d": "nn.functional",
    "adaptive_max_pool1d": "nn.functional", "affine_grid_generator": "ops.grid",
    "alias_copy": "ops.copies", "alpha_dropout": "nn.functional", "amp": "amp",
    "are_deterministic_algorithms_enabled": "settings", "as_strided_copy": "ops.copies",
    "as_torch": "importing", "autocast": "amp", "autograd": "autograd",
    "avg_pool1d": "nn.functional", "backends": "backends", "bfloat16": "amp",
    "bilinear": "nn.functional", "cdist": "ops.distance", "chain_matmul": "ops.solving",
    "channel_shuffle": "nn.functional", "compile": "compiler", "compiler": "compiler",
    "conv1d": "nn.functional", "conv2d": "nn.functional", "conv3d": "nn.functional",
    "conv_transpose1d": "nn.functional", "conv_transpose2d": "nn.functional",
    "conv_transpose3d": "nn.functional", "cosine_similarity": "nn.functional", "cuda": "cuda",
    "cumulative_trapezoid": "ops.integrate", "datasets": "datasets",
    "diagonal_copy": "ops.copies", "dropout": "nn.functional", "expand_copy": "ops.copies",
    "feature_alpha_dropout": "nn.functional", "fft": "fft", "func": "func",
    "get_autocast_dtype": "amp", "get_default_device": "settings",
    "get_deterministic_debug_mode": "settings", "get_float32_matmul_precision": "settings",
    "get_num_interop_threads": "settings", "get_num_threads": "settings",
    "gradient": "ops.integrate", "graph": "graph", "grid_sampler": "ops.grid",
    "group_norm": "nn.functional", "histogramdd": "ops.statistics", "hub": "hub",
    "is_autocast_available": "amp", "is_autocast_enabled": "amp",
    "is_deterministic_algorithms_warn_only_enabled": "settings",
    "is_warn_always_enabled": "settings", "istft": "ops.fourier", "jit": "jit",
    "layer_norm": "nn.functional", "linalg": "linalg", "load": "serialization",
    "masked": "masked", "max_pool1d": "nn.functional", "max_pool2d": "nn.functional",
    "max_pool3d": "nn.functional", "mps": "mps", "narrow_copy": "ops.copies",
    "native_channel_shuffle": "nn.functional", "nn": "nn", "onnx": "onnx", "optim": "optim",
    "orgqr": "ops.decompositions", "pairwise_distance": "nn.functional",
    "pdist": "nn.functional", "permute_copy": "ops.copies", "pixel_shuffle": "nn.functional",
    "pixel_unshuffle": "nn.functional", "profiler": "profiler", "record": "graph",
    "resize_as_": "ops.strided", "rms_norm": "nn.functional", "rrelu": "nn.functional",
    "save": "serialization", "serialization": "serialization", "set_default_device": "settings",
    "set_default_tensor_type": "settings", "set_deterministic_debug_mode": "settings",
    "set_float32_matmul_precision": "settings", "set_flush_denormal": "settings",
    "set_num_interop_threads": "settings", "set_num_threads": "settings",
    "set_warn_always": "settings", "special": "special", "split_copy": "ops.copies",
    "split_with_sizes_copy": "ops.copies", "squeeze_copy": "ops.copies", "stft": "ops.fourier",
    "t_copy": "ops.copies", "test_model": "train", "testing": "testing", "train_model": "train",
    "transpose_copy": "ops.copies", "trapezoid": "ops.integrate", "trapz": "ops.integrate",
    "unbind_copy": "ops.copies", "unfold_copy": "ops.copies", "unsqueeze_copy": "ops.copies",
    "use_deterministic_algorithms": "settings", "utils": "utils", "version": "version",
    "view_copy": "ops.copies", "vmap": "func", "xpu": "xpu",
}  # fmt: skip


def __getattr__(name):
    place = _LATER.get(name)
    if place is None:
        from .missing import no_such_name

        raise no_such_name(__name__, name)
    module = _import_module(f"{__name__}.{place}")
    globals()[name] = found = module if place == name else getattr(module, name)
    return found


def __dir__():
    return sorted({*globals(), *_LATER})


if _in_notebook():
    from .mistake_picture import show_mistakes as _show_mistakes

    remember_lines()
    _show_mistakes()
