"""A distribution of what a function makes of another distribution's draws."""

import copy

from ..core import Size
from ..grad_mode import no_grad
from . import constraints
from .distribution import Distribution
from .independent import Independent
from .parameters import sum_last
from .transforms import ComposeTransform, Transform


class TransformedDistribution(Distribution):
    r"""Draw x, turn it into y by one transform or several.

    $\log p(y) = \log p(x) - \log \left| \det \frac{dy}{dx} \right|$.

    Args:
        base_distribution: where x is drawn from.
        transforms: what turns x into y: one, or a list in order.
        validate_args: whether values are checked.

    >>> normal = torch.distributions.Normal(0.0, 1.0)
    >>> d = torch.distributions.TransformedDistribution(normal, torch.distributions.ExpTransform())
    >>> d.log_prob(torch.tensor(1.0)).exp()
    tensor(0.3989)
    """

    arg_constraints: dict = {}

    def __init__(self, base_distribution, transforms, validate_args=None):
        if isinstance(transforms, Transform):
            transforms = [transforms]
        if not isinstance(transforms, list):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        if not all(isinstance(t, Transform) for t in transforms):
            raise ValueError("transforms must be a Transform or a list of Transforms")
        self.transforms = transforms
        base, whole = base_distribution, ComposeTransform(transforms)
        shape, inner = base.batch_shape + base.event_shape, len(base.event_shape)
        if len(shape) < whole.domain.event_dim:
            raise ValueError(
                "base_distribution needs to have shape with size at least "
                f"{whole.domain.event_dim}, but got {shape}."
            )
        made = Size(whole.forward_shape(shape))
        expanded = Size(whole.inverse_shape(made))
        if shape != expanded:
            base = base.expand(expanded[: len(expanded) - inner])
        together = whole.domain.event_dim - inner
        self.base_dist = Independent(base, together) if together > 0 else base
        change = whole.codomain.event_dim - whole.domain.event_dim
        cut = len(made) - max(whole.codomain.event_dim, inner + change)
        super().__init__(made[:cut], made[cut:], validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        """Give the same distributions for a larger batch."""
        twin, shape = copy.copy(self), Size(batch_shape) + self.event_shape
        for transform in reversed(self.transforms):
            shape = transform.inverse_shape(shape)
        twin.base_dist = self.base_dist.expand(
            shape[: len(shape) - len(self.base_dist.event_shape)]
        )
        for name in self.arg_constraints:
            if name in vars(self):
                setattr(twin, name, vars(self)[name].expand(batch_shape))
        twin._batch_shape = Size(batch_shape)
        return twin

    @property
    def has_rsample(self):
        """Say whether gradients can flow through draws."""
        return self.base_dist.has_rsample

    @property
    def support(self):
        """Say which values can be drawn."""
        if not self.transforms:
            return self.base_dist.support
        last = self.transforms[-1].codomain
        more = len(self.event_shape) - last.event_dim
        return constraints.independent(last, more) if more > 0 else last

    def sample(self, sample_shape=()):
        """Draw values."""
        with no_grad():
            return self._turn(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return self._turn(self.base_dist.rsample(sample_shape))

    def _turn(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        count, grown, y = len(self.event_shape), 0.0, value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            count += transform.domain.event_dim - transform.codomain.event_dim
            each = transform.log_abs_det_jacobian(x, y)
            grown = grown + sum_last(each, count - transform.domain.event_dim)
            y = x
        base = self.base_dist.log_prob(y)
        return sum_last(base, count - len(self.base_dist.event_shape)) - grown

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self._same_way(self.base_dist.cdf(value))

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return self._turn(self.base_dist.icdf(self._same_way(value)))

    def _same_way(self, chance):
        """Turn a chance round where y falls with x."""
        sign = ComposeTransform(self.transforms).sign
        return sign * (chance - 0.5) + 0.5
