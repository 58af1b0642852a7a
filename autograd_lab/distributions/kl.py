"""How much one distribution surprises those who expect another."""

import math

from ..creation import full_like
from ..linalg import solve_triangular
from ..nn.functional import softplus
from ..ops import where
from ..ops.gamma import EULER
from .bernoulli import Bernoulli
from .beta import Beta
from .binomial import Binomial
from .categorical import Categorical
from .cauchy import Cauchy
from .continuous_bernoulli import ContinuousBernoulli
from .dirichlet import Dirichlet
from .distribution import Distribution
from .exponential import Exponential
from .gamma import Gamma
from .geometric import Geometric
from .gumbel import Gumbel
from .half_cauchy import HalfCauchy
from .half_normal import HalfNormal
from .independent import Independent
from .laplace import Laplace
from .lowrank_multivariate_normal import LowRankMultivariateNormal
from .multivariate_normal import MultivariateNormal
from .normal import Normal
from .one_hot_categorical import OneHotCategorical
from .parameters import sum_last
from .pareto import Pareto
from .poisson import Poisson
from .transformed_distribution import TransformedDistribution
from .uniform import Uniform
from .wishart import Wishart

RULES: dict = {}


def kl_divergence(p: Distribution, q: Distribution):
    r"""Give the mean extra surprise of those who expect q and see p.

    $KL(p \| q) = \int p(x) \log \frac{p(x)}{q(x)}\, dx$

    >>> p, q = torch.distributions.Normal(0.0, 1.0), torch.distributions.Normal(1.0, 1.0)
    >>> torch.distributions.kl_divergence(p, q)
    tensor(0.5000)
    """
    for a in type(p).__mro__:
        for b in type(q).__mro__:
            if (a, b) in RULES:
                return RULES[a, b](p, q)
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
    )


def register_kl(type_p, type_q):
    """Say that a function computes the divergence between two kinds of distributions.

    >>> class Sure(torch.distributions.Distribution):
    ...     arg_constraints = {}
    >>> @torch.distributions.register_kl(Sure, Sure)
    ... def nothing_to_learn(p, q):
    ...     return torch.tensor(0.0)
    >>> torch.distributions.kl_divergence(Sure(), Sure())
    tensor(0.)
    """
    for name, kind in (("type_p", type_p), ("type_q", type_q)):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"Expected {name} to be a Distribution subclass but got {kind}")

    def register(function):
        RULES[type_p, type_q] = function
        return function

    return register


def by_entropy(p, q, expected_log_q):
    """A divergence is what q makes of p's draws on average, less p's own surprise."""
    return -p.entropy() - expected_log_q


# --- distributions of the same kind


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p, q):
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    ones = where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, ones))
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    return ones + where(p.probs == 1, 0.0, where(q.probs == 1, math.inf, zeros))


@register_kl(Binomial, Binomial)
def _binomial(p, q):
    if (p.total_count < q.total_count).any():
        raise NotImplementedError(
            "KL between Binomials where q.total_count > p.total_count is not implemented"
        )
    each = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return where(p.total_count > q.total_count, math.inf, p.total_count * each)


@register_kl(Categorical, Categorical)
def _categorical(p, q):
    each = p.probs * (p.logits - q.logits)
    return where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, each)).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p, q):
    return _categorical(p._categorical, q._categorical)


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p, q):
    a, b = p.concentration, q.concentration
    sizes = a.sum(-1).lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return sizes + ((a - b) * (a.digamma() - a.sum(-1).digamma().unsqueeze(-1))).sum(-1)


@register_kl(Beta, Beta)
def _beta(p, q):
    return _dirichlet(p._dirichlet, q._dirichlet)


@register_kl(Exponential, Exponential)
def _exponential(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(Gamma, Gamma)
def _gamma(p, q):
    a, b = p.concentration, q.concentration
    shapes = b.lgamma() - a.lgamma() + (a - b) * a.digamma()
    return b * (p.rate / q.rate).log() + shapes + (q.rate - p.rate) * (a / p.rate)


@register_kl(Geometric, Geometric)
def _geometric(p, q):
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Gumbel, Gumbel)
def _gumbel(p, q):
    ratio, apart = p.scale / q.scale, (q.loc - p.loc) / q.scale
    far = (apart + (1 + ratio).lgamma()).exp()
    return far - ratio.log() - apart + ratio * EULER - (1 + EULER)


@register_kl(Laplace, Laplace)
def _laplace(p, q):
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return apart / q.scale + ratio * (-apart / p.scale).exp() - ratio.log() - 1


@register_kl(Normal, Normal)
def _normal(p, q):
    ratio, apart = (p.scale / q.scale).square(), ((p.loc - q.loc) / q.scale).square()
    return 0.5 * (ratio + apart - 1 - ratio.log())


@register_kl(Cauchy, Cauchy)
def _cauchy(p, q):  # F. Chyzak and F. Nielsen, https://arxiv.org/abs/1905.10965
    near = (p.scale + q.scale).square() + (p.loc - q.loc).square()
    return near.log() - (4 * p.scale * q.scale).log()


@register_kl(HalfNormal, HalfNormal)
@register_kl(HalfCauchy, HalfCauchy)
def _folded(p, q):
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p, q):
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two Multivariate Normals with different event shapes cannot be "
            "computed"
        )
    batch = (p.loc - q.loc).shape[:-1]
    ours, theirs = (d.scale_tril.expand((*batch, -1, -1)) for d in (p, q))
    spread = solve_triangular(theirs, ours, upper=False).square().sum((-2, -1))
    sizes = q.half_log_det() - p.half_log_det()
    return sizes + 0.5 * (spread + q.distance(p.loc) - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
@register_kl(LowRankMultivariateNormal, MultivariateNormal)
@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _low_rank(p, q):
    whole = (MultivariateNormal(d.loc, scale_tril=d.scale_tril) for d in (p, q))
    return _multivariate_normal(*whole)


@register_kl(Pareto, Pareto)
def _pareto(p, q):
    ratio = q.alpha / p.alpha
    inside = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return where(p.scale < q.scale, math.inf, inside)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _continuous_bernoulli(p, q):
    return by_entropy(p, q, p.mean * q.logits + q.log_size() + (-q.probs).log1p())


@register_kl(Poisson, Poisson)
def _poisson(p, q):
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(Uniform, Uniform)
def _uniform(p, q):
    ratio = ((q.high - q.low) / (p.high - p.low)).log()
    return where((q.low > p.low) | (q.high < p.high), math.inf, ratio)


@register_kl(Wishart, Wishart)
def _wishart(p, q):
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two Wisharts with different event shapes cannot be computed"
        )
    trace = q.trace_of_ratio(p.mean)
    return by_entropy(p, q, q.log_density(p.mean_log_det(), trace))


@register_kl(Independent, Independent)
def _independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return sum_last(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p, q):
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


# --- distributions of different kinds: the mean of log q over p's draws


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p, q):
    return by_entropy(p, q, p.probs * q.rate.log() - q.rate)


@register_kl(Gamma, Exponential)
@register_kl(Uniform, Exponential)
@register_kl(Beta, Exponential)
def _to_exponential(p, q):
    inside = by_entropy(p, q, q.rate.log() - q.rate * p.mean)
    return where(p.low < 0, math.inf, inside) if isinstance(p, Uniform) else inside


@register_kl(Exponential, Gamma)
def _exponential_gamma(p, q):
    b = q.concentration
    mean_log = -p.rate.log() - EULER
    return by_entropy(p, q, b * q.rate.log() + (b - 1) * mean_log - q.rate / p.rate - b.lgamma())


@register_kl(Normal, Laplace)
def _normal_laplace(p, q):
    away = (p.loc - q.loc) / p.scale
    near = (-0.5 * away.square()).exp() * math.sqrt(2 / math.pi)
    mean_distance = p.scale * (near + away * (away * math.sqrt(0.5)).erf())
    return by_entropy(p, q, -(2 * q.scale).log() - mean_distance / q.scale)


@register_kl(Beta, Normal)
@register_kl(Exponential, Normal)
@register_kl(Gamma, Normal)
@register_kl(Gumbel, Normal)
@register_kl(Laplace, Normal)
@register_kl(Uniform, Normal)
def _to_normal(p, q):
    square = (p.variance + (p.mean - q.loc).square()) / q.variance
    return by_entropy(p, q, -0.5 * square - q.scale.log() - 0.5 * math.log(2 * math.pi))


@register_kl(Beta, Uniform)
def _beta_uniform(p, q):
    inside = by_entropy(p, q, -(q.high - q.low).log())
    return where((q.low > 0) | (q.high < 1), math.inf, inside)


def _never(p, q):
    """What p draws, q holds for impossible."""
    return full_like(p.mean, math.inf)


IMPOSSIBLE = {
    Exponential: (Beta, Uniform), Gamma: (Beta, Uniform),
    Laplace: (Beta, Exponential, Gamma, Uniform), Normal: (Beta, Exponential, Gamma, Uniform),
    Gumbel: (Beta, Exponential, Gamma, Uniform), Poisson: (Bernoulli, Binomial),
}  # fmt: skip
for _kind, _others in IMPOSSIBLE.items():
    for _other in _others:
        register_kl(_kind, _other)(_never)
