"""The exponential distribution: how long one waits for what can happen at any time."""

from ..creation import zeros_like
from . import constraints
from .distribution import Distribution
from .draws import inner_uniform_like
from .parameters import broadcast_all


class Exponential(Distribution):
    r"""Tell waiting times: $p(x) = \lambda e^{-\lambda x}$ for $x \ge 0$.

    Args:
        rate: how often it happens in a unit of time, $\lambda$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Exponential(2.0).mean
    tensor(0.5000)
    """

    arg_constraints = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return 1 / self.rate

    @property
    def mode(self):
        """Give the likeliest value."""
        return zeros_like(self.rate)

    @property
    def stddev(self):
        """Give the standard deviation."""
        return 1 / self.rate

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.rate**-2

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return -inner_uniform_like(self.rate, self._extended_shape(sample_shape)).log() / self.rate

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        return self.rate.log() - self.rate * value

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return 1 - (-self.rate * value).exp()

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return -(-value).log1p() / self.rate

    def entropy(self):
        """Give the mean surprise of a draw."""
        return 1.0 - self.rate.log()
