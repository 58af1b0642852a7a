"""The gamma distribution: how long one waits for several accidents."""

from ..core import Tensor
from ..creation import as_tensor
from ..ops import xlogy
from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all
from .standard_gamma import standard_gamma, standard_gamma_cdf


class Gamma(Distribution):
    r"""Tell sums of waiting times: $p(x) = \frac{\beta^a}{\Gamma(a)} x^{a - 1} e^{-\beta x}$.

    Args:
        concentration: how many waits, $a$; need not be whole.
        rate: how often things happen in a unit of time, $\beta$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Gamma(2.0, 4.0).mean
    tensor(0.5000)
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration, rate, validate_args=None):
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return self.concentration / self.rate

    @property
    def mode(self):
        """Give the likeliest value."""
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.concentration / self.rate.square()

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        shape = self._extended_shape(sample_shape)
        return standard_gamma(self.concentration.expand(shape)) / self.rate

    def log_prob(self, value):
        """Give the logarithm of the density."""
        if not isinstance(value, Tensor):
            value = as_tensor(value, dtype=self.rate.dtype, device=self.rate.device)
        self._validate_sample(value)
        a = self.concentration
        return xlogy(a, self.rate) + xlogy(a - 1, value) - self.rate * value - a.lgamma()

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return standard_gamma_cdf(self.concentration, self.rate * value)

    def entropy(self):
        """Give the mean surprise of a draw."""
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1.0 - a) * a.digamma()
