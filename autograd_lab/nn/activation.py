"""Nonlinear functions as modules."""

from . import functional as F
from .module import Module


class ReLU(Module):
    r"""Keep what is positive, replace the rest by 0: $\max(x, 0)$.

    >>> nn.ReLU()(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """

    def __init__(self, inplace: bool = False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        """Apply it to every element."""
        return F.relu(input, inplace=self.inplace)

    def extra_repr(self) -> str:
        """Word the settings."""
        return "inplace=True" if self.inplace else ""


class Tanh(Module):
    r"""Squash every element into $(-1, 1)$.

    >>> nn.Tanh()(torch.tensor([0.]))
    tensor([0.])
    """

    def forward(self, input):
        """Apply it to every element."""
        return F.tanh(input)
