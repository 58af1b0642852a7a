"""The Kumaraswamy distribution: the beta distribution's cousin that is easy to draw from."""

import math

from ..creation import ones_like, zeros_like
from ..ops import where
from ..ops.gamma import EULER
from . import constraints
from .parameters import broadcast_all
from .transformed_distribution import TransformedDistribution
from .transforms import AffineTransform, PowerTransform
from .uniform import Uniform


class Kumaraswamy(TransformedDistribution):
    r"""Spread chances: $P(X \le x) = 1 - (1 - x^a)^b$.

    Args:
        concentration1: $a$: the larger, the nearer to 1.
        concentration0: $b$: the larger, the nearer to 0.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Kumaraswamy(1.0, 3.0).mean
    tensor(0.2500)
    """

    arg_constraints = {
        "concentration1": constraints.positive, "concentration0": constraints.positive,
    }  # fmt: skip

    def __init__(self, concentration1, concentration0, validate_args=None):
        a, b = broadcast_all(concentration1, concentration0)
        self.concentration1, self.concentration0 = a, b
        base = Uniform(zeros_like(b), ones_like(b), validate_args=validate_args)
        turns = [
            PowerTransform(b.reciprocal()), AffineTransform(1.0, -1.0),
            PowerTransform(a.reciprocal()),
        ]  # fmt: skip
        super().__init__(base, turns, validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.unit_interval

    def _moment(self, n):
        """Give the mean of the n-th power."""
        b, place = self.concentration0, 1 + n / self.concentration1
        return b * (place.lgamma() + b.lgamma() - (place + b).lgamma()).exp()

    @property
    def mean(self):
        """Give the mean."""
        return self._moment(1)

    @property
    def mode(self):
        """Give the likeliest chance: nan where an end is likeliest."""
        a, b = self.concentration1, self.concentration0
        log_mode = b.reciprocal() * (-b).log1p() - (-b * a).log1p()
        return where((b < 1) | (a < 1), math.nan, log_mode).exp()

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self._moment(2) - self.mean.square()

    def entropy(self):
        """Give the mean surprise of a draw."""
        a, b = self.concentration1, self.concentration0
        harmonic = (b + 1).digamma() + EULER
        return 1 - b.reciprocal() + (1 - a.reciprocal()) * harmonic - a.log() - b.log()
