"""A soft coin: draws between 0 and 1 that gradients flow through."""

from . import constraints
from .chances import Chances
from .draws import uniform_like
from .parameters import broadcast_all, log_odds
from .softened import Softened
from .transforms import SigmoidTransform


class LogitRelaxedBernoulli(Chances):
    """Draw the log-odds of what ``RelaxedBernoulli`` draws.

    Args:
        temperature: how soft the coin is; near 0 it is all but hard.
        probs: the chance of a 1; or give
        logits: the logarithm of its odds.
        validate_args: whether parameters and values are checked.

    >>> from autograd_lab.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
    >>> LogitRelaxedBernoulli(torch.tensor(1.0), 0.5).log_prob(torch.tensor(0.0)).exp()
    tensor(0.2500)
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.real
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        (self.temperature,) = broadcast_all(temperature)
        super().__init__(probs, logits, validate_args)

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        draws = uniform_like(self.probs, self._extended_shape(sample_shape))
        return (log_odds(draws) + log_odds(self.probs)) / self.temperature

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        apart = logits - value * self.temperature
        return self.temperature.log() + apart - 2 * apart.exp().log1p()


class RelaxedBernoulli(Softened):
    """Toss a soft coin: draws lie between 0 and 1, the nearer the ends the colder it is.

    Args:
        temperature: how soft the coin is; near 0 it is all but hard.
        probs: the chance of a 1; or give
        logits: the logarithm of its odds.
        validate_args: whether parameters and values are checked.

    >>> chance = torch.tensor(0.9, requires_grad=True)
    >>> coin = torch.distributions.RelaxedBernoulli(torch.tensor(0.5), chance)
    >>> coin.rsample().requires_grad  # a draw of Bernoulli would not lead to the chance
    True
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.unit_interval
