"""Every operation, each written once: ``OPS`` lists them by name."""

from ..core import OPS as OPS
from .activation import (
    celu, elu, gelu, hardshrink, hardsigmoid, hardswish, hardtanh, leaky_relu, logsigmoid, mish,
    prelu, relu, relu6, selu, silu, softplus, softshrink, softsign, tanhshrink, threshold,
)  # fmt: skip
from .arithmetic import (
    add, addcdiv, addcmul, copy, copysign, div, divide, fill, float_power, floor_divide, fmod,
    hypot, lerp, mul, multiply, neg, negative, positive, pow, reciprocal, remainder, rsqrt, rsub,
    sqrt, square, sub, subtract, true_divide,
)  # fmt: skip
from .compare import (
    allclose, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift,
    bitwise_xor, clamp, clamp_max, clamp_min, clip, eq, equal, fmax, fmin, ge, greater,
    greater_equal, gt, heaviside, isclose, isfinite, isinf, isnan, isneginf, isposinf, isreal, le,
    less, less_equal, logical_and, logical_not, logical_or, logical_xor, lt, masked_fill, maximum,
    minimum, ne, not_equal, signbit, where,
)  # fmt: skip
from .complex_numbers import (
    abs, absolute, angle, complex, conj, conj_physical, imag, real, resolve_conj, sgn,
    view_as_complex, view_as_real,
)  # fmt: skip
from .einsum import contract, einsum
from .linalg import (
    addbmm, addmm, addmv, addr, baddbmm, bmm, cross, dot, ger, inner, kron, matmul, mm, mv, outer,
    tensordot, trace, vdot,
)  # fmt: skip
from .linear import linear
from .loss import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, log_softmax,
    mse_loss, nll_loss, smooth_l1_loss, softmax,
)  # fmt: skip
from .pointwise import (
    acos, acosh, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, asin, asinh, atan,
    atan2, atanh, ceil, cos, cosh, deg2rad, exp, exp2, expm1, fix, floor, frac, log, log1p, log2,
    log10, logaddexp, logit, nan_to_num, polar, rad2deg, round, sigmoid, sign, sin, sinc, sinh,
    tan, tanh, trunc, xlogy,
)  # fmt: skip
from .special import erf, erfc, erfinv
from .extremes import amax, amin, aminmax, argmax, argmin, max, max_along, min, min_along
from .gather import (
    add_along, gather, scatter, scatter_add, scatter_extreme, scatter_prod, scatter_reduce,
    take_along_dim,
)
from .index import getitem, index_put, setitem
from .join import (
    block_diag, cartesian_prod, cat, chunk, column_stack, concat, concatenate,
    dsplit, dstack, flip, fliplr, flipud, hsplit, hstack, pad, repeat, roll,
    rot90, row_stack, rows, split, split_with_sizes, stack, tensor_split, tile, unbind, vsplit, vstack,
)
from .reduce import (
    all, any, count_nonzero, dist, logsumexp, mean, nanmean, nansum, norm, prod, std, std_mean,
    sum, var, var_mean, vector_norm,
)
from .scan import cummax, cummin, cumprod, cumsum, diff, logcumsumexp
from .shape import (
    adjoint,     atleast_1d, atleast_2d, atleast_3d, becoming, broadcast_shapes, broadcast_tensors,
    broadcast_to, clone, conjugate_matrix_transpose, conjugate_transpose, expand, expand_as, flatten, matrix_transpose, meshgrid, moveaxis, movedim,
    numel, permute, put_back, ravel, reshape, reshape_as, reversed_dims, squeeze, sum_to,
    sum_to_size, swapaxes, swapdims, t, to, to_device, transpose, unflatten, unsqueeze, view,
    view_as,
)
from .sort import (
    argsort, bincount, bucketize, histc, isin, kthvalue, median, mode, msort, nanmedian,
    searchsorted, sort, topk, unique, unique_consecutive,
)
from .strided import fold_windows, unfold
from .table import (
    add_rows, argwhere, combinations, embedding, index_add, index_copy, index_fill, index_select,
    look_up, masked_scatter, masked_select, narrow, nonzero, one_hot, pick, put, put_add,
    repeat_interleave, replace, select, select_scatter, slice_scatter, take, tril_indices,
    triu_indices, write_view,
)
from .triangle import (
    diag, diag_embed, diagflat, diagonal, diagonal_scatter, tril, triu,
)
