"""What distributions of success and failure share: the chance of success, or its odds."""

from .distribution import Distribution
from .parameters import broadcast_all, later, log_odds, one_of


class Chances(Distribution):
    r"""Keep the chance of success or the logarithm of its odds; compute the other when asked.

    Args:
        probs: the chance of success $p$; or give
        logits: the logarithm of its odds, $\log p / (1 - p)$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Bernoulli(logits=torch.tensor(0.)).probs
    tensor(0.5000)
    """

    def __init__(self, probs=None, logits=None, validate_args=None):
        one_of(probs, logits)
        if probs is not None:
            (self.probs,) = broadcast_all(probs)
        else:
            (self.logits,) = broadcast_all(logits)
        super().__init__(self.param_shape, validate_args=validate_args)

    @later
    def logits(self):
        """Give the logarithm of the odds."""
        return log_odds(self.probs)

    @later
    def probs(self):
        """Give the chance of success."""
        return self.logits.sigmoid()

    @property
    def param_shape(self):
        """Give the shape of the parameter."""
        probs = vars(self).get("probs")
        return (self.logits if probs is None else probs).shape
