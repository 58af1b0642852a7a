"""The chi-squared distribution: the sum of squared normal numbers."""

from . import constraints
from .gamma import Gamma
from .parameters import broadcast_all


class Chi2(Gamma):
    r"""Tell sums of $k$ squared standard normal numbers.

    Args:
        df: how many squares, $k$: the degrees of freedom.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Chi2(3.0).mean
    tensor(3.)
    """

    arg_constraints = {"df": constraints.positive}

    def __init__(self, df, validate_args=None):
        (df,) = broadcast_all(df)
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        """Give the same distributions for a larger batch."""
        twin = super().expand(batch_shape)
        twin.concentration = self.concentration.expand(batch_shape)
        twin.rate = self.rate.expand(batch_shape)
        return twin

    @property
    def df(self):
        """Give the degrees of freedom."""
        return self.concentration * 2
