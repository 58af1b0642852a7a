"""From scores and targets to one number: softmax and the losses that stand on it."""

from ..core import Array, Op
from ..dispatch import op


def reduced(each, reduction):
    """Turn one loss an element into what was asked for: their mean, their sum, or all of them."""
    if reduction == "mean":
        return each.mean()
    if reduction == "sum":
        return each.sum()
    if reduction == "none":
        return each
    raise ValueError(f"{reduction} is not a valid value for reduction")


@op
class mse_loss(Op):
    r"""Average the squared differences.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """

    formula = r"y = \frac1n \sum_i (x_i - t_i)^2"
    gradient = r"\bar x_i = \frac2n\,(x_i - t_i)\,\bar y,\quad \bar t_i = -\bar x_i"
    promote = True

    def forward(self, input: Array, target: Array, reduction="mean"):
        away = input - target
        self.factor = 2.0 / away.size if reduction == "mean" and away.size else 2.0
        if reduction == "none":
            return away * away
        flat = away.ravel()
        total = flat.dot(flat)
        return total if reduction == "sum" else total / away.size

    def backward_input(self, g, input, target):
        return (input - target) * (g * self.factor)

    def backward_target(self, g, input, target):
        return (target - input) * (g * self.factor)
