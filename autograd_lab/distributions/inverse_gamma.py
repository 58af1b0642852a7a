"""The inverse gamma distribution: what one may think of a variance."""

import math

from ..ops import where
from . import constraints
from .gamma import Gamma
from .transformed_distribution import TransformedDistribution
from .transforms import PowerTransform


class InverseGamma(TransformedDistribution):
    r"""Spread $y = 1 / x$ where $x$ follows a gamma distribution.

    Args:
        concentration: the shape $a$ of the gamma distribution.
        rate: its rate $\beta$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.InverseGamma(3.0, 4.0).mean
    tensor(2.)
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}

    def __init__(self, concentration, rate, validate_args=None):
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(-1), validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.positive

    @property
    def concentration(self):
        """Give the shape of the gamma distribution."""
        return self.base_dist.concentration

    @property
    def rate(self):
        """Give the rate of the gamma distribution."""
        return self.base_dist.rate

    @property
    def mean(self):
        """Give the mean: infinite where the concentration is 1 or less."""
        a = self.concentration
        return where(a > 1, self.rate / (a - 1), math.inf)

    @property
    def mode(self):
        """Give the likeliest value."""
        return self.rate / (self.concentration + 1)

    @property
    def variance(self):
        """Give the mean squared distance from the mean: infinite where it is 2 or less."""
        a = self.concentration
        return where(a > 2, self.rate.square() / ((a - 1).square() * (a - 2)), math.inf)

    def entropy(self):
        """Give the mean surprise of a draw."""
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()
