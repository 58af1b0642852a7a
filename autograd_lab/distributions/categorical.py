"""The categorical distribution: one of several things, each with its chance."""

from ..core import Size
from ..creation import full
from ..dtypes import finfo
from ..ops import broadcast_tensors, searchsorted
from . import constraints
from .distribution import Distribution
from .draws import uniform_like
from .parameters import away_from_ends, later, one_of


class Categorical(Distribution):
    """Choose one of n things: the number 0 to n - 1.

    The chances lie along the last dimension and need not add up to 1.

    Args:
        probs: the chances; or give
        logits: their logarithms, up to a constant.
        validate_args: whether parameters and values are checked.

    >>> choice = torch.distributions.Categorical(torch.tensor([1., 1., 2.]))
    >>> choice.log_prob(torch.tensor(2)).exp()
    tensor(0.5000)
    >>> choice.sample((4,)).shape
    torch.Size([4])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        one_of(probs, logits)
        name, given = ("logits", logits) if probs is None else ("probs", probs)
        if given.ndim < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if probs is not None:
            self.probs = given / given.sum(-1, keepdim=True)
        else:
            self.logits = given - given.logsumexp(dim=-1, keepdim=True)
        super().__init__(given.shape[:-1], validate_args=validate_args)

    @later
    def logits(self):
        """Give the logarithms of the chances."""
        return away_from_ends(self.probs).log()

    @later
    def probs(self):
        """Give the chances."""
        return self.logits.softmax(-1)

    @property
    def param_shape(self):
        """Give the shape of the parameter."""
        probs = vars(self).get("probs")
        return (self.logits if probs is None else probs).shape

    @property
    def support(self):
        """Say which values can be drawn."""
        return constraints.integer_interval(0, self.param_shape[-1] - 1)

    @property
    def mean(self):
        """Things have no mean."""
        kind = {"dtype": self.probs.dtype, "device": self.probs.device}
        return full(self._extended_shape(), float("nan"), **kind)

    @property
    def mode(self):
        """Give the likeliest thing."""
        return self.probs.argmax(-1)

    @property
    def variance(self):
        """Things have no variance."""
        return self.mean

    def sample(self, sample_shape=()):
        """Draw numbers of things."""
        shape, count = self._extended_shape(sample_shape), self.param_shape[-1]
        upto = self.probs.detach().reshape(-1, count).cumsum(-1)
        draws = uniform_like(upto, (len(upto), Size(sample_shape).numel())) * upto[:, -1:]
        found = searchsorted(upto, draws, right=True).clamp(max=count - 1)
        return found.T.reshape(shape)

    def log_prob(self, value):
        """Give the logarithm of the chance."""
        self._validate_sample(value)
        value, logits = broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self):
        """Give the mean surprise of a draw."""
        logits = self.logits.clamp(min=finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand=True):
        """List the numbers of all things."""
        numbers = self.probs.argmax(-1)  # whole numbers, on the right device
        return self._all_whole_numbers(self.param_shape[-1] - 1, numbers, expand)
