"""The uniform distribution: all values of a stretch are equally likely."""

from . import constraints
from .distribution import Distribution
from .draws import uniform_like
from .parameters import broadcast_all


class Uniform(Distribution):
    r"""Spread values evenly over a stretch: $p(x) = \frac{1}{b - a}$ for $a \le x < b$.

    Args:
        low: the lower end $a$.
        high: the upper end $b$, which is not drawn.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Uniform(0.0, 4.0).log_prob(torch.tensor(1.0)).exp()
    tensor(0.2500)
    """

    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    @property
    def arg_constraints(self) -> dict:
        """Say what each parameter must be."""
        return {
            "low": constraints.less_than(self.high), "high": constraints.greater_than(self.low),
        }  # fmt: skip

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.interval(self.low, self.high)

    @property
    def mean(self):
        """Give the mean."""
        return (self.high + self.low) / 2

    @property
    def mode(self):
        """No value is likelier than the others."""
        return float("nan") * self.high

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return (self.high - self.low).square() / 12

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through: moved and stretched standard draws."""
        standard = uniform_like(self.low, self._extended_shape(sample_shape))
        return self.low + standard * (self.high - self.low)

    def log_prob(self, value):
        """Give the logarithm of the density: -inf outside."""
        self._validate_sample(value)
        inside = ((self.low <= value) & (self.high > value)).type_as(self.low)
        return inside.log() - (self.high - self.low).log()

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return value * (self.high - self.low) + self.low

    def entropy(self):
        """Give the mean surprise of a draw."""
        return (self.high - self.low).log()
