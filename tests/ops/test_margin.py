"""Losses with a margin against PyTorch: values, gradients, every reduction, errors."""

import numpy as np
import pytest

import autograd_lab as ours
from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

SIGNS = np.array([1, -1, 1, 1, -1])
a, b, c = (numbers(5, 4, seed=s) for s in range(3))
CLASSES, LISTED = np.array([0, 3, 1, 1, 2]), np.array([[3, 0, -1, 1]] * 4 + [[-1, 1, 2, 3]])
WEIGHT = [0.5, 1.0, 2.0, 0.1]

CALLS = {
    "hinge": ("hinge_embedding_loss", {"margin": 0.5}, a[:, 0], SIGNS),
    "ranking": ("margin_ranking_loss", {"margin": 0.3}, a[:, 0], b[:, 0], SIGNS),
    "soft": ("soft_margin_loss", {}, a[:, 0], SIGNS),
    "cosine": ("cosine_embedding_loss", {"margin": 0.1}, a, b, SIGNS),
    "cosine of one": ("cosine_embedding_loss", {"margin": 0.1}, a[0], b[0], np.array(-1)),
    "triplet": ("triplet_margin_loss", {}, a, b, c),
    "triplet swapped": ("triplet_margin_loss", {"swap": True, "p": 1.0, "margin": 2.5}, a, b, c),
    "triplet by distance": ("triplet_margin_with_distance_loss", {"swap": True}, a, b, c),
    "multi": ("multi_margin_loss", {}, a, CLASSES),
    "multi squared": ("multi_margin_loss", {"p": 2, "margin": 0.7}, a, CLASSES),
    "multi weighted": ("multi_margin_loss", {"weight": WEIGHT}, a, CLASSES),
    "multi of one": ("multi_margin_loss", {"weight": WEIGHT, "p": 2}, a[0], np.array(3)),
    "multilabel": ("multilabel_margin_loss", {}, a, LISTED),
    "multilabel of one": ("multilabel_margin_loss", {}, a[0], LISTED[0]),
}  # fmt: skip


def called(name, reduction="mean"):
    function, settings, *_ = CALLS[name]

    def call(t, *args):
        named = {**settings, "reduction": reduction}
        if "weight" in named:
            named["weight"] = t.tensor(WEIGHT, dtype=t.float64, device=args[0].device)
        return getattr(t.nn.functional, function)(*args, **named)

    return call


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients(name, reduction):
    agree(called(name, reduction), *CALLS[name][2:])


@pytest.mark.parametrize("name", CALLS)
def test_on_the_gpu(gpu, name):
    _, _, first, *others = CALLS[name]
    if np.ndim(others[-1]):
        alike_on_the_gpu(on_the_device(name), first, *others)


def on_the_device(name):
    """Move class numbers, too, to where the scores are."""
    call = called(name)
    return lambda t, x, *others: call(t, x, *[y.to(x.device) for y in others])


@pytest.mark.parametrize("old", [(True, True), (False, True), (True, False)])
def test_the_old_switches(old):
    average, reduce = old
    for t in (ours,):
        x, y = t.tensor(a[:, 0]), t.tensor(SIGNS)
        with pytest.warns(UserWarning, match="size_average and reduce args will be deprecated"):
            found = t.nn.functional.soft_margin_loss(x, y, average, reduce)
        word = "none" if not reduce else "mean" if average else "sum"
        assert t.equal(found, t.nn.functional.soft_margin_loss(x, y, reduction=word))


@pytest.mark.parametrize("call", [
    lambda F, o: F.multilabel_margin_loss(o(2, 3), o(2, 2).long()),
    lambda F, o: F.multilabel_margin_loss(o(2, 3), o(2, 3)),
    lambda F, o: F.multilabel_margin_loss(o(2, 3), o(2, 3).long() * 5),
    lambda F, o: F.multilabel_margin_loss(o(2, 3, 1), o(2, 3, 1).long()),
    lambda F, o: F.multilabel_margin_loss(o(2, 3), o(2, 3).long(), reduction="x"),
    lambda F, o: F.multi_margin_loss(o(2, 3), o(3).long()),
    lambda F, o: F.multi_margin_loss(o(2, 3), o(2)),
    lambda F, o: F.multi_margin_loss(o(2, 3), o(2).long() * 7),
    lambda F, o: F.multi_margin_loss(o(2, 3, 1), o(2).long()),
    lambda F, o: F.multi_margin_loss(o(2, 3), o(2).long(), weight=o(4)),
    lambda F, o: F.multi_margin_loss(o(2, 3), o(2).long(), weight=o(3, 1)),
    lambda F, o: F.multi_margin_loss(o(2, 3), o(2).long(), p=3),
    lambda F, o: F.cosine_embedding_loss(o(2, 3), o(2, 3), o(2, 3)),
    lambda F, o: F.cosine_embedding_loss(o(3), o(3), o(3)),
    lambda F, o: F.cosine_embedding_loss(o(2, 3), o(2, 3), o(2), reduction="x"),
    lambda F, o: F.triplet_margin_loss(o(2, 3), o(3), o(2, 3)),
    lambda F, o: F.triplet_margin_loss(o(2, 3), o(2, 3), o(2, 3), margin=0),
    lambda F, o: F.triplet_margin_with_distance_loss(o(2), o(2), o(2), reduction="x"),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.functional, t.ones))
