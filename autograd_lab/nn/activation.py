"""Nonlinear functions as modules: between two linear layers, they make a network more than one."""

from ..creation import full
from . import functional as F
from .attention import MultiheadAttention as MultiheadAttention  # PyTorch's place for it
from .module import Module
from .parameter import Parameter


def worded(module, *names) -> str:
    """Word settings as they stand between the brackets; ``inplace`` only where it is on."""
    said = [f"{name}={getattr(module, name)}" for name in names]
    return ", ".join(said + ["inplace=True"] * getattr(module, "inplace", False))


class _Overwriting(Module):
    """What functions have in common whose only setting is whether they overwrite their input."""

    def __init__(self, inplace: bool = False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        """Apply it to every element."""
        return self.function(input, self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self)


class ReLU(_Overwriting):
    r"""Keep what is positive, replace the rest by 0: $\max(x, 0)$.

    >>> nn.ReLU()(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """

    function = staticmethod(F.relu)


class ReLU6(_Overwriting):
    r"""Keep what lies between 0 and 6, cut off the rest.

    >>> nn.ReLU6()(torch.tensor([-1., 2., 9.]))
    tensor([0., 2., 6.])
    """

    function = staticmethod(F.relu6)


class LeakyReLU(Module):
    r"""Keep what is positive, let a little of the rest through.

    >>> nn.LeakyReLU(0.1)(torch.tensor([-1., 2.]))
    tensor([-0.1000,  2.0000])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False):
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input):
        """Apply it to every element."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "negative_slope")


class _Bent(Module):
    """What functions have in common that bend towards a limit."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False):
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input):
        """Apply it to every element."""
        return self.function(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "alpha")


class ELU(_Bent):
    r"""Keep what is positive, bend the rest towards $-\alpha$: $\alpha (e^x - 1)$.

    >>> nn.ELU()(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """

    function = staticmethod(F.elu)


class CELU(_Bent):
    r"""Keep what is positive, bend the rest smoothly: $\alpha (e^{x/\alpha} - 1)$.

    >>> nn.CELU(2.)(torch.tensor([-1., 2.]))
    tensor([-0.7869,  2.0000])
    """

    function = staticmethod(F.celu)


class SELU(_Overwriting):
    r"""Bend like ELU, scaled so that deep networks keep mean 0 and variance 1.

    >>> nn.SELU()(torch.tensor([-1., 2.]))
    tensor([-1.1113,  2.1014])
    """

    function = staticmethod(F.selu)


class GELU(Module):
    r"""Weigh every number by the probability that a normal one is smaller.

    >>> nn.GELU()(torch.tensor([-1., 2.]))
    tensor([-0.1587,  1.9545])
    """

    def __init__(self, approximate: str = "none"):
        super().__init__()
        self.approximate = approximate

    def forward(self, input):
        """Apply it to every element."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"approximate={self.approximate!r}"


class SiLU(_Overwriting):
    r"""Multiply every number by its sigmoid; also called swish.

    >>> nn.SiLU()(torch.tensor([-1., 2.]))
    tensor([-0.2689,  1.7616])
    """

    function = staticmethod(F.silu)


class Mish(_Overwriting):
    r"""Multiply every number by the tanh of its softplus.

    >>> nn.Mish()(torch.tensor([-1., 2.]))
    tensor([-0.3034,  1.9440])
    """

    function = staticmethod(F.mish)


class Sigmoid(Module):
    r"""Squash every number into $(0, 1)$.

    >>> nn.Sigmoid()(torch.tensor([0.]))
    tensor([0.5000])
    """

    def forward(self, input):
        """Apply it to every element."""
        return F.sigmoid(input)


class Tanh(Module):
    r"""Squash every number into $(-1, 1)$.

    >>> nn.Tanh()(torch.tensor([0.]))
    tensor([0.])
    """

    def forward(self, input):
        """Apply it to every element."""
        return F.tanh(input)


class LogSigmoid(Module):
    r"""Take the logarithm of the sigmoid.

    >>> nn.LogSigmoid()(torch.tensor([0.]))
    tensor([-0.6931])
    """

    def forward(self, input):
        """Apply it to every element."""
        return F.logsigmoid(input)


class Hardtanh(Module):
    r"""Cut every number off at two limits.

    >>> nn.Hardtanh()(torch.tensor([-3., 0.5]))
    tensor([-1.0000,  0.5000])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False):
        super().__init__()
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input):
        """Apply it to every element."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "min_val", "max_val")


class Hardsigmoid(_Overwriting):
    r"""Approach the sigmoid by three straight lines.

    >>> nn.Hardsigmoid()(torch.tensor([-4., 0.]))
    tensor([0.0000, 0.5000])
    """

    function = staticmethod(F.hardsigmoid)
    extra_repr = Module.extra_repr  # PyTorch does not word this one's setting


class Hardswish(_Overwriting):
    r"""Approach SiLU by straight lines and a parabola.

    >>> nn.Hardswish()(torch.tensor([1., 3.]))
    tensor([0.6667, 3.0000])
    """

    function = staticmethod(F.hardswish)
    extra_repr = Module.extra_repr  # PyTorch does not word this one's setting


class Softplus(Module):
    r"""Round off the corner of ReLU: $\frac1\beta \log(1 + e^{\beta x})$.

    >>> nn.Softplus()(torch.tensor([0.]))
    tensor([0.6931])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input):
        """Apply it to every element."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "beta", "threshold")


class Softsign(Module):
    r"""Squash every number into $(-1, 1)$, gently: $x / (1 + |x|)$.

    >>> nn.Softsign()(torch.tensor([1.]))
    tensor([0.5000])
    """

    def forward(self, input):
        """Apply it to every element."""
        return F.softsign(input)


class _Shrinking(Module):
    """What functions have in common that make small numbers 0."""

    def __init__(self, lambd: float = 0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        """Apply it to every element."""
        return self.function(input, self.lambd)

    def extra_repr(self) -> str:
        """Word the settings."""
        return str(self.lambd)


class Softshrink(_Shrinking):
    r"""Move every number towards 0 by $\lambda$; small ones become 0.

    >>> nn.Softshrink()(torch.tensor([0.2, 1.5]))
    tensor([0., 1.])
    """

    function = staticmethod(F.softshrink)


class Hardshrink(_Shrinking):
    r"""Replace small numbers by 0, keep the others.

    >>> nn.Hardshrink()(torch.tensor([0.2, 1.5]))
    tensor([0.0000, 1.5000])
    """

    function = staticmethod(F.hardshrink)


class Tanhshrink(Module):
    r"""Take away from every number its tanh.

    >>> nn.Tanhshrink()(torch.tensor([0., 1.]))
    tensor([0.0000, 0.2384])
    """

    def forward(self, input):
        """Apply it to every element."""
        return F.tanhshrink(input)


class Threshold(Module):
    r"""Keep what is above a threshold, replace the rest by a value.

    >>> nn.Threshold(1, 20)(torch.tensor([0., 2.]))
    tensor([20.,  2.])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False):
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input):
        """Apply it to every element."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "threshold", "value")


class RReLU(Module):
    r"""Let a random share of what is negative through while training; else their mean.

    >>> nn.RReLU(1 / 6, 1 / 2).eval()(torch.tensor([-6., 2.]))
    tensor([-2.,  2.])
    """

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False):
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input):
        """Apply it to every element."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "lower", "upper")


class GLU(Module):
    r"""Let one half of the numbers open and close the gates for the other.

    >>> nn.GLU()(torch.tensor([1., 2., 0., 0.]))
    tensor([0.5000, 1.0000])
    """

    def __init__(self, dim: int = -1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        """Apply it to every element."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "dim")


class _AlongDimension(Module):
    """What functions have in common that turn scores along a dimension into probabilities."""

    def __init__(self, dim: int | None = None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        """Apply it to every element."""
        return self.function(input, self.dim)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "dim")


class Softmax(_AlongDimension):
    r"""Turn scores into probabilities: positive, and together 1 along a dimension.

    >>> nn.Softmax(dim=0)(torch.tensor([0., 0.]))
    tensor([0.5000, 0.5000])
    """

    function = staticmethod(F.softmax)


class Softmin(_AlongDimension):
    r"""Give the smallest number the largest probability.

    >>> nn.Softmin(dim=0)(torch.tensor([0., 0.]))
    tensor([0.5000, 0.5000])
    """

    function = staticmethod(F.softmin)


class LogSoftmax(_AlongDimension):
    r"""Take the logarithm of softmax.

    >>> nn.LogSoftmax(dim=0)(torch.tensor([0., 0.]))
    tensor([-0.6931, -0.6931])
    """

    function = staticmethod(F.log_softmax)


class Softmax2d(Module):
    r"""Turn the channels of (N, C, H, W) into probabilities at every place.

    >>> nn.Softmax2d()(torch.zeros(1, 2, 1, 1)).flatten()
    tensor([0.5000, 0.5000])
    """

    def forward(self, input):
        """Apply it along the channels."""
        if input.ndim not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead"
            )
        return F.softmax(input, -3)


class PReLU(Module):
    r"""Keep what is positive, and learn how much of the rest to let through.

    >>> nn.PReLU()(torch.tensor([-1., 2.])).detach()
    tensor([-0.2500,  2.0000])
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), init, device=device, dtype=dtype))

    def forward(self, input):
        """Apply it to every element."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Word the settings."""
        return worded(self, "num_parameters")
