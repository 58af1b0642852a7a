"""The transformer: layers of attention and small networks, with shortcuts around each."""

import copy
from typing import Any

from ..creation import full
from ..ops import triu
from . import functional as F
from . import init
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}


def _as_function(activation):
    """Give the function that a name means; a function stands for itself."""
    if not isinstance(activation, str):
        return activation
    if activation not in ACTIVATIONS:
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return ACTIVATIONS[activation]


def _stack(layer, count):
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])


def _seen(attention, x, memory, mask, padding, is_causal) -> Any:
    """Let ``x`` attend to a memory, without a word about the weights."""
    y, _ = attention(
        x, memory, memory, attn_mask=mask, key_padding_mask=padding, need_weights=False,
        is_causal=is_causal,
    )  # fmt: skip
    return y


class TransformerEncoderLayer(Module):
    r"""Let every position attend to all, then pass each through a small network.

    Around both there is a shortcut: $x \leftarrow \mathrm{norm}(x + \mathrm{part}(x))$, or with
    ``norm_first`` $x \leftarrow x + \mathrm{part}(\mathrm{norm}(x))$.

    Args:
        d_model: how many features the input and output have.
        nhead: how many heads attend.
        dim_feedforward: how wide the small network is.
        dropout: the probability of dropout, everywhere.
        activation: ``"relu"``, ``"gelu"`` or a function.
        layer_norm_eps: the eps of the layer norms.
        batch_first: whether tensors are (batch, length, features), not (length, batch, features).
        norm_first: whether to normalize before a part, not after it.
        bias: whether linear layers and norms have biases.

    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> layer(torch.randn(3, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(
        self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu,
        layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True, device=None,
        dtype=None,
    ):  # fmt: skip
        super().__init__()
        place = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, batch_first=batch_first, **place
        )
        self.linear1 = Linear(d_model, dim_feedforward, **place)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **place)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **place)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **place)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.activation = _as_function(activation)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        """Attend, then think."""
        x, masks = src, (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = x + self._attend(self.norm1(x), *masks)
            return x + self._think(self.norm2(x))
        x = self.norm1(x + self._attend(x, *masks))
        return self.norm2(x + self._think(x))

    def _attend(self, x, mask, padding, is_causal) -> Any:
        return self.dropout1(_seen(self.self_attn, x, x, mask, padding, is_causal))

    def _think(self, x) -> Any:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoderLayer(Module):
    r"""Let positions attend to each other, then to a memory, then pass each through a network.

    As ``TransformerEncoderLayer``, with a second attention whose keys and values are ``memory``:
    what an encoder made of another sequence.

    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> layer(torch.randn(3, 5, 8), memory=torch.randn(3, 7, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(
        self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu,
        layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True, device=None,
        dtype=None,
    ):  # fmt: skip
        super().__init__()
        place = {"bias": bias, "device": device, "dtype": dtype}
        heads = (d_model, nhead, dropout)
        self.self_attn = MultiheadAttention(*heads, batch_first=batch_first, **place)
        self.multihead_attn = MultiheadAttention(*heads, batch_first=batch_first, **place)
        self.linear1 = Linear(d_model, dim_feedforward, **place)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **place)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **place)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **place)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, **place)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _as_function(activation)

    def forward(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
        memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False,
    ):  # fmt: skip
        """Attend to each other, to the memory, then think."""
        x, own = tgt, (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        other = (memory_mask, memory_key_padding_mask, memory_is_causal)
        if self.norm_first:
            x = x + self._attend(self.norm1(x), *own)
            x = x + self._look(self.norm2(x), memory, *other)
            return x + self._think(self.norm3(x))
        x = self.norm1(x + self._attend(x, *own))
        x = self.norm2(x + self._look(x, memory, *other))
        return self.norm3(x + self._think(x))

    def _attend(self, x, mask, padding, is_causal) -> Any:
        return self.dropout1(_seen(self.self_attn, x, x, mask, padding, is_causal))

    def _look(self, x, memory, mask, padding, is_causal) -> Any:
        return self.dropout2(_seen(self.multihead_attn, x, memory, mask, padding, is_causal))

    def _think(self, x) -> Any:
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoder(Module):
    r"""Pass a sequence through a stack of encoder layers: copies of the one given.

    ``enable_nested_tensor`` and ``mask_check`` are PyTorch's; accepted and ignored.

    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> nn.TransformerEncoder(layer, num_layers=2)(torch.randn(3, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(
        self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True
    ):
        super().__init__()
        self.layers = _stack(encoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        """Pass through all layers, then through the last norm."""
        x = src
        for layer in self.layers:
            x = layer(
                x, src_mask=mask, src_key_padding_mask=src_key_padding_mask,
                is_causal=bool(is_causal),
            )  # fmt: skip
        return x if self.norm is None else self.norm(x)


class TransformerDecoder(Module):
    r"""Pass a sequence, with a memory, through a stack of decoder layers.

    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> decoder = nn.TransformerDecoder(layer, num_layers=2)
    >>> decoder(torch.randn(3, 5, 8), torch.randn(3, 7, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__()
        self.layers = _stack(decoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
        memory_key_padding_mask=None, tgt_is_causal=None, memory_is_causal=False,
    ):  # fmt: skip
        """Pass through all layers, then through the last norm."""
        x = tgt
        for layer in self.layers:
            x = layer(
                x, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal), memory_is_causal=memory_is_causal,
            )  # fmt: skip
        return x if self.norm is None else self.norm(x)


class Transformer(Module):
    r"""Read one sequence with an encoder, write another with a decoder that looks at it.

    Args:
        d_model: how many features a position has.
        nhead: how many heads attend.
        num_encoder_layers, num_decoder_layers: how many layers each stack has.
        dim_feedforward: how wide the small networks are.
        dropout: the probability of dropout, everywhere.
        activation: ``"relu"``, ``"gelu"`` or a function.
        custom_encoder, custom_decoder: modules to take instead of the stacks.
        layer_norm_eps: the eps of the layer norms.
        batch_first: whether tensors are (batch, length, features), not (length, batch, features).
        norm_first: whether to normalize before a part, not after it.
        bias: whether linear layers and norms have biases.

    >>> model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    >>> model(torch.randn(3, 5, 8), torch.randn(3, 4, 8)).shape
    torch.Size([3, 4, 8])
    """

    def __init__(
        self, d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6,
        dim_feedforward=2048, dropout=0.1, activation=F.relu, custom_encoder=None,
        custom_decoder=None, layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True,
        device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        settings = (
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
            norm_first, bias, device, dtype,
        )  # fmt: skip

        def norm():
            return LayerNorm(d_model, layer_norm_eps, bias=bias, device=device, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*settings), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*settings), num_decoder_layers, norm()
        )
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def _reset_parameters(self) -> None:
        """Draw new matrices."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
        tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None,
        tgt_is_causal=None, memory_is_causal=False,
    ):  # fmt: skip
        """Read ``src``, then write on from ``tgt``."""
        place = 0 if self.batch_first else 1
        batched = src.ndim == 3
        if batched and src.shape[place] != tgt.shape[place]:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError(
                "the feature number of src and tgt must be equal to d_model"
            )
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )  # fmt: skip

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=None):
        """Make the mask that hides from each position what comes after it.

        >>> nn.Transformer.generate_square_subsequent_mask(2)
        tensor([[0., -inf],
                [0., 0.]])
        """
        return triu(full((sz, sz), float("-inf"), dtype=dtype, device=device), 1)
