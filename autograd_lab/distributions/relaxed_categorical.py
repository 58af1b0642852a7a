"""A soft choice of one of several things: draws that add up to 1, and gradients flow through."""

import math

from . import constraints
from .choices import Choices
from .draws import uniform_like
from .parameters import away_from_ends, broadcast_all
from .softened import Softened
from .transforms import ExpTransform


class ExpRelaxedCategorical(Choices):
    """Draw the logarithm of what ``RelaxedOneHotCategorical`` draws.

    Args:
        temperature: how soft the choice is; near 0 it is all but hard.
        probs: the chances, along the last dimension; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> from autograd_lab.distributions.relaxed_categorical import ExpRelaxedCategorical
    >>> ExpRelaxedCategorical(torch.tensor(1.0), torch.ones(3)).rsample().exp().sum()
    tensor(1.)
    """

    support = constraints.real_vector
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        (self.temperature,) = broadcast_all(temperature)
        super().__init__(probs, logits, validate_args)

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through: the Gumbel trick, softened."""
        draws = uniform_like(self.logits, self._extended_shape(sample_shape))
        gumbels = -(-away_from_ends(draws).log()).log()
        scores = (self.logits + gumbels) / self.temperature
        return scores - scores.logsumexp(-1, keepdim=True)

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        (count,) = self.event_shape
        logits, value = broadcast_all(self.logits, value)
        score = logits - value * self.temperature
        score = (score - score.logsumexp(-1, keepdim=True)).sum(-1)
        return score + math.lgamma(count) + (count - 1) * self.temperature.log()


class RelaxedOneHotCategorical(Softened):
    """Choose softly among n things: numbers that add up to 1, most of it on one of them.

    Args:
        temperature: how soft the choice is; near 0 it is all but hard.
        probs: the chances, along the last dimension; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> logits = torch.zeros(3, requires_grad=True)
    >>> choice = torch.distributions.RelaxedOneHotCategorical(torch.tensor(0.5), logits=logits)
    >>> choice.rsample().requires_grad  # a draw of OneHotCategorical would not lead to the logits
    True
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.simplex
