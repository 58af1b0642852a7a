"""Layers that normalize each sample by itself: features, groups of channels, neighbours."""

from ..creation import empty
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class _Scaled(Module):
    """What these layers share: a weight that starts at 1 and a bias that starts at 0."""

    def _make(self, shape, weight, bias, device, dtype):
        for name, wanted in (("weight", weight), ("bias", weight and bias)):
            made = Parameter(empty(shape, device=device, dtype=dtype)) if wanted else None
            self.register_parameter(name, made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Stretch by 1, shift by 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if getattr(self, "bias", None) is not None:
            init.zeros_(self.bias)


def _as_shape(shape) -> tuple:
    return (shape,) if isinstance(shape, int) else tuple(shape)


class LayerNorm(_Scaled):
    """Bring the features of each sample to mean 0 and spread 1; stretch and shift.

    y = (x - mean) / sqrt(var + eps) * weight + bias, with a mean and a var for each sample, over
    its last dimensions. Nothing depends on the other samples, so train and eval mode are the same.

    Args:
        normalized_shape: the last sizes of the input, over which mean and var are taken: a number
            (the size of the last dimension), or several.
        eps: keeps the division away from 0.
        elementwise_affine: whether to learn ``weight`` (at first 1) and ``bias`` (at first 0), one
            number each for each feature.
        bias: False learns no shift.

    Shape:
        input and output (..., *normalized_shape), as (N, length, features) with
        ``normalized_shape=features``.

    >>> layer = nn.LayerNorm(3)
    >>> layer(torch.tensor([[1., 2., 3.], [10., 20., 30.]])).detach()
    tensor([[-1.2247,  0.0000,  1.2247],
            [-1.2247,  0.0000,  1.2247]])
    """

    def __init__(
        self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None,
        dtype=None,
    ):  # fmt: skip
        super().__init__()
        self.normalized_shape, self.eps = _as_shape(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        self._make(self.normalized_shape, elementwise_affine, bias, device, dtype)

    def forward(self, input):
        """Normalize the last dimensions."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(_Scaled):
    r"""Divide the features of each sample by their root mean square, then stretch them.

    $y = \frac{x}{\sqrt{\mathrm{mean}(x^2) + \varepsilon}} \odot w$: a LayerNorm that leaves the
    mean where it is.

    Args:
        normalized_shape: the last sizes of the input: over these the mean is taken.
        eps: keeps the division away from 0; None: the smallest step of the dtype.
        elementwise_affine: whether to learn ``weight``, one number for each feature.

    Shape:
        input and output (..., *normalized_shape).

    >>> nn.RMSNorm(2)(torch.tensor([[3., 4.]])).detach()
    tensor([[0.8485, 1.1314]])
    """

    def __init__(
        self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None
    ):  # fmt: skip
        super().__init__()
        self.normalized_shape, self.eps = _as_shape(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        made = empty(self.normalized_shape, device=device, dtype=dtype)
        self.register_parameter("weight", Parameter(made) if elementwise_affine else None)
        self.reset_parameters()

    def forward(self, x):
        """Normalize the last dimensions."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Scaled):
    r"""Bring groups of channels of each sample to mean 0 and spread 1.

    Args:
        num_groups: how many groups the channels are split into; 1: all together, as LayerNorm.
        num_channels: how many channels the input has.
        eps: keeps the division away from 0.
        affine: whether to learn ``weight`` and ``bias``, one number for each channel.
        bias: whether to learn a shift.

    Shape:
        input and output (batch, num_channels, ...).

    >>> nn.GroupNorm(3, 6)(torch.randn(20, 6, 10, 10)).shape
    torch.Size([20, 6, 10, 10])
    """

    def __init__(
        self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None, *,
        bias=True,
    ):  # fmt: skip
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        self._make(num_channels, affine, bias, device, dtype)

    def forward(self, input):
        """Normalize groups of channels."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    r"""Divide each number by a power of what its neighbours among the channels weigh.

    $y_c = x_c \big( k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2 \big)^{-\beta}$ over $n$ channels
    around $c$.

    Shape:
        input and output (batch, channels, ...).

    >>> nn.LocalResponseNorm(2)(torch.ones(1, 3, 4, 4)).shape
    torch.Size([1, 3, 4, 4])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input):
        """Divide by what is near."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    r"""Do what ``LocalResponseNorm`` does, by its older name, for images.

    PyTorch's older code counts the first channel too often; here the formula is kept.

    >>> nn.CrossMapLRN2d(2)(torch.ones(1, 3, 4, 4)).shape
    torch.Size([1, 3, 4, 4])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1):
        super().__init__(size, alpha, beta, k)
