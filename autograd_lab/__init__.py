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
    BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor,
    LongTensor, ShortTensor, has_mps, is_complex, is_floating_point, is_storage, is_tensor,
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
    Generator, bernoulli, binomial, default_generator, get_rng_state, initial_seed, manual_seed,
    multinomial, normal, poisson, rand, rand_like, randint, randint_like, randn, randn_like,
    randperm, seed, set_rng_state,
)  # fmt: skip
from .version import __version__
from .watching import in_notebook as _in_notebook
from .watching import remember_lines

inf, nan, pi, e = _math.inf, _math.nan, _math.pi, _math.e
newaxis = None

# What waits until a program names it, so that this import stays light: place -> names.
_PLACES = {
    "": """
        accelerator amp autograd backends compiler cuda datasets distributed distributions fft func
        functional graph hub jit linalg masked mps multiprocessing nn onnx optim profiler
        serialization signal special testing text torch_version types utils version vision xpu
    """,
    "amp": """
        GradScaler autocast bfloat16 get_autocast_dtype is_autocast_available
        is_autocast_enabled
    """,
    "autograd.anomaly_mode": "is_anomaly_enabled",
    "compiler": "compile cond while_loop",
    "cuda": "OutOfMemoryError",
    "func": "vmap",
    "graph": "record",
    "importing": "as_torch",
    "nn.functional": """
        adaptive_avg_pool1d adaptive_max_pool1d alpha_dropout avg_pool1d bilinear
        channel_shuffle conv1d conv2d conv3d conv_transpose1d conv_transpose2d
        conv_transpose3d cosine_similarity dropout feature_alpha_dropout group_norm gru_cell
        layer_norm lstm_cell max_pool1d max_pool1d_with_indices max_pool2d max_pool3d
        native_channel_shuffle pairwise_distance pdist pixel_shuffle pixel_unshuffle
        rms_norm rnn_relu_cell rnn_tanh_cell rrelu
    """,
    "ops.bessel": "i0",
    "ops.borders": "constant_pad_nd",
    "ops.buffers": "frombuffer",
    "ops.chains": "chain_matmul vander",
    "ops.copies": """
        alias_copy as_strided_copy diagonal_copy expand_copy narrow_copy permute_copy
        split_copy split_with_sizes_copy squeeze_copy t_copy transpose_copy unbind_copy
        unfold_copy unsqueeze_copy view_copy
    """,
    "ops.decompositions": "cholesky geqrf lu lu_unpack orgqr ormqr qr",
    "ops.determinants": "det logdet slogdet",
    "ops.digits": "frexp gcd lcm ldexp nextafter",
    "ops.distance": "cdist",
    "ops.facts": """
        can_cast get_device is_conj is_inference is_neg is_nonzero is_same_size is_signed
        typename
    """,
    "ops.fourier": "istft stft",
    "ops.gamma": "digamma lgamma mvlgamma polygamma",
    "ops.grid": "affine_grid_generator grid_sampler grid_sampler_2d grid_sampler_3d",
    "ops.integrate": "cumulative_trapezoid gradient trapezoid trapz",
    "ops.least_squares": "pinverse",
    "ops.low_rank": "pca_lowrank svd_lowrank",
    "ops.making": "empty_permuted empty_strided range scalar_tensor",
    "ops.powers": "matrix_exp matrix_power",
    "ops.same_memory": "detach detach_",
    "ops.solving": "cholesky_inverse cholesky_solve inverse lu_solve triangular_solve",
    "ops.statistics": "corrcoef cov histogram histogramdd nanquantile quantile",
    "ops.strided": "UntypedStorage resize_as_",
    "serialization": "load save",
    "settings": """
        are_deterministic_algorithms_enabled get_default_device get_deterministic_debug_mode
        get_float32_matmul_precision get_num_interop_threads get_num_threads
        is_deterministic_algorithms_warn_only_enabled is_warn_always_enabled
        set_default_device set_default_tensor_type set_deterministic_debug_mode
        set_float32_matmul_precision set_flush_denormal set_num_interop_threads
        set_num_threads set_warn_always use_deterministic_algorithms
    """,
    "signal.windows": "bartlett_window blackman_window hamming_window hann_window kaiser_window",
    "train": "test_model train_model",
    "widgets.monitor.front": "start watch",
    "widgets.step_view": "export step",
}
_LATER = {name: place or name for place, names in _PLACES.items() for name in names.split()}


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
    """Offer PyTorch's names to TAB; the files of the house are imported, not offered."""
    here = {name for name, value in globals().items() if type(value) is not type(_math)}
    return sorted({*here, *_LATER, "random"})


if _in_notebook():
    from .listening import keep_listening as _keep_listening
    from .mistake_picture import show_mistakes as _show_mistakes

    _keep_listening()
    remember_lines()
    _show_mistakes()
