"""The geometric distribution: how often one fails before the first success."""

from typing import Any

from ..creation import zeros_like
from ..nn.functional import binary_cross_entropy_with_logits
from . import constraints
from .chances import Chances
from .draws import inner_uniform_like
from .parameters import broadcast_all


class Geometric(Chances):
    r"""Count the failures before the first success: $p(k) = (1 - p)^k p$.

    Args:
        probs: the chance of success $p$; or give
        logits: the logarithm of its odds, $\log p / (1 - p)$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Geometric(0.5).log_prob(torch.tensor([0., 1., 2.])).exp()
    tensor([0.5000, 0.2500, 0.1250])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.nonnegative_integer

    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits, validate_args)
        if self._validate_args and probs is not None:
            self._check_possible()

    def _check_possible(self):
        value: Any = self.probs
        if not (value > 0).all():
            invalid = value[value <= 0]
            raise ValueError(
                f"Expected parameter probs ({type(value).__name__} of shape {tuple(value.shape)}) "
                f"of distribution {self!r} to be positive but found invalid values:\n{invalid}"
            )

    @property
    def mean(self):
        """Give the mean."""
        return 1.0 / self.probs - 1.0

    @property
    def mode(self):
        """Give the likeliest value."""
        return zeros_like(self.probs)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape=()):
        """Draw whole numbers."""
        probs = self.probs.detach()
        draws = inner_uniform_like(probs, self._extended_shape(sample_shape))
        return (draws.log() / (-probs).log1p()).floor()

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        value, probs = broadcast_all(value, self.probs)
        sure = (probs == 1) & (value == 0)
        return value * (-probs.masked_fill(sure, 0)).log1p() + self.probs.log()

    def entropy(self):
        """Give the mean surprise of a draw."""
        toss = binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
        return toss / self.probs
