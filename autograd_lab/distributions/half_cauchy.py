"""The half-Cauchy distribution: how far a Cauchy number lies from 0."""

import math

from ..creation import full_like
from .cauchy import Cauchy
from .folded import Folded


class HalfCauchy(Folded):
    r"""Spread the sizes of Cauchy numbers around 0: $y = |x|$.

    Args:
        scale: the width: half of the draws lie below it.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.HalfCauchy(2.0).cdf(torch.tensor(2.0))
    tensor(0.5000)
    """

    def __init__(self, scale, validate_args=None):
        base = Cauchy(0, scale, validate_args=False)
        super().__init__(base, validate_args)

    @property
    def mean(self):
        """Give the mean: infinite."""
        return full_like(self.scale, math.inf)

    @property
    def variance(self):
        """Give the mean squared distance from the mean: infinite."""
        return self.base_dist.variance
