"""The Laplace distribution: a pointed peak with heavy sides."""

from .draws import inner_uniform_like
from .location_scale import LocationScale


class Laplace(LocationScale):
    r"""Spread values around a peak: $p(x) = \frac{1}{2 b} e^{-|x - \mu| / b}$.

    Args:
        loc: the peak $\mu$.
        scale: the mean distance from it, $b$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Laplace(0.0, 1.0).log_prob(torch.tensor(0.0)).exp()
    tensor(0.5000)
    """

    @property
    def mean(self):
        """Give the mean."""
        return self.loc

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return 2 * self.scale.square()

    @property
    def stddev(self):
        """Give the standard deviation."""
        return 2**0.5 * self.scale

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return self.icdf(inner_uniform_like(self.loc, self._extended_shape(sample_shape)))

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        away = value - self.loc
        return 0.5 - 0.5 * away.sign() * (-away.abs() / self.scale).expm1()

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        side = value - 0.5
        return self.loc - self.scale * side.sign() * (-2 * side.abs()).log1p()

    def entropy(self):
        """Give the mean surprise of a draw."""
        return 1 + (2 * self.scale).log()
