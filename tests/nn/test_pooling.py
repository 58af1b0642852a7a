"""Pooling layers: values, gradients, ties, words."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
SIZES = (9, 8, 7)
draw = np.random.default_rng(0)
KERNELS = (3, 2, 2)


def check(layer, other, x):
    """Compare what comes out, and the gradient of the first result."""
    mine, its = ours.tensor(x, requires_grad=True), theirs.tensor(x, requires_grad=True)
    found, expected = layer(mine), other(its)
    if isinstance(expected, tuple):
        np.testing.assert_array_equal(found[1].numpy(), expected[1].numpy())
        found, expected = found[0], expected[0]
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-10)
    g = draw.standard_normal(expected.shape)
    found.backward(ours.tensor(g))
    expected.backward(theirs.tensor(g))
    np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-9, atol=1e-12)


def pair(name, *args, **settings):
    return getattr(ours.nn, name)(*args, **settings), getattr(theirs.nn, name)(*args, **settings)


def images(dims, batched=True):
    """Draw images, many of whose numbers are equal."""
    shape = (2, 3, *SIZES[:dims]) if batched else (3, *SIZES[:dims])
    return np.round(np.maximum(draw.standard_normal(shape), 0), 1)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("settings", [
    {}, {"stride": 1}, {"stride": 2, "padding": 1}, {"padding": 1, "ceil_mode": True},
    {"stride": 4, "ceil_mode": True}, {"dilation": 2}, {"dilation": 2, "padding": 1, "stride": 1},
])  # fmt: skip
@pytest.mark.parametrize("indices", [False, True])
def test_the_largest(dims, settings, indices):
    kernel = KERNELS[0] if "padding" in settings else KERNELS[:dims]
    layer, other = pair(f"MaxPool{dims}d", kernel, return_indices=indices, **settings)
    assert repr(layer) == repr(other)
    check(layer, other, images(dims))
    check(layer, other, images(dims, batched=False))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("indices", [False, True])
def test_nan_and_infinities_win_as_in_pytorch(bad, indices):
    x = images(2)
    x[:, :, ::2] = bad
    check(*pair("MaxPool2d", 3, 2, 1, return_indices=indices), x)
    check(*pair("MaxPool2d", 2, return_indices=indices), np.full((1, 1, 4, 4), bad))
    check(*pair("AdaptiveMaxPool2d", 2, return_indices=True), x)


@pytest.mark.parametrize("rows", [[[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]],
                                  [[1.0, 2.0], [1.0, 2.0]], [[3.0, 3.0], [3.0, 1.0]]])  # fmt: skip
def test_of_equal_numbers_the_first_wins(rows):
    check(*pair("MaxPool2d", 2), np.array([[rows]]))


def test_an_infinite_gradient_stays_where_it_belongs():
    x = ours.tensor([[1.0, 2.0, 3.0, 4.0]], requires_grad=True)
    ours.nn.functional.max_pool1d(x, 2).backward(ours.tensor([[float("inf"), 1.0]]))
    assert x.grad.tolist() == [[0.0, float("inf"), 0.0, 1.0]]


def test_a_window_of_one_pixel_gives_a_new_tensor():
    x = ours.ones(1, 1, 2, 2)
    y = ours.nn.functional.max_pool2d(x, 1)
    y += 1
    assert x.tolist() == [[[[1.0, 1.0], [1.0, 1.0]]]]


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("settings", [
    {}, {"stride": 1, "padding": 1}, {"padding": 1, "ceil_mode": True},
    {"padding": 1, "count_include_pad": False}, {"stride": 4, "ceil_mode": True},
])  # fmt: skip
def test_the_mean(dims, settings):
    layer, other = pair(f"AvgPool{dims}d", 3, **settings)
    assert repr(layer) == repr(other)
    check(layer, other, images(dims))
    check(layer, other, images(dims, batched=False))


def test_the_mean_of_another_count():
    check(*pair("AvgPool2d", (3, 2), divisor_override=5), images(2))
    check(*pair("AvgPool3d", 2, divisor_override=-1), images(3))


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 3, 7, 10])
def test_sizes_asked_for(dims, size):
    for name in (f"AdaptiveAvgPool{dims}d", f"AdaptiveMaxPool{dims}d"):
        layer, other = pair(name, size)
        assert repr(layer) == repr(other)
        check(layer, other, images(dims))
        check(layer, other, images(dims, batched=False))
    check(*pair(f"AdaptiveMaxPool{dims}d", size, return_indices=True), images(dims))


def test_none_keeps_a_size():
    check(*pair("AdaptiveAvgPool2d", (None, 3)), images(2))
    check(*pair("AdaptiveMaxPool3d", (2, None, 3)), images(3))


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("norm", [1, 2, 3, float("inf")])
def test_norms(dims, norm):
    layer, other = pair(f"LPPool{dims}d", norm, 2, ceil_mode=dims == 2)
    assert repr(layer) == repr(other)
    check(layer, other, images(dims) + 0.5)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_there_and_back(dims):
    x = draw.standard_normal((2, 3, *SIZES[:dims]))
    mine, its = ours.tensor(x, requires_grad=True), theirs.tensor(x, requires_grad=True)
    results = []
    for torch, t in ((ours, mine), (theirs, its)):
        pool = getattr(torch.nn, f"MaxPool{dims}d")(2, return_indices=True)
        unpool = getattr(torch.nn, f"MaxUnpool{dims}d")(2)
        back = unpool(*pool(t), output_size=list(x.shape))
        (back**2).sum().backward()
        results.append((repr(unpool), back.detach().numpy()))
    assert results[0][0] == results[1][0]
    np.testing.assert_allclose(results[0][1], results[1][1])
    np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy())


@pytest.mark.parametrize("dims", [2, 3])
def test_random_windows_stand_as_in_pytorch(dims):
    x = draw.standard_normal((2, 3, 11, 12, 13)[: dims + 2])
    samples = draw.random((2, 3, dims))
    settings = {"output_ratio": 0.5, "return_indices": True}
    for kernel in (2, (3, 2, 2)[:dims]):
        mine = getattr(ours.nn, f"FractionalMaxPool{dims}d")(
            kernel, _random_samples=ours.tensor(samples), **settings
        )
        its = getattr(theirs.nn, f"FractionalMaxPool{dims}d")(
            kernel, _random_samples=theirs.tensor(samples), **settings
        )
        assert repr(mine) == repr(its)
        check(mine, its, x)
    pool = getattr(ours.nn, f"FractionalMaxPool{dims}d")(2, output_size=4)
    ours.manual_seed(0)
    first = pool(ours.tensor(x))
    ours.manual_seed(0)
    assert (first == pool(ours.tensor(x))).all()
    assert first.shape == (2, 3, *(4,) * dims)


@pytest.mark.parametrize("call", [
    lambda t: t.nn.MaxPool2d(2)(t.ones(3, 3)), lambda t: t.nn.MaxPool2d(4)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.MaxPool2d(2, 0)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.MaxPool2d(2, padding=2)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.MaxPool2d(2, padding=-1)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.MaxPool2d(2, dilation=0)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.MaxPool2d((2, 2, 2))(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.MaxPool2d(2)(t.ones(1, 0, 3, 3)),
    lambda t: t.nn.MaxPool2d(2)(t.ones(1, 1, 3, 3).bool()),
    lambda t: t.nn.AvgPool2d(2, divisor_override=0)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.AdaptiveAvgPool2d(-1)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.AdaptiveAvgPool2d(2)(t.ones(3, 3)),
    lambda t: t.nn.AdaptiveAvgPool2d((2, 2, 2))(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.AdaptiveMaxPool2d(2)(t.ones(1, 1, 3, 3).long()),
    lambda t: t.nn.MaxUnpool2d(2)(t.ones(1, 1, 2, 2), t.full((1, 1, 2, 2), 90)),
    lambda t: t.nn.MaxUnpool2d(2)(t.ones(1, 1, 2, 2), t.full((1, 2, 2), 1)),
    lambda t: t.nn.MaxUnpool2d(2)(t.ones(1, 1, 2, 2), t.ones(1, 1, 2, 2)),
    lambda t: t.nn.MaxUnpool2d(2)(t.ones(1, 1, 2, 2), t.ones(1, 1, 2, 2).long(), (1, 1, 9, 9)),
    lambda t: t.nn.FractionalMaxPool2d(2),
    lambda t: t.nn.FractionalMaxPool2d(2, output_ratio=1.5),
    lambda t: t.nn.FractionalMaxPool2d(2, output_ratio=0.5, output_size=3),
    lambda t: t.nn.FractionalMaxPool2d(2, output_size=6)(t.ones(1, 1, 6, 6)),
])  # fmt: skip
def test_what_pytorch_refuses_is_refused(call):
    with pytest.raises(Exception) as its:  # noqa: PT011  (PyTorch says which)
        call(theirs)
    with pytest.raises(its.type) as mine:
        call(ours)
    assert str(mine.value), "an error without a word"


def test_patches_and_back():
    x = draw.standard_normal((2, 3, 6, 7))
    for settings in ({"kernel_size": 2}, {"kernel_size": (3, 2), "padding": 1, "stride": 2}):
        unfold, other = pair("Unfold", **settings)
        assert repr(unfold) == repr(other)
        check(unfold, other, x)
        columns = other(theirs.tensor(x)).numpy()
        fold, other = pair("Fold", (6, 7), **settings)
        assert repr(fold) == repr(other)
        check(fold, other, columns)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_node_has_pytorch_s_name(dims):
    x = ours.ones((1, 1, *SIZES[:dims]), requires_grad=True)
    functions = ours.nn.functional
    y = getattr(functions, f"max_pool{dims}d")(x, 2)
    assert y.grad_fn.name() == f"MaxPool{dims}DWithIndicesBackward0"
    y = getattr(functions, f"avg_pool{dims}d")(x, 2)
    assert y.grad_fn.name() == f"AvgPool{dims}DBackward0"
    y = getattr(functions, f"adaptive_avg_pool{dims}d")(x, 2)
    assert y.grad_fn.name() == f"AdaptiveAvgPool{dims}DBackward0"
