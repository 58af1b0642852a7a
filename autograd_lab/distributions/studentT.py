"""Student's t distribution: a bell with heavy sides, for few and noisy data."""

import math

from ..ops import where
from . import constraints
from .chi2 import Chi2
from .distribution import Distribution
from .draws import normal_like
from .parameters import broadcast_all


class StudentT(Distribution):
    r"""Spread values around a middle, sometimes far: $p(x) \propto (1 + z^2 / \nu)^{-(\nu + 1)/2}$.

    $z = (x - \mu) / \sigma$; the larger $\nu$, the nearer to the normal distribution.

    Args:
        df: the degrees of freedom $\nu$.
        loc: the middle $\mu$.
        scale: the width $\sigma$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.StudentT(4.0).variance
    tensor(2.)
    """

    arg_constraints = {
        "df": constraints.positive, "loc": constraints.real, "scale": constraints.positive,
    }  # fmt: skip
    support = constraints.real
    has_rsample = True

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean: there is none where too much lies far out."""
        return where(self.df <= 1, math.nan, self.loc)

    @property
    def mode(self):
        """Give the likeliest value."""
        return self.loc

    @property
    def variance(self):
        """Give the mean squared distance from the mean, where there is one."""
        above = where(self.df > 2, self.df - 2, 1.0)
        finite = self.scale.square() * self.df / above
        return where(self.df <= 1, math.nan, where(self.df <= 2, math.inf, finite))

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through: normal draws over the root of a gamma one."""
        normal = normal_like(self.df, self._extended_shape(sample_shape))
        squares = Chi2(self.df, validate_args=False).rsample(sample_shape)
        return self.loc + self.scale * normal / (squares / self.df).sqrt()

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        z, df = (value - self.loc) / self.scale, self.df
        log_size = self.scale.log() + 0.5 * (df.log() + math.log(math.pi)) + self._log_ratio()
        return -0.5 * (df + 1.0) * (z.square() / df).log1p() - log_size

    def _log_ratio(self):
        return (0.5 * self.df).lgamma() - (0.5 * (self.df + 1)).lgamma()

    def entropy(self):
        """Give the mean surprise of a draw."""
        df = self.df
        steps = (0.5 * (df + 1)).digamma() - (0.5 * df).digamma()
        log_beta = self._log_ratio() + math.lgamma(0.5)
        return self.scale.log() + 0.5 * (df + 1) * steps + 0.5 * df.log() + log_beta
