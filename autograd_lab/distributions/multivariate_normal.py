"""The normal distribution of several numbers that go together."""

import math

from ..linalg import solve_triangular
from ..ops import broadcast_shapes
from . import constraints
from .covariance import WithCovariance, the_one
from .draws import normal_like


class MultivariateNormal(WithCovariance):
    r"""Spread vectors around a mean, along directions of their own.

    $\log p(x) = -\tfrac12 (x - \mu)^\top \Sigma^{-1} (x - \mu)
    - \tfrac12 \log \det (2 \pi \Sigma)$, computed with the triangle $L$ of $\Sigma = L L^\top$.

    Args:
        loc: the mean $\mu$.
        covariance_matrix: $\Sigma$; or give
        precision_matrix: $\Sigma^{-1}$; or
        scale_tril: $L$.
        validate_args: whether parameters and values are checked.

    >>> spread = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
    >>> spread.log_prob(torch.zeros(2))
    tensor(-1.8379)
    """

    arg_constraints = {
        "loc": constraints.real_vector, "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }  # fmt: skip
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None,
        validate_args=None,
    ):  # fmt: skip
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        name, matrix = the_one({
            "covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        })  # fmt: skip
        if matrix.ndim < 2:
            called = "scale_tril matrix" if name == "scale_tril" else name
            raise ValueError(
                f"{called} must be at least two-dimensional, with optional leading batch dimensions"
            )
        batch = broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        setattr(self, name, matrix.expand((*batch, -1, -1)))
        self.loc = loc.expand((*batch, -1))
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean."""
        return self.loc

    @property
    def mode(self):
        """Give the likeliest vector."""
        return self.loc

    @property
    def variance(self):
        """Give the mean squared distance of each number from its mean."""
        return self.scale_tril.square().sum(-1)

    def rsample(self, sample_shape=()):
        """Draw vectors that gradients flow through."""
        standard = normal_like(self.loc, self._extended_shape(sample_shape))
        return self.loc + (self.scale_tril @ standard.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        (count,) = self.event_shape
        return -0.5 * (count * math.log(2 * math.pi) + self.distance(value)) - self.half_log_det()

    def distance(self, value):
        """Give the squared distance from the mean, measured in standard deviations."""
        away = (value - self.loc).unsqueeze(-1)
        triangle = self.scale_tril.expand((*away.shape[:-2], -1, -1))
        return solve_triangular(triangle, away, upper=False).squeeze(-1).square().sum(-1)

    def entropy(self):
        """Give the mean surprise of a draw."""
        (count,) = self.event_shape
        return 0.5 * count * (1.0 + math.log(2 * math.pi)) + self.half_log_det()
