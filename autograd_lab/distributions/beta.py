"""The Beta distribution: what one may think of a chance."""

from ..ops import stack
from . import constraints
from .dirichlet import Dirichlet
from .distribution import Distribution
from .parameters import broadcast_all


class Beta(Distribution):
    r"""Spread a chance between 0 and 1: $p(x) \propto x^{a - 1} (1 - x)^{b - 1}$.

    After seeing $a - 1$ successes and $b - 1$ failures, this is what a chance may be.

    Args:
        concentration1: $a$.
        concentration0: $b$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Beta(3.0, 1.0).mean
    tensor(0.7500)
    """

    arg_constraints = {
        "concentration1": constraints.positive, "concentration0": constraints.positive,
    }  # fmt: skip
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1, concentration0, validate_args=None):
        both = broadcast_all(concentration1, concentration0)
        self._dirichlet = Dirichlet(stack(both, -1), validate_args=validate_args)
        super().__init__(both[0].shape, validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        """Give the same distributions for a larger batch."""
        twin = super().expand(batch_shape)
        twin._dirichlet = self._dirichlet.expand(batch_shape)
        return twin

    @property
    def concentration1(self):
        """Give the concentration near 1."""
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self):
        """Give the concentration near 0."""
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self):
        """Give the mean."""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self):
        """Give the likeliest value."""
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        a, b = self.concentration1, self.concentration0
        return a * b / ((a + b).square() * (a + b + 1))

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return self._dirichlet.rsample(sample_shape)[..., 0]

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        return self._dirichlet.log_prob(stack([value, 1.0 - value], -1))

    def entropy(self):
        """Give the mean surprise of a draw."""
        return self._dirichlet.entropy()
