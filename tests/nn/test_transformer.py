"""The transformer's layers and stacks: values, gradients, masks, errors."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair, same, same_error

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")
SMALL = {"dim_feedforward": 12, "dropout": 0.0}
SETTINGS = [
    {}, {"norm_first": True}, {"activation": "gelu"}, {"bias": False, "batch_first": True},
    {"layer_norm_eps": 0.1, "batch_first": True},
]  # fmt: skip
settled = pytest.mark.parametrize("settings", SETTINGS, ids=str)
LATER = np.tri(5) == 0


def sequence(length=5, seed=0, **settings):
    """Make a sequence."""
    shape = (2, length, 8) if settings.get("batch_first") else (length, 2, 8)
    return numbers(*shape, seed=seed)


@settled
@pytest.mark.parametrize("masks", [
    {}, {"src_mask": LATER}, {"src_mask": LATER, "is_causal": True},
    {"src_key_padding_mask": np.arange(10).reshape(2, 5) > 7},
])  # fmt: skip
def test_encoder_layer(settings, masks):
    layers = pair("TransformerEncoderLayer", 8, 2, **SMALL, **settings)
    agree(*layers, sequence(**settings), **masks)


@settled
@pytest.mark.parametrize("masks", [
    {}, {"tgt_mask": LATER, "tgt_is_causal": True},
    {"memory_key_padding_mask": np.arange(12).reshape(2, 6) > 9, "memory_mask": np.tri(5, 6) == 0},
])  # fmt: skip
def test_decoder_layer(settings, masks):
    layers = pair("TransformerDecoderLayer", 8, 2, **SMALL, **settings)
    agree(*layers, sequence(**settings), sequence(6, 1, **settings), **masks)


def test_an_activation_may_be_a_function_or_a_module():
    x = numbers(5, 2, 8)
    found = []
    for torch in (ours, theirs):
        torch.manual_seed(0)
        for activation in (torch.tanh, torch.nn.Tanh()):
            layer = torch.nn.TransformerEncoderLayer(8, 2, activation=activation, **SMALL).double()
            with torch.no_grad():
                for p in layer.parameters():
                    p.fill_(0.1)
            found.append(layer(torch.tensor(x)).detach().numpy())
    for other in found[1:]:
        same(found[0], other)


@settled
def test_stacks_copy_their_layer(settings):
    x, memory = sequence(**settings), sequence(6, 1, **settings)
    for name, layer, inputs in [
        ("TransformerEncoder", "TransformerEncoderLayer", (x,)),
        ("TransformerDecoder", "TransformerDecoderLayer", (x, memory)),
    ]:
        stacks = []
        for torch in (ours, theirs):
            one = getattr(torch.nn, layer)(8, 2, **SMALL, **settings)
            norm = torch.nn.LayerNorm(8)
            extra = {"enable_nested_tensor": False} if "Encoder" in name else {}
            stacks.append(getattr(torch.nn, name)(one, 2, norm, **extra).double())
        mine, its = stacks
        mine.load_state_dict({k: ours.tensor(v.numpy()) for k, v in its.state_dict().items()})
        assert mine.layers[0].linear1.weight is not mine.layers[1].linear1.weight
        agree(mine, its, *inputs)


@settled
def test_transformer(settings):
    models = pair("Transformer", 8, 2, 2, 1, **SMALL, **settings)
    src, tgt = sequence(6, **settings), sequence(5, 1, **settings)
    padding = np.arange(12).reshape(2, 6) > 9
    agree(*models, src, tgt, tgt_mask=LATER, src_key_padding_mask=padding,
          memory_key_padding_mask=padding)  # fmt: skip


def test_a_model_may_bring_its_own_encoder():
    model = ours.nn.Transformer(8, 2, 1, 1, 12, custom_encoder=ours.nn.Identity())
    assert isinstance(model.encoder, ours.nn.Identity)


def test_the_causal_mask():
    for dtype in ("float32", "float64"):
        masks = [
            t.nn.Transformer.generate_square_subsequent_mask(4, dtype=getattr(t, dtype)).numpy()
            for t in (ours, theirs)
        ]
        same(*masks)


@pytest.mark.parametrize("call", [
    lambda t: t.nn.TransformerEncoderLayer(8, 2, activation="tanh"),
    lambda t: t.nn.Transformer(8, 2, 1, 1)(t.ones(3, 2, 8), t.ones(3, 3, 8)),
    lambda t: t.nn.Transformer(8, 2, 1, 1)(t.ones(3, 2, 7), t.ones(3, 2, 7)),
], ids=range(3))  # fmt: skip
def test_errors(call):
    same_error(call)


def test_a_causal_language_model_does_not_see_what_comes():
    layer = ours.nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True)
    x = ours.randn(1, 5, 8)
    mask = ours.nn.Transformer.generate_square_subsequent_mask(5)
    before = layer(x, mask, is_causal=True)
    x[:, 3:] = 7.0
    after = layer(x, mask, is_causal=True)
    assert ours.allclose(before[:, :3], after[:, :3])
    assert not ours.allclose(before[:, 3:], after[:, 3:])


def test_on_the_gpu(gpu):
    model = ours.nn.Transformer(8, 2, 1, 1, **SMALL, batch_first=True)
    x = sequence(batch_first=True).astype("float32")
    alike_on_the_gpu(model, x, x[:, :4].copy(), tgt_mask=LATER[:4, :4])
