"""Distributions to test: how to make them from arrays, and values that they may draw."""

import numpy as np

E = np.eye(3)
SPREAD = np.array([[2.0, 0.3, 0.0], [0.3, 1.0, -0.4], [0.0, -0.4, 0.5]])
TRIANGLE = np.linalg.cholesky(SPREAD)

# name: (make from a namespace and parameters, parameters, values)
CASES = {
    "Normal": (lambda d, m, s: d.Normal(m, s), [[0.0, 1.0], [1.0, 0.3]], [0.5, -2.0]),
    "LogNormal": (lambda d, m, s: d.LogNormal(m, s), [[0.0, 1.0], [1.0, 0.3]], [0.5, 2.0]),
    "HalfNormal": (lambda d, s: d.HalfNormal(s), [[1.0, 0.3]], [0.5, 0.0]),
    "Uniform": (lambda d, a, b: d.Uniform(a, b), [[0.0, -1.0], [2.0, 3.0]], [0.5, 1.0]),
    "Exponential": (lambda d, r: d.Exponential(r), [[0.5, 3.0]], [0.5, 2.0]),
    "Laplace": (lambda d, m, s: d.Laplace(m, s), [[0.0, 1.0], [1.0, 0.3]], [0.5, -2.0]),
    "Cauchy": (lambda d, m, s: d.Cauchy(m, s), [[0.0, 1.0], [1.0, 0.3]], [0.5, -2.0]),
    "Gumbel": (lambda d, m, s: d.Gumbel(m, s), [[0.0, 1.0], [1.0, 0.8]], [0.5, -0.5]),
    "StudentT": (lambda d, k, m, s: d.StudentT(k, m, s),
                 [[5.0, 3.5], [0.0, 1.0], [1.0, 0.3]], [0.5, -2.0]),
    "StudentT, heavy": (lambda d, k: d.StudentT(k), [[0.5, 1.5]], [0.5, -2.0]),
    "Gamma": (lambda d, a, b: d.Gamma(a, b), [[0.7, 4.0], [1.0, 2.0]], [0.5, 2.0]),
    "Chi2": (lambda d, k: d.Chi2(k), [[3.0, 8.0]], [0.5, 2.0]),
    "Beta": (lambda d, a, b: d.Beta(a, b), [[2.0, 0.5], [3.0, 0.7]], [0.25, 0.9]),
    "Dirichlet": (lambda d, a: d.Dirichlet(a), [[[2.0, 0.5, 1.0], [0.3, 0.4, 0.2]]],
                  [[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]),
    "MultivariateNormal": (lambda d, m, c: d.MultivariateNormal(m, c),
                           [[1.0, 0.0, -1.0], SPREAD], [0.5, -0.5, 1.0]),
    "MultivariateNormal, triangle": (
        lambda d, m, t: d.MultivariateNormal(m, scale_tril=t),
        [[[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]], np.stack([TRIANGLE, E])],
        [[0.5, -0.5, 1.0], [2.0, 2.0, 2.0]]),
    "MultivariateNormal, precision": (
        lambda d, m, p: d.MultivariateNormal(m, precision_matrix=p),
        [[1.0, 0.0, -1.0], SPREAD], [0.5, -0.5, 1.0]),
    "Bernoulli": (lambda d, p: d.Bernoulli(p), [[0.2, 0.9]], [1.0, 0.0]),
    "Bernoulli, logits": (lambda d, x: d.Bernoulli(logits=x), [[-3.0, 0.0]], [1.0, 0.0]),
    "Geometric": (lambda d, p: d.Geometric(p), [[0.2, 0.9]], [3.0, 0.0]),
    "Geometric, logits": (lambda d, x: d.Geometric(logits=x), [[-1.0, 0.5]], [3.0, 0.0]),
    "Poisson": (lambda d, r: d.Poisson(r), [[0.5, 7.0]], [0.0, 5.0]),
    "Binomial": (lambda d, p: d.Binomial(5, p), [[0.2, 0.9]], [1.0, 5.0]),
    "Binomial, logits": (lambda d, x: d.Binomial(5, logits=x), [[-2.0, 0.5]], [1.0, 5.0]),
    "Categorical": (lambda d, p: d.Categorical(p), [[[2.0, 1.0, 1.0], [0.1, 0.2, 0.3]]], [0, 2]),
    "Categorical, logits": (lambda d, x: d.Categorical(logits=x), [[-1.0, 0.0, 2.0]], 2),
    "OneHotCategorical": (lambda d, p: d.OneHotCategorical(p), [[2.0, 1.0, 1.0]], [0.0, 1.0, 0.0]),
    "OneHotCategoricalStraightThrough": (
        lambda d, p: d.OneHotCategoricalStraightThrough(p), [[2.0, 1.0, 1.0]], [0.0, 1.0, 0.0]),
    "Multinomial": (lambda d, p: d.Multinomial(6, p), [[2.0, 1.0, 1.0]], [1.0, 2.0, 3.0]),
    "Multinomial, logits": (lambda d, x: d.Multinomial(6, logits=x), [[-1.0, 0.0, 2.0]],
                            [1.0, 0.0, 5.0]),
    "Independent": (lambda d, m, s: d.Independent(d.Normal(m, s), 1), [[[0.0, 1.0]], [[1.0, 0.3]]],
                    [[0.5, -2.0]]),
    "Transformed": (
        lambda d, m, s: d.TransformedDistribution(
            d.Normal(m, s), [d.AffineTransform(1.0, -2.0), d.SigmoidTransform()]),
        [[0.0, 1.0], [1.0, 0.3]], [0.5, 0.2]),
    "Transformed to a simplex": (
        lambda d, m: d.TransformedDistribution(d.Normal(m, 1.0), d.StickBreakingTransform()),
        [[0.0, 1.0, 0.5]], [0.1, 0.2, 0.3, 0.4]),
    "MixtureSameFamily": (
        lambda d, w, m, s: d.MixtureSameFamily(d.Categorical(w), d.Normal(m, s)),
        [[[1.0, 3.0], [1.0, 1.0], [0.2, 0.8]], [[0.0, 4.0], [1.0, -1.0], [2.0, 2.0]], [0.5, 1.0]],
        [0.5, -2.0, 3.0]),
    "MixtureSameFamily, vectors": (
        lambda d, w, m: d.MixtureSameFamily(
            d.Categorical(logits=w), d.Independent(d.Normal(m, 1.0), 1)),
        [[[0.5, -0.5], [0.0, 1.0]],
         [[[0.0, 4.0, 1.0], [1.0, -1.0, 0.0]], [[1.0, 1.0, 1.0], [0.0, 2.0, 0.0]]]],
        [[0.5, -2.0, 3.0], [0.0, 0.0, 0.5]]),
    "MixtureSameFamily, counts": (
        lambda d, w, r: d.MixtureSameFamily(d.Categorical(w), d.Poisson(r)),
        [[0.2, 0.8], [0.5, 7.0]], 3.0),
    "RelaxedBernoulli": (lambda d, t, p: d.RelaxedBernoulli(t, p), [2.2, [0.2, 0.9]], [0.3, 0.8]),
    "RelaxedBernoulli, logits": (
        lambda d, t, x: d.RelaxedBernoulli(t, logits=x), [[0.5], [-1.0, 2.0]], [0.3, 0.8]),
    "RelaxedOneHotCategorical": (
        lambda d, t, p: d.RelaxedOneHotCategorical(t, p), [0.7, [2.0, 1.0, 1.0]], [0.2, 0.3, 0.5]),
    "RelaxedOneHotCategorical, logits": (
        lambda d, t, x: d.RelaxedOneHotCategorical(t, logits=x),
        [2.0, [[-1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]], [[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]]),
    "NegativeBinomial": (lambda d, n, p: d.NegativeBinomial(n, p),
                         [[3.0, 2.5], [0.4, 0.2]], [2.0, 0.0]),
    "NegativeBinomial, logits": (lambda d, x: d.NegativeBinomial(4, logits=x),
                                 [[-1.0, 0.5]], [2.0, 7.0]),
    "LowRankMultivariateNormal": (
        lambda d, m, w, v: d.LowRankMultivariateNormal(m, w, v),
        [[1.0, 0.0, -1.0], [[1.0, 0.2], [-0.5, 1.0], [0.3, 0.4]], [0.5, 1.0, 2.0]],
        [0.5, -0.5, 1.0]),
    "LowRankMultivariateNormal, several": (
        lambda d, m, w, v: d.LowRankMultivariateNormal(m, w, v),
        [[[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]], [[1.0], [-0.5], [0.3]], [0.5, 1.0, 2.0]],
        [[0.5, -0.5, 1.0], [2.0, 2.0, 2.0]]),
    "Weibull": (lambda d, s, k: d.Weibull(s, k), [[1.0, 2.0], [1.5, 4.0]], [0.5, 2.0]),
    "Pareto": (lambda d, s, a: d.Pareto(s, a), [[1.0, 0.5], [6.0, 9.0]], [1.5, 2.0]),
    "Pareto, heavy": (lambda d, s, a: d.Pareto(s, a), [[1.0, 0.5], [0.5, 1.5]], [1.5, 2.0]),
    "HalfCauchy": (lambda d, s: d.HalfCauchy(s), [[1.0, 0.3]], [0.5, 0.0]),
    "InverseGamma": (lambda d, a, b: d.InverseGamma(a, b), [[6.0, 9.0], [1.0, 2.0]], [0.5, 2.0]),
    "InverseGamma, heavy": (lambda d, a, b: d.InverseGamma(a, b),
                            [[0.7, 1.5], [1.0, 2.0]], [0.5, 2.0]),
    "VonMises": (lambda d, m, k: d.VonMises(m, k), [[0.0, 1.0], [0.7, 9.0]], [0.5, -2.0]),
    "Kumaraswamy": (lambda d, a, b: d.Kumaraswamy(a, b), [[2.0, 0.5], [3.0, 0.7]], [0.25, 0.9]),
    "ContinuousBernoulli": (lambda d, p: d.ContinuousBernoulli(p), [[0.2, 0.9]], [0.25, 1.0]),
    "ContinuousBernoulli, near a half": (lambda d, p: d.ContinuousBernoulli(p),
                                         [[0.5, 0.4999, 0.501]], [0.25, 0.9, 0.3]),
    "ContinuousBernoulli, logits": (lambda d, x: d.ContinuousBernoulli(logits=x),
                                    [[-3.0, 0.5]], [0.25, 0.0]),
    "FisherSnedecor": (lambda d, a, b: d.FisherSnedecor(a, b), [[3.0, 8.0], [12.0, 20.0]],
                       [0.5, 2.0]),
    "FisherSnedecor, heavy": (lambda d, a, b: d.FisherSnedecor(a, b), [[1.0, 3.0], [2.0, 3.5]],
                              [0.5, 2.0]),
    "Wishart": (lambda d, k, c: d.Wishart(k, c), [[6.0, 4.5], SPREAD / 9],
                [[0.9, 0.1, 0.0], [0.1, 0.6, -0.2], [0.0, -0.2, 0.4]]),
    "Wishart, triangle": (lambda d, k, t: d.Wishart(k, scale_tril=t), [5.0, TRIANGLE / 3],
                          [[0.9, 0.1, 0.0], [0.1, 0.6, -0.2], [0.0, -0.2, 0.4]]),
    "Wishart, precision": (lambda d, k, p: d.Wishart(k, precision_matrix=p), [5.0, 9 * SPREAD],
                           [[0.9, 0.1, 0.0], [0.1, 0.6, -0.2], [0.0, -0.2, 0.4]]),
    "LKJCholesky": (lambda d, eta: d.LKJCholesky(3, eta), [[0.5, 1.0, 4.0]],
                    [[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.28, 0.96]]),
    "LogisticNormal": (lambda d, m, s: d.LogisticNormal(m, s), [[0.0, 1.0], [1.0, 0.3]],
                       [0.2, 0.3, 0.5]),
}  # fmt: skip

MAY_HAVE_NO_MEAN = {"Cauchy", "HalfCauchy", "StudentT, heavy", "Pareto, heavy",
                    "InverseGamma, heavy", "FisherSnedecor, heavy", "VonMises"}  # fmt: skip


def make(torch, name, dtype="float64"):
    """The distribution, its parameters and the values, in either library."""
    build, parameters, values = CASES[name]
    parameters = [torch.tensor(np.array(p, dtype), requires_grad=True) for p in parameters]
    values = np.array(values)
    if values.dtype.kind == "f":
        values = torch.tensor(values.astype(dtype), requires_grad=True)
    else:
        values = torch.tensor(values)
    return build(torch.distributions, *parameters), parameters, values
