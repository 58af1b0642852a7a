"""Layers that bring each channel of each sample to mean 0 and spread 1: style transfer's norm."""

import warnings

from . import functional as F
from .batchnorm import _LazyNormBase, _NormBase


class _InstanceNorm(_NormBase):
    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False,
        device=None, dtype=None, *, bias=True,
    ):  # fmt: skip
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input):
        """Normalize each channel of each sample."""
        self._check_input_dim(input)
        alone = input.ndim == self.dims[0]
        self._check_channels(input, 0 if alone else 1)
        y = F.instance_norm(
            input.unsqueeze(0) if alone else input, self.running_mean, self.running_var,
            self.weight, self.bias, self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum, self.eps,
        )  # fmt: skip
        return y.squeeze(0) if alone else y

    def _check_channels(self, input, dim):
        found = input.shape[dim]
        if found == self.num_features:
            return
        if self.affine:
            raise ValueError(
                f"expected input's size at dim={dim} to match num_features ({self.num_features}), "
                f"but got: {found}."
            )
        warnings.warn(
            f"input's size at dim={dim} does not match num_features. You can silence this warning "
            "by not passing in num_features, which is not used because affine=False",
            stacklevel=3,
        )


class InstanceNorm1d(_InstanceNorm):
    r"""Bring each channel of each sample to mean 0 and spread 1.

    Args:
        num_features: how many channels the input has.
        eps: keeps the division away from 0.
        momentum: how fast the running numbers follow.
        affine: whether to learn ``weight`` and ``bias``, one number for each channel.
        track_running_stats: whether to keep running numbers, and to use them in eval mode.
        bias: whether to learn a shift.

    Shape:
        input and output (batch, num_features, length) or (num_features, length).

    >>> nn.InstanceNorm1d(2)(torch.tensor([[[1., 3.], [2., 6.]]]))
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]])
    """

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    r"""Bring each channel of each image to mean 0 and spread 1.

    As ``InstanceNorm1d``; input (batch, num_features, height, width), or without the batch.

    >>> nn.InstanceNorm2d(3)(torch.randn(4, 3, 5, 5)).shape
    torch.Size([4, 3, 5, 5])
    """

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    r"""Bring each channel of each volume to mean 0 and spread 1.

    As ``InstanceNorm1d``; input (batch, num_features, depth, height, width), or without the batch.

    >>> nn.InstanceNorm3d(3)(torch.randn(4, 3, 2, 5, 5)).shape
    torch.Size([4, 3, 2, 5, 5])
    """

    dims = (4, 5)


class LazyInstanceNorm1d(_LazyNormBase, InstanceNorm1d):
    r"""An ``InstanceNorm1d`` that learns the number of channels from its first input.

    >>> layer = nn.LazyInstanceNorm1d()
    >>> _ = layer(torch.randn(4, 3, 8))
    >>> layer.num_features
    3
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNormBase, InstanceNorm2d):
    r"""An ``InstanceNorm2d`` that learns the number of channels from its first input.

    >>> layer = nn.LazyInstanceNorm2d()
    >>> _ = layer(torch.randn(4, 3, 5, 5))
    >>> layer.num_features
    3
    """

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNormBase, InstanceNorm3d):
    r"""An ``InstanceNorm3d`` that learns the number of channels from its first input.

    >>> layer = nn.LazyInstanceNorm3d()
    >>> _ = layer(torch.randn(4, 3, 2, 5, 5))
    >>> layer.num_features
    3
    """

    cls_to_become = InstanceNorm3d
