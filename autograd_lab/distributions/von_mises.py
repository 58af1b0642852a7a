"""The von Mises distribution: the normal distribution of angles."""

import math

from ..ops.bessel import i0e, i1e
from . import constraints
from .distribution import Distribution
from .draws import draw
from .parameters import broadcast_all


class VonMises(Distribution):
    r"""Spread angles around one of them: $p(x) \propto e^{\kappa \cos(x - \mu)}$.

    Args:
        loc: the likeliest angle $\mu$, in radians.
        concentration: how closely the angles gather there, $\kappa$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.VonMises(0.0, 2.0).log_prob(torch.tensor(0.0)).exp()
    tensor(0.5159)
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real

    def __init__(self, loc, concentration, validate_args=None):
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean direction."""
        return self.loc

    @property
    def mode(self):
        """Give the likeliest angle."""
        return self.loc

    @property
    def variance(self):
        """Give the circular variance: 1 less the mean cosine of the distance from the mean."""
        return 1 - i1e(self.concentration) / i0e(self.concentration)

    def sample(self, sample_shape=()):
        """Draw angles from minus to plus pi."""
        shape = self._extended_shape(sample_shape)
        return draw("vonmises", shape, self.loc.detach(), self.concentration.detach())

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        near = self.concentration * ((value - self.loc).cos() - 1)
        return near - math.log(2 * math.pi) - i0e(self.concentration).log()
