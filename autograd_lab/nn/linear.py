"""Layers that multiply by a matrix."""

import math

from ..creation import empty
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class Identity(Module):
    r"""Give the input back unchanged: a place-holder for a layer.

    >>> nn.Identity(54, anything="goes")(torch.ones(2))
    tensor([1., 1.])
    """

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        """Give the input back."""
        return input


class Linear(Module):
    r"""Multiply by a weight matrix and add a bias: $y = x W^\top + b$.

    Args:
        in_features: how many numbers each input row has.
        out_features: how many numbers each output row has.
        bias: whether to learn an additive bias.

    Shape:
        input (..., in_features), output (..., out_features), weight (out_features, in_features),
        bias (out_features). At first all are drawn evenly from
        $\pm 1 / \sqrt{\text{in\_features}}$.

    >>> layer = nn.Linear(20, 30)
    >>> layer(torch.randn(128, 20)).shape
    torch.Size([128, 30])
    """

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty((out_features, in_features), device=device, dtype=dtype))
        self.register_parameter(
            "bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        """Multiply and add."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
