"""The distribution of Lewandowski, Kurowicka and Joe: correlations that are drawn."""

import math

from ..creation import arange
from ..dtypes import finfo
from ..grad_mode import no_grad
from ..ops.gamma import mvlgamma
from . import constraints
from .beta import Beta
from .distribution import Distribution
from .draws import normal_like
from .parameters import broadcast_all


class LKJCholesky(Distribution):
    r"""Tell triangles $L$ of correlations $R = L L^\top$, as likely as $(\det R)^{\eta - 1}$.

    $\eta = 1$ makes all correlations equally likely, a larger one favours weak ones.

    D. Lewandowski, D. Kurowicka and H. Joe, Generating random correlation matrices based on vines
    and extended onion method, Journal of Multivariate Analysis 100, 2009.

    Args:
        dim: how many numbers are correlated.
        concentration: $\eta$.
        validate_args: whether parameters and values are checked.

    >>> triangle = torch.distributions.LKJCholesky(3, 0.5).sample()
    >>> (triangle @ triangle.mT).diagonal()
    tensor([1., 1., 1.])
    """

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky

    def __init__(self, dim: int, concentration=1.0, validate_args=None):
        if dim < 2:
            raise ValueError(
                f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}."
            )
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        super().__init__(self.concentration.shape, (dim, dim), validate_args)

    def sample(self, sample_shape=()):
        """Draw triangles row by row: a direction, and how much of it there is (the onion)."""
        eta = self.concentration
        with no_grad():
            free = arange(self.dim, dtype=eta.dtype, device=eta.device).clamp(min=1)
            # The paper's (section 3.2): PyTorch doubles what free / 2 has beyond a half, and draws
            # correlations that are stronger than its log_prob says, from 3 numbers on.
            some = Beta(free / 2, eta[..., None] + (self.dim - 1 - free) / 2)
            share = some.sample(sample_shape)[..., None]
            rows = normal_like(eta, self._extended_shape(sample_shape)).tril(-1)
            least = finfo(eta.dtype).tiny
            rows = share.sqrt() * rows / rows.norm(dim=-1, keepdim=True).clamp(min=least)
            left = 1 - rows.square().sum(-1)
            return rows + left.clamp(min=least).sqrt().diag_embed()

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        eta, others = self.concentration, self.dim - 1
        order = arange(others - 1, -1, -1, dtype=eta.dtype, device=eta.device)
        order = order + 2 * (eta[..., None] - 1)
        free = (order * value.diagonal(dim1=-2, dim2=-1)[..., 1:].log()).sum(-1)
        alpha = eta + 0.5 * others
        whole = 0.5 * others * math.log(math.pi) + mvlgamma(alpha - 0.5, others)
        return free - (whole - others * alpha.lgamma())
