"""Wishart's distribution: the scatter of normal vectors, a matrix that is drawn."""

import math
import warnings

from ..creation import arange, full
from ..dtypes import finfo
from ..linalg import slogdet
from ..ops import broadcast_shapes, where
from ..ops.gamma import digamma, mvlgamma
from ..ops.solving import cholesky_solve
from . import constraints
from .chi2 import Chi2
from .covariance import WithCovariance, the_one
from .draws import normal_like


class Wishart(WithCovariance):
    r"""Tell matrices $\sum_k x_k x_k^\top$ of $\nu$ normal vectors with the covariances $\Sigma$.

    $\log p(V) = \tfrac{\nu - p - 1}{2} \log \det V - \tfrac12 \mathrm{tr}(\Sigma^{-1} V)
    - \tfrac{\nu}{2} \log \det (2 \Sigma) - \log \Gamma_p(\tfrac{\nu}{2})$ for $p \times p$ numbers.

    Args:
        df: how many vectors, $\nu$: more than $p - 1$, and it need not be whole.
        covariance_matrix: $\Sigma$; or give
        precision_matrix: $\Sigma^{-1}$; or
        scale_tril: the triangle $L$ of $\Sigma = L L^\top$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Wishart(torch.tensor(3.0), torch.eye(2)).mean
    tensor([[3., 0.],
            [0., 3.]])
    """

    support = constraints.positive_definite
    has_rsample = True

    def __init__(
        self, df, covariance_matrix=None, precision_matrix=None, scale_tril=None,
        validate_args=None,
    ):  # fmt: skip
        name, matrix = the_one({
            "covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        })  # fmt: skip
        if matrix.ndim < 2:
            raise ValueError(
                "scale_tril must be at least two-dimensional, with optional leading batch "
                "dimensions"
            )
        count = matrix.shape[-1]
        given = df
        if isinstance(df, int | float):
            df = full((), df, dtype=matrix.dtype, device=matrix.device)
        if (df <= count - 1).any():
            raise ValueError(
                f"Value of df={given} expected to be greater than ndim - 1 = {count - 1}."
            )
        if (df < count).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 "
                "< df < ndim.",
                stacklevel=2,
            )
        batch = broadcast_shapes(matrix.shape[:-2], df.shape)
        self.df = df.expand(batch)
        setattr(self, name, matrix.expand((*batch, -1, -1)))
        super().__init__(batch, matrix.shape[-2:], validate_args=validate_args)

    @property
    def arg_constraints(self):
        """Say what each parameter must be."""
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def _freedom(self):
        """Give the degrees of freedom that are left for each column: one less each time."""
        columns = arange(self.event_shape[-1], dtype=self.df.dtype, device=self.df.device)
        return self.df[..., None] - columns

    @property
    def mean(self):
        """Give the mean."""
        return self.df[..., None, None] * self.covariance_matrix

    @property
    def mode(self):
        """Give the likeliest matrix; nan where the density has no greatest value."""
        factor = self.df - self.event_shape[-1] - 1
        return where(factor > 0, factor, math.nan)[..., None, None] * self.covariance_matrix

    @property
    def variance(self):
        """Give the mean squared distance of each number from its mean."""
        diagonal = self.covariance_matrix.diagonal(dim1=-2, dim2=-1)
        products = diagonal[..., :, None] * diagonal[..., None, :]
        return self.df[..., None, None] * (self.covariance_matrix.square() + products)

    def rsample(self, sample_shape=()):
        """Draw matrices that gradients flow through, by Bartlett's triangles."""
        squares = Chi2(self._freedom()).rsample(sample_shape)
        sizes = squares.sqrt().clamp(min=finfo(squares.dtype).eps)
        standard = normal_like(self.df, self._extended_shape(sample_shape)).tril(-1)
        triangle = self.scale_tril @ (standard + sizes.diag_embed())
        return triangle @ triangle.mT

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        return self.log_density(slogdet(value).logabsdet, self.trace_of_ratio(value))

    def log_density(self, log_det, trace):
        r"""Give it by $\log\det V$ and $\mathrm{tr}(\Sigma^{-1} V)$: no more of V counts."""
        count = self.event_shape[-1]
        return (
            (self.df - count - 1) / 2 * log_det - trace / 2
            - self.df * self._half_log_det_of_double() - mvlgamma(self.df / 2, count)
        )  # fmt: skip

    def trace_of_ratio(self, value):
        r"""Give $\mathrm{tr}(\Sigma^{-1} V)$."""
        batch = broadcast_shapes(value.shape[:-2], self.batch_shape)
        value, triangle = [x.expand((*batch, -1, -1)) for x in (value, self.scale_tril)]
        return cholesky_solve(value, triangle).diagonal(dim1=-2, dim2=-1).sum(-1)

    def mean_log_det(self):
        r"""Give the mean of $\log\det V$."""
        return digamma(self._freedom() / 2).sum(-1) + 2 * self._half_log_det_of_double()

    def _half_log_det_of_double(self):
        return self.event_shape[-1] * math.log(2) / 2 + self.half_log_det()

    def entropy(self):
        """Give the mean surprise of a draw."""
        return -self.log_density(self.mean_log_det(), self.df * self.event_shape[-1])
