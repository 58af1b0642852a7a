"""Sequences of several lengths: padded, packed, and through the recurrent layers."""

import numpy as np
import pytest
import torch as theirs
from torch.nn.utils import rnn as its_rnn

import autograd_lab as ours
from autograd_lab import nn
from autograd_lab.nn.utils import rnn
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)
from tests.nn.test_rnn import KINDS, both, flat, pair, same

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
LENGTHS = [[4, 3, 1], [2, 5, 5, 1], [3, 3]]


def drawn(lengths, *rest):
    """Draw sequences of these lengths, once for each library."""
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((n, *rest)).astype("float32") for n in lengths]
    return [[t.tensor(a, requires_grad=True) for a in arrays] for t in (ours, theirs)]


def alike(packed, other):
    """Compare two packed batches, all four parts."""
    for a, b in zip(packed, other):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("rest", [(), (2,), (2, 3)])
def test_pack_sequence_and_back(lengths, rest):
    mine, its = drawn(lengths, *rest)
    packed, other = (
        library.pack_sequence(xs, enforce_sorted=False)
        for library, xs in ((rnn, mine), (its_rnn, its))
    )
    alike(packed, other)
    for a, b in zip(rnn.unpack_sequence(packed), its_rnn.unpack_sequence(other)):
        same(a, b)
    packed.data.square().sum().backward()
    other.data.square().sum().backward()
    for a, b in zip(mine, its):
        same(a.grad, b.grad)


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("batch_first", [False, True])
def test_pack_padded_sequence(lengths, batch_first):
    shape = (len(lengths), 6, 2) if batch_first else (6, len(lengths), 2)
    x, y = both(*shape)
    packed = rnn.pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False)
    other = its_rnn.pack_padded_sequence(y, lengths, batch_first, enforce_sorted=False)
    alike(packed, other)
    packed.data.square().sum().backward()
    other.data.square().sum().backward()
    same(x.grad, y.grad)


def test_lengths_may_be_a_tensor_and_sorted_ones_need_no_order():
    x, y = both(4, 2, 3)
    packed = rnn.pack_padded_sequence(x, ours.tensor([4, 2]))
    alike(packed, its_rnn.pack_padded_sequence(y, theirs.tensor([4, 2])))
    assert packed.sorted_indices is None


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("settings", [
    {}, {"padding_value": -1.5}, {"total_length": 7},
], ids=str)  # fmt: skip
def test_pad_packed_sequence(batch_first, settings):
    mine, its = drawn([2, 5, 1], 2)
    packed = rnn.pack_sequence(mine, enforce_sorted=False)
    other = its_rnn.pack_sequence(its, enforce_sorted=False)
    (a, n), (b, m) = (
        library.pad_packed_sequence(p, batch_first=batch_first, **settings)
        for library, p in ((rnn, packed), (its_rnn, other))
    )
    same(a, b)
    assert n.tolist() == m.tolist() == [2, 5, 1] and n.dtype is ours.int64
    (a * a).sum().backward()
    (b * b).sum().backward()
    for x, y in zip(mine, its):
        same(x.grad, y.grad)


@pytest.mark.parametrize("settings", [
    {}, {"batch_first": True}, {"padding_value": 7.0},
    {"batch_first": True, "padding_side": "left"},
], ids=str)  # fmt: skip
def test_pad_sequence(settings):
    mine, its = drawn([2, 5, 1], 2)
    a, b = rnn.pad_sequence(mine, **settings), its_rnn.pad_sequence(its, **settings)
    same(a, b)
    assert a.is_contiguous()
    (a * a).sum().backward()
    (b * b).sum().backward()
    for x, y in zip(mine, its):
        same(x.grad, y.grad)
    words = rnn.pad_sequence((ours.tensor(w) for w in ([1, 2], [3])), batch_first=True)
    assert words.tolist() == [[1, 2], [3, 0]] and words.dtype is ours.int64


@pytest.mark.parametrize("batch_first", [False, True])
def test_unpad_sequence(batch_first):
    mine, _ = drawn([2, 5, 1], 2)
    padded = rnn.pad_sequence(mine, batch_first)
    for a, b in zip(rnn.unpad_sequence(padded, ours.tensor([2, 5, 1]), batch_first), mine):
        assert ours.equal(a, b)


def run(library, layer, sequences, states, sort):
    pack = ours.nn.utils.rnn if library is ours else its_rnn
    packed = pack.pack_sequence(sequences, enforce_sorted=sort)
    y, last = layer(packed, states)
    tensors = [y.data, *flat(last)]
    sum((k + 1) * t.square().sum() for k, t in enumerate(tensors)).backward()
    return y, tensors


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("settings", [
    {}, {"bidirectional": True, "num_layers": 2}, {"bias": False, "batch_first": True},
], ids=str)  # fmt: skip
def test_packed_batches_through_a_layer(kind, lengths, settings):
    layer, other = pair(kind, 3, 4, **settings)
    mine, its = drawn(lengths, 3)
    sort = lengths == sorted(lengths, reverse=True)
    y, found = run(ours, layer, mine, None, sort)
    z, wanted = run(theirs, other, its, None, sort)
    alike([None, *y[1:]], [None, *z[1:]])
    for a, b in zip(found, wanted):
        same(a, b)
    for a, b in [*zip(mine, its), *zip(layer.parameters(), other.parameters())]:
        same(a.grad, b.grad, 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_initial_states_are_in_the_order_of_the_sequences(kind):
    layer, other = pair(kind, 3, 4, bidirectional=True)
    mine, its = drawn([2, 5, 1], 3)
    states = [both(2, 3, 4, seed=k) for k in (1, 2)][: 2 if kind == "LSTM" else 1]
    h, k = (tuple(s) if kind == "LSTM" else s[0] for s in zip(*states))
    _, found = run(ours, layer, mine, h, False)
    _, wanted = run(theirs, other, its, k, False)
    for a, b in zip(found, wanted):
        same(a, b)
    for a, b in [*zip(mine, its), *states]:
        same(a.grad, b.grad, 1e-4)


def test_projections_of_packed_batches():
    layer, other = pair("LSTM", 3, 4, num_layers=2, bidirectional=True, proj_size=2)
    mine, its = drawn([2, 5, 1], 3)
    found, wanted = run(ours, layer, mine, None, False)[1], run(theirs, other, its, None, False)[1]
    for a, b in zip(found, wanted):
        same(a, b)
    for a, b in [*zip(mine, its), *zip(layer.parameters(), other.parameters())]:
        same(a.grad, b.grad, 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_each_sequence_is_read_as_if_alone(kind):
    ours.manual_seed(0)
    layer = getattr(nn, kind)(3, 4, 2, bidirectional=True)
    mine, _ = drawn([2, 5, 1], 3)
    packed, _ = layer(rnn.pack_sequence(mine, enforce_sorted=False))
    for x, y in zip(mine, rnn.unpack_sequence(packed)):
        same(layer(x)[0], y, 1e-6)


def test_the_parts_of_a_packed_sequence():
    packed = rnn.pack_sequence([ours.tensor([1, 2]), ours.tensor([3, 4, 5])], enforce_sorted=False)
    other = its_rnn.pack_sequence([theirs.tensor([1, 2]), theirs.tensor([3, 4, 5])], False)
    assert repr(packed) == repr(other)
    assert packed[0] is packed.data and len(packed) == 4 and not packed.is_cuda
    assert packed.to(ours.int64) is packed and packed.cpu() is packed
    assert packed.double().data.dtype is ours.float64 and packed.float().data.dtype is ours.float32
    assert packed.double().long().data.tolist() == packed.data.tolist()
    again = rnn.PackedSequence(
        (packed.data, packed.batch_sizes), sorted_indices=ours.tensor([1, 0])
    )
    assert again.unsorted_indices.tolist() == [1, 0]
    with pytest.raises(AssertionError, match="list or tuple of length 2"):
        rnn.PackedSequence(packed.data)
    assert rnn.invert_permutation(None) is None


@pytest.mark.usefixtures("pretend_gpu")
def test_on_the_pretend_gpu():
    ours.manual_seed(0)
    layer = nn.LSTM(3, 4, 2, bidirectional=True)
    mine, _ = drawn([2, 5, 1], 3)
    wanted, _ = layer(rnn.pack_sequence(mine, enforce_sorted=False))
    packed = rnn.pack_sequence(mine, enforce_sorted=False).cuda()
    assert packed.is_cuda and packed.batch_sizes.device.type == "cpu"
    with pytest.raises(ValueError, match="batch_sizes should always be on CPU"):
        rnn.PackedSequence(packed.data, packed.batch_sizes.cuda())
    y, (h, _) = layer.cuda()(packed)
    same(y.data.cpu(), wanted.data, 1e-6)
    h.sum().backward()
    padded, lengths = rnn.pad_packed_sequence(y)
    assert padded.device.type == "cuda" and lengths.device.type == "cpu"
    assert padded.shape == (5, 3, 8)


def refusals(t, r):
    """List calls that PyTorch refuses."""
    one = t.ones
    return [
        lambda: r.pack_padded_sequence(one(3, 2), t.tensor([1, 2])),
        lambda: r.pack_padded_sequence(one(3, 2), t.tensor([2, 0])),
        lambda: r.pack_padded_sequence(one(3, 2), t.tensor([2, 1, 1])),
        lambda: r.pack_padded_sequence(one(3), t.tensor([2])),
        lambda: r.pack_padded_sequence(one(3, 2), t.tensor([[2, 1]])),
        lambda: r.pack_padded_sequence(one(3, 0), []),
        lambda: r.pad_packed_sequence(r.pack_padded_sequence(one(3, 2), [3, 1]), total_length=2),
        lambda: r.pack_sequence([one(1), one(2)]),
        lambda: r.pack_sequence([]),
        lambda: r.pad_sequence([]),
        lambda: r.pad_sequence([one(2, 3), one(1, 4)]),
        lambda: r.pad_sequence([one(2, 3)], padding_side="x"),
        lambda: t.nn.GRU(3, 4)(r.pack_sequence([one(2, 3, 1)])),
        lambda: t.nn.GRU(3, 4)(r.pack_sequence([one(2, 3)]), one(1, 2, 4)),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(refusals(ours, rnn))))
def test_refusals_are_told_in_pytorch_s_words(number):
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError)) as its:
        refusals(theirs, its_rnn)[number]()
    with pytest.raises(type(its.value)) as mine:
        refusals(ours, rnn)[number]()
    assert str(mine.value).startswith(str(its.value))


def test_pad_sequence_wants_something_to_go_through():
    with pytest.raises(RuntimeError, match="Expected iterable for input sequences, but got arg"):
        rnn.pad_sequence(3)
    with pytest.raises(RuntimeError, match="a sequence has a length"):
        rnn.pad_sequence([ours.tensor(1.0)])
    with pytest.raises(RuntimeError, match="no length above the number of steps"):
        rnn.pack_padded_sequence(ours.ones(3, 2), [5, 1])
