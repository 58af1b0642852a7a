"""ctc_loss against PyTorch, and against counting all ways to read a text."""

import itertools

import numpy as np
import pytest

import autograd_lab as ours
from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

TEXTS = np.array([[1, 2, 2, 3], [3, 1, 0, 0], [2, 0, 0, 0]])
LENGTHS = [4, 2, 1]
TIMES = [9, 9, 5]


def loss(times=TIMES, lengths=LENGTHS, **settings):
    def call(t, scores, texts):
        return t.nn.functional.ctc_loss(scores.log_softmax(-1), texts, times, lengths, **settings)

    return call


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_values_and_gradients(reduction):
    agree(loss(reduction=reduction), numbers(9, 3, 5), TEXTS)


def test_texts_one_behind_the_other_and_lengths_as_tensors():
    flat = np.concatenate([text[:n] for text, n in zip(TEXTS, LENGTHS)])
    agree(loss(), numbers(9, 3, 5), flat)
    agree(lambda t, x, y: t.nn.functional.ctc_loss(
        x.log_softmax(-1), y, t.tensor(TIMES), t.tensor(LENGTHS)), numbers(9, 3, 5), TEXTS
    )  # fmt: skip


def test_another_blank_a_single_text_and_an_empty_one():
    agree(loss(blank=4), numbers(9, 3, 5), TEXTS)
    for reduction in ("mean", "sum", "none"):
        agree(loss((9,), (4,), reduction=reduction), numbers(9, 5), TEXTS[0])
    agree(loss(lengths=[0, 2, 0], reduction="none"), numbers(9, 3, 5), TEXTS)


@pytest.mark.parametrize("zero", [False, True])
def test_a_text_that_is_too_long(zero):
    call = loss([4, 9, 5], reduction="none", zero_infinity=zero)
    agree(lambda t, x, y: call(t, x.detach(), y), numbers(9, 3, 5), TEXTS)
    x = ours.tensor(numbers(9, 3, 5), requires_grad=True)
    loss([4, 9, 5], reduction="sum", zero_infinity=True)(ours, x, ours.tensor(TEXTS)).backward()
    assert not x.grad[:, 0].any()
    assert ours.isfinite(x.grad).all()


def test_the_leaf_s_gradient_is_pytorch_s():
    scores = numbers(9, 3, 5)
    logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    agree(lambda t, x, y: t.nn.functional.ctc_loss(x, y, TIMES, LENGTHS), logs, TEXTS)


def test_against_all_ways_to_read():
    chances = np.random.default_rng(0).dirichlet(np.ones(3), 4)  # 4 times, 2 letters and a blank
    total = 0.0
    for way in itertools.product(range(3), repeat=4):
        read = [k for k, _ in itertools.groupby(way) if k != 0]
        total += np.prod(chances[range(4), way]) * (read == [1, 1])
    found = ours.nn.functional.ctc_loss(
        ours.tensor(np.log(chances)), ours.tensor([1, 1]), (4,), (2,), reduction="sum"
    )
    assert found.item() == pytest.approx(-np.log(total))


def test_on_the_gpu(gpu):
    alike_on_the_gpu(loss(), numbers(9, 3, 5), TEXTS)


@pytest.mark.parametrize("call", [
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), (5,), (3, 3)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), (5, 5), (3,)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), (5, 6), (3, 3)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), (5, 5), (3, 4)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), (5, 5), (3, 3), blank=4),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(6).long(), (5, 5), (3, 4)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(6).long(), (5, 5), (3, 3), reduction="x"),
    lambda F, o: F.ctc_loss(o(5, 4).long(), o(2, 3).long(), (5, 5), (3, 3)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(3, 3).long(), (5, 5), (3, 3)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), o(2) * 5, o(2).long()),
    lambda F, o: F.ctc_loss(o(0, 2, 4), o(2, 3).long(), (0, 0), (3, 3)),
    lambda F, o: F.ctc_loss(o(5, 2, 4), o(2, 3).long(), (5, 5), (-3, 3)),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.functional, t.ones))
