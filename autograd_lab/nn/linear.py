"""Layers that multiply by a matrix."""

import math

from ..creation import empty
from ..grad_mode import no_grad
from . import functional as F
from . import init
from .lazy import LazyModuleMixin
from .module import Module
from .parameter import Parameter, UninitializedParameter


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
    """Multiply by a weight matrix and add a bias: y = x @ weight.T + bias.

    Args:
        in_features: how many numbers each input row has.
        out_features: how many numbers each output row has.
        bias: False learns no number to add.

    Shape:
        input (..., in_features), output (..., out_features), weight (out_features, in_features),
        bias (out_features). At first both are drawn evenly from -1/sqrt(in_features) to
        1/sqrt(in_features).

    >>> layer = nn.Linear(20, 30)
    >>> layer(torch.randn(128, 20)).shape
    torch.Size([128, 30])
    >>> layer.weight.shape, layer.bias.shape
    (torch.Size([30, 20]), torch.Size([30]))
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


class NonDynamicallyQuantizableLinear(Linear):
    """Be a Linear layer; the name is PyTorch's, and shows where attention's output is made.

    >>> nn.MultiheadAttention(4, 2).out_proj
    NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)
    """


class Bilinear(Module):
    r"""Multiply two vectors, every number with every number: $y_o = x^\top W_o\, z + b_o$.

    Shape:
        inputs (..., in1_features) and (..., in2_features), output (..., out_features), weight
        (out_features, in1_features, in2_features), bias (out_features). At first all are drawn
        evenly from $\pm 1 / \sqrt{\text{in1\_features}}$.

    >>> nn.Bilinear(20, 30, 40)(torch.randn(128, 20), torch.randn(128, 30)).shape
    torch.Size([128, 40])
    """

    def __init__(
        self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None
    ):
        super().__init__()
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        shape = out_features, in1_features, in2_features
        self.weight = Parameter(empty(shape, device=device, dtype=dtype))
        self.register_parameter(
            "bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights."""
        if self.in1_features <= 0:
            raise ValueError(
                f"in1_features must be > 0, but got (in1_features={self.in1_features})"
            )
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input1, input2):
        """Multiply and add."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class LazyLinear(LazyModuleMixin, Linear):
    r"""Be a Linear layer that takes ``in_features`` from its first input.

    Until then the weight has no shape; call the layer once before you count its parameters.

    >>> layer = nn.LazyLinear(30)
    >>> layer.weight
    <UninitializedParameter>
    >>> layer(torch.randn(128, 20)).shape
    torch.Size([128, 30])
    >>> layer
    Linear(in_features=20, out_features=30, bias=True)
    """

    cls_to_become = Linear

    def __init__(self, out_features, bias=True, device=None, dtype=None):
        super().__init__(0, 0, False)
        self.out_features = out_features
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw new weights, once there is a shape."""
        if not self.has_uninitialized_params() and self.in_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input) -> None:
        """Take the last dimension of the input as ``in_features``."""
        if self.has_uninitialized_params():
            with no_grad():
                self.in_features = input.shape[-1]
                self.weight.materialize((self.out_features, self.in_features))
                if self.bias is not None:
                    self.bias.materialize((self.out_features,))
                self.reset_parameters()
        self.in_features = self.in_features or self.weight.shape[-1]  # 0 after load_state_dict
