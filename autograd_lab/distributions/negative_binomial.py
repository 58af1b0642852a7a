"""The negative binomial distribution: how many successes come before several failures."""

from ..nn.functional import logsigmoid
from . import constraints
from .chances import Chances
from .draws import draw
from .parameters import broadcast_all, one_of


class NegativeBinomial(Chances):
    r"""Count successes before the $n$-th failure: $p(k) = \binom{n + k - 1}{k} p^k (1 - p)^n$.

    Args:
        total_count: the number of failures $n$; need not be whole.
        probs: the chance of success $p$; or give
        logits: the logarithm of its odds, $\log p / (1 - p)$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.NegativeBinomial(3, torch.tensor(0.5)).mean
    tensor(3.)
    """

    arg_constraints = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0), "logits": constraints.real,
    }  # fmt: skip
    support = constraints.nonnegative_integer

    def __init__(self, total_count, probs=None, logits=None, validate_args=None):
        one_of(probs, logits)
        count, given = broadcast_all(total_count, logits if probs is None else probs)
        self.total_count = count.type_as(given)
        both = (None, given) if probs is None else (given, None)
        super().__init__(*both, validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return self.total_count * self.logits.exp()

    @property
    def mode(self):
        """Give the likeliest value."""
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape=()):
        """Draw counts: Poisson draws whose rate is itself drawn, from a gamma distribution."""
        shape = self._extended_shape(sample_shape)
        waits = draw("standard_gamma", shape, self.total_count.detach())
        return draw("poisson", shape, waits * self.logits.detach().exp())

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        n = self.total_count
        ways = (n + value).lgamma() - (1 + value).lgamma() - n.lgamma()
        ways = ways.masked_fill(n + value == 0, 0.0)  # certain, but lgamma(0) is infinite
        return ways + n * logsigmoid(-self.logits) + value * logsigmoid(self.logits)
