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
    arctan2, arctanh, argmax, argmin, argsort, argwhere, as_strided, asin, asinh, atan, atan2,
    atanh, atleast_1d, atleast_2d, atleast_3d, baddbmm, binary_cross_entropy_with_logits,
    bincount, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift,
    bitwise_xor, block_diag, bmm, broadcast_shapes, broadcast_tensors, broadcast_to, bucketize,
    cartesian_prod, cat, ceil, celu, chunk, clamp, clamp_max, clamp_min, clip, clone,
    column_stack, combinations, complex, concat, concatenate, conj, conj_physical, copysign,
    cos, cosh, count_nonzero, cross, cummax, cummin, cumprod, cumsum, deg2rad, diag, diag_embed,
    diagflat, diagonal, diagonal_scatter, diff, dist, div, divide, dot, dsplit, dstack, einsum,
    eq, equal, erf, erfc, erfinv, exp, exp2, expm1, fill, fix, flatten, flip, fliplr, flipud,
    float_power, floor, floor_divide, fmax, fmin, fmod, frac, gather, ge, ger, greater,
    greater_equal, gt, hardshrink, heaviside, histc, hsplit, hstack, hypot, imag, index_add,
    index_copy, index_fill, index_put, index_reduce, index_select, inner, isclose, isfinite,
    isin, isinf, isnan, isneginf, isposinf, isreal, kron, kthvalue, le, lerp, less, less_equal,
    log, log1p, log2, log10, log_softmax, logaddexp, logaddexp2, logcumsumexp, logical_and,
    logical_not, logical_or, logical_xor, logit, logsumexp, lt, masked_fill, masked_scatter,
    masked_select, matmul, max, maximum, mean, median, meshgrid, min, minimum, mm, mode,
    moveaxis, movedim, msort, mul, multiply, mv, nan_to_num, nanmean, nanmedian, nansum, narrow,
    ne, neg, negative, nonzero, nonzero_static, norm, not_equal, numel, outer, permute, polar,
    positive, pow, prelu, prod, put, rad2deg, ravel, real, reciprocal, relu, remainder, renorm,
    repeat, repeat_interleave, reshape, resolve_conj, resolve_neg, roll, rot90, round,
    row_stack, rsqrt, rsub, scatter, scatter_add, scatter_reduce, searchsorted, select,
    select_scatter, selu, sgn, sigmoid, sign, signbit, sin, sinc, sinh, slice_scatter, softmax,
    sort, split, split_with_sizes, sqrt, square, squeeze, stack, std, std_mean, sub, subtract,
    sum, svd, swapaxes, swapdims, t, take, take_along_dim, tan, tanh, tensor_split, tensordot,
    threshold, tile, topk, trace, transpose, tril, tril_indices, triu, triu_indices,
    true_divide, trunc, unbind, unflatten, unique, unique_consecutive, unravel_index, unsqueeze,
    var, var_mean, vdot, view_as_complex, view_as_real, vsplit, vstack, where, xlogy,
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
    "avg_pool1d": "nn.functional", "backends": "backends", "bartlett_window": "signal.windows",
    "bfloat16": "amp", "bilinear": "nn.functional", "blackman_window": "signal.windows",
    "can_cast": "ops.rare", "cdist": "ops.distance", "chain_matmul": "ops.solving",
    "channel_shuffle": "nn.functional", "cholesky": "ops.decompositions",
    "cholesky_inverse": "ops.solving", "cholesky_solve": "ops.solving", "compile": "compiler",
    "compiler": "compiler", "cond": "compiler", "constant_pad_nd": "ops.rare",
    "conv1d": "nn.functional", "conv2d": "nn.functional", "conv3d": "nn.functional",
    "conv_transpose1d": "nn.functional", "conv_transpose2d": "nn.functional",
    "conv_transpose3d": "nn.functional", "corrcoef": "ops.statistics",
    "cosine_similarity": "nn.functional", "cov": "ops.statistics", "cuda": "cuda",
    "cumulative_trapezoid": "ops.integrate", "datasets": "datasets", "det": "ops.solving",
    "detach": "ops.rare", "detach_": "ops.rare", "diagonal_copy": "ops.copies",
    "digamma": "ops.gamma", "distributions": "distributions", "dropout": "nn.functional",
    "empty_permuted": "ops.rare", "empty_strided": "ops.rare", "expand_copy": "ops.copies",
    "feature_alpha_dropout": "nn.functional", "fft": "fft", "frexp": "ops.digits", "func": "func",
    "gcd": "ops.digits", "geqrf": "ops.decompositions", "get_autocast_dtype": "amp",
    "get_default_device": "settings", "get_deterministic_debug_mode": "settings",
    "get_device": "ops.rare", "get_float32_matmul_precision": "settings",
    "get_num_interop_threads": "settings", "get_num_threads": "settings",
    "gradient": "ops.integrate", "graph": "graph", "grid_sampler": "ops.grid",
    "grid_sampler_2d": "ops.grid", "grid_sampler_3d": "ops.grid", "group_norm": "nn.functional",
    "hamming_window": "signal.windows", "hann_window": "signal.windows",
    "histogram": "ops.statistics", "histogramdd": "ops.statistics", "hub": "hub",
    "i0": "ops.bessel", "inverse": "ops.solving", "is_autocast_available": "amp",
    "is_autocast_enabled": "amp", "is_conj": "ops.rare",
    "is_deterministic_algorithms_warn_only_enabled": "settings", "is_inference": "ops.rare",
    "is_neg": "ops.rare", "is_nonzero": "ops.rare", "is_same_size": "ops.rare",
    "is_signed": "ops.rare", "is_warn_always_enabled": "settings", "istft": "ops.fourier",
    "jit": "jit", "kaiser_window": "signal.windows", "layer_norm": "nn.functional",
    "lcm": "ops.digits", "ldexp": "ops.digits", "lgamma": "ops.gamma", "linalg": "linalg",
    "load": "serialization", "logdet": "ops.solving", "lu": "ops.decompositions",
    "lu_solve": "ops.solving", "lu_unpack": "ops.decompositions", "masked": "masked",
    "matrix_exp": "ops.solving", "matrix_power": "ops.solving", "max_pool1d": "nn.functional",
    "max_pool2d": "nn.functional", "max_pool3d": "nn.functional", "mps": "mps",
    "multiprocessing": "multiprocessing", "mvlgamma": "ops.gamma", "nanquantile": "ops.statistics",
    "narrow_copy": "ops.copies", "native_channel_shuffle": "nn.functional",
    "nextafter": "ops.digits", "nn": "nn", "onnx": "onnx", "optim": "optim",
    "orgqr": "ops.decompositions", "ormqr": "ops.decompositions",
    "pairwise_distance": "nn.functional", "pdist": "nn.functional", "permute_copy": "ops.copies",
    "pinverse": "ops.solving", "pixel_shuffle": "nn.functional", "pixel_unshuffle": "nn.functional",
    "polygamma": "ops.gamma", "profiler": "profiler", "qr": "ops.decompositions",
    "quantile": "ops.statistics", "range": "ops.rare", "record": "graph",
    "resize_as_": "ops.strided", "rms_norm": "nn.functional", "rrelu": "nn.functional",
    "save": "serialization", "scalar_tensor": "ops.rare", "serialization": "serialization",
    "set_default_device": "settings", "set_default_tensor_type": "settings",
    "set_deterministic_debug_mode": "settings", "set_float32_matmul_precision": "settings",
    "set_flush_denormal": "settings", "set_num_interop_threads": "settings",
    "set_num_threads": "settings", "set_warn_always": "settings", "signal": "signal",
    "slogdet": "ops.solving", "special": "special", "split_copy": "ops.copies",
    "split_with_sizes_copy": "ops.copies", "squeeze_copy": "ops.copies", "stft": "ops.fourier",
    "t_copy": "ops.copies", "test_model": "train", "testing": "testing", "text": "text",
    "train_model": "train", "transpose_copy": "ops.copies", "trapezoid": "ops.integrate",
    "trapz": "ops.integrate", "triangular_solve": "ops.solving", "typename": "ops.rare",
    "unbind_copy": "ops.copies", "unfold_copy": "ops.copies", "unsqueeze_copy": "ops.copies",
    "use_deterministic_algorithms": "settings", "utils": "utils", "vander": "ops.solving",
    "version": "version", "view_copy": "ops.copies", "vision": "vision", "vmap": "func",
    "while_loop": "compiler", "xpu": "xpu",
}  # fmt: skip


def __getattr__(name):
    place = _LATER.get(name)
    if place is None and name[-1] == "_" and name[0] != "_" and hasattr(Tensor, name):
        return getattr(Tensor, name)  # torch.relu_(x) is x.relu_()
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
