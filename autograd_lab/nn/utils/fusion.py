"""Two layers made one: what batch normalisation does at test time is part of the weights."""

import copy

from ...ops import reshape, rsqrt
from ..parameter import Parameter


def fuse_conv_bn_weights(
    conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose: bool = False
):
    """Give the weight and bias of a convolution that normalises its own output.

    >>> one, none = torch.ones(1), torch.zeros(1)
    >>> w, b = fuse_conv_bn_weights(torch.ones(1, 1, 1), None, none, one * 4, 0., one, one)
    >>> w.detach().flatten(), b.detach()
    (tensor([0.5000]), tensor([1.]))
    """
    conv_b = bn_rm * 0 if conv_b is None else conv_b
    stretch = rsqrt(bn_rv + bn_eps)
    stretch = stretch if bn_w is None else stretch * bn_w
    shape = (1, -1) if transpose else (-1, 1)
    weight = conv_w * reshape(stretch, shape + (1,) * (conv_w.ndim - 2))
    bias = (conv_b - bn_rm) * stretch
    bias = bias if bn_b is None else bias + bn_b
    return (
        Parameter(weight.detach().to(conv_w.dtype), conv_w.requires_grad),
        Parameter(bias.detach().to(conv_w.dtype), conv_b.requires_grad),
    )


def fuse_conv_bn_eval(conv, bn, transpose: bool = False):
    """Make one convolution of a convolution and the batch normalisation behind it.

    >>> conv, bn = nn.Conv2d(3, 8, 3).eval(), nn.BatchNorm2d(8).eval()
    >>> x = torch.randn(1, 3, 5, 5)
    >>> torch.allclose(fuse_conv_bn_eval(conv, bn)(x), bn(conv(x)), atol=1e-6)
    True
    """
    return _fused(conv, bn, transpose)


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    """Give the weight and bias of a linear layer that normalises its own output.

    >>> one, none = torch.ones(1), torch.zeros(1)
    >>> w, b = fuse_linear_bn_weights(torch.ones(1, 1), None, none, one * 4, 0., one, one)
    >>> w.detach(), b.detach()
    (tensor([[0.5000]]), tensor([1.]))
    """
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)


def fuse_linear_bn_eval(linear, bn):
    """Make one linear layer of a linear layer and the batch normalisation behind it.

    >>> linear, bn = nn.Linear(3, 8).eval(), nn.BatchNorm1d(8).eval()
    >>> x = torch.randn(4, 3)
    >>> torch.allclose(fuse_linear_bn_eval(linear, bn)(x), bn(linear(x)), atol=1e-6)
    True
    """
    if bn.num_features not in (linear.out_features, 1):
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    return _fused(linear, bn, False)


def _fused(layer, bn, transpose):
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")
    fused = copy.deepcopy(layer)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        layer.weight, layer.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias,
        transpose,
    )  # fmt: skip
    return fused
