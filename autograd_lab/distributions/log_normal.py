"""The log-normal distribution: the product of many small accidents."""

from . import constraints
from .normal import Normal
from .transformed_distribution import TransformedDistribution
from .transforms import ExpTransform


class LogNormal(TransformedDistribution):
    r"""Spread positive values whose logarithm is normal: $y = e^x$.

    Args:
        loc: the mean of the logarithm.
        scale: the standard deviation of the logarithm.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.LogNormal(0.0, 1.0).mean
    tensor(1.6487)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}

    def __init__(self, loc, scale, validate_args=None):
        base = Normal(loc, scale, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def loc(self):
        """Give the mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self):
        """Give the standard deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self):
        """Give the mean."""
        return (self.loc + self.scale.square() / 2).exp()

    @property
    def mode(self):
        """Give the likeliest value."""
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        square = self.scale.square()
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self):
        """Give the mean surprise of a draw."""
        return self.base_dist.entropy() + self.loc
