"""Layers fused with batch normalisation: the same answers as one after the other."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import numbers, same, same_error


def trained(torch, layer, norm):
    """Give both layers numbers that are not the ones they start with; set them to eval."""
    for seed, tensor in enumerate([*layer.state_dict().values(), *norm.state_dict().values()]):
        if tensor.ndim:
            tensor.copy_(torch.tensor(numbers(*tensor.shape, seed=seed)).abs() + 0.1)
    return layer.double().eval(), norm.double().eval()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(("kind", "norm", "shape"), [
    ("Conv1d", "BatchNorm1d", (2, 3, 6)), ("Conv2d", "BatchNorm2d", (2, 3, 6, 5)),
    ("ConvTranspose2d", "BatchNorm2d", (2, 3, 4, 5)),
])  # fmt: skip
def test_convolutions(kind, norm, shape, bias, affine):
    found = []
    for torch in (ours, theirs):
        layer, after = trained(
            torch, getattr(torch.nn, kind)(3, 4, 3, bias=bias),
            getattr(torch.nn, norm)(4, affine=affine),
        )  # fmt: skip
        fused = torch.nn.utils.fuse_conv_bn_eval(layer, after, "Transpose" in kind)
        x = torch.tensor(numbers(*shape))
        assert torch.allclose(fused(x), after(layer(x)))
        assert isinstance(fused.weight, torch.nn.Parameter)
        assert torch.allclose(after(layer(x)), fused(x))
        found.append((repr(fused), fused(x).detach().numpy(), fused.weight.requires_grad))
    assert found[0][::2] == found[1][::2]
    same(found[0][1], found[1][1])


def test_linear():
    layer, norm = trained(ours, ours.nn.Linear(3, 4), ours.nn.BatchNorm1d(4))
    x = ours.tensor(numbers(5, 3))
    fused = ours.nn.utils.fuse_linear_bn_eval(layer, norm)
    assert ours.allclose(fused(x), norm(layer(x)))
    assert fused is not layer


@pytest.mark.parametrize("call", [
    lambda U, n: U.fuse_conv_bn_eval(n.Conv1d(1, 1, 1), n.BatchNorm1d(1).eval()),
    lambda U, n: U.fuse_conv_bn_eval(
        n.Conv1d(1, 1, 1).eval(), n.BatchNorm1d(1, track_running_stats=False).eval()),
    lambda U, n: U.fuse_linear_bn_eval(n.Linear(1, 3).eval(), n.BatchNorm1d(2).eval()),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.utils, t.nn))
