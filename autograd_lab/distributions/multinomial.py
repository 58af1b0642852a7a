"""The multinomial distribution: how often each of several things was chosen."""

import math

import numpy as np

from ..device import cpu, move
from ..random import numbers_of
from . import constraints
from .binomial import Binomial
from .choices import Choices
from .draws import placed
from .parameters import broadcast_all


class Multinomial(Choices):
    r"""Count how often each thing is chosen in $n$ draws: $p(x) = n! \prod_i p_i^{x_i} / x_i!$.

    Args:
        total_count: the number of draws $n$.
        probs: the chances, along the last dimension; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> draws = torch.distributions.Multinomial(10, torch.tensor([1., 1., 2.]))
    >>> draws.mean, draws.sample().sum()
    (tensor([2.5000, 2.5000, 5.0000]), tensor(10.))
    """

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        super().__init__(probs, logits, validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.multinomial(self.total_count)

    @property
    def mean(self):
        """Give the mean."""
        return self.probs * self.total_count

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        """Draw lists of counts."""
        shape = self._extended_shape(sample_shape)
        chances = np.asarray(move(self.probs.detach().array, cpu), np.float64)
        chances = chances / chances.sum(-1, keepdims=True)
        counts = numbers_of(None).multinomial(self.total_count, chances, shape[:-1])
        return placed(counts, self.probs.array)

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        logits = logits.masked_fill((value == 0) & (logits == -math.inf), 0)
        ways = (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1)
        return ways + (logits * value).sum(-1)

    def entropy(self):
        """Give the mean surprise of a draw."""
        n = self.total_count
        each = Binomial(n, self.probs, validate_args=False)  # how often one thing is chosen
        counts = each.enumerate_support(expand=False)[1:]
        known = (each.log_prob(counts).exp() * (counts + 1).lgamma()).sum([0, -1])
        return n * self._categorical.entropy() - math.lgamma(n + 1) + known
