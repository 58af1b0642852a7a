"""Dropout layers: what is dropped, what makes up for it, and nothing in eval mode."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import same_error

LAYERS = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
SHAPES = {
    "Dropout1d": (30, 20, 8), "Dropout2d": (30, 20, 4, 2), "Dropout3d": (30, 20, 2, 2, 2),
    "FeatureAlphaDropout": (30, 20, 8),
}  # fmt: skip
each = pytest.mark.parametrize("name", LAYERS)


@each
def test_as_pytorch_is_worded(name):
    for settings in ({}, {"p": 0.3, "inplace": True}):
        layer = getattr(ours.nn, name)(**settings)
        assert repr(layer) == repr(getattr(theirs.nn, name)(**settings))
    same_error(lambda t: getattr(t.nn, name)(1.5))


@each
def test_nothing_in_eval_mode_and_nothing_at_zero(name):
    x = ours.randn(*SHAPES.get(name, (30, 20)))
    assert ours.equal(getattr(ours.nn, name)(0.5).eval()(x), x)
    assert ours.equal(getattr(ours.nn, name)(0.0)(x), x)


@each
def test_everything_at_one(name):
    x = ours.ones(*SHAPES.get(name, (30, 20)))
    assert not getattr(ours.nn, name)(1.0)(x).any()


@each
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_the_share_and_what_makes_up_for_it(name, p):
    """The two values that come out of ones, and how often, are PyTorch's."""
    shape = SHAPES.get(name, (60, 80))
    found = []
    for torch in (ours, theirs):
        torch.manual_seed(0)
        y = getattr(torch.nn, name)(p)(torch.ones(*shape, dtype=torch.float64)).numpy()
        low, high = y.min(), y.max()
        found.append((low, high, (y == low).mean()))
    assert found[0][:2] == pytest.approx(found[1][:2])
    assert found[0][2] == pytest.approx(p, abs=0.07)


@pytest.mark.parametrize("name", [n for n in LAYERS if n in SHAPES])
def test_channels_are_dropped_as_a_whole(name):
    y = getattr(ours.nn, name)(0.5)(ours.ones(*SHAPES[name])).flatten(2)
    assert (y == y[..., :1]).all()
    assert len(y[..., 0].unique()) == 2


def test_alpha_dropout_keeps_mean_and_spread():
    ours.manual_seed(0)
    y = ours.nn.AlphaDropout(0.3)(ours.randn(200, 500))
    assert y.mean().item() == pytest.approx(0, abs=0.02)
    assert y.std().item() == pytest.approx(1, abs=0.02)


@each
def test_gradients_pass_where_numbers_passed(name):
    x = ours.ones(*SHAPES.get(name, (30, 20)), requires_grad=True)
    y = getattr(ours.nn, name)(0.5)(x)
    y.sum().backward()
    high = y.max().item()
    assert ((x.grad != 0) == (y.detach() == high)).all()


@each
def test_on_the_gpu(gpu, name):
    y = getattr(ours.nn, name)(0.5)(ours.ones(*SHAPES.get(name, (30, 20)), device="cuda"))
    assert y.device.type == "cuda"
    assert len(y.cpu().unique()) == 2


def test_inplace():
    x = ours.ones(100)
    assert ours.nn.Dropout(0.5, inplace=True)(x) is x
    assert ours.nn.functional.alpha_dropout(x, 0.5, True, True) is x
    assert ours.nn.functional.feature_alpha_dropout(ours.ones(2, 3), 1.0, True).sum().item() == 0
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        ours.nn.functional.feature_alpha_dropout(x, 0.5, True)


@pytest.mark.parametrize("name", ["dropout", "alpha_dropout", "dropout3d"])
def test_whole_numbers_cannot_be_raised(name):
    for kind in ("int64", "uint8"):
        same_error(lambda t: getattr(t.nn.functional, name)(
            t.ones(3, 2, 1, 1, 1, dtype=getattr(t, kind)), training=True))  # noqa: B023


@pytest.mark.parametrize("kind", ["int64", "uint8", "bool"])
def test_whole_numbers_that_are_not_raised(kind):
    same_error(lambda t: t.nn.functional.dropout(t.ones(3, dtype=getattr(t, kind))))
    for p, training in ((0.5, False), (0.0, True), (1.0, True)):
        for shape in ((3,), (0,)):
            y, wanted = (t.nn.functional.dropout(t.ones(shape, dtype=getattr(t, kind)), p, training)
                         for t in (ours, theirs))  # fmt: skip
            assert y.tolist() == wanted.tolist() and str(y.dtype) == str(wanted.dtype)
    assert ours.nn.functional.dropout(ours.ones(0, dtype=ours.int64)).shape == (0,)


def alike_along(y):
    """List the dimensions along which all is dropped or nothing."""
    return [d for d in range(y.ndim) if (y == y.narrow(d, 0, 1)).all()]


@pytest.mark.parametrize("name", ["dropout", "dropout1d", "dropout2d", "dropout3d"])
@pytest.mark.parametrize("dims", range(6))
@pytest.mark.filterwarnings("ignore:dropout")
def test_what_is_dropped_together(name, dims):
    shape, found = (9, 8, 7, 6, 5)[:dims], []
    for t in (ours, theirs):
        t.manual_seed(3)
        try:
            found.append(alike_along(getattr(t.nn.functional, name)(t.ones(shape), 0.5)))
        except RuntimeError as error:
            found.append(str(error).split(".")[0])
    assert found[0] == found[1]
