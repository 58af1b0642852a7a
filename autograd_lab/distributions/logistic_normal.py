"""The logistic-normal distribution: chances that add up to 1, made of normal numbers."""

from . import constraints
from .normal import Normal
from .transformed_distribution import TransformedDistribution
from .transforms import StickBreakingTransform


class LogisticNormal(TransformedDistribution):
    """Break a stick at normal numbers: n of them make n + 1 chances that add up to 1.

    Args:
        loc: the means of the normal numbers, along the last dimension.
        scale: their standard deviations.
        validate_args: whether parameters and values are checked.

    >>> d = torch.distributions.LogisticNormal(torch.zeros(2), torch.ones(2))
    >>> d.sample().sum()
    tensor(1.)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}

    def __init__(self, loc, scale, validate_args=None):
        base = Normal(loc, scale, validate_args=validate_args)
        base = base if base.batch_shape else base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.simplex

    @property
    def loc(self):
        """Give the means of the normal numbers."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self):
        """Give the standard deviations of the normal numbers."""
        return self.base_dist.base_dist.scale
