"""The Cauchy distribution: so heavy at the sides that it has no mean."""

import math

from ..creation import full_like
from .draws import uniform_like
from .location_scale import LocationScale


class Cauchy(LocationScale):
    r"""Spread values around a middle, often very far: $p(x) = \frac{1}{\pi s (1 + z^2)}$.

    $z = (x - m) / s$: the quotient of two normal numbers.

    Args:
        loc: the middle $m$.
        scale: half the width at half the height, $s$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Cauchy(0.0, 1.0).cdf(torch.tensor(1.0))
    tensor(0.7500)
    """

    @property
    def mean(self):
        """There is no mean."""
        return full_like(self.loc, math.nan)

    @property
    def variance(self):
        """There is no end to the mean squared distance."""
        return full_like(self.loc, math.inf)

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return self.icdf(uniform_like(self.loc, self._extended_shape(sample_shape)))

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        z = (value - self.loc) / self.scale
        return -math.log(math.pi) - self.scale.log() - z.square().log1p()

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return ((value - self.loc) / self.scale).atan() / math.pi + 0.5

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self):
        """Give the mean surprise of a draw."""
        return math.log(4 * math.pi) + self.scale.log()
