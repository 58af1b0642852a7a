"""The normal distribution of many numbers that few causes tie together."""

import math

from ..creation import eye
from ..linalg import cholesky, solve_triangular
from ..ops import broadcast_tensors, diag_embed
from . import constraints
from .distribution import Distribution
from .draws import normal_like


class LowRankMultivariateNormal(Distribution):
    r"""Spread vectors of $n$ numbers by $m$ causes in common and noise of their own.

    The covariances are $\Sigma = W W^\top + \mathrm{diag}(d)$. With $m$ much smaller than $n$ only
    the $m \times m$ matrix $C = I + W^\top \mathrm{diag}(d)^{-1} W$ is decomposed, never $\Sigma$.

    Args:
        loc: the mean, of n numbers.
        cov_factor: $W$, of n rows and m columns.
        cov_diag: $d$, of n positive numbers.
        validate_args: whether parameters and values are checked.

    >>> causes = torch.tensor([[1.0], [2.0]])
    >>> d = torch.distributions.LowRankMultivariateNormal(torch.zeros(2), causes, torch.ones(2))
    >>> d.covariance_matrix
    tensor([[2., 2.],
            [2., 5.]])
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event = loc.shape[-1:]
        if cov_factor.ndim < 2:
            raise ValueError(
                "cov_factor must be at least two-dimensional, with optional leading batch "
                "dimensions"
            )
        if cov_factor.shape[-2:-1] != event:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event[0]} x m")
        if cov_diag.shape[-1:] != event:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event}")
        column, self.cov_factor, noise = self._together(loc, cov_factor, cov_diag)
        self.loc, self.cov_diag = column[..., 0], noise[..., 0]
        super().__init__(self.loc.shape[:-1], event, validate_args=validate_args)

    def _together(self, loc, cov_factor, cov_diag):
        try:
            return broadcast_tensors(loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1))
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, "
                f"cov_diag {cov_diag.shape}"
            ) from error

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
        return self.cov_factor.square().sum(-1) + self.cov_diag

    @property
    def covariance_matrix(self):
        """Give the covariances."""
        return self.cov_factor @ self.cov_factor.mT + diag_embed(self.cov_diag)

    @property
    def scale_tril(self):
        """Give the triangle whose square the covariances are."""
        return cholesky(self.covariance_matrix)

    @property
    def precision_matrix(self):
        """Give the inverse of the covariances, by Woodbury's identity."""
        inner = solve_triangular(self._small_triangle(), self._weighed(), upper=False)
        return diag_embed(self.cov_diag.reciprocal()) - inner.mT @ inner

    def _weighed(self):
        """Give the causes, turned round and divided by the noise."""
        return self.cov_factor.mT / self.cov_diag.unsqueeze(-2)

    def _small_triangle(self):
        """Give the triangle of the small matrix C."""
        identity = eye(self.cov_factor.shape[-1], dtype=self.loc.dtype, device=self.loc.device)
        return cholesky(identity + self._weighed() @ self.cov_factor)

    def rsample(self, sample_shape=()):
        """Draw vectors that gradients flow through."""
        shape = self._extended_shape(sample_shape)
        causes = normal_like(self.loc, (*shape[:-1], self.cov_factor.shape[-1], 1))
        noise = normal_like(self.loc, shape)
        return self.loc + (self.cov_factor @ causes).squeeze(-1) + self.cov_diag.sqrt() * noise

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        (count,), triangle = self.event_shape, self._small_triangle()
        distance = self._distance(value - self.loc, triangle)
        return -0.5 * (count * math.log(2 * math.pi) + self._log_det(triangle) + distance)

    def _distance(self, away, triangle):
        """Give the squared distance from the mean, measured in standard deviations."""
        known = (self._weighed() @ away.unsqueeze(-1)).expand((*away.shape[:-1], -1, 1))
        explained = solve_triangular(
            triangle.expand((*away.shape[:-1], -1, -1)), known, upper=False
        )
        whole = (away.square() / self.cov_diag).sum(-1)
        return whole - explained.squeeze(-1).square().sum(-1)

    def _log_det(self, triangle):
        """Give the logarithm of the determinant of the covariances."""
        small = 2 * triangle.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return small + self.cov_diag.log().sum(-1)

    def entropy(self):
        """Give the mean surprise of a draw."""
        (count,) = self.event_shape
        log_det = self._log_det(self._small_triangle())
        return 0.5 * (count * (1.0 + math.log(2 * math.pi)) + log_det)
