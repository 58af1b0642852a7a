"""Attention: as a function and as a layer with all its arguments."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab.nn.attention import SDPBackend, sdpa_kernel
from tests.nn.pairs import agree, alike_on_the_gpu, entered, numbers, pair, same, same_error

BOOL = np.tri(5, 6, 1) > 0
FLOAT = numbers(5, 6, seed=4)
SEEING = (np.arange(5) != 2)[:, None]  # the query in the middle sees nothing


def both(*arrays, **settings):
    """Attend with both libraries; give values and gradients side by side."""
    found = []
    for torch in (ours, theirs):
        inputs = [entered(x, torch) for x in arrays]
        named = {k: entered(v, torch) for k, v in settings.items()}
        y = torch.nn.functional.scaled_dot_product_attention(*inputs, **named)
        (y * y).sum().backward()
        leaves = [x for x in [*inputs, *named.values()] if getattr(x, "requires_grad", False)]
        found.append([y.detach().numpy(), *[x.grad.numpy() for x in leaves]])
    return zip(*found)


class TestFunction:
    @pytest.mark.parametrize("settings", [
        {}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": BOOL}, {"attn_mask": FLOAT},
        {"attn_mask": BOOL[None, None] & (numbers(2, 4, 5, 6) < 1)},
        {"attn_mask": numbers(2, 1, 1, 6)},
    ], ids=range(7))  # fmt: skip
    def test_values_and_gradients(self, settings):
        shapes = (2, 4, 5, 8), (2, 4, 6, 8), (2, 4, 6, 3)
        for x, y in both(*[numbers(*s, seed=k) for k, s in enumerate(shapes)], **settings):
            same(x, y)

    def test_matrices_alone(self):
        for x, y in both(numbers(5, 8), numbers(6, 8, seed=1), numbers(6, 8, seed=2)):
            same(x, y)

    def test_heads_may_share_keys(self):
        shapes = (2, 4, 5, 8), (2, 2, 6, 8), (2, 2, 6, 8)
        arrays = [numbers(*s, seed=k) for k, s in enumerate(shapes)]
        for x, y in both(*arrays, enable_gqa=True):
            same(x, y)

    @pytest.mark.parametrize("mask", [BOOL & SEEING, np.where(SEEING, FLOAT, -np.inf)])
    def test_who_sees_nothing_gets_zeros(self, mask):
        arrays = numbers(1, 5, 8), numbers(1, 6, 8, seed=1), numbers(1, 6, 8, seed=2)
        found = list(both(*arrays, attn_mask=mask))
        assert not found[0][0][0, 2].any()
        for x, y in found:
            same(x, y)

    def test_dropout_keeps_the_mean(self):
        ours.manual_seed(0)
        q = ours.zeros(1, 200, 4)
        y = ours.nn.functional.scaled_dot_product_attention(q, q, ours.ones(1, 200, 300), None, 0.3)
        assert abs(y.mean().item() - 1) < 0.02
        assert y.std().item() > 0.01

    def test_second_derivatives(self):
        q = [ours.tensor(numbers(3, 4, seed=k), requires_grad=True) for k in range(3)]

        def call(q, k, v):
            return ours.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

        assert ours.autograd.gradgradcheck(call, q)

    @pytest.mark.parametrize("call", [
        lambda f, t: f(t.ones(3), t.ones(2, 3), t.ones(2, 3)),
        lambda f, t: f(t.ones(2, 3), t.ones(2, 3), t.ones(2, 3), t.ones(2, 2) > 0, 0.0, True),
        lambda f, t: f(t.ones(2, 3), t.ones(2, 3), t.ones(2, 3), None, 1.5),
        lambda f, t: f(t.ones(2, 3), t.ones(2, 4), t.ones(2, 3)),
        lambda f, t: f(*[t.ones(1, n, 2, 3) for n in (4, 3, 3)], enable_gqa=True),
    ], ids=range(5))  # fmt: skip
    def test_errors(self, call):
        same_error(lambda t: call(t.nn.functional.scaled_dot_product_attention, t))

    @pytest.mark.parametrize("mask", ["int64", "float64"])
    def test_masks_of_another_kind_are_refused(self, mask):
        with pytest.raises(RuntimeError, match="Expected attn_mask dtype to be bool or float"):
            ours.nn.functional.scaled_dot_product_attention(
                *[ours.ones(2, 2)] * 3, ours.ones(2, 2, dtype=getattr(ours, mask))
            )

    def test_on_the_gpu(self, gpu):
        arrays = [numbers(*s).astype("float32") for s in [(2, 4, 5, 8), (2, 2, 6, 8), (2, 2, 6, 8)]]
        for settings in (
            {"attn_mask": BOOL & SEEING}, {"attn_mask": FLOAT.astype("float32")},
            {"is_causal": True}, {"dropout_p": 1.0},
        ):  # fmt: skip
            found = []
            for device in ("cpu", "cuda"):
                inputs = [entered(x, ours, device) for x in arrays]
                named = {k: entered(v, ours, device) for k, v in settings.items()}
                y = ours.nn.functional.scaled_dot_product_attention(
                    *inputs, **named, enable_gqa=True
                )
                y.sum().backward()
                found.append([t.detach().cpu().numpy() for t in [y, *[x.grad for x in inputs]]])
            for x, y in zip(*found):
                same(x, y, 1e-5)


def test_kernels_can_be_named():
    x = ours.ones(2, 2)
    for kernels in (SDPBackend.MATH, [SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]):
        with sdpa_kernel(kernels):
            assert ours.nn.functional.scaled_dot_product_attention(x, x, x).shape == (2, 2)
    with pytest.raises(AssertionError, match="Backend must be an instance"), sdpa_kernel("math"):
        pass
    assert {b.name: b.value for b in SDPBackend} == {
        k: v.value for k, v in theirs.nn.attention.SDPBackend.__members__.items()
    }


SETTINGS = [
    {}, {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True}, {"kdim": 3, "vdim": 5},
    {"batch_first": True}, {"add_bias_kv": True, "add_zero_attn": True, "batch_first": True},
    {"kdim": 3, "bias": False},
]  # fmt: skip


class TestMultiheadAttention:
    def inputs(self, settings, batch=True):
        """Make a query, a key, a value."""
        found = []
        for k, (length, wide) in enumerate([
            (4, 8), (6, settings.get("kdim", 8)), (6, settings.get("vdim", 8))
        ]):  # fmt: skip
            shape = (length, 2, wide) if batch else (length, wide)
            x = numbers(*shape, seed=k)
            found.append(x.swapaxes(0, 1).copy() if batch and settings.get("batch_first") else x)
        return found

    @pytest.mark.parametrize("settings", SETTINGS, ids=str)
    @pytest.mark.parametrize("batch", [True, False])
    def test_values_and_gradients(self, settings, batch):
        layers = pair("MultiheadAttention", 8, 2, **settings)
        inputs = self.inputs(settings, batch)
        agree(*layers, *inputs)
        agree(*layers, *inputs, need_weights=False)
        agree(*layers, *inputs, average_attn_weights=False)

    @pytest.mark.parametrize("masks", [
        {"attn_mask": np.tri(4, 6) == 0}, {"key_padding_mask": np.arange(12).reshape(2, 6) > 7},
        {"attn_mask": numbers(4, 6)}, {"attn_mask": numbers(4, 4, 6)},
        {"attn_mask": np.tri(4, 6) == 0, "key_padding_mask": np.arange(12).reshape(2, 6) % 5 > 2},
        {"key_padding_mask": numbers(2, 6)},
    ])  # fmt: skip
    @pytest.mark.parametrize(
        "settings", [{}, {"add_bias_kv": True}, {"add_zero_attn": True, "batch_first": True}]
    )
    def test_masks(self, masks, settings):
        layers = pair("MultiheadAttention", 8, 2, **settings)
        for need_weights in (True, False):
            agree(*layers, *self.inputs(settings), need_weights=need_weights, **masks)

    def test_looking_at_itself(self):
        mine, its = pair("MultiheadAttention", 8, 2)
        x, later = numbers(5, 2, 8), np.tri(5) == 0
        for settings in (
            {}, {"attn_mask": later}, {"attn_mask": later, "is_causal": True},
            {"attn_mask": later, "is_causal": True, "need_weights": False},
        ):  # fmt: skip
            found = []
            for torch, layer in ((ours, mine), (theirs, its)):
                a = entered(x, torch)
                named = {k: entered(v, torch) for k, v in settings.items()}
                y, weights = layer(a, a, a, **named)
                y.square().sum().backward()
                found.append([t.detach().numpy() for t in (y, weights, a.grad) if t is not None])
            for p, q in zip(*found):
                same(p, q)

    def test_nothing_to_see_is_nan_where_weights_are_asked_for(self):
        layers = pair("MultiheadAttention", 8, 2)
        for need_weights in (True, False):
            agree(*layers, *self.inputs({}), key_padding_mask=np.ones((2, 6), bool),
                  need_weights=need_weights)  # fmt: skip

    def test_dropout_only_while_training(self):
        layer = ours.nn.MultiheadAttention(8, 2, dropout=0.5)
        x = ours.randn(5, 2, 8)
        assert not ours.equal(layer(x, x, x)[0], layer(x, x, x)[0])
        layer.eval()
        assert ours.equal(layer(x, x, x)[0], layer(x, x, x)[0])

    def test_it_starts_as_in_pytorch(self):
        ours.manual_seed(0)
        theirs.manual_seed(0)
        layer = ours.nn.MultiheadAttention(64, 2, add_bias_kv=True)
        other = theirs.nn.MultiheadAttention(64, 2, add_bias_kv=True)
        for (name, mine), (_, its) in zip(layer.named_parameters(), other.named_parameters()):
            a, b = mine.detach().numpy(), its.detach().numpy()
            assert abs(a.std() - b.std()) <= 0.1 * b.std() + 0.3 * b.std() * (a.size < 100), name
            assert abs(a).max() <= abs(b).max() * 1.5

    @pytest.mark.parametrize("call", [
        lambda t: t.nn.MultiheadAttention(8, 3), lambda t: t.nn.MultiheadAttention(0, 1),
        lambda t: at(t, t.ones(3), t.ones(3), t.ones(3)),
        lambda t: at(t, t.ones(3, 8), t.ones(3, 2, 8), t.ones(3, 2, 8)),
        lambda t: at(t, t.ones(3, 2, 7), *[t.ones(3, 2, 8)] * 2),
        lambda t: at(t, t.ones(3, 2, 8), t.ones(4, 2, 8), t.ones(3, 2, 8)),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, attn_mask=t.ones(2, 3)),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, attn_mask=t.ones(3, 3, 3)),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, attn_mask=t.ones(3)),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, attn_mask=t.ones(3, 3, dtype=t.int64)),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, key_padding_mask=t.ones(2, 4) > 0),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, key_padding_mask=t.ones(3) > 0),
        lambda t: at(t, *[t.ones(3, 2, 8)] * 3, is_causal=True),
        lambda t: at(t, *[t.ones(3, 8)] * 3, attn_mask=t.ones(3, 3, 3)),
    ], ids=range(14))  # fmt: skip
    def test_errors(self, call):
        same_error(call)

    def test_masks_of_two_kinds_are_noticed(self):
        x = ours.ones(3, 2, 8)
        with pytest.warns(UserWarning, match="Support for mismatched key_padding_mask and attn"):
            ours.nn.MultiheadAttention(8, 2)(
                x, x, x, attn_mask=ours.zeros(3, 3), key_padding_mask=ours.zeros(2, 3) > 0
            )

    def test_on_the_gpu(self, gpu):
        for settings in SETTINGS:
            layer = ours.nn.MultiheadAttention(8, 2, **settings)
            inputs = [x.astype("float32") for x in self.inputs(settings)]
            mask = np.arange(12).reshape(2, 6) > 7
            for need_weights in (True, False):
                alike_on_the_gpu(
                    layer.to("cpu"), *inputs, key_padding_mask=mask, attn_mask=np.tri(4, 6) == 0,
                    need_weights=need_weights,
                )  # fmt: skip


def at(torch, *args, **settings):
    """Attend with a layer of 8 features and 2 heads."""
    return torch.nn.MultiheadAttention(8, 2)(*args, **settings)
