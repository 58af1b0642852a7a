"""The continuous Bernoulli distribution: grey values, where Bernoulli draws black and white."""

import math

from ..nn.functional import binary_cross_entropy_with_logits
from ..ops import where
from . import constraints
from .chances import Chances
from .draws import uniform_like
from .parameters import away_from_ends, broadcast_all, later


class ContinuousBernoulli(Chances):
    r"""Spread numbers from 0 to 1: $p(x) \propto \lambda^x (1 - \lambda)^{1 - x}$.

    ``F.binary_cross_entropy`` of grey pixels leaves out what makes the density add up to 1; this is
    the whole of it (G. Loaiza-Ganem and J. P. Cunningham, https://arxiv.org/abs/1907.06845).

    Args:
        probs: $\lambda$, which is not the mean; or give
        logits: $\log \lambda / (1 - \lambda)$.
        lims: between these numbers a series stands for formulas that divide 0 by 0 at a half.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.ContinuousBernoulli(0.9).mean
    tensor(0.6699)
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, probs=None, logits=None, lims=(0.499, 0.501), validate_args=None):
        super().__init__(probs, logits, validate_args)
        self._lims = lims
        if probs is not None:
            self.probs = away_from_ends(self.probs)

    @later
    def probs(self):
        """Give lambda."""
        return away_from_ends(self.logits.sigmoid())

    def _by_place(self, formula, series):
        """Take the formula of lambda, or near a half the series of lambda - 1/2."""
        low, high = self._lims
        outside = (self.probs <= low) | (self.probs > high)
        return where(outside, formula(where(outside, self.probs, low)), series(self.probs - 0.5))

    def log_size(self):
        """Give the logarithm of what makes the density add up to 1."""

        def formula(p):
            return ((-p).log1p() - p.log()).abs().log() - (1 - 2 * p).abs().log()

        return self._by_place(
            formula, lambda x: math.log(2) + (4 / 3 + 104 / 45 * x.square()) * x.square()
        )

    @property
    def mean(self):
        """Give the mean."""
        return self._by_place(
            lambda p: p / (2 * p - 1) + 1 / ((-p).log1p() - p.log()),
            lambda x: 0.5 + (1 / 3 + 16 / 45 * x.square()) * x,
        )

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        return self._by_place(
            lambda p: p * (p - 1) / (1 - 2 * p).square() + 1 / ((-p).log1p() - p.log()).square(),
            lambda x: 1 / 12 - (1 / 15 - 128 / 945 * x.square()) * x.square(),
        )

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through."""
        return self.icdf(uniform_like(self.probs, self._extended_shape(sample_shape)))

    def log_prob(self, value):
        """Give the logarithm of the density."""
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        weight = binary_cross_entropy_with_logits(logits, value, reduction="none")
        return self.log_size() - weight

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        self._validate_sample(value)
        inside = self._by_place(
            lambda p: (p**value * (1 - p) ** (1 - value) + p - 1) / (2 * p - 1), lambda x: value
        )
        return where(value <= 0, 0.0, where(value >= 1, 1.0, inside))

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        return self._by_place(
            lambda p: ((value * (2 * p - 1) - p).log1p() - (-p).log1p()) / (p.log() - (-p).log1p()),
            lambda x: value,
        )

    def entropy(self):
        """Give the mean surprise of a draw."""
        failure = (-self.probs).log1p()
        return self.mean * (failure - self.probs.log()) - self.log_size() - failure
