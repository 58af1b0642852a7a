"""Attention as a layer, and PyTorch's switches between ways to compute it."""

import contextlib
import enum

from ..creation import empty
from . import functional as F
from . import init
from .linear import NonDynamicallyQuantizableLinear
from .module import Module
from .parameter import Parameter


class SDPBackend(enum.Enum):
    """Name PyTorch's ways to compute attention; here there is one, the plain one.

    >>> nn.attention.SDPBackend.MATH.name
    'MATH'
    """

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextlib.contextmanager
def sdpa_kernel(backends, set_priority=False):
    """Accept PyTorch's choice of a way to compute attention; it changes nothing here.

    >>> from autograd_lab.nn.attention import SDPBackend, sdpa_kernel
    >>> x = torch.ones(1, 2)
    >>> with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
    ...     F.scaled_dot_product_attention(x, x, x)
    tensor([[1., 1.]])
    """
    chosen = [backends] if isinstance(backends, SDPBackend) else backends
    if not isinstance(chosen, list) or not all(isinstance(b, SDPBackend) for b in chosen):
        raise AssertionError(
            "Backend must be an instance of SDPBackend or a list of SDPBackend instances"
        )
    yield


class MultiheadAttention(Module):
    """Let several heads attend: queries gather the values whose keys match them.

    A head computes softmax(q @ k.T / sqrt(d)) @ v, where q, k and v are projections of its own of
    ``query``, ``key`` and ``value`` to d = embed_dim / num_heads features; the heads' outputs, side
    by side, go through ``out_proj``. Call ``attention(x, x, x)`` for self-attention.

    Args:
        embed_dim: how many features the input and output have; num_heads must divide it.
        num_heads: how many heads share them.
        dropout: the probability with which a weight is dropped, only while training.
        bias: whether the projections have biases.
        add_bias_kv: whether to add one learned key and value.
        add_zero_attn: whether to add a key and a value of zeros: to look at nothing.
        kdim, vdim: how many features keys and values have, if not ``embed_dim``.
        batch_first: True: tensors are (batch, length, features), not (length, batch, features).

    Masks, given to the call, are True where a key must NOT be seen (F.scaled_dot_product_attention
    means the opposite): ``key_padding_mask`` (batch, keys), and ``attn_mask``: (length, keys)
    for all, or (batch * num_heads, length, keys), one for each head of each example, the heads of
    the first example first. Floats in them are added to the scores.

    Shape:
        query (length, batch, embed_dim), key (keys, batch, kdim), value (keys, batch, vdim), or
        all without batch, or batch first. Gives a pair: the output, as query, and the weights
        (batch, length, keys), the mean of all heads; ``need_weights=False`` gives None for them.

    >>> attention = nn.MultiheadAttention(8, 2, batch_first=True)
    >>> x = torch.randn(3, 5, 8)
    >>> y, weights = attention(x, x, x)
    >>> y.shape, weights.shape
    (torch.Size([3, 5, 8]), torch.Size([3, 5, 5]))
    >>> torch.allclose(weights.sum(-1), torch.ones(3, 5))
    True
    """

    def __init__(
        self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False,
        kdim=None, vdim=None, batch_first=False, device=None, dtype=None,
    ):  # fmt: skip
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        super().__init__()
        if embed_dim % num_heads:
            raise AssertionError("embed_dim must be divisible by num_heads")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.head_dim, self.dropout = embed_dim // num_heads, dropout
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        packed = self._qkv_same_embed_dim
        for name, shape, wanted in [
            ("q_proj_weight", (embed_dim, embed_dim), not packed),
            ("k_proj_weight", (embed_dim, self.kdim), not packed),
            ("v_proj_weight", (embed_dim, self.vdim), not packed),
            ("in_proj_weight", (3 * embed_dim, embed_dim), packed),
            ("in_proj_bias", (3 * embed_dim,), bias),
            ("bias_k", (1, 1, embed_dim), add_bias_kv),
            ("bias_v", (1, 1, embed_dim), add_bias_kv),
        ]:
            made = Parameter(empty(shape, device=device, dtype=dtype)) if wanted else None
            self.register_parameter(name, made)
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, device=device, dtype=dtype
        )
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw new weights; biases start at 0."""
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if getattr(self, name) is not None:
                init.xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
        average_attn_weights=True, is_causal=False,
    ):  # fmt: skip
        """Attend; give the output and, if ``need_weights``, who looked at whom.

        Masks are True where a key must not be seen (or numbers added to the scores):
        ``key_padding_mask`` (batch, keys), ``attn_mask`` (length, keys) or one for each head.
        """
        turned = self.batch_first and query.ndim == 3
        if turned:
            query, key, value = _batch_second(query, key, value)
        y, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight,
            self.in_proj_bias, self.bias_k, self.bias_v, self.add_zero_attn, self.dropout,
            self.out_proj.weight, self.out_proj.bias, self.training, key_padding_mask,
            need_weights, attn_mask, not self._qkv_same_embed_dim, self.q_proj_weight,
            self.k_proj_weight, self.v_proj_weight, average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )  # fmt: skip
        return (y.transpose(0, 1) if turned else y), weights


def _batch_second(query, key, value):
    """Swap the first two dimensions; what was one tensor stays one."""
    if query is key is value:
        turned = query.transpose(0, 1)
        return turned, turned, turned
    return [x.transpose(0, 1) for x in (query, key, value)]
