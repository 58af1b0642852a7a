"""The Pareto distribution: wealth, of which few have most."""

from . import constraints
from .exponential import Exponential
from .parameters import broadcast_all
from .transformed_distribution import TransformedDistribution
from .transforms import AffineTransform, ExpTransform


class Pareto(TransformedDistribution):
    r"""Tell sizes with a heavy tail: $P(X > x) = (s / x)^\alpha$ from $s$ on.

    Args:
        scale: the least size $s$.
        alpha: how fast the tail falls, $\alpha$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Pareto(1.0, 3.0).mean
    tensor(1.5000)
    """

    arg_constraints = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale, alpha, validate_args=None):
        self.scale, self.alpha = broadcast_all(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        turns = [ExpTransform(), AffineTransform(0, self.scale)]
        super().__init__(base, turns, validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self):
        """Give the mean: infinite where alpha is 1 or less."""
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self):
        """Give the likeliest value."""
        return self.scale

    @property
    def variance(self):
        """Give the mean squared distance from the mean: infinite where alpha is 2 or less."""
        a = self.alpha.clamp(min=2)
        return self.scale.square() * a / ((a - 1).square() * (a - 2))

    def entropy(self):
        """Give the mean surprise of a draw."""
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())
