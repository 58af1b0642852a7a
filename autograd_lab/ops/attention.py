"""Attention: every position looks at all others, and takes most from those that fit it best."""

import math
import warnings

from .. import dtypes
from ..core import wrap
from ..device import device_of, move, on_host
from ..random import uniform
from ..tensors_only import tensors_only
from .compare import masked_fill
from .join import cat, pad
from .linalg import matmul
from .linear import linear
from .loss import softmax
from .reduce import mean
from .shape import permute, reshape, squeeze, to, transpose, unsqueeze
from .table import narrow, repeat_interleave

# --- attention itself


@tensors_only
def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    r"""Mix values, each by how well its key fits the query: $\mathrm{softmax}(q k^\top s)\, v$.

    ``attn_mask`` says which keys a query may see (True), or what is added to its scores.
    ``is_causal``: position i sees the first i keys. ``enable_gqa``: several query heads share a
    head of keys and values.

    >>> q = k = torch.tensor([[9., 0.], [0., 9.]])
    >>> F.scaled_dot_product_attention(q, k, torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[1., 2.],
            [3., 4.]])
    """
    _check_attention(query, key, value, attn_mask, dropout_p, is_causal)
    if query.dtype is dtypes.float16 and on_host(query.array):  # sums of halves are coarse
        wide = [x if x is None else to(x, dtypes.float32) if x.dtype is query.dtype else x
                for x in (query, key, value, attn_mask)]  # fmt: skip
        y = scaled_dot_product_attention(*wide, dropout_p, is_causal, scale, enable_gqa)
        return to(y, dtypes.float16)
    if enable_gqa:
        key, value = _shared_heads(query, key), _shared_heads(query, value)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = matmul(query * scale, transpose(key, -2, -1))
    seeing = None
    if is_causal:
        scores = scores + _later(scores)
    elif attn_mask is not None:
        scores, seeing = _masked(scores, attn_mask)
    weights = softmax(scores, -1)
    weights = weights if seeing is None else weights * seeing
    return matmul(_dropped(weights, dropout_p), value)


def _check_attention(query, key, value, attn_mask, dropout_p, is_causal):
    """Raise PyTorch's errors where the arguments do not fit together."""
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} instead."
        )
    if not query.dtype == key.dtype == value.dtype:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{query.dtype} key.dtype: {key.dtype} and value.dtype: {value.dtype} instead."
        )
    if query.dtype.rank < dtypes.FLOATING:
        raise RuntimeError(f"expected scalar type Float but found {query.dtype}: use .float()")
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(
            f"dropout probability has to be between 0 and 1, but got {dropout_p}"
        )
    if attn_mask is None:
        return
    if is_causal:
        raise RuntimeError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when "
            "is_causal=True"
        )
    if attn_mask.dtype not in (dtypes.bool, dtypes.float32, query.dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
            f"attn_mask.dtype: {attn_mask.dtype} and  query.dtype: {query.dtype} instead."
        )


def _shared_heads(query, x):
    """Repeat the heads of keys or values until there is one for each head of queries."""
    times, rest = divmod(query.shape[-3], x.shape[-3])
    if rest:
        raise RuntimeError(
            "Number of heads in key and value must divide the number of heads in query"
        )
    return x if times == 1 else repeat_interleave(x, times, -3)


def _later(scores):
    """Make what hides from each position all that comes after it: -inf, to be added to scores."""
    place = device_of(scores.array)
    with place.active():
        rows, columns = (place.xp.arange(n) for n in scores.shape[-2:])
        return _as_numbers(wrap(columns > rows[:, None]), scores.dtype)


def _masked(scores, mask):
    """Add a mask to the scores; tell also which queries see anything (None: all of them do).

    A query that sees nothing gets zeros: without care its softmax would be nan.
    """
    if mask.dtype is dtypes.bool:
        mask = _as_numbers(wrap(~mask.array), scores.dtype)
    blind = (mask.array == -math.inf).all(axis=-1, keepdims=True)
    if on_host(blind) and not blind.any():
        return scores + mask, None
    seeing = wrap((~blind).astype(scores.array.dtype))
    return scores + masked_fill(mask, wrap(blind), 0.0), seeing


def _dropped(weights, p):
    """Drop weights at random, and raise the others to make up."""
    if p == 0:
        return weights
    place = device_of(weights.array)
    kept = uniform(weights.shape, place=place) >= p
    kept = (kept * (0.0 if p == 1 else 1 / (1 - p))).astype(weights.array.dtype)
    return weights * wrap(move(kept, place))


# --- several heads


def multi_head_attention_forward(
    query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v,
    add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None,
    need_weights=True, attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None,
    k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None,
    average_attn_weights=True, is_causal=False,
):  # fmt: skip
    """Let several heads attend, each to its own view of the input: what MultiheadAttention does.

    Tensors are (length, batch, features). Gives the output and, if asked for, the weights.

    >>> x, w = torch.ones(3, 1, 2), torch.eye(2)
    >>> y, weights = F.multi_head_attention_forward(
    ...     x, x, x, 2, 1, torch.cat([w, w, w]), None, None, None, False, 0.0, w, None
    ... )
    >>> y.shape, weights[0, 0]
    (torch.Size([3, 1, 2]), tensor([0.3333, 0.3333, 0.3333]))
    """
    alone = _without_batch(query, key, value, key_padding_mask, attn_mask, num_heads)
    if alone:
        same = query is key, key is value
        query = unsqueeze(query, 1)
        key = query if same[0] else unsqueeze(key, 1)
        value = key if same[1] else unsqueeze(value, 1)
        key_padding_mask = key_padding_mask if key_padding_mask is None else key_padding_mask[None]
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    length, batch, features = query.shape
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module "
            "method `generate_square_subsequent_mask` to create this mask."
        )
    attn_mask, key_padding_mask = as_added(
        query.dtype, attn_mask=attn_mask, key_padding_mask=key_padding_mask
    )
    attn_mask = _head_mask(attn_mask, (length, key.shape[0]), batch, num_heads)
    if use_separate_proj_weight:
        weights = q_proj_weight, k_proj_weight, v_proj_weight
    else:
        weights = _thirds(in_proj_weight)
    q, k, v = _projected(query, key, value, weights, in_proj_weight, in_proj_bias)
    if bias_k is not None:
        k, v = (cat([x, extra.expand(1, batch, -1)]) for x, extra in ((k, bias_k), (v, bias_v)))
    q, k, v = (_in_heads(x, num_heads) for x in (q, k, v))
    k = k if static_k is None else reshape(static_k, (batch, num_heads, *static_k.shape[1:]))
    v = v if static_v is None else reshape(static_v, (batch, num_heads, *static_v.shape[1:]))
    if add_zero_attn:
        k, v = pad(k, (0, 0, 0, 1)), pad(v, (0, 0, 0, 1))
    extra = (bias_k is not None) + bool(add_zero_attn)
    mask = _merged(attn_mask, key_padding_mask, k.shape[2], batch, extra)
    dropout_p = dropout_p if training else 0.0
    if need_weights:
        scores = matmul(q * math.sqrt(1 / q.shape[-1]), transpose(k, -2, -1))
        attention = _dropped(softmax(scores if mask is None else scores + mask, -1), dropout_p)
        y = matmul(attention, v)
        attention = mean(attention, 1) if average_attn_weights else attention
        attention = squeeze(attention, 0) if alone else attention
    else:
        y, attention = scaled_dot_product_attention(q, k, v, mask, dropout_p), None
    y = reshape(permute(y, (2, 0, 1, 3)), (length, batch, features))
    y = linear(y, out_proj_weight, out_proj_bias)
    return squeeze(y, 1) if alone else y, attention


def _without_batch(query, key, value, key_padding_mask, attn_mask, heads) -> bool:
    """Say whether the input is one sequence, (length, features); check the dimensions of all."""
    n = query.ndim
    if n not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{n}-D query tensor"
        )
    kind = f"For {'batched (3-D)' if n == 3 else 'unbatched (2-D)'} `query`, expected "
    if key.ndim != n or value.ndim != n:
        raise AssertionError(
            f"{kind}`key` and `value` to be {n}-D but found {key.ndim}-D and {value.ndim}-D "
            "tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.ndim != n - 1:
        raise AssertionError(
            f"{kind}`key_padding_mask` to be `None` or {n - 1}-D but found "
            f"{key_padding_mask.ndim}-D tensor instead"
        )
    if attn_mask is not None:
        if attn_mask.ndim not in (2, 3):
            raise AssertionError(
                f"{kind}`attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.ndim}-D tensor "
                "instead"
            )
        wanted = (heads, query.shape[0], key.shape[0])
        if n == 2 and attn_mask.ndim == 3 and attn_mask.shape != wanted:
            raise AssertionError(
                f"Expected `attn_mask` shape to be {wanted} but got {attn_mask.shape}"
            )
    return n == 2


def _check_sizes(query, key, value, features, heads, separate):
    """Raise PyTorch's errors unless features, heads, keys and values fit together."""
    found = query.shape[-1]
    if found != features:
        raise AssertionError(
            f"was expecting embedding dimension of {features}, but got {found}"
        )
    if found % heads:
        raise AssertionError(f"embed_dim {found} not divisible by num_heads {heads}")
    if separate and key.shape[:2] != value.shape[:2]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
        )
    if not separate and key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")


def as_added(dtype, **masks):
    """Give masks as numbers to be added to scores: -inf where a boolean one is True."""
    kinds = {name: mask.dtype for name, mask in masks.items() if mask is not None}
    for name, kind in kinds.items():
        if kind is not dtypes.bool and not kind.is_floating_point:
            raise AssertionError(f"only bool and floating types of {name} are supported")
    if len(set(kinds.values())) > 1:
        other, name = kinds
        warnings.warn(
            f"Support for mismatched {name} and {other} is deprecated. Use same type for both "
            "instead.",
            stacklevel=4,
        )
    return [_as_numbers(mask, dtype) for mask in masks.values()]


def _as_numbers(mask, dtype):
    if mask is None or mask.dtype is not dtypes.bool:
        return mask
    place = device_of(mask.array)
    with place.active():
        zero, low = (dtypes.as_array_dtype(dtype).type(n) for n in (0, -math.inf))
        return wrap(place.xp.where(mask.array, low, zero))


def _head_mask(mask, wanted, batch, heads):
    """Give an attention mask a dimension for the batch and one for the heads."""
    if mask is None:
        return None
    if mask.ndim == 2:
        if mask.shape != wanted:
            raise RuntimeError(
                f"The shape of the 2D attn_mask is {mask.shape}, but should be {wanted}."
            )
        return mask[None, None]
    wanted = (batch * heads, *wanted)
    if mask.shape != wanted:
        raise RuntimeError(
            f"The shape of the 3D attn_mask is {mask.shape}, but should be {wanted}."
        )
    return reshape(mask, (batch, heads, *wanted[1:]))


def _thirds(x):
    """Cut the first dimension into three."""
    n = x.shape[0] // 3
    return [narrow(x, 0, k * n, n) for k in range(3)]


def _projected(query, key, value, weights, packed, bias):
    """Make queries, keys and values of the input; where it is one input, in one step."""
    if query is key is value and packed is not None:
        together, n = linear(query, packed, bias), query.shape[-1]
        return [narrow(together, -1, k * n, n) for k in range(3)]
    biases = [None] * 3 if bias is None else _thirds(bias)
    return [linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]


def _in_heads(x, heads):
    """Turn (length, batch, features) into (batch, heads, length, features of a head)."""
    length, batch, features = x.shape
    return permute(reshape(x, (length, batch, heads, features // heads)), (1, 2, 0, 3))


def _merged(attn_mask, padding, length, batch, extra):
    """Add up the two masks; the keys that were added at the end are seen by everybody."""
    attn_mask, padding = (
        pad(mask, (0, extra)) if extra and mask is not None else mask
        for mask in (attn_mask, padding)
    )
    if padding is None:
        return attn_mask
    for dim, wanted in enumerate((batch, length)):
        if padding.shape[dim] != wanted:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{dim}] to be {wanted}, but got "
                f"{padding.shape[dim]}"
            )
    padding = padding[:, None, None]
    return padding if attn_mask is None else attn_mask + padding
