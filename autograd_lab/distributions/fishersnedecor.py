"""The F distribution of Fisher and Snedecor: the ratio of two estimated variances."""

import math

from ..dtypes import finfo
from ..ops import where
from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all
from .standard_gamma import standard_gamma


class FisherSnedecor(Distribution):
    r"""Tell ratios of two means of squared normal numbers, $k_1$ and $k_2$ of them.

    Args:
        df1: how many squares stand above the line, $k_1$.
        df2: how many stand below it, $k_2$.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.FisherSnedecor(5.0, 4.0).mean
    tensor(2.)
    """

    arg_constraints = {"df1": constraints.positive, "df2": constraints.positive}
    support = constraints.positive
    has_rsample = True

    def __init__(self, df1, df2, validate_args=None):
        self.df1, self.df2 = broadcast_all(df1, df2)
        super().__init__(self.df1.shape, validate_args=validate_args)

    @property
    def mean(self):
        """Give the mean: nan where df2 is 2 or less."""
        k = where(self.df2 <= 2, math.nan, self.df2)
        return k / (k - 2)

    @property
    def mode(self):
        """Give the likeliest ratio: nan where df1 is 2 or less."""
        likeliest = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return where(self.df1 <= 2, math.nan, likeliest)

    @property
    def variance(self):
        """Give the mean squared distance from the mean: nan where df2 is 4 or less."""
        k = where(self.df2 <= 4, math.nan, self.df2)
        return 2 * k.square() * (self.df1 + k - 2) / (self.df1 * (k - 2).square() * (k - 4))

    def rsample(self, sample_shape=()):
        """Draw ratios that gradients flow through."""
        shape, tiny = self._extended_shape(sample_shape), finfo(self.df1.dtype).tiny
        above, below = (standard_gamma((k / 2).expand(shape)) / k for k in (self.df1, self.df2))
        return (above / below.clamp(min=tiny)).clamp(min=tiny)

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        a, b, ratio = self.df1 / 2, self.df2 / 2, self.df1 / self.df2
        size = (a + b).lgamma() - a.lgamma() - b.lgamma()
        return size + a * ratio.log() + (a - 1) * value.log() - (a + b) * (ratio * value).log1p()
