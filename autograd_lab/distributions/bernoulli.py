"""The Bernoulli distribution: one toss of a coin that need not be fair."""

from ..nn.functional import binary_cross_entropy_with_logits
from ..ops import where
from . import constraints
from .chances import Chances
from .draws import uniform_like
from .parameters import broadcast_all


class Bernoulli(Chances):
    r"""Give 1 with the chance $p$, else 0.

    Args:
        probs: the chance $p$; or give
        logits: the logarithm of its odds, $\log p / (1 - p)$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Bernoulli(0.25).log_prob(torch.tensor([0., 1.])).exp()
    tensor([0.7500, 0.2500])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True

    @property
    def mean(self):
        """Give the mean."""
        return self.probs

    @property
    def mode(self):
        """Give the likelier value: nan where both are as likely."""
        likelier = (self.probs >= 0.5).type_as(self.probs)
        return where(self.probs == 0.5, float("nan"), likelier)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        """Draw zeros and ones."""
        probs = self.probs.detach()
        draws = uniform_like(probs, self._extended_shape(sample_shape))
        return (draws < probs).type_as(probs)

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self):
        """Give the mean surprise of a draw."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand=True):
        """List 0 and 1."""
        return self._all_whole_numbers(1, self.probs, expand)
