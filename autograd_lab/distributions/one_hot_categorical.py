"""One of several things, as a vector with a 1 in its place."""

from ..nn.functional import one_hot
from . import constraints
from .choices import Choices


class OneHotCategorical(Choices):
    """Choose one of n things: a vector of zeros with a 1 where the thing stands.

    Args:
        probs: the chances, along the last dimension; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.OneHotCategorical(torch.tensor([0., 1., 0.])).sample()
    tensor([0., 1., 0.])
    """

    support = constraints.one_hot
    has_enumerate_support = True

    @property
    def mean(self):
        """Give the mean."""
        return self.probs

    @property
    def mode(self):
        """Give the likeliest vector."""
        return one_hot(self.probs.argmax(-1), self.event_shape[0]).type_as(self.probs)

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        """Draw vectors."""
        things = self._categorical.sample(sample_shape)
        return one_hot(things, self.event_shape[0]).type_as(self.probs)

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        return self._categorical.log_prob(value.argmax(-1))

    def entropy(self):
        """Give the mean surprise of a draw."""
        return self._categorical.entropy()

    def enumerate_support(self, expand=True):
        """List all vectors."""
        things = self._categorical.enumerate_support(expand)
        return one_hot(things, self.event_shape[0]).type_as(self.probs)


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """Choose one of n things, and let gradients pass as if the draw were the chances.

    A hard draw on the way forward, a soft one on the way back: biased, and often good enough
    (Y. Bengio and others, https://arxiv.org/abs/1308.3432).

    Args:
        probs: the chances, along the last dimension; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> logits = torch.tensor([0., 9.], requires_grad=True)
    >>> choice = torch.distributions.OneHotCategoricalStraightThrough(logits=logits)
    >>> choice.rsample().requires_grad
    True
    """

    has_rsample = True

    def rsample(self, sample_shape=()):
        """Draw vectors that gradients flow through, to the chances."""
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
