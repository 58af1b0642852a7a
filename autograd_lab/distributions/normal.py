"""The normal distribution: the bell of many small accidents."""

import math

from ..ops import erf, erfinv
from .draws import normal_like
from .location_scale import LocationScale


class Normal(LocationScale):
    r"""Spread values around a mean as a bell.

    $p(x) = \frac{1}{\sigma \sqrt{2 \pi}} e^{-(x - \mu)^2 / (2 \sigma^2)}$

    Args:
        loc: the mean $\mu$.
        scale: the standard deviation $\sigma$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Normal(0.0, 1.0).log_prob(torch.tensor(0.0)).exp()
    tensor(0.3989)
    """

    @property
    def mean(self):
        """Give the mean."""
        return self.loc

    @property
    def stddev(self):
        """Give the standard deviation."""
        return self.scale

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.scale.square()

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through: moved and stretched standard draws."""
        return self.loc + normal_like(self.loc, self._extended_shape(sample_shape)) * self.scale

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        away = (value - self.loc) / self.scale
        return -0.5 * away.square() - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return 0.5 * (1 + erf((value - self.loc) / self.scale / math.sqrt(2)))

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return self.loc + self.scale * erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self):
        """Give the mean surprise of a draw."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()
