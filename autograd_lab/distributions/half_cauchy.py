"""The half-Cauchy distribution: how far a Cauchy number lies from 0."""

import math

from ..creation import full_like, zeros_like
from . import constraints
from .cauchy import Cauchy
from .transformed_distribution import TransformedDistribution
from .transforms import AbsTransform


class HalfCauchy(TransformedDistribution):
    r"""Spread the sizes of Cauchy numbers around 0: $y = |x|$.

    Args:
        scale: the width: half of the draws lie below it.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.HalfCauchy(2.0).cdf(torch.tensor(2.0))
    tensor(0.5000)
    """

    arg_constraints = {"scale": constraints.positive}

    def __init__(self, scale, validate_args=None):
        base = Cauchy(0, scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.nonnegative

    @property
    def scale(self):
        """Give the width."""
        return self.base_dist.scale

    @property
    def mean(self):
        """Give the mean: infinite."""
        return full_like(self.scale, math.inf)

    @property
    def mode(self):
        """Give the likeliest value."""
        return zeros_like(self.scale)

    @property
    def variance(self):
        """Give the mean squared distance from the mean: infinite."""
        return self.base_dist.variance

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        both_sides = self.base_dist.log_prob(value) + math.log(2)
        return both_sides.masked_fill(value < 0, -math.inf)

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self):
        """Give the mean surprise of a draw."""
        return self.base_dist.entropy() - math.log(2)
