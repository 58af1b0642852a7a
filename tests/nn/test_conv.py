"""Convolution layers: their values, their start, their words, and both ways of computing them."""

import math

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab.ops import convolution
from autograd_lab.ops.columns import Bands

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
SIZES = (9, 8, 7)
draw = np.random.default_rng(0)


def pair(name, *args, **settings):
    """Make our layer and PyTorch's, with the same weights."""
    layer, other = getattr(ours.nn, name)(*args, **settings), getattr(theirs.nn, name)(
        *args, **settings
    )
    layer.load_state_dict({k: ours.tensor(v.numpy()) for k, v in other.state_dict().items()})
    return layer, other


def check(layer, other, shape, *more):
    """Compare values and gradients."""
    x = draw.standard_normal(shape).astype("float32")
    mine, its = ours.tensor(x, requires_grad=True), theirs.tensor(x, requires_grad=True)
    y, z = layer(mine, *more), other(its, *more)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-4, atol=1e-5)
    y.square().sum().backward()
    z.square().sum().backward()
    for a, b in [(mine, its), *zip(layer.parameters(), other.parameters())]:
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-3, atol=1e-3)
        assert a.grad.array.flags.c_contiguous


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("settings", [
    {}, {"stride": 2, "padding": 1}, {"dilation": 2, "bias": False}, {"groups": 2},
    {"padding": "same"}, {"padding": 2, "padding_mode": "reflect"},
    {"padding": "same", "padding_mode": "circular"}, {"padding": 1, "padding_mode": "replicate"},
])  # fmt: skip
def test_values_and_gradients(dims, settings):
    layer, other = pair(f"Conv{dims}d", 4, 6, 3, **settings)
    assert repr(layer) == repr(other)
    check(layer, other, (2, 4, *SIZES[:dims]))
    check(*pair(f"Conv{dims}d", 4, 6, 3, **settings), (4, *SIZES[:dims]))


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("settings", [
    {}, {"stride": 2, "padding": 1, "output_padding": 1}, {"dilation": 2, "bias": False},
    {"groups": 2, "stride": 3}, {"padding": 2},
])  # fmt: skip
def test_transposed_values_and_gradients(dims, settings):
    layer, other = pair(f"ConvTranspose{dims}d", 4, 6, 3, **settings)
    assert repr(layer) == repr(other)
    check(layer, other, (2, 4, *SIZES[:dims]))


def test_a_transposed_convolution_makes_the_size_asked_for():
    layer, other = pair("ConvTranspose2d", 2, 3, 3, stride=2)
    check(layer, other, (1, 2, 5, 5), [12, 11])
    check(layer, other, (2, 5, 5), (3, 11, 12))
    for size in ([20, 20], [20]):
        with pytest.raises(ValueError, match=r"output size of|output_size must") as its:
            other(theirs.ones(1, 2, 5, 5), output_size=size)
        with pytest.raises(ValueError, match=r"output size of|output_size must") as mine:
            layer(ours.ones(1, 2, 5, 5), output_size=size)
        assert str(mine.value) == str(its.value)


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_weights_start_as_in_pytorch(name):
    ours.manual_seed(0)
    layer, other = getattr(ours.nn, name)(50, 80, 5), getattr(theirs.nn, name)(50, 80, 5)
    bound = 1 / math.sqrt(math.prod(layer.weight.shape[1:]))
    for mine, its in zip(layer.parameters(), other.parameters()):
        values = mine.detach().numpy()
        assert values.shape == tuple(its.shape)
        assert abs(values).max() <= bound
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.15)
        assert its.std().item() == pytest.approx(values.std(), rel=0.2)


@pytest.mark.parametrize("name", [
    f"Lazy{kind}{dims}d" for kind in ("Conv", "ConvTranspose") for dims in (1, 2, 3)
])  # fmt: skip
def test_lazy_layers_count_the_channels(name):
    dims = int(name[-2])
    layer, other = getattr(ours.nn, name)(4, 3), getattr(theirs.nn, name)(4, 3)
    assert repr(layer) == repr(other)
    shape = (2, 6, *SIZES[:dims])
    layer(ours.ones(shape))
    other(theirs.ones(shape))
    assert repr(layer) == repr(other)
    assert type(layer).__name__ == name.removeprefix("Lazy")
    assert [p.shape for p in layer.parameters()] == [p.shape for p in other.parameters()]
    with pytest.raises(RuntimeError, match="unbatched"):
        getattr(ours.nn, name)(4, 3)(ours.ones(2))


@pytest.mark.parametrize("call", [
    lambda t: t.nn.Conv2d(3, 6, 5)(t.ones(1, 4, 8, 8)),
    lambda t: t.nn.Conv2d(3, 6, 5)(t.ones(4, 8, 8)),
    lambda t: t.nn.Conv2d(3, 6, 5)(t.ones(1, 3, 3, 3)),
    lambda t: t.nn.Conv2d(3, 6, 5)(t.ones(8, 8)),
    lambda t: t.nn.Conv1d(3, 6, 5)(t.ones(3)),
    lambda t: t.nn.Conv3d(3, 6, 5)(t.ones(3, 8, 8)),
    lambda t: t.nn.functional.conv2d(t.ones(1, 3, 8, 8), t.ones(6, 3, 5, 5), t.ones(5)),
    lambda t: t.nn.functional.conv2d(t.ones(1, 4, 8, 8), t.ones(5, 2, 5, 5), groups=2),
    lambda t: t.nn.functional.conv2d(t.ones(1, 3, 8, 8), t.ones(6, 3, 5, 5), stride=0),
    lambda t: t.nn.functional.conv2d(t.ones(1, 3, 8, 8), t.ones(6, 3, 5, 5), stride=(1, 2, 3)),
    lambda t: t.nn.functional.conv2d(t.ones(1, 3, 8, 8).double(), t.ones(6, 3, 5, 5)),
    lambda t: t.nn.ConvTranspose2d(3, 6, 5)(t.ones(1, 4, 8, 8)),
    lambda t: t.nn.Conv2d(3, 4, 3, groups=2), lambda t: t.nn.Conv2d(4, 3, 3, groups=2),
    lambda t: t.nn.Conv2d(4, 3, 3, groups=0), lambda t: t.nn.Conv2d(4, 3, 3, 2, "same"),
    lambda t: t.nn.ConvTranspose2d(4, 3, 3, padding_mode="reflect"),
])  # fmt: skip
def test_what_does_not_fit_is_told_in_pytorch_s_words(call):
    with pytest.raises((RuntimeError, ValueError)) as its:
        call(theirs)
    with pytest.raises(its.type) as mine:
        call(ours)
    assert str(mine.value).startswith(str(its.value))


def test_channels_that_come_last_are_noticed():
    layer = ours.nn.Conv2d(3, 6, 5)
    with pytest.raises(RuntimeError, match=r"x\.permute\(0, 3, 1, 2\)"):
        layer(ours.ones(1, 8, 8, 3))
    with pytest.raises(RuntimeError, match=r"x\.permute\(2, 0, 1\)"):
        layer(ours.ones(8, 8, 3))
    with pytest.raises(RuntimeError) as error:
        layer(ours.ones(1, 4, 8, 8))
    assert "permute" not in str(error.value)


def test_the_node_has_pytorch_s_name():
    y = ours.nn.Conv2d(1, 1, 1)(ours.ones(1, 1, 1, 1))
    assert y.grad_fn.name() == "ConvolutionBackward0"
    assert ours.conv2d is ours.nn.functional.conv2d


WAYS = [  # images, filters, (stride, padding, dilation, groups): each is laid out in bands
    ((2, 3, 12), (3, 3, 4), (2, 1, 1, 1)),
    ((3, 3, 12, 9), (2, 3, 5, 3), (1, 0, 1, 1)),
    ((2, 3, 13, 9), (5, 3, 3, 2), ((2, 1), (1, 2), (1, 2), 1)),
    ((1, 2, 6, 7, 8), (3, 2, 2, 3, 2), ((1, 2, 1), 1, 1, 1)),
    ((0, 3, 12, 9), (2, 3, 5, 3), (1, 0, 1, 1)),
]


@pytest.mark.parametrize(("shape", "weight", "settings"), WAYS)
def test_all_ways_to_lay_images_out_give_the_same(shape, weight, settings, monkeypatch):
    slide = convolution.plan(len(shape) - 2, shape, weight, None, *settings)
    x, w = draw.standard_normal(shape), draw.standard_normal(weight)
    y = draw.standard_normal((shape[0], weight[0], *slide.counts))
    assert isinstance(convolution.bands_of(np, slide, shape[1], weight[0]), Bands)
    monkeypatch.setitem(convolution.blocks.__globals__["ENOUGH"], "numpy", 20_000)  # some blocks

    def all_three():
        return [
            convolution.slid(np, x, w, slide), convolution.stamped(np, y, w, slide),
            convolution.compared(np, x, y, slide),
        ]  # fmt: skip

    by_bands = all_three()
    monkeypatch.setattr(convolution, "bands_of", lambda *about: None)
    by_columns = all_three()
    monkeypatch.setattr(convolution, "is_deep", lambda *about: True)
    for one, *others in zip(by_bands, by_columns, all_three(), strict=True):
        for other in others:
            assert one.shape == other.shape
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("groups", [1, 2])
def test_images_of_a_deep_layer_lie_beside_each_other(groups, monkeypatch):
    shape, weight = (7, 64, 3, 2), (128, 64 // groups, 3, 3)
    slide = convolution.plan(2, shape, weight, (128,), (2, 1), 1, 1, groups)
    assert convolution.is_deep(np, slide, 64, 128)
    monkeypatch.setitem(convolution.blocks.__globals__["ENOUGH"], "numpy", 0)
    sizes = (shape, weight, 128)
    found = [ours.tensor(draw.standard_normal(size), requires_grad=True) for size in sizes]
    expected = [theirs.tensor(x.numpy(force=True), requires_grad=True) for x in found]
    results = []
    for t, inputs in (ours, found), (theirs, expected):
        y = t.nn.functional.conv2d(*inputs, stride=(2, 1), padding=1, groups=groups)
        y.square().sum().backward()
        results.append([y, *(x.grad for x in inputs)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one.numpy(force=True), other.numpy(force=True), rtol=1e-9)


@pytest.mark.parametrize("together", [1, 2, 4, 8])
def test_filters_shifted_against_each_other_give_the_same(together, monkeypatch):
    slide = convolution.plan(2, (2, 3, 10, 7), (5, 3, 3, 3), None)
    x, w = draw.standard_normal((2, 3, 10, 7)), draw.standard_normal((5, 3, 3, 3))
    expected = theirs.conv2d(theirs.tensor(x), theirs.tensor(w))

    class Together(Bands):
        def __init__(self, *about):
            super().__init__(*about)
            self.together, self.width = together, together * self.filters
            self.tall = self.height(together)

    monkeypatch.setattr(convolution, "bands_of", lambda xp, *about: Together(*about))
    found = convolution.slid(np, x, w, slide)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-10, atol=1e-10)
    g = draw.standard_normal(found.shape)
    filters = theirs.nn.grad.conv2d_weight(theirs.tensor(x), w.shape, theirs.tensor(g))
    found = convolution.compared(np, x, g, slide)
    np.testing.assert_allclose(found, filters.numpy(), rtol=1e-10, atol=1e-10)


def test_memory_does_not_grow_with_the_kernel():
    import tracemalloc

    x, w = np.zeros((128, 8, 32, 32), "float32"), np.zeros((8, 8, 5, 5), "float32")
    slide = convolution.plan(2, x.shape, w.shape, None, 1, 2, 1, 1)
    tracemalloc.start()
    convolution.slid(np, x, w, slide)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * x.nbytes  # every window as a column would take 25 times as much


def test_half_precision_is_summed_in_full():
    x, w = draw.standard_normal((1, 64, 9, 9)) / 8, draw.standard_normal((4, 64, 3, 3)) / 8
    x, w = x.astype("float16"), w.astype("float16")
    y = ours.nn.functional.conv2d(ours.tensor(x), ours.tensor(w))
    z = theirs.conv2d(theirs.tensor(x), theirs.tensor(w))
    assert str(y.dtype) == "torch.float16"
    np.testing.assert_allclose(y.numpy(), z.numpy(), rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("settings", [{}, {"stride": 2}, {"padding": 1}])
def test_what_is_not_a_number_reaches_only_the_windows_that_see_it(bad, settings):
    x, w = draw.standard_normal((2, 3, 12, 12)), draw.standard_normal((4, 3, 3, 3))
    x[0, 1, 5, 5] = bad
    for name, weight in (("conv2d", w), ("conv_transpose2d", w.swapaxes(0, 1).copy())):
        found, wanted = (
            getattr(lab.nn.functional, name)(lab.tensor(x), lab.tensor(weight), **settings).numpy()
            for lab in (ours, theirs)
        )
        np.testing.assert_allclose(found, wanted, rtol=1e-9)
