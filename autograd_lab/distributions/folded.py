"""What distributions share that are folded at 0: how far a number lies from there."""

import math

from ..creation import zeros_like
from . import constraints
from .transformed_distribution import TransformedDistribution
from .transforms import AbsTransform


class Folded(TransformedDistribution):
    """Spread the sizes of numbers whose distribution ``base`` is symmetric around 0."""

    arg_constraints = {"scale": constraints.positive}

    def __init__(self, base, validate_args=None):
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.nonnegative

    @property
    def scale(self):
        """Give the width of the distribution that is folded."""
        return self.base_dist.scale

    @property
    def mode(self):
        """Give the likeliest value."""
        return zeros_like(self.scale)

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
