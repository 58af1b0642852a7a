"""The Poisson distribution: how many accidents happen in a while."""

from ..ops import xlogy
from . import constraints
from .distribution import Distribution
from .draws import draw
from .parameters import broadcast_all


class Poisson(Distribution):
    r"""Count what can happen at any time: $p(k) = \lambda^k e^{-\lambda} / k!$.

    Args:
        rate: how many there are on average, $\lambda$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Poisson(2.0).log_prob(torch.tensor(0.0)).exp()
    tensor(0.1353)
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return self.rate

    @property
    def mode(self):
        """Give the likeliest value."""
        return self.rate.floor()

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.rate

    def sample(self, sample_shape=()):
        """Draw counts."""
        return draw("poisson", self._extended_shape(sample_shape), self.rate.detach())

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        rate, value = broadcast_all(self.rate, value)
        return xlogy(value, rate) - rate - (value + 1).lgamma()
