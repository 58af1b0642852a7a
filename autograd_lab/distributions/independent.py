"""Several distributions taken as one."""

from . import constraints
from .distribution import Distribution
from .parameters import sum_last


class Independent(Distribution):
    """Take the last batch dimensions of a distribution as one event: log_prob adds them up.

    Args:
        base_distribution: the distribution.
        reinterpreted_batch_ndims: how many of its batch dimensions become part of the event.
        validate_args: whether values are checked.

    >>> pixels = torch.distributions.Bernoulli(torch.full((3, 4), 0.5))
    >>> picture = torch.distributions.Independent(pixels, 2)
    >>> picture.event_shape, picture.log_prob(torch.ones(3, 4)).shape
    (torch.Size([3, 4]), torch.Size([]))
    """

    arg_constraints: dict = {}

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        base, count = base_distribution, reinterpreted_batch_ndims
        if count > len(base.batch_shape):
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                f"{count} vs {len(base.batch_shape)}"
            )
        self.base_dist, self.reinterpreted_batch_ndims = base, count
        cut = len(base.batch_shape) - count
        shape = base.batch_shape + base.event_shape
        super().__init__(shape[:cut], shape[cut:], validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        """Give the same distributions for a larger batch."""
        twin = super().expand(batch_shape)
        inner = self.event_shape[: self.reinterpreted_batch_ndims]
        twin.base_dist = self.base_dist.expand(twin.batch_shape + inner)
        return twin

    @property
    def has_rsample(self):
        """Say whether gradients can flow through draws."""
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self):
        """Say whether all values can be listed."""
        return self.reinterpreted_batch_ndims == 0 and self.base_dist.has_enumerate_support

    @property
    def support(self):
        """Say which values can be drawn."""
        inner = self.base_dist.support
        count = self.reinterpreted_batch_ndims
        return constraints.independent(inner, count) if count else inner

    @property
    def mean(self):
        """Give the mean."""
        return self.base_dist.mean

    @property
    def mode(self):
        """Give the likeliest value."""
        return self.base_dist.mode

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self.base_dist.variance

    def sample(self, sample_shape=()):
        """Draw values."""
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        """Give the logarithm of the chance or density: the sum over the parts."""
        return sum_last(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self):
        """Give the mean surprise of a draw: the sum over the parts."""
        return sum_last(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand=True):
        """List all values."""
        if self.reinterpreted_batch_ndims > 0:
            raise NotImplementedError("Enumeration over cartesian product is not implemented")
        return self.base_dist.enumerate_support(expand)

    def __repr__(self):
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"
