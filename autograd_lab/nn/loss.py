"""Losses as modules: how far is the output from the target?"""

from . import functional as F
from .module import Module


class _Loss(Module):
    """A loss, and how the losses of the elements become one number."""

    def __init__(self, size_average=None, reduce=None, reduction: str = "mean"):
        super().__init__()
        self.reduction = reduction


class MSELoss(_Loss):
    r"""Average the squared differences: $\frac1n \sum_i (x_i - t_i)^2$.

    >>> nn.MSELoss()(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.mse_loss(input, target, reduction=self.reduction)
