"""The Weibull distribution: how long things live that grow weaker, or stronger, with age."""

from ..creation import ones_like
from ..ops.gamma import EULER
from . import constraints
from .exponential import Exponential
from .parameters import broadcast_all
from .transformed_distribution import TransformedDistribution
from .transforms import AffineTransform, PowerTransform


class Weibull(TransformedDistribution):
    r"""Tell how long things live: $P(X > x) = e^{-(x / s)^k}$.

    Args:
        scale: the unit of time $s$.
        concentration: the shape $k$: above 1, what is old fails sooner.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Weibull(2.0, 1.0).mean
    tensor(2.)
    """

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}

    def __init__(self, scale, concentration, validate_args=None):
        self.scale, self.concentration = broadcast_all(scale, concentration)
        base = Exponential(ones_like(self.scale), validate_args=validate_args)
        turns = [PowerTransform(self._slow(1)), AffineTransform(0, self.scale)]
        super().__init__(base, turns, validate_args=validate_args)

    def _slow(self, n):
        """Give n / k."""
        return n * self.concentration.reciprocal()

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.positive

    @property
    def mean(self):
        """Give the mean."""
        return self.scale * (1 + self._slow(1)).lgamma().exp()

    @property
    def mode(self):
        """Give the likeliest value."""
        k = self.concentration
        return self.scale * ((k - 1) / k) ** self._slow(1)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        square = (1 + self._slow(2)).lgamma().exp()
        return self.scale.square() * (square - (2 * (1 + self._slow(1)).lgamma()).exp())

    def entropy(self):
        """Give the mean surprise of a draw."""
        return EULER * (1 - self._slow(1)) + (self.scale * self._slow(1)).log() + 1
