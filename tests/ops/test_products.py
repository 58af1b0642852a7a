"""Products in pieces are the products; what cannot be cut is multiplied whole."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from autograd_lab.ops import products
from autograd_lab.processor import THREADS
from autograd_lab.threads import LARGE

SHAPES = [  # rows, inner size, columns: few rows, many rows, and what has no divisor that fits
    (64, 784, 128), (16, 512, 512), (1024, 64, 192), (64, 1024, 64), (1280, 9, 256), (9, 1280, 256),
    (1280, 256, 9), (97, 101, 211), (500, 100, 200), (64, 3072, 512), (3, 2, 1), (0, 4, 5),
    (272, 512, 192),
]  # fmt: skip


@pytest.fixture(params=[True, False], ids=["as they lie", "rearranged"])
def lies(request, monkeypatch):
    """Take either road, whatever this machine and its threads would choose."""
    monkeypatch.setattr(THREADS, "count", 1)
    monkeypatch.setattr(products, "MULTIPLIES_AS_IT_LIES", request.param)
    return request.param


def matrix(*shape, turned=False, kind="float32"):
    numbers = np.random.default_rng(sum(shape)).standard_normal(shape).astype(kind)
    return np.asfortranarray(numbers) if turned else numbers


def exact(a, b):
    return a.astype("float64") @ b.astype("float64")


@pytest.mark.parametrize(("rows", "k", "wide"), SHAPES)
@pytest.mark.parametrize("a_turned", [False, True])
@pytest.mark.parametrize("b_turned", [False, True])
def test_a_product_is_the_product_however_its_matrices_lie(
    lies, rows, k, wide, a_turned, b_turned
):
    a, b = matrix(rows, k, turned=a_turned), matrix(k, wide, turned=b_turned)
    y = products.product(a, b)
    assert y.dtype == np.float32 and y.shape == (rows, wide)
    np.testing.assert_allclose(y, exact(a, b), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("rows", "k", "wide"), [(64, 784, 128), (16, 512, 512), (1024, 64, 192), (272, 512, 192)]
)
@pytest.mark.parametrize("alone", [True, False], ids=["one thread", "several"])
def test_these_are_cut(lies, rows, k, wide, alone, monkeypatch):
    """By one thread: the threads of the BLAS do a large product together."""
    monkeypatch.setattr(THREADS, "count", 1 if alone else 2)
    cut = []
    whole = np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b, out=None: cut.append(1) or whole(a, b, out=out))
    products.product(matrix(rows, k), matrix(wide, k).T)
    assert bool(cut) == (lies and (alone or rows * k * wide < LARGE))


@pytest.mark.parametrize("kinds", [("float64",) * 2, ("complex64",) * 2, ("float32", "float64")])
def test_other_kinds_of_numbers_are_multiplied_whole(lies, kinds):
    a, b = matrix(128, 128, kind=kinds[0]), matrix(128, 128, kind=kinds[1])
    assert np.array_equal(products.product(a, b), a.dot(b))


def test_vectors_and_scalars_take_the_short_road(lies):
    a, v = matrix(5, 4), matrix(4)
    assert np.array_equal(products.product(a, v), a.dot(v))
    assert np.array_equal(products.product(v, v), v.dot(v))


@pytest.mark.parametrize(("a", "b"), [((64, 784), (783, 128)), ((3, 4), (3, 4))])
def test_sizes_that_do_not_fit_are_refused(lies, a, b):
    with pytest.raises(ValueError, match=r"aligned|mismatch"):
        products.product(matrix(*a), matrix(*b))


@pytest.mark.parametrize("rows", [238, 241, 64, 1])
def test_a_stack_by_rows_goes_where_it_is_sent(lies, rows):
    a, b = matrix(3, rows, 288), matrix(288, 64)
    expected = exact(a, b)
    room = np.full((rows, 3, 64), np.nan, "float32")
    y = products.by_rows(a, b, out=room.swapaxes(0, 1))
    assert np.shares_memory(y, room)
    np.testing.assert_allclose(room.swapaxes(0, 1), expected, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(products.by_rows(a, b), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("shape", [(2, 128, 512), (128, 512), (2, 3, 128, 60)])
def test_the_product_of_columns_is_the_product(lies, shape):
    w = matrix(*shape)
    h = matrix(*shape[:-2], 32, 128)
    y = np.empty((*h.shape[:-1], shape[-1]), "float32")
    pieces, into = products.by_columns(w, 32, y)
    assert np.shares_memory(into, y)
    np.matmul(h, pieces, out=into)
    np.testing.assert_allclose(y, exact(h, w), rtol=1e-4, atol=1e-3)


def test_narrow_weights_stay_whole(lies):
    w, room = matrix(2, 16, 64), matrix(2, 8, 64)
    pieces, into = products.by_columns(w, 8, room)
    assert pieces is w and into is room


def test_kept_ones_cannot_be_changed():
    w = products.ones(np, 7, np.dtype("float32"))
    assert w is products.ones(np, 7, np.dtype("float32")) and w.tolist() == [1.0] * 7
    with pytest.raises(ValueError, match="read-only"):
        w[0] = 2


def gradients_of(make, *inputs):
    """Run a layer, forward and back; give what came out and all gradients."""
    torch.manual_seed(3)
    layer = make()
    xs = [torch.tensor(x, requires_grad=True) for x in inputs]
    y = layer(*xs)
    y = y[0] if isinstance(y, tuple) else y
    (y * torch.linspace(-1, 1, y.numel()).reshape(y.shape)).sum().backward()
    return [y, *[x.grad for x in xs], *[p.grad for p in layer.parameters()]]


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.LSTM(96, 128, num_layers=2, bidirectional=True), (4, 32, 96)),
        (lambda: nn.GRU(96, 128, bidirectional=True), (4, 32, 96)),
        (lambda: nn.RNN(96, 256), (4, 48, 96)),
        (lambda: nn.Linear(784, 128), (64, 784)),
        (lambda: nn.Linear(64, 192), (16, 64, 64)),
        (lambda: nn.Conv2d(32, 64, 3, padding=1), (17, 32, 14, 14)),
        (lambda: nn.MultiheadAttention(64, 4, batch_first=True), None),
    ],
    ids=["lstm", "gru", "rnn", "linear", "linear of a stack", "conv", "attention"],
)
def test_layers_compute_the_same_on_both_roads(make, shape, monkeypatch):
    monkeypatch.setattr(THREADS, "count", 1)
    shapes = [(8, 64, 64)] * 3 if shape is None else [shape]
    inputs, results = [matrix(*each) for each in shapes], []
    for lies in (False, True):
        monkeypatch.setattr(products, "MULTIPLIES_AS_IT_LIES", lies)
        results.append(gradients_of(make, *inputs))
    for whole, cut in zip(*results, strict=True):
        np.testing.assert_allclose(cut.detach(), whole.detach(), rtol=2e-3, atol=2e-3)


class Packed(nn.Module):
    """Read sequences of unequal lengths, packed."""

    lengths = [6] * 10 + [4] * 12 + [1] * 10

    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        packed = pack_padded_sequence(x, self.lengths, batch_first=True)
        return pad_packed_sequence(self.rnn(packed)[0])[0]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_unequal_lengths_compute_the_same_on_both_roads(kind, monkeypatch):
    test_layers_compute_the_same_on_both_roads(
        lambda: Packed(kind(96, 128)), (32, 6, 96), monkeypatch
    )


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("a", "b"),
    [((6, 64, 16), (6, 16, 64)), ((2, 3, 48, 64), (2, 3, 64, 48)), ((64, 16), (6, 16, 64)),
     ((16,), (6, 16, 64)), ((6, 64, 16), (1, 16, 64))],
)  # fmt: skip
def test_stacks_are_multiplied_however_they_lie(lies, turned, a, b):
    x = matrix(*a)
    y = matrix(*b[:-2], b[-1], b[-2]).swapaxes(-1, -2) if turned else matrix(*b)
    np.testing.assert_allclose(x @ products.laid_for(x, y), exact(x, y), rtol=1e-4, atol=1e-4)


def test_repeated_matrices_are_not_copied(lies):
    y = np.broadcast_to(matrix(64, 16).T, (100, 16, 64))
    assert products.laid_for(matrix(100, 64, 16), y) is y
