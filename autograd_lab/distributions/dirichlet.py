"""The Dirichlet distribution: what one may think of several chances that add up to 1."""

from ..nn.functional import one_hot
from ..ops import where, xlogy
from . import constraints
from .distribution import Distribution
from .standard_gamma import standard_gamma


class Dirichlet(Distribution):
    r"""Spread lists of chances that add up to 1: $p(x) \propto \prod_i x_i^{a_i - 1}$.

    Args:
        concentration: the $a_i$, along the last dimension.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Dirichlet(torch.tensor([1.0, 3.0])).mean
    tensor([0.2500, 0.7500])
    """

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration, validate_args=None):
        if concentration.ndim < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        shape = concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def mode(self):
        """Give the likeliest chances; where corners are likeliest, the likeliest corner."""
        above = (self.concentration - 1).clamp(min=0.0)
        inside = above / above.sum(-1, keepdim=True)
        corner = one_hot(inside.argmax(-1), self.event_shape[0]).type_as(inside)
        return where((self.concentration < 1).all(-1).unsqueeze(-1), corner, inside)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        total = self.concentration.sum(-1, keepdim=True)
        return self.concentration * (total - self.concentration) / (total.square() * (total + 1))

    def rsample(self, sample_shape=()):
        """Draw chances that gradients flow through: gamma draws, divided by their sum."""
        parts = standard_gamma(self.concentration.expand(self._extended_shape(sample_shape)))
        return parts / parts.sum(-1, keepdim=True)

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        a = self.concentration
        return xlogy(a - 1.0, value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self):
        """Give the mean surprise of a draw."""
        a, total, count = self.concentration, self.concentration.sum(-1), self.event_shape[0]
        spread = a.lgamma().sum(-1) - total.lgamma()
        return spread - (count - total) * total.digamma() - ((a - 1.0) * a.digamma()).sum(-1)
