"""A mixture: first one of several distributions is chosen, then a value drawn from it."""

from ..ops import log_softmax
from .categorical import Categorical
from .constraints import Constraint
from .distribution import Distribution


class MixtureSameFamilyConstraint(Constraint):
    """What the components of a mixture allow, asked of each of them."""

    def __init__(self, base_constraint):
        self.base_constraint = base_constraint
        self.is_discrete, self.event_dim = base_constraint.is_discrete, base_constraint.event_dim

    def check(self, value):
        """Say of every event whether all components allow it."""
        allowed = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        return allowed.all(-1)

    def __repr__(self):
        return f"MixtureSameFamilyConstraint({self.base_constraint!r})"


class MixtureSameFamily(Distribution):
    r"""Choose a component, then draw from it: $p(x) = \sum_k w_k\, p_k(x)$.

    Args:
        mixture_distribution: the Categorical that chooses, with the weights $w_k$.
        component_distribution: the components, along its last batch dimension.
        validate_args: whether values are checked.

    >>> choice = torch.distributions.Categorical(torch.tensor([0.25, 0.75]))
    >>> parts = torch.distributions.Normal(torch.tensor([0.0, 4.0]), 1.0)
    >>> torch.distributions.MixtureSameFamily(choice, parts).mean
    tensor(3.)
    """

    arg_constraints: dict = {}

    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                " The Mixture distribution needs to be an  instance of "
                "torch.distributions.Categorical"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                "The Component distribution needs to be an instance of "
                "torch.distributions.Distribution"
            )
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        *batch, count = component_distribution.batch_shape
        self._check_shapes(component_distribution.batch_shape[:-1], count)
        super().__init__(batch, component_distribution.event_shape, validate_args)

    def _check_shapes(self, batch, count):
        chosen = self.mixture_distribution.batch_shape
        if any(1 not in (i, j) and i != j for i, j in zip(reversed(chosen), reversed(batch))):
            raise ValueError(
                f"`mixture_distribution.batch_shape` ({chosen}) is not compatible with "
                f"`component_distribution.batch_shape`({batch})"
            )
        weights = self.mixture_distribution.logits.shape[-1]
        if weights != count:
            raise ValueError(
                f"`mixture_distribution component` ({weights}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({count})"
            )

    def expand(self, batch_shape, _instance=None):
        """Give the same mixtures for a larger batch."""
        twin = super().expand(batch_shape)
        parts = self.component_distribution
        twin.component_distribution = parts.expand((*batch_shape, parts.batch_shape[-1]))
        twin.mixture_distribution = self.mixture_distribution.expand(batch_shape)
        return twin

    @property
    def support(self):
        """Say which values can be drawn."""
        return MixtureSameFamilyConstraint(self.component_distribution.support)

    @property
    def mean(self):
        """Give the mean."""
        return self._over_parts(self.component_distribution.mean)

    @property
    def variance(self):
        """Give the mean squared distance from the mean: within components and between them."""
        parts = self.component_distribution
        between = (parts.mean - self._beside_parts(self.mean)).square()
        return self._over_parts(parts.variance + between)

    def _over_parts(self, x):
        """Average what each component says, by the weights."""
        weights, events = self.mixture_distribution.probs, len(self.event_shape)
        return (weights.reshape((*weights.shape, *(1,) * events)) * x).sum(-1 - events)

    def _beside_parts(self, x):
        """Lay a value beside every component."""
        return x.unsqueeze(-1 - len(self.event_shape))

    def sample(self, sample_shape=()):
        """Draw from every component, and keep what the chosen one drew."""
        drawn = self.component_distribution.sample(sample_shape)
        dim = drawn.ndim - 1 - len(self.event_shape)
        chosen = self.mixture_distribution.expand(self.batch_shape).sample(sample_shape)
        places = chosen.reshape((*chosen.shape, 1, *(1,) * len(self.event_shape)))
        places = places.expand((*chosen.shape, 1, *self.event_shape))
        return drawn.gather(dim, places).squeeze(dim)

    def log_prob(self, value):
        """Give the logarithm of the density, or of the chance."""
        self._validate_sample(value)
        each = self.component_distribution.log_prob(self._beside_parts(value))
        return (each + log_softmax(self.mixture_distribution.logits, -1)).logsumexp(-1)

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        each = self.component_distribution.cdf(self._beside_parts(value))
        return (each * self.mixture_distribution.probs).sum(-1)

    def __repr__(self):
        return (
            f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"
        )
