"""One of several things, as a vector with a 1 in its place."""

from ..nn.functional import one_hot
from . import constraints
from .categorical import Categorical
from .distribution import Distribution


class OneHotCategorical(Distribution):
    """Choose one of n things: a vector of zeros with a 1 where the thing stands.

    Args:
        probs: the chances, along the last dimension; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.OneHotCategorical(torch.tensor([0., 1., 0.])).sample()
    tensor([0., 1., 0.])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._categorical = Categorical(probs, logits)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        """Give the same distributions for a larger batch."""
        twin = super().expand(batch_shape)
        twin._categorical = self._categorical.expand(batch_shape)
        return twin

    @property
    def probs(self):
        """Give the chances."""
        return self._categorical.probs

    @property
    def logits(self):
        """Give the logarithms of the chances."""
        return self._categorical.logits

    @property
    def param_shape(self):
        """Give the shape of the parameter."""
        return self._categorical.param_shape

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
