"""What distributions over several things share: the chances of the things."""

from . import constraints
from .categorical import Categorical
from .distribution import Distribution


class Choices(Distribution):
    """Keep the chances of several things, along the last dimension, as a Categorical.

    Args:
        probs: the chances; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> from autograd_lab.distributions.choices import Choices
    >>> Choices(torch.tensor([1., 1., 2.])).probs
    tensor([0.2500, 0.2500, 0.5000])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

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
