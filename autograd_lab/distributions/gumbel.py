"""The Gumbel distribution: the largest of many."""

import math

from ..ops.gamma import EULER
from .draws import uniform_like
from .location_scale import LocationScale
from .parameters import away_from_ends


class Gumbel(LocationScale):
    r"""Tell the largest of many numbers: $P(X \le x) = e^{-e^{-z}}$, $z = (x - m) / s$.

    Args:
        loc: where it is likeliest, $m$.
        scale: the width $s$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Gumbel(0.0, 1.0).mean
    tensor(0.5772)
    """

    @property
    def mean(self):
        """Give the mean."""
        return self.loc + self.scale * EULER

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.stddev.square()

    @property
    def stddev(self):
        """Give the standard deviation."""
        return math.pi / math.sqrt(6) * self.scale

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        draws = uniform_like(self.loc, self._extended_shape(sample_shape))
        return self.icdf(away_from_ends(draws))

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        z = (self.loc - value) / self.scale
        return z - z.exp() - self.scale.log()

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return (-((self.loc - value) / self.scale).exp()).exp()

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self):
        """Give the mean surprise of a draw."""
        return self.scale.log() + (1 + EULER)
