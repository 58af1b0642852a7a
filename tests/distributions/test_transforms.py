"""Transforms turn values, and measure room, as PyTorch's do."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

X = np.array([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]])
TRANSFORMS = {
    "exp": (lambda d: d.ExpTransform(), X),
    "power": (lambda d: d.PowerTransform(2.5), abs(X)),
    "falling power": (lambda d: d.PowerTransform(-1.0), abs(X)),
    "sigmoid": (lambda d: d.SigmoidTransform(), X),
    "softplus": (lambda d: d.SoftplusTransform(), X),
    "tanh": (lambda d: d.TanhTransform(), X),
    "abs": (lambda d: d.AbsTransform(), X),
    "affine": (lambda d: d.AffineTransform(1.0, -2.0), X),
    "affine of events": (lambda d: d.AffineTransform(1.0, 2.0, event_dim=1), X),
    "softmax": (lambda d: d.SoftmaxTransform(), X),
    "sticks": (lambda d: d.StickBreakingTransform(), X),
    "triangle": (lambda d: d.LowerCholeskyTransform(), X[:, :2]),
    "definite": (lambda d: d.PositiveDefiniteTransform(), X[:, :2]),
    "reshape": (lambda d: d.ReshapeTransform((3,), (3, 1)), X),
    "together": (lambda d: d.IndependentTransform(d.ExpTransform(), 1), X),
    "one after the other": (
        lambda d: d.ComposeTransform([d.AffineTransform(0.5, 2.0), d.TanhTransform()]), X),
    "into events": (
        lambda d: d.ComposeTransform([d.ExpTransform(), d.ReshapeTransform((3,), (3, 1))]), X),
    "back": (lambda d: d.ExpTransform().inv, abs(X)),
    "back from several": (
        lambda d: d.ComposeTransform([d.AffineTransform(0.5, 2.0), d.ExpTransform()]).inv, abs(X)),
    "nothing": (lambda d: d.identity_transform, X),
}  # fmt: skip
NAMES = pytest.mark.parametrize("name", TRANSFORMS)


def outcome(torch, question):
    try:
        found = question(torch)
    except NotImplementedError:
        return "not implemented"
    return found.detach().numpy() if hasattr(found, "detach") else found


def compare(question):
    mine, its = outcome(ours, question), outcome(theirs, question)
    if isinstance(its, np.ndarray):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine, its, rtol=1e-7, atol=1e-9)
    else:
        assert mine == its


@NAMES
def test_values_and_room(name):
    make, x = TRANSFORMS[name]

    def turn(torch, also):
        t, x_ = make(torch.distributions), torch.tensor(x)
        return also(t, x_, t(x_))

    compare(lambda torch: turn(torch, lambda t, x, y: y))
    compare(lambda torch: turn(torch, lambda t, x, y: t.inv(y)))
    compare(lambda torch: turn(torch, lambda t, x, y: t.log_abs_det_jacobian(x, y)))
    compare(lambda torch: turn(torch, lambda t, x, y: t.inv.log_abs_det_jacobian(y, x)))


@NAMES
def test_what_is_said_of_it(name):
    make, x = TRANSFORMS[name]
    compare(lambda torch: bool(make(torch.distributions).bijective))
    compare(lambda torch: float(make(torch.distributions).sign))
    compare(lambda torch: make(torch.distributions).domain.event_dim)
    compare(lambda torch: make(torch.distributions).codomain.event_dim)
    compare(lambda torch: tuple(make(torch.distributions).forward_shape(torch.Size((5, 3)))))
    assert repr(make(ours.distributions)) == repr(make(theirs.distributions))
    t = make(ours.distributions)
    assert t.codomain.check(t(ours.tensor(x))).all()


@NAMES
def test_room_is_the_determinant(name):
    make, x = TRANSFORMS[name]
    t = make(ours.distributions)
    if not t.bijective or name in ("sticks", "reshape", "into events"):
        return
    v = ours.tensor(x[0])
    each = ours.stack([
        ours.autograd.grad(t(w := v.clone().requires_grad_())[i], w)[0] for i in range(len(x[0]))
    ])
    expected = ours.linalg.slogdet(each)[1]
    got = t.log_abs_det_jacobian(v, t(v)).sum()
    assert got.item() == pytest.approx(expected.item())


def test_equality():
    for torch in (ours, theirs):
        d = torch.distributions
        assert d.ExpTransform() == d.ExpTransform()
        assert d.ExpTransform().inv == d.ExpTransform().inv
        assert d.AffineTransform(1.0, 2.0) == d.AffineTransform(1.0, 2.0)
        assert d.AffineTransform(1.0, 2.0) != d.AffineTransform(1.0, 3.0)
        assert d.AffineTransform(1.0, 2.0) != d.ExpTransform()
        assert d.AffineTransform(torch.ones(2), 2.0) == d.AffineTransform(torch.ones(2), 2.0)
        assert d.PowerTransform(2.0) == d.PowerTransform(2.0)
        assert d.ComposeTransform([d.ExpTransform()]) == d.ComposeTransform([d.ExpTransform()])


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_the_last_pair_may_be_kept(torch):
    d = torch.distributions
    t = d.TanhTransform(cache_size=1)
    x = torch.tensor(25.0)  # tanh is 1 to the last bit: computed, the way back would be infinite
    y = t(x)
    assert t.inv(y) is x
    assert t(x) is y
    assert d.TanhTransform().inv(y).isinf()
    assert d.ExpTransform().with_cache(1)._cache_size == 1
    chain = d.ComposeTransform([d.AffineTransform(0.0, 1.0), d.TanhTransform()], cache_size=1)
    assert chain.inv(chain(x)).item() == 25
    with pytest.raises(ValueError, match="cache_size must be 0 or 1"):
        d.ExpTransform(cache_size=2)


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_shapes_that_do_not_fit(torch):
    d, size = torch.distributions, torch.Size
    with pytest.raises(ValueError, match="different numbers of elements"):
        d.ReshapeTransform((2, 3), (5,))
    t = d.ReshapeTransform((2, 3), (6,))
    with pytest.raises(ValueError, match="Too few dimensions"):
        t.forward_shape(size((3,)))
    with pytest.raises(ValueError, match="Shape mismatch"):
        t.inverse_shape(size((5,)))
    with pytest.raises(ValueError, match="Too few dimensions"):
        d.IndependentTransform(d.ExpTransform(), 2)(torch.ones(2))
    with pytest.raises(ValueError, match=r"\.domain\.event_dim or \.codomain\.event_dim"):
        _ = d.ReshapeTransform((2,), (2, 1)).event_dim
