"""Losses, dropout and the rest of functional that is put together from operations."""

import inspect
import re

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

rng = np.random.default_rng(0)
SCORES, LABELS = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
TARGETS = rng.standard_normal((6, 4))
CHANCES = rng.dirichlet(np.ones(4), 6)
WEIGHTS = rng.uniform(0.5, 2, 4)


def told(call, torch):
    """Call with tensors of one framework: value and gradient as arrays."""
    x = torch.tensor(SCORES, requires_grad=True)
    y = call(torch.nn.functional, x, torch.tensor)
    y.sum().backward()
    return y.detach().numpy(), x.grad.numpy()


LOSSES = {
    "smoothed": lambda F, x, t: F.cross_entropy(x, t(LABELS), label_smoothing=0.1),
    "smoothed and weighted":
        lambda F, x, t: F.cross_entropy(x, t(LABELS), t(WEIGHTS), label_smoothing=0.3),
    "smoothed and ignored":
        lambda F, x, t: F.cross_entropy(x, t(LABELS), ignore_index=1, label_smoothing=0.3),
    "smoothed, all ignored but some, weighted": lambda F, x, t: F.cross_entropy(
        x, t(LABELS), t(WEIGHTS), ignore_index=2, label_smoothing=0.3),
    "smoothed sum":
        lambda F, x, t: F.cross_entropy(x, t(LABELS), label_smoothing=0.3, reduction="sum"),
    "smoothed each": lambda F, x, t: F.cross_entropy(
        x, t(LABELS), t(WEIGHTS), label_smoothing=0.3, reduction="none"),
    "chances": lambda F, x, t: F.cross_entropy(x, t(CHANCES)),
    "chances smoothed": lambda F, x, t: F.cross_entropy(
        x, t(CHANCES), t(WEIGHTS), label_smoothing=0.2, reduction="none"),
    "places": lambda F, x, t: F.cross_entropy(
        x.reshape(3, 4, 2), t(LABELS.reshape(3, 2)), label_smoothing=0.2),
    "mse weighted": lambda F, x, t: F.mse_loss(x, t(TARGETS), weight=t(CHANCES)),
    "l1": lambda F, x, t: F.l1_loss(x, t(TARGETS)),
    "l1 weighted": lambda F, x, t: F.l1_loss(x, t(TARGETS), weight=t(CHANCES)),
    "huber weighted": lambda F, x, t: F.huber_loss(x, t(TARGETS), weight=t(CHANCES)),
    "smooth l1 without a bend": lambda F, x, t: F.smooth_l1_loss(x, t(TARGETS), beta=0.0),
    "kl": lambda F, x, t: F.kl_div(x, t(CHANCES), reduction="batchmean"),
    "kl of logs": lambda F, x, t: F.kl_div(x, t(TARGETS), reduction="sum", log_target=True),
    "hinge": lambda F, x, t: F.hinge_embedding_loss(x, t(np.sign(TARGETS))),
    "ranking": lambda F, x, t: F.margin_ranking_loss(x, t(CHANCES), t(np.sign(TARGETS)), 0.1),
    "soft margin": lambda F, x, t: F.soft_margin_loss(x, t(np.sign(TARGETS))),
    "normalize": lambda F, x, t: F.normalize(x, dim=1),
    "cosine": lambda F, x, t: F.cosine_similarity(x, t(TARGETS)),
    "distance": lambda F, x, t: F.pairwise_distance(x, t(TARGETS)),
    "glu": lambda F, x, t: F.glu(x, 1),
    "softmin": lambda F, x, t: F.softmin(x, 1),
}


@pytest.mark.parametrize("what", LOSSES)
def test_value_and_gradient_are_pytorch_s(what):
    for mine, its in zip(told(LOSSES[what], ours), told(LOSSES[what], theirs)):
        assert mine.dtype == its.dtype
        np.testing.assert_allclose(mine, its, rtol=1e-10, atol=1e-12)


def test_different_sizes_are_warned_about_in_pytorch_s_words():
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        said = []
        for torch in (theirs, ours):
            with pytest.warns(UserWarning, match="Using a target size") as caught:
                value = getattr(torch.nn.functional, name)(torch.zeros(3, 1), torch.ones(3))
            said.append((str(caught[0].message), value.item(), caught[0].filename))
        assert said[0] == said[1]
        assert said[1][2] == __file__


def test_a_dimension_left_out_is_warned_about():
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax"):
        assert ours.nn.functional.softmax(ours.zeros(2, 2)).tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("call", [
    lambda t: t.nn.functional.cross_entropy(t.ones(3, 2), t.tensor([0, 1, 2])),
    lambda t: t.nn.functional.cross_entropy(t.ones(3, 2), t.tensor([0, 1])),
    lambda t: t.nn.functional.mse_loss(t.ones(2), t.ones(2), reduction="avg"),
    lambda t: t.nn.functional.binary_cross_entropy(t.ones(2), t.ones(3)),
    lambda t: t.nn.functional.binary_cross_entropy(t.ones(2) * 2, t.ones(2)),
    lambda t: t.nn.functional.binary_cross_entropy_with_logits(t.ones(2), t.ones(3)),
    lambda t: t.nn.functional.dropout(t.ones(2), 1.5),
    lambda t: t.nn.functional.nll_loss(
        t.ones(2, 3), t.tensor([0, 1]), t.ones(3, requires_grad=True)),
    lambda t: t.nn.functional.cross_entropy(t.ones(2, 3), t.tensor([0, 1]), t.ones(2)),
    lambda t: t.nn.functional.softmax(t.ones(2), dim=3),
    lambda t: t.nn.functional.glu(t.ones(3)),
])  # fmt: skip
def test_mistakes_are_told_in_pytorch_s_words(call):
    with pytest.raises(Exception) as its:  # noqa: PT011
        call(theirs)
    with pytest.raises(type(its.value)) as mine:
        call(ours)
    assert str(mine.value).startswith(str(its.value).split("\n")[0].split(" weight tensor")[0][:60])


@pytest.mark.parametrize(("shape", "wide"), [((3, 1), (3, 2)), ((3, 2), (1, 3, 2)), ((), (1,))])
@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("call", [
    lambda f, x, w, how: f.binary_cross_entropy(x, x, w, reduction=how),
    lambda f, x, w, how: f.binary_cross_entropy_with_logits(x, x, w, reduction=how),
    lambda f, x, w, how: f.binary_cross_entropy_with_logits(x, x, pos_weight=w, reduction=how),
])  # fmt: skip
def test_a_weight_does_not_stretch_a_loss(call, reduction, shape, wide):
    for t in (ours, theirs):
        said = f"output with shape {list(shape)} doesn't match the broadcast shape {list(wide)}"
        with pytest.raises(RuntimeError, match=re.escape(said)):
            call(t.nn.functional, t.ones(shape), t.ones(wide), reduction)
        for fits in (shape, ()):
            y = call(t.nn.functional, t.ones(shape), t.ones(fits), reduction)
            assert y.shape == (shape if reduction == "none" else ())


def test_dropout_keeps_the_mean_and_drops_the_share_asked_for():
    ours.manual_seed(0)
    x = ours.ones(200, 100, requires_grad=True)
    y = ours.nn.functional.dropout(x, 0.25)
    dropped = (y == 0).float().mean().item()
    assert dropped == pytest.approx(0.25, abs=0.02)
    assert set(np.unique(y.detach().numpy())) == {np.float32(0), np.float32(1 / 0.75)}
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())
    assert ours.nn.functional.dropout(x, 0.25, training=False) is x
    assert not ours.nn.functional.dropout(x, 1.0).any()
    channels = ours.nn.functional.dropout2d(ours.ones(8, 8, 3, 3)).numpy()
    assert (channels.reshape(64, 9).std(1) == 0).all()


def test_dropout_is_repeatable():
    def draw():
        ours.manual_seed(5)
        return ours.nn.functional.dropout(ours.ones(20)).tolist()

    assert draw() == draw()


def test_inplace_writes_into_the_input_and_the_gradient_is_right():
    x = ours.tensor([-1.0, 2.0], requires_grad=True)
    h = x * 3
    y = ours.nn.functional.relu(h, inplace=True)
    assert y is h
    y.sum().backward()
    assert x.grad.tolist() == [0, 3]
    assert "inplace" in inspect.signature(ours.nn.functional.leaky_relu).parameters
    assert ours.nn.functional.leaky_relu(ours.tensor([-1.0]), 0.5, True).item() == -0.5


def test_operations_are_the_very_same_objects():
    F = ours.nn.functional
    assert F.tanh is ours.tanh
    assert F.gelu is ours.ops.gelu
    assert F.linear is ours.ops.linear


GRID = np.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
BORDERS = [
    ("constant", (1, 2), 7.0), ("constant", (-1, 1, 2, 0), None), ("reflect", (2, 1, 3, 0), None),
    ("reflect", (-1, 2, 0, 0), None), ("replicate", (2, 1, 0, 3), None),
    ("replicate", (-4, 5, 0, 0), None), ("circular", (2, 1, 1, 4), None),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "border", "value"), BORDERS)
def test_borders_are_pytorch_s(mode, border, value):
    def story(torch):
        x = torch.tensor(GRID, requires_grad=True)
        y = torch.nn.functional.pad(x, border, mode, value)
        (y * y).sum().backward()
        return y.detach().numpy(), x.grad.numpy()

    for mine, its in zip(story(ours), story(theirs)):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize("settings", [
    ((2, 3),), (2, 1, 1), (2, 2, 1, 1), ((2, 1), (1, 2), (1, 0), 2),
])  # fmt: skip
def test_windows_are_pytorch_s(settings):
    def story(torch):
        x = torch.tensor(GRID, requires_grad=True)
        y = torch.nn.functional.unfold(x, *settings)
        (y * y).sum().backward()
        return y.detach().numpy(), x.grad.numpy()

    for mine, its in zip(story(ours), story(theirs)):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize(("name", "settings"), [
    ("celu", (0.5,)), ("elu", (0.5,)), ("selu", ()), ("leaky_relu", (0.3,)),
    ("rrelu", (0.1, 0.3)), ("hardtanh", (-0.5, 0.5)), ("threshold", (0.1, 9.0)),
])  # fmt: skip
def test_the_forms_that_write_into_their_input(name, settings):
    F = ours.nn.functional
    x = ours.tensor(SCORES)
    expected = getattr(F, name)(x, *settings)
    assert getattr(F, name + "_")(x, *settings) is x
    assert ours.equal(x, expected)
    its = getattr(theirs.nn.functional, name + "_")(theirs.tensor(SCORES), *settings)
    np.testing.assert_allclose(x.numpy(), its.numpy())


def test_rrelu_lets_a_random_share_through():
    ours.manual_seed(0)
    layer = ours.nn.RReLU(0.2, 0.6)
    assert repr(layer) == repr(theirs.nn.RReLU(0.2, 0.6))
    x = -ours.ones(2000, requires_grad=True)
    y = layer(x)
    assert 0.2 <= -y.max().item() < 0.21
    assert 0.59 < -y.min().item() <= 0.6
    assert -y.mean().item() == pytest.approx(0.4, abs=0.01)
    assert layer.eval()(ours.tensor([-1.0, 2.0])).tolist() == pytest.approx([-0.4, 2.0])
    for F in (ours.nn.functional, theirs.nn.functional):
        with pytest.raises(RuntimeError, match="ower bound should be less than or equal to the"):
            F.rrelu((ours if F is ours.nn.functional else theirs).ones(1), 0.5, 0.1, True)


def test_gumbel_softmax_draws_as_often_as_the_scores_say():
    ours.manual_seed(0)
    F, scores = ours.nn.functional, ours.tensor([0.0, 1.0, 2.0]).expand(4000, 3)
    drawn = F.gumbel_softmax(scores, hard=True)
    assert set(drawn.flatten().tolist()) == {0.0, 1.0}
    assert (drawn.sum(1) == 1).all()
    often, chances = drawn.mean(0), scores[0].softmax(0)
    assert ours.allclose(often, chances, atol=0.03)
    assert (F.gumbel_softmax(scores, tau=0.1).max(1)[0] > 0.9).float().mean() > 0.7


def test_the_gradient_of_a_hard_draw_is_that_of_the_softmax():
    grads = []
    for hard in (False, True):
        ours.manual_seed(0)
        x = ours.tensor(SCORES, requires_grad=True)
        (ours.nn.functional.gumbel_softmax(x, 0.7, hard) * ours.tensor(TARGETS)).sum().backward()
        grads.append(x.grad)
    assert ours.allclose(*grads)


POOLS = {
    "max_pool1d": ((2, 3, 8), (2,)), "max_pool2d": ((2, 3, 8, 8), (2, 1)),
    "max_pool3d": ((1, 2, 4, 4, 4), (2,)), "adaptive_max_pool1d": ((2, 3, 8), (3,)),
    "adaptive_max_pool2d": ((2, 3, 8, 8), (3,)), "adaptive_max_pool3d": ((1, 2, 4, 4, 4), (3,)),
}  # fmt: skip


@pytest.mark.parametrize("name", POOLS)
def test_maxima_with_their_places(name):
    shape, settings = POOLS[name]
    x = rng.standard_normal(shape)
    mine, its = (getattr(t.nn.functional, f"{name}_with_indices")(t.tensor(x), *settings)
                 for t in (ours, theirs))  # fmt: skip
    for a, b in zip(mine, its, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_random_maxima_with_their_places():
    x = ours.randn(1, 2, 8, 8)
    y, places = ours.nn.functional.fractional_max_pool2d_with_indices(x, 2, output_size=(3, 3))
    assert ours.equal(x.flatten(2).gather(2, places.flatten(2)).reshape(y.shape), y)


@pytest.mark.parametrize("name", ["lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"])
def test_cells_without_a_layer(name):
    gates = {"lstm_cell": 4, "gru_cell": 3}.get(name, 1)
    arrays = [rng.standard_normal(s) for s in ((2, 3), (2, 4), (2, 4), (4 * gates, 3),
                                               (4 * gates, 4), (4 * gates,), (4 * gates,))]
    told = []
    for t in (ours, theirs):
        x, h, c, *weights = map(t.tensor, arrays)
        y = getattr(t, name)(x, (h, c) if name == "lstm_cell" else h, *weights)
        told.append([part.numpy() for part in (y if isinstance(y, tuple) else (y,))])
    np.testing.assert_allclose(told[0], told[1], atol=1e-12)
