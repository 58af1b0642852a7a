"""The binomial distribution: how many of several tosses come up heads."""

import numpy as np

from ..device import cpu, move
from ..nn.functional import logsigmoid
from ..random import numbers_of
from . import constraints
from .chances import Chances
from .draws import placed
from .parameters import broadcast_all, one_of


class Binomial(Chances):
    r"""Count the successes of $n$ tries: $p(k) = \binom{n}{k} p^k (1 - p)^{n - k}$.

    Args:
        total_count: the number of tries $n$.
        probs: the chance of success $p$; or give
        logits: the logarithm of its odds, $\log p / (1 - p)$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Binomial(2, torch.tensor(0.5)).log_prob(torch.tensor(1.0)).exp()
    tensor(0.5000)
    """

    arg_constraints = {
        "total_count": constraints.nonnegative_integer, "probs": constraints.unit_interval,
        "logits": constraints.real,
    }  # fmt: skip
    has_enumerate_support = True

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        one_of(probs, logits)
        count, given = broadcast_all(total_count, logits if probs is None else probs)
        self.total_count = count.type_as(given)
        both = (None, given) if probs is None else (given, None)
        super().__init__(*both, validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self):
        """Give the mean."""
        return self.total_count * self.probs

    @property
    def mode(self):
        """Give the likeliest value."""
        return ((self.total_count + 1) * self.probs).floor().minimum(self.total_count)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        """Draw counts."""
        tries, chance = (move(t.array, cpu) for t in (self.total_count, self.probs.detach()))
        tries, chance = np.asarray(tries, np.int64), np.asarray(chance, np.float64)
        counts = numbers_of(None).binomial(tries, chance, self._extended_shape(sample_shape))
        return placed(counts, self.total_count.array)

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        tries, logits = self.total_count, self.logits
        ways = (tries + 1).lgamma() - (value + 1).lgamma() - (tries - value + 1).lgamma()
        return ways + value * logits + tries * logsigmoid(-logits)

    def entropy(self):
        """Give the mean surprise of a draw."""
        log_prob = self.log_prob(self._numbers("entropy", False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand=True):
        """List 0 to n."""
        return self._numbers("enumerate_support", expand)

    def _numbers(self, asked_by, expand):
        most = self.total_count.max()
        if self.total_count.min() != most:
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{asked_by}`.")
        return self._all_whole_numbers(int(most), self.total_count, expand)
