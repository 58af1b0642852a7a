"""Recurrent layers and cells: PyTorch's values, gradients, words, and our own two roads."""

import copy
import math

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab import nn
from autograd_lab.nn.utils.rnn import PackedSequence
from autograd_lab.ops import recurrent
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
KINDS = ["RNN", "LSTM", "GRU"]


def pair(kind, *args, seed=0, **settings):
    """Make the same layer twice, with PyTorch's weights."""
    theirs.manual_seed(seed)
    other = getattr(theirs.nn, kind)(*args, **settings)
    layer = getattr(nn, kind)(*args, **settings)
    state = {k: ours.tensor(v.numpy()) for k, v in other.state_dict().items()}
    assert list(layer.state_dict()) == list(state)
    layer.load_state_dict(state)
    return layer, other


def both(*shape, seed=0, dtype="float32"):
    """Draw an input, once for each library."""
    x = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    return ours.tensor(x, requires_grad=True), theirs.tensor(x, requires_grad=True)


def flat(results):
    """List the tensors in nested tuples."""
    if isinstance(results, tuple):
        return [t for r in results for t in flat(r)]
    return [results]


def same(a, b, near=1e-5):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=10 * near, atol=near)


def compare(layer, other, mine, its):
    """Run both, compare the outputs, go backward from all of them, compare the gradients."""
    found, wanted = flat(layer(*mine)), flat(other(*its))
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted):
        assert a.shape == tuple(b.shape)
        same(a, b)
    for results in (found, wanted):
        sum((k + 1) * t.square().sum() for k, t in enumerate(results)).backward()
    tensors = zip(flat(mine), flat(its))
    for a, b in [*tensors, *zip(layer.parameters(), other.parameters())]:
        same(a.grad, b.grad, 1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", [
    {}, {"bidirectional": True}, {"num_layers": 2}, {"bias": False},
    {"num_layers": 3, "bidirectional": True, "batch_first": True}, {"batch_first": True},
], ids=str)  # fmt: skip
def test_values_and_gradients(kind, settings):
    layer, other = pair(kind, 3, 4, **settings)
    compare(layer, other, *zip(both(5, 2, 3)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_initial_states(kind, bidirectional):
    layer, other = pair(kind, 3, 4, num_layers=2, bidirectional=bidirectional)
    shape = (2 * (1 + bidirectional), 2, 4)
    states = [both(*shape, seed=k) for k in (1, 2)][: 2 if kind == "LSTM" else 1]
    mine, its = (tuple(s) if kind == "LSTM" else s[0] for s in zip(*states))
    x, y = both(5, 2, 3)
    compare(layer, other, (x, mine), (y, its))


@pytest.mark.parametrize("settings", [
    {}, {"bidirectional": True, "num_layers": 2}, {"bias": False, "batch_first": True},
], ids=str)  # fmt: skip
def test_projections(settings):
    layer, other = pair("LSTM", 3, 4, proj_size=2, **settings)
    compare(layer, other, *zip(both(5, 2, 3)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", [False, True])
def test_a_single_sequence(kind, batch_first):
    layer, other = pair(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=batch_first)
    compare(layer, other, *zip(both(5, 3)))
    states = [both(4, 4, seed=k) for k in (1, 2)][: 2 if kind == "LSTM" else 1]
    mine, its = (tuple(s) if kind == "LSTM" else s[0] for s in zip(*states))
    x, y = both(5, 3)
    layer, other = pair(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=batch_first)
    compare(layer, other, (x, mine), (y, its))


def test_relu():
    compare(*pair("RNN", 3, 4, 2, "relu", bidirectional=True), *zip(both(5, 2, 3)))
    compare(*pair("RNNCell", 3, 4, nonlinearity="relu"), *zip(both(2, 3)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(2,), ()])
def test_cells(kind, bias, batch):
    layer, other = pair(kind + "Cell", 3, 4, bias=bias)
    x, y = both(*batch, 3)
    compare(layer, other, (x,), (y,))
    states = [both(*batch, 4, seed=k) for k in (1, 2)][: 2 if kind == "LSTM" else 1]
    mine, its = (tuple(s) if kind == "LSTM" else s[0] for s in zip(*states))
    layer, other = pair(kind + "Cell", 3, 4, bias=bias)
    x, y = both(*batch, 3)
    compare(layer, other, (x, mine), (y, its))


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_step_by_step(kind):
    ours.manual_seed(0)
    layer, cell = getattr(nn, kind)(3, 4), getattr(nn, kind + "Cell")(3, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, state = ours.randn(5, 2, 3), None
    y, last = layer(x)
    for t in range(5):
        state = cell(x[t], state)
        same(y[t], flat(state)[0], 1e-6)
    for a, b in zip(flat(last), flat(state)):
        same(a[0], b, 1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_last_state_is_used(kind):
    layer, other = pair(kind, 3, 4, num_layers=2, bidirectional=True)
    x, y = both(5, 2, 3)
    flat(layer(x)[1])[0].square().sum().backward()
    flat(other(y)[1])[0].square().sum().backward()
    same(x.grad, y.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_weights_get_no_gradient(kind):
    layer, other = pair(kind, 3, 4, bidirectional=True)
    for net in (layer, other):
        net.weight_ih_l0.requires_grad_(False)
        net.bias_hh_l0_reverse.requires_grad_(False)
    x, y = both(5, 2, 3)
    layer(x.detach())[0].square().sum().backward()
    other(y.detach())[0].square().sum().backward()
    for a, b in zip(layer.parameters(), other.parameters()):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            same(a.grad, b.grad, 1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}], ids=str)
def test_the_recorded_gradient_is_the_fast_one(kind, settings):
    ours.manual_seed(0)
    layer = getattr(nn, kind)(3, 4, 2, dtype=ours.float64, **settings)
    x = ours.randn(5, 2, 3, dtype=ours.float64, requires_grad=True)
    weights = [x, *layer.parameters()]
    loss = layer(x)[0].square().sum()
    fast = ours.autograd.grad(loss, weights, retain_graph=True)
    recorded = ours.autograd.grad(loss, weights, create_graph=True)
    for a, b in zip(fast, recorded):
        assert a.grad_fn is None and b.grad_fn is not None
        same(a, b, 1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(kind):
    layer, other = (net.double() for net in pair(kind, 2, 3, bidirectional=True))
    x, y = both(4, 2, 2, dtype="float64")
    found = []
    for library, net, given in ((ours, layer, x), (theirs, other, y)):
        (g,) = library.autograd.grad(net(given)[0].square().sum(), given, create_graph=True)
        g.square().sum().backward()
        found.append([given.grad, *[p.grad for p in net.parameters()]])
    for a, b in zip(*found):
        same(a, b, 1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_may_be_done_twice(kind):
    ours.manual_seed(0)
    layer = getattr(nn, kind)(3, 4, 2, bidirectional=True)
    x = ours.randn(5, 2, 3, requires_grad=True)
    loss = layer(x)[0].square().sum()
    first = ours.autograd.grad(loss, [x, *layer.parameters()], retain_graph=True)
    second = ours.autograd.grad(loss, [x, *layer.parameters()])
    assert all(ours.equal(a, b) for a, b in zip(first, second))


@pytest.mark.parametrize("lengths", [[6, 6], [6, 4, 1]], ids=str)
@pytest.mark.parametrize("settings", [{"bidirectional": True}, {"proj_size": 2}], ids=str)
def test_a_long_sequence_is_worked_on_in_blocks(lengths, settings, monkeypatch):
    ours.manual_seed(0)
    layer = nn.LSTM(3, 4, **settings)
    sequences = [ours.randn(n, 3) for n in lengths]
    found = []
    for numbers in (1, 100, 1 << 15):  # one step, a few steps, all steps at once
        monkeypatch.setattr(recurrent, "CACHE", numbers)
        layer.zero_grad()
        y, (_, c) = layer(nn.utils.rnn.pack_sequence(sequences))
        (y.data.square().sum() + c.square().sum()).backward()
        found.append([weight.grad for weight in layer.parameters()])
    for some in found[1:]:
        assert all(ours.equal(a, b) for a, b in zip(found[0], some))


def test_the_output_may_be_written_to():
    layer, other = (net.double() for net in pair("LSTM", 3, 4))  # oneDNN's float32 refuses
    x, y = both(5, 2, 3, dtype="float64")
    for net, given in ((layer, x), (other, y)):
        out, _ = net(given)
        out[1:] = 0
        out.square().sum().backward()
    same(x.grad, y.grad)


def test_dropout_is_between_the_layers_and_only_in_training():
    ours.manual_seed(0)
    layer = nn.LSTM(3, 50, 2, dropout=0.5)
    x = ours.randn(5, 2, 3)
    assert not ours.allclose(layer(x)[0], layer(x)[0])
    layer.eval()
    assert ours.equal(layer(x)[0], layer(x)[0])
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        single = nn.LSTM(3, 50, dropout=0.5)
    assert ours.equal(single(x)[0], single(x)[0])
    all_gone = nn.LSTM(3, 50, 2, dropout=1.0)
    assert ours.equal(all_gone(x)[0], all_gone(2 * x)[0])  # the second layer sees zeros


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_an_empty_batch(kind):
    layer, x = kind(3, 4, bidirectional=True), ours.ones(2, 0, 3, requires_grad=True)
    y, last = layer(x)
    states = last if kind is nn.LSTM else [last]
    assert y.shape == (2, 0, 8) and all(s.shape == (2, 0, 4) for s in states)
    y.sum().backward()
    assert x.grad.shape == (2, 0, 3)
    assert all(not p.grad.any() for p in layer.parameters())


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("sizes", [[2, 3], [3, 3], [], [0], [6, -1], [3, 2, 0]])
def test_a_packed_batch_that_does_not_count_its_rows(kind, sizes):
    packed = PackedSequence(ours.ones(5, 2), ours.tensor(sizes, dtype=ours.int64))
    with pytest.raises(RuntimeError, match="do not fit a packed batch of 5 rows"):
        kind(2, 3)(packed)


def test_weights_start_as_in_pytorch():
    ours.manual_seed(0)
    bound = 1 / math.sqrt(100)
    for layer in (nn.LSTM(30, 100), nn.GRUCell(30, 100)):
        for weight in layer.parameters():
            values = weight.detach().numpy()
            assert 0.97 * bound < abs(values).max() <= bound
            assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.1)


def test_names_and_repr():
    layer, other = pair("LSTM", 3, 4, num_layers=2, bidirectional=True, proj_size=2, bias=False)
    assert repr(layer) == repr(other)
    assert [[w.shape for w in ws] for ws in layer.all_weights] == [
        [tuple(w.shape) for w in ws] for ws in other.all_weights
    ]
    assert layer._all_weights == other._all_weights
    assert layer.flatten_parameters() is None
    for kind, settings in [("RNN", {"nonlinearity": "relu", "dropout": 0.5, "num_layers": 2}),
                           ("RNNCell", {"nonlinearity": "relu", "bias": False})]:  # fmt: skip
        layer, other = pair(kind, 3, 4, **settings)
        assert repr(layer) == repr(other)


def test_copies_stand_alone():
    layer = nn.GRU(3, 4)
    twin = copy.deepcopy(layer)
    with ours.no_grad():
        twin.weight_ih_l0.zero_()
    assert layer.weight_ih_l0.abs().sum() > 0 and twin.all_weights[0][0].abs().sum() == 0


@pytest.mark.usefixtures("pretend_gpu")
@pytest.mark.parametrize("kind", KINDS)
def test_on_the_pretend_gpu(kind):
    ours.manual_seed(0)
    layer = getattr(nn, kind)(3, 4, 2, bidirectional=True)
    x = ours.randn(5, 2, 3)
    y, _ = layer(x)
    y.sum().backward()
    wanted = y.detach(), layer.weight_hh_l1_reverse.grad.clone()
    layer.zero_grad()
    layer = layer.cuda()
    y, last = layer(x.cuda())
    y.sum().backward()
    assert all(t.device.type == "cuda" for t in [y, *flat(last)])
    same(y.cpu(), wanted[0], 1e-6)
    same(layer.weight_hh_l1_reverse.grad.cpu(), wanted[1], 1e-5)


def refusals(t):
    """List calls that PyTorch refuses."""
    n, one = t.nn, t.ones
    return [
        lambda: n.LSTM(3, 4)(one(2, 2, 5)),
        lambda: n.LSTM(3, 4)(one(2, 2, 5, 1)),
        lambda: n.RNN(3, 4)(one(3)),
        lambda: n.GRU(3, 4)(one(3)),
        lambda: n.LSTM(3, 4)(one(0, 2, 3)),
        lambda: n.LSTM(3, 4)(one(2, 2, 3), (one(1, 3, 4), one(1, 2, 4))),
        lambda: n.LSTM(3, 4)(one(2, 2, 3), (one(1, 2, 4), one(1, 2, 5))),
        lambda: n.GRU(3, 4)(one(2, 2, 3), one(1, 3, 4)),
        lambda: n.GRU(3, 4)(one(2, 2, 3), one(1, 4)),
        lambda: n.GRU(3, 4)(one(2, 3), one(1, 1, 4)),
        lambda: n.LSTM(3, 4)(one(2, 2, 3), (one(1, 4), one(1, 4))),
        lambda: n.LSTM(3, 4)(one(2, 3), (one(1, 1, 4), one(1, 1, 4))),
        lambda: n.LSTM(3, 4)(t.ones(2, 2, 3, dtype=t.float64)),
        lambda: n.LSTM(3, 4)(t.ones(2, 2, 3, dtype=t.int64)),
        lambda: n.GRU(3, 4)(one(2, 2, 3), t.ones(1, 2, 4, dtype=t.float64)),
        lambda: n.RNN(3, 4, nonlinearity="x"),
        lambda: n.GRU(3, 4, proj_size=2),
        lambda: n.RNN(3, 4, proj_size=2),
        lambda: n.LSTM(3, 4, proj_size=4),
        lambda: n.LSTM(3, 4, proj_size=-1),
        lambda: n.LSTM(3, 4.0),
        lambda: n.LSTM(3.0, 4),
        lambda: n.LSTM(3, 0),
        lambda: n.LSTM(0, 3),
        lambda: n.LSTM(3, 4, num_layers=0),
        lambda: n.LSTM(3, 4, bias=1),
        lambda: n.LSTM(3, 4, batch_first=1),
        lambda: n.LSTM(3, 4, dropout=2),
        lambda: n.LSTM(3, 4, dropout=True),
        lambda: n.RNNBase("X", 3, 4),
        lambda: n.LSTMCell(3, 4)(one(2, 5)),
        lambda: n.LSTMCell(3, 4)(one(2, 2, 3)),
        lambda: n.LSTMCell(3, 4)(one(2, 3), (one(3, 4), one(3, 4))),
        lambda: n.LSTMCell(3, 4)(one(2, 3), (one(2, 4), one(2, 5))),
        lambda: n.LSTMCell(3, 4)(one(2, 3), (one(2, 4), one(1, 2, 4))),
        lambda: n.GRUCell(3, 4)(one(2, 3), one(2, 5)),
        lambda: n.GRUCell(3, 4)(one(2, 3), one(1, 2, 4)),
        lambda: n.GRUCell(3, 4)(one(2, 3), one(4)),
        lambda: n.RNNCell(3, 4)(one(2, 3), one(3, 4)),
        lambda: n.RNNCell(3, 4)(one(1, 2, 3)),
        lambda: n.RNNCell(3, 4, nonlinearity="x")(one(2, 3)),
    ]


@pytest.mark.parametrize("number", range(len(refusals(ours))))
def test_refusals_are_told_in_pytorch_s_words(number):
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError)) as its:
        refusals(theirs)[number]()
    with pytest.raises(type(its.value)) as mine:
        refusals(ours)[number]()
    assert str(mine.value).lower().startswith(str(its.value).lower())
