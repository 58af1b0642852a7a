"""The half-normal distribution: how far a normal number lies from 0."""

import math

from .folded import Folded
from .normal import Normal


class HalfNormal(Folded):
    r"""Spread the sizes of normal numbers around 0: $y = |x|$.

    Args:
        scale: the standard deviation of x.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.HalfNormal(1.0).mean
    tensor(0.7979)
    """

    def __init__(self, scale, validate_args=None):
        base = Normal(0, scale, validate_args=False)
        super().__init__(base, validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.scale.square() * (1 - 2 / math.pi)
