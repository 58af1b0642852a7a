"""Divergences between distributions, and their gradients, are PyTorch's."""

import itertools

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.distributions.cases import CASES, SPREAD

KINDS = [name for name in CASES if "Transformed" not in name and "heavy" not in name
         and "half" not in name]
OTHER = {  # parameters that differ from those of the cases
    "Normal": [[0.5, -1.0], [2.0, 0.7]], "LogNormal": [[0.5, -1.0], [2.0, 0.7]],
    "Uniform": [[-1.0, 0.0], [2.5, 3.0]], "Gamma": [[1.7, 3.0], [2.0, 0.5]],
    "Beta": [[1.0, 1.5], [2.0, 0.3]], "Categorical": [[[1.0, 1.0, 1.0], [0.3, 0.2, 0.1]]],
    "MultivariateNormal": [[0.0, 0.0, 0.5], SPREAD + np.eye(3)], "Poisson": [[1.5, 3.0]],
    "Bernoulli": [[0.6, 0.3]], "Exponential": [[2.5, 1.0]], "HalfNormal": [[2.0, 0.9]],
    "Laplace": [[0.5, -1.0], [2.0, 0.7]], "Gumbel": [[0.5, -1.0], [2.0, 0.7]],
    "Dirichlet": [[[1.0, 1.5, 2.0], [0.3, 0.1, 0.9]]], "Binomial": [[0.6, 0.3]],
    "Geometric": [[0.6, 0.3]], "OneHotCategorical": [[1.0, 1.0, 3.0]],
    "Pareto": [[0.9, 0.6], [2.0, 5.0]], "ContinuousBernoulli": [[0.6, 0.3]],
    "Wishart": [5.0, SPREAD / 9 + np.eye(3)], "Cauchy": [[0.5, -1.0], [2.0, 0.7]],
    "HalfCauchy": [[2.0, 0.9]],
    "LowRankMultivariateNormal": [[0.0, 0.0, 0.5], [[0.2], [1.0], [0.5]], [1.0, 0.5, 0.3]],
}  # fmt: skip


def divergence(torch, names):
    leaves, pair = [], []
    for name, own in zip(names, (None, OTHER)):
        build, parameters, _ = CASES[name]
        parameters = own.get(name, parameters) if own else parameters
        tensors = [torch.tensor(np.array(p, "float64"), requires_grad=True) for p in parameters]
        leaves += tensors
        pair.append(build(torch.distributions, *tensors))
    try:
        found = torch.distributions.kl_divergence(*pair)
    except NotImplementedError:
        return None
    finite = found[found.isfinite()].sum()
    if not finite.requires_grad or not found.isfinite().any():
        return found, [None] * len(leaves)
    return found, torch.autograd.grad(finite, leaves, allow_unused=True)


def agree(names):
    mine, its = divergence(ours, names), divergence(theirs, names)
    assert (mine is None) == (its is None), "one of them has no rule"
    if its is None:
        return
    assert mine[0].shape == its[0].shape
    np.testing.assert_allclose(mine[0].detach().numpy(), its[0].detach().numpy(), rtol=1e-7,
                               atol=1e-9)  # fmt: skip
    for a, b in zip(mine[1], its[1]):
        a, b = (0.0 if g is None else g.numpy() for g in (a, b))
        np.testing.assert_allclose(np.zeros_like(b) + a, np.zeros_like(a) + b, rtol=1e-6,
                                   atol=1e-8)  # fmt: skip


@pytest.mark.parametrize("name", [n for n in KINDS if "," not in n and n != "Wishart"])
def test_of_the_same_kind(name):
    agree((name, name))


def test_of_wisharts():
    """PyTorch sums over a batch what belongs to its members: each is compared by itself."""
    build, (freedoms, spread), _ = CASES["Wishart"]
    found = []
    for torch in (ours, theirs):
        q = build(torch.distributions, *map(torch.tensor, OTHER["Wishart"]))
        each = [build(torch.distributions, torch.tensor(n), torch.tensor(spread)) for n in freedoms]
        found.append([torch.distributions.kl_divergence(p, q).item() for p in each])
    np.testing.assert_allclose(*found, rtol=1e-6)
    p = build(ours.distributions, ours.tensor(freedoms), ours.tensor(spread))
    q = build(ours.distributions, *map(ours.tensor, OTHER["Wishart"]))
    np.testing.assert_allclose(ours.distributions.kl_divergence(p, q), found[1], rtol=1e-6)


def same_events(a, b):
    build = [CASES[n][0](theirs.distributions, *map(theirs.tensor, map(np.array, CASES[n][1])))
             for n in (a, b)]  # fmt: skip
    return build[0].event_shape == build[1].event_shape


def test_of_different_kinds():
    kinds = [n for n in KINDS if "Wishart" not in n]
    pairs = [p for p in itertools.permutations(kinds, 2) if same_events(*p)]
    known = [p for p in pairs if divergence(ours, p) is not None]
    assert len(known) > 40
    for pair in known:
        agree(pair)


def test_equal_distributions_do_not_surprise():
    for name in ("Normal", "Gamma", "Categorical", "MultivariateNormal", "Laplace"):
        build, parameters, _ = CASES[name]
        p = build(ours.distributions, *[ours.tensor(np.array(x)) for x in parameters])
        kl = ours.distributions.kl_divergence(p, p)
        assert kl.numpy() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_impossible_values_surprise_without_end(torch):
    d = torch.distributions
    kl = d.kl_divergence
    assert kl(d.Bernoulli(0.5), d.Bernoulli(1.0)).isinf()
    assert kl(d.Bernoulli(0.0), d.Bernoulli(0.5)).item() == pytest.approx(np.log(2), rel=1e-6)
    assert kl(d.Uniform(0.0, 2.0), d.Uniform(0.0, 1.0)).isinf()
    some, none = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    assert kl(d.Categorical(some), d.Categorical(none)).isinf()
    assert not kl(d.Categorical(none), d.Categorical(some)).isinf()
    assert kl(d.Normal(0.0, 1.0), d.Exponential(1.0)).isinf()


def test_a_mean_over_draws_agrees():
    d = ours.distributions
    ours.manual_seed(0)
    for p, q in [(d.Normal(0.3, 1.2), d.Laplace(0.0, 1.0)), (d.Gamma(2.0, 1.0), d.Gamma(3.0, 2.0)),
                 (d.Exponential(1.0), d.Gamma(2.0, 1.0)), (d.Beta(2.0, 3.0), d.Beta(1.0, 1.0))]:
        x = p.sample((20_000,))
        extra = p.log_prob(x) - q.log_prob(x)
        error = extra.std().item() / 20_000**0.5
        assert abs(extra.mean().item() - d.kl_divergence(p, q).item()) < 6 * error


def test_unknown_pairs_are_refused():
    for torch in (ours, theirs):
        d = torch.distributions
        with pytest.raises(NotImplementedError, match=r"No KL\(p \|\| q\) is implemented"):
            d.kl_divergence(d.StudentT(1.0), d.Normal(0.0, 1.0))
        two = [d.Independent(d.Normal(torch.zeros(2, 2), 1.0), n) for n in (1, 2)]
        with pytest.raises(NotImplementedError):
            d.kl_divergence(*two)
        two = [d.MultivariateNormal(torch.zeros(n), torch.eye(n)) for n in (2, 3)]
        with pytest.raises(ValueError, match="different event shapes"):
            d.kl_divergence(*two)


def test_a_rule_of_one_s_own_is_for_subclasses_too():
    d = ours.distributions

    class Mine(d.Normal):
        pass

    class Finer(Mine):
        pass

    assert d.kl_divergence(Finer(0.0, 1.0), Finer(1.0, 1.0)).item() == pytest.approx(0.5)

    @d.register_kl(Mine, Mine)
    def rule(p, q):
        return ours.tensor(7.0)

    assert d.kl_divergence(Finer(0.0, 1.0), Mine(0.0, 1.0)).item() == 7
    with pytest.raises(TypeError, match="Expected type_p to be a Distribution subclass"):
        d.register_kl(int, Mine)
