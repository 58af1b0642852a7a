"""Every distribution against PyTorch: densities, gradients, moments, shapes, draws, errors."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.distributions.cases import CASES, MAY_HAVE_NO_MEAN, make

# PyTorch's Wishart says so of every draw.
pytestmark = pytest.mark.filterwarnings("ignore:Singular sample detected")
NAMES = pytest.mark.parametrize("name", CASES)
DRAWS = 20_000
# Their draws are too wild for a mean of gradients, or led past a half without a gradient.
SKEWED = ("Transformed", "StudentT", "LogNormal", "ContinuousBernoulli, near a half")


def same(mine, its, tolerance=1e-7):
    assert tuple(mine.shape) == tuple(its.shape)
    assert str(mine.dtype) == str(its.dtype)
    a, b = mine.detach().numpy(), its.detach().numpy()
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def asked(torch, name, question, dtype="float64"):
    """An answer with its gradients, or the kind of error."""
    d, parameters, values = make(torch, name, dtype)
    try:
        answer = question(d, values)
    except NotImplementedError:
        return NotImplementedError
    found = [answer]
    if answer.requires_grad:
        usable = answer[answer.isfinite()].sum()
        leaves = [x for x in [*parameters, values] if x.requires_grad]
        found += torch.autograd.grad(usable, leaves, allow_unused=True)
    return found


def compare(name, question, dtype="float64"):
    mine, its = asked(ours, name, question, dtype), asked(theirs, name, question, dtype)
    if its is NotImplementedError:
        assert mine is NotImplementedError
        return
    tolerance = 1e-6 if dtype == "float64" else 2e-3
    for a, b in zip(mine, its, strict=True):
        if a is None or b is None:  # a gradient of zeros may be left out
            assert (0 if a is None else abs(a.numpy()).max()) == 0
            assert (0 if b is None else abs(b.numpy()).max()) == 0
        else:
            same(a, b, tolerance)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@NAMES
def test_log_prob(name, dtype):
    compare(name, lambda d, v: d.log_prob(v), dtype)


@NAMES
def test_log_prob_of_many_draws(name):
    d, _, _ = make(theirs, name)
    drawn = d.sample((3,)).numpy()
    mine, its = (make(t, name)[0].log_prob(t.tensor(drawn)) for t in (ours, theirs))
    same(mine, its, 1e-6)


@pytest.mark.parametrize("what", ["mean", "variance", "stddev", "mode"])
@NAMES
def test_moments(name, what):
    compare(name, lambda d, v: getattr(d, what))


@pytest.mark.parametrize("what", ["entropy", "perplexity"])
@NAMES
def test_entropy(name, what):
    compare(name, lambda d, v: getattr(d, what)())


@NAMES
def test_cdf(name):
    if name.startswith(("Gamma", "Chi2", "InverseGamma")):
        # PyTorch has no gradient: see test_standard_gamma.py
        mine, its = (d.cdf(v) for d, _, v in (make(t, name) for t in (ours, theirs)))
        return same(mine, its)
    return compare(name, lambda d, v: d.cdf(v))


@NAMES
def test_icdf(name):
    if np.array(CASES[name][2]).dtype.kind != "f" or np.ndim(CASES[name][2]) == 0:
        return
    compare(name, lambda d, v: d.icdf(v * 0 + 0.3))


@NAMES
def test_looks_and_shapes(name):
    (mine, *_), (its, *_) = make(ours, name), make(theirs, name)
    assert repr(mine).replace(", grad_fn=<SelectBackward0>", "") == repr(its).replace(
        ", grad_fn=<SelectBackward0>", ""
    )
    for what in ("batch_shape", "event_shape", "has_rsample", "has_enumerate_support"):
        assert getattr(mine, what) == getattr(its, what)
    assert repr(mine.support).split("(")[0] == repr(its.support).split("(")[0]


@NAMES
def test_expanded(name):
    shape = (4, *make(theirs, name)[0].batch_shape)
    compare(name, lambda d, v: d.expand(shape).log_prob(v))
    compare(name, lambda d, v: d.expand(shape).mean)
    mine, its = (make(t, name)[0].expand(shape) for t in (ours, theirs))
    assert mine.batch_shape == its.batch_shape
    assert mine.sample((2,)).shape == its.sample((2,)).shape
    assert type(mine) is type(make(ours, name)[0])


@NAMES
def test_all_values(name):
    (mine, *_), (its, *_) = make(ours, name), make(theirs, name)
    for expand in (True, False):
        try:
            expected = its.enumerate_support(expand)
        except NotImplementedError:
            with pytest.raises(NotImplementedError):
                mine.enumerate_support(expand)
        else:
            same(mine.enumerate_support(expand), expected)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@NAMES
def test_draws(name, dtype):
    (mine, *_), (its, *_) = make(ours, name, dtype), make(theirs, name, dtype)
    for shape in ((), (5,), (2, 3)):
        a, b = mine.sample(shape), its.sample(shape)
        assert (tuple(a.shape), str(a.dtype)) == (tuple(b.shape), str(b.dtype))
        assert not a.requires_grad
        assert mine.support.check(a).all()


@NAMES
def test_draws_have_the_mean_and_spread_that_are_told(name):
    ours.manual_seed(0)
    d, _, _ = make(ours, name)
    drawn = d.sample((DRAWS,))
    assert d.support.check(drawn).all()
    try:
        mean, spread = d.mean.detach().numpy(), d.stddev.detach().numpy()
    except NotImplementedError:
        return
    if name in MAY_HAVE_NO_MEAN or np.isnan(mean).any():
        return
    drawn = drawn.numpy().astype(float)
    # Six standard errors: one seed in many millions would fail, and this one does not.
    assert (abs(drawn.mean(0) - mean) < 6 * spread / DRAWS**0.5 + 1e-9).all()
    np.testing.assert_allclose(drawn.std(0), spread, rtol=0.15, atol=1e-9)


@NAMES
def test_draws_lie_as_the_cdf_says(name):
    ours.manual_seed(1)
    d, _, _ = make(ours, name)
    if not d.has_rsample:
        return
    try:
        chance = d.cdf(d.sample((DRAWS,))).detach().numpy()
    except NotImplementedError:
        return
    parts = np.stack([np.histogram(c, 10, (0, 1))[0] for c in chance.reshape(DRAWS, -1).T])
    assert (abs(parts - DRAWS / 10) < 6 * (DRAWS * 0.09) ** 0.5).all()


@NAMES
def test_draws_are_as_frequent_as_log_prob_says(name):
    ours.manual_seed(3)
    d, _, _ = make(ours, name)
    if not d.has_enumerate_support:
        return
    drawn, start = d.sample((DRAWS,)), 1 + len(d.batch_shape)
    for value in d.enumerate_support():
        same_event = (drawn == value).reshape((*drawn.shape[:start], -1)).all(-1)
        chance = d.log_prob(value).exp().detach().numpy()
        often = same_event.numpy().mean(0)
        assert (abs(often - chance) < 6 * (chance * (1 - chance) / DRAWS) ** 0.5 + 1e-9).all()


@NAMES
def test_gradients_flow_through_draws(name):
    """The mean of the draws' gradients is the gradient of the mean."""
    ours.manual_seed(2)
    d, parameters, _ = make(ours, name)
    if not d.has_rsample:
        with pytest.raises(NotImplementedError):
            d.rsample()
        return
    drawn = d.rsample((DRAWS // 4,))
    assert drawn.requires_grad
    if name in MAY_HAVE_NO_MEAN or name.startswith(SKEWED):
        return
    try:
        mean = d.mean
    except NotImplementedError:
        return
    weights = ours.tensor(np.random.default_rng(0).random(tuple(mean.shape)))
    if name.startswith("Wishart"):  # covariances that are told apart by nothing share their slope
        weights = (weights + weights.mT) / 2
    total = (mean * weights).sum()
    expected = ours.autograd.grad(total, parameters, allow_unused=True, retain_graph=True)
    got = ours.autograd.grad((drawn.mean(0) * weights).sum(), parameters)
    for a, b in zip(got, expected):
        b = np.zeros(a.shape) if b is None else b.numpy()
        np.testing.assert_allclose(a.numpy(), b, atol=0.15)


@NAMES
def test_a_seed_repeats_draws(name):
    d, _, _ = make(ours, name)
    ours.manual_seed(7)
    first = d.sample((3,))
    ours.manual_seed(7)
    assert ours.equal(first, d.sample((3,)))


def refusal(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__, str(error)
    return None


REFUSALS = {
    "scale": lambda t, d: d.Normal(t.tensor([0.0, 1.0]), t.tensor([-1.0, 1.0])),
    "one scale": lambda t, d: d.Normal(0.0, -1.0),
    "rate": lambda t, d: d.Exponential(0.0),
    "bounds": lambda t, d: d.Uniform(1.0, 0.0),
    "probs": lambda t, d: d.Bernoulli(1.5),
    "both": lambda t, d: d.Bernoulli(0.5, 0.5),
    "neither": lambda t, d: d.Categorical(),
    "no dimension": lambda t, d: d.Categorical(t.tensor(0.5)),
    "negative": lambda t, d: d.Categorical(t.tensor([0.5, -0.5, 1.0])),
    "no dimension of logits": lambda t, d: d.Categorical(logits=t.tensor(0.5)),
    "never": lambda t, d: d.Geometric(t.tensor([0.0, 0.5])),
    "concentration": lambda t, d: d.Dirichlet(t.tensor([1.0, -1.0])),
    "no vector": lambda t, d: d.Dirichlet(t.tensor(1.0)),
    "tries": lambda t, d: d.Binomial(-1, t.tensor([0.5])),
    "tries of several": lambda t, d: d.Multinomial(t.tensor([1, 2]), t.tensor([0.5])),
    "not symmetric": lambda t, d: d.MultivariateNormal(
        t.zeros(2), t.tensor([[1.0, 2.0], [0.0, 1.0]])),
    "not positive": lambda t, d: d.MultivariateNormal(
        t.zeros(2), t.tensor([[1.0, 2.0], [2.0, 1.0]])),
    "no triangle": lambda t, d: d.MultivariateNormal(t.zeros(2), scale_tril=t.ones(2, 2)),
    "no matrix": lambda t, d: d.MultivariateNormal(t.zeros(2), t.ones(2)),
    "no matrix either": lambda t, d: d.MultivariateNormal(t.zeros(2), scale_tril=t.ones(2)),
    "two matrices": lambda t, d: d.MultivariateNormal(t.zeros(2), t.eye(2), t.eye(2)),
    "no mean": lambda t, d: d.MultivariateNormal(t.tensor(0.0), t.eye(2)),
    "nothing": lambda t, d: d.Normal("a", 1.0),
    "a number": lambda t, d: d.Normal(0.0, 1.0).log_prob(1.0),
    "outside": lambda t, d: d.Exponential(1.0).log_prob(t.tensor([-1.0])),
    "outside bounds": lambda t, d: d.Uniform(0.0, 1.0).log_prob(t.tensor(2.0)),
    "a half": lambda t, d: d.Poisson(1.0).log_prob(t.tensor(0.5)),
    "too high": lambda t, d: d.Categorical(t.ones(3)).log_prob(t.tensor(3)),
    "shape": lambda t, d: d.Normal(t.zeros(3), 1.0).log_prob(t.zeros(2)),
    "event": lambda t, d: d.Dirichlet(t.ones(3)).log_prob(t.ones(2)),
    "sum": lambda t, d: d.Dirichlet(t.ones(2)).log_prob(t.ones(2)),
    "many batch dimensions": lambda t, d: d.Independent(d.Normal(0.0, 1.0), 1),
    "no transform": lambda t, d: d.TransformedDistribution(d.Normal(0.0, 1.0), 3),
    "no transforms": lambda t, d: d.TransformedDistribution(d.Normal(0.0, 1.0), [3]),
    "no vector to transform": lambda t, d: d.TransformedDistribution(
        d.Normal(0.0, 1.0), d.StickBreakingTransform()),
    "product": lambda t, d: d.Independent(
        d.Bernoulli(t.ones(2)), 1).enumerate_support(),
    "no mixture": lambda t, d: d.MixtureSameFamily(3, d.Normal(t.zeros(2), 1.0)),
    "no components": lambda t, d: d.MixtureSameFamily(d.Categorical(t.ones(2)), 3),
    "components": lambda t, d: d.MixtureSameFamily(
        d.Categorical(t.ones(2)), d.Normal(t.zeros(3), 1.0)),
    "batches of components": lambda t, d: d.MixtureSameFamily(
        d.Categorical(t.ones(4, 2)), d.Normal(t.zeros(3, 2), 1.0)),
    "no causes": lambda t, d: d.LowRankMultivariateNormal(t.zeros(2), t.ones(2), t.ones(2)),
    "other causes": lambda t, d: d.LowRankMultivariateNormal(t.zeros(2), t.ones(3, 1), t.ones(2)),
    "other noise": lambda t, d: d.LowRankMultivariateNormal(t.zeros(2), t.ones(2, 1), t.ones(3)),
    "below a Pareto": lambda t, d: d.Pareto(2.0, 1.0).log_prob(t.tensor(1.0)),
    "certain": lambda t, d: d.NegativeBinomial(2, t.tensor([1.0])),
    "few vectors": lambda t, d: d.Wishart(1.0, t.eye(3)),
    "no scatter": lambda t, d: d.Wishart(3.0, t.ones(3)),
    "no scatter to tell": lambda t, d: d.Wishart(3.0, t.eye(2)).log_prob(-t.eye(2)),
    "one number": lambda t, d: d.LKJCholesky(1),
    "no correlations": lambda t, d: d.LKJCholesky(2).log_prob(2 * t.eye(2)),
    "several counts": lambda t, d: d.Binomial(t.tensor([1.0, 2.0]), t.ones(2)).entropy(),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_in_pytorch_s_words(what):
    mine, its = (refusal(lambda t=t: REFUSALS[what](t, t.distributions)) for t in (ours, theirs))
    assert its is not None
    assert mine is not None
    assert mine[0] == its[0]
    assert mine[1].replace("IndependentConstraint", "") == its[1].replace(
        "IndependentConstraint", ""
    )


def test_checks_can_be_switched_off():
    assert ours.distributions.Normal(0.0, -1.0, validate_args=False).scale == -1
    relaxed = ours.distributions.Exponential(1.0, validate_args=False)
    assert relaxed.log_prob(ours.tensor(-1.0)).item() == 1.0
    ours.distributions.Distribution.set_default_validate_args(False)
    try:
        ours.distributions.Normal(0.0, -1.0)
    finally:
        ours.distributions.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="satisfy the constraint"):
        ours.distributions.Normal(0.0, -1.0)
    with pytest.raises(ValueError):  # noqa: PT011
        ours.distributions.Distribution.set_default_validate_args(3)


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_a_distribution_of_one_s_own(torch):
    class Die(torch.distributions.Distribution):
        arg_constraints = {}
        support = torch.distributions.constraints.integer_interval(1, 6)

        def log_prob(self, value):
            if self._validate_args:
                self._validate_sample(value)
            return torch.full(value.shape, 1 / 6).log()

    assert Die().log_prob(torch.tensor(3)).exp().item() == pytest.approx(1 / 6)
    with pytest.raises(ValueError, match="to be within the support"):
        Die().log_prob(torch.tensor(7))
    with pytest.raises(NotImplementedError):
        Die().rsample()

    class Vague(torch.distributions.Distribution):
        pass

    with pytest.warns(UserWarning, match="does not define `arg_constraints`"):
        vague = Vague()
    with pytest.warns(UserWarning, match="does not define `support`"):
        vague._validate_sample(torch.tensor(0.0))


def test_angles_are_drawn_with_the_circular_variance_that_is_told():
    ours.manual_seed(4)
    d = ours.distributions.VonMises(ours.tensor([0.5, -3.0]), ours.tensor([0.5, 20.0]))
    apart = (d.sample((DRAWS,)) - d.loc).cos().mean(0)
    np.testing.assert_allclose(1 - apart.numpy(), d.variance.numpy(), atol=0.02)


@pytest.mark.parametrize("eta", [0.6, 1.0, 5.0])
def test_correlations_are_as_weak_as_the_concentration_says(eta):
    """Each is a beta variable from -1 to 1, of the variance 1 / (2 eta + dim - 1)."""
    ours.manual_seed(5)
    triangles = ours.distributions.LKJCholesky(4, ours.tensor(eta)).sample((DRAWS,))
    drawn = (triangles @ triangles.mT).numpy()[:, *np.tril_indices(4, -1)]
    spread = 1 / (2 * eta + 3)
    assert (abs(drawn.mean(0)) < 6 * (spread / DRAWS) ** 0.5).all()
    np.testing.assert_allclose(drawn.var(0), spread, rtol=0.06)


def test_few_vectors_make_singular_matrices():
    for torch in (ours, theirs):
        with pytest.warns(UserWarning, match="Low df values detected. Singular samples are highly"):
            torch.distributions.Wishart(torch.tensor(1.5), torch.eye(2))


def test_one_choice_serves_a_batch_of_mixtures():
    ours.manual_seed(5)
    d = ours.distributions
    parts = d.Normal(ours.tensor([[0.0, 4.0], [8.0, -4.0]]), 0.1)
    mixture = d.MixtureSameFamily(d.Categorical(ours.tensor([0.25, 0.75])), parts)
    assert mixture.mean.tolist() == [3.0, -1.0]
    drawn = mixture.sample((DRAWS,))
    np.testing.assert_allclose(drawn.mean(0).numpy(), [3.0, -1.0], atol=0.2)


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_old_names(torch):
    with pytest.warns(FutureWarning, match="sample_n"):
        assert torch.distributions.Normal(0.0, 1.0).sample_n(3).shape == (3,)


@NAMES
def test_on_the_gpu(name, pretend_gpu):
    build, parameters, values = CASES[name]
    arrays = [ours.tensor(np.array(p, "float32")).to("cuda") for p in parameters]
    d = build(ours.distributions, *[a.requires_grad_() for a in arrays])
    values = np.array(values)
    values = ours.tensor(values if values.dtype.kind == "i" else values.astype("float32"))
    there = d.log_prob(values.to("cuda"))
    here = make(ours, name, "float32")[0].log_prob(values)
    np.testing.assert_allclose(there.detach().cpu().numpy(), here.detach().numpy(), rtol=1e-3,
                               atol=1e-5)  # fmt: skip
    assert d.sample((2,)).device.type == "cuda"
    if d.has_rsample:
        d.rsample((2,)).sum().backward()
        assert arrays[0].grad.device.type == "cuda"
