"""Gradients on roads that few take: their values and their dtypes are PyTorch's."""

import itertools

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab
import autograd_lab.nn.functional


def leaf(t, data, dtype="float32"):
    return t.tensor(data, dtype=getattr(t, dtype), requires_grad=True)


def complex_leaf(t):
    return leaf(t, [[1 + 2j, 3j, 4.0], [5.0, 6.0, 7 - 1j]], "complex64")


def pairs(t):
    return leaf(t, [[1.0, 2.0], [3.0, 4.0]])


# Each gives its leaf and what backward starts from.
CALLS = {
    "pairs of parts, sum": lambda t: (z := complex_leaf(t), t.view_as_real(z).sum()),
    "pairs of parts, mean": lambda t: (z := complex_leaf(t), t.view_as_real(z).mean()),
    "pairs of parts, turned": lambda t: (
        z := complex_leaf(t), t.view_as_real(z).permute(2, 0, 1)[1].exp().sum(),
    ),
    "parts of one number": lambda t: (z := leaf(t, 1 + 2j, "complex64"),
                                      t.view_as_real(z).sum()),
    "a number of parts": lambda t: (x := pairs(t), t.view_as_complex(x).real.sum()),
    "an infinite gradient of the largest": lambda t: (x := leaf(t, [-1.0, 0.0]), t.sqrt(x.max())),
    "an infinite gradient of the smallest": lambda t: (
        x := leaf(t, [[0.0, 1.0], [0.0, 2.0]]), t.sqrt(x.min()),
    ),
    "several in the middle": lambda t: (x := leaf(t, [1.0, 2, 2, 2, 3]), x.median()),
    "several in the middle of a matrix": lambda t: (
        x := leaf(t, [[1.0, 2.0], [2.0, 3.0]]), x.median(),
    ),
    "a nan in the middle": lambda t: (x := leaf(t, [1.0, float("nan"), 3]), x.median()),
    "only nan": lambda t: (x := leaf(t, [float("nan")] * 2), x.nanmedian()),
    "in the middle, nan left out": lambda t: (x := leaf(t, [float("nan"), 2, 2, 3]), x.nanmedian()),
    "in the middle of nothing": lambda t: (x := leaf(t, []), x.median()),
    "in the middle of nothing, without nan": lambda t: (x := leaf(t, []), x.nanmedian()),
    "in the middle of one": lambda t: (x := leaf(t, 5.0), x.median()),
    "nan is the largest": lambda t: (x := leaf(t, [float("nan"), 1.0]), x.max()),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_gradient(name):
    (mine, end), (its, their_end) = CALLS[name](lab), CALLS[name](oracle)
    end.backward()
    their_end.backward()
    assert str(mine.grad.dtype) == str(its.grad.dtype)
    assert mine.grad.shape == its.grad.shape
    np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-5, atol=1e-7)


KINDS = "float16", "float32", "float64"
MIXED = {  # what takes operands of two dtypes
    "fill": lambda t, x, y: t.fill(x, y.sum()),
    "fill_": lambda t, x, y: (x * 1).fill_(y.sum()),
    "masked_fill": lambda t, x, y: x.masked_fill(x > 0.6, y.sum()),
    "masked_fill_": lambda t, x, y: (x * 1).masked_fill_(x > 0.6, y.sum()),
    "index_fill": lambda t, x, y: x.index_fill(0, t.tensor([1]), y.sum()),
    "copy_": lambda t, x, y: (x * 1).copy_(y),
    "with logits": lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(x, y),
    "a weight of logits": lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(
        x, y.detach().to(x.dtype), y.detach()) + 0 * y.sum().to(x.dtype),
    "a weight of yes": lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(
        x, y.detach().to(x.dtype), pos_weight=y.detach()) + 0 * y.sum().to(x.dtype),
    "a weight": lambda t, x, y: t.nn.functional.binary_cross_entropy(
        x, y.detach().to(x.dtype), y.detach()) + 0 * y.sum().to(x.dtype),
}  # fmt: skip


@pytest.mark.parametrize("kinds", list(itertools.permutations(KINDS, 2)), ids=" ".join)
@pytest.mark.parametrize("name", MIXED)
def test_each_gradient_has_its_own_dtype(name, kinds):
    answers = []
    for t in (lab, oracle):
        x, y = leaf(t, [0.5, 0.75], kinds[0]), leaf(t, [0.25, 1.0], kinds[1])
        z = MIXED[name](t, x, y)
        z.sum().backward()
        answers.append((z.detach(), x.grad, y.grad))
    for mine, its in zip(*answers):
        assert str(mine.dtype) == str(its.dtype)
        np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=2e-3)


@pytest.mark.parametrize("shape", [(4, 3), (3,), (2, 3, 2)])
@pytest.mark.parametrize("settings", [{}, {"ignore_index": 1}, {"reduction": "sum"}], ids=str)
def test_scores_may_be_overwritten_after_the_cross_entropy(shape, settings):
    answers = []
    rows = np.random.default_rng(0).standard_normal(shape)
    classes = np.arange(rows.size // 3).reshape(shape[:1] + shape[2:] if len(shape) > 1 else ()) % 3
    for t in (lab, oracle):
        x = t.tensor(rows, requires_grad=True)
        scores = x * 2
        loss = t.nn.functional.cross_entropy(scores, t.tensor(classes), **settings)
        scores.detach().sub_(1)
        (first,) = t.autograd.grad(loss, x, create_graph=True)
        (second,) = t.autograd.grad((first**2).sum(), x)
        answers.append((first.detach().numpy(), second.numpy()))
    for mine, its in zip(*answers):
        np.testing.assert_allclose(mine, its, rtol=1e-9, atol=1e-12)
    again = lab.tensor(5 * rows, requires_grad=True)
    assert lab.autograd.gradgradcheck(
        lambda x: lab.nn.functional.cross_entropy(x, lab.tensor(classes), **settings), (again,)
    )


def test_a_sure_and_a_ruled_out_class_have_second_gradients():
    for t in (lab, oracle):
        x = t.tensor([[900.0, 0.0, -900.0], [0.0, 900.0, 0.0]], requires_grad=True)
        loss = t.nn.functional.cross_entropy(x, t.tensor([0, 0]))
        (first,) = t.autograd.grad(loss, x, create_graph=True)
        (second,) = t.autograd.grad((first**2).sum(), x)
        assert first.tolist() == [[0.0, 0.0, 0.0], [-0.5, 0.5, 0.0]]
        assert second.tolist() == [[0.0] * 3] * 2
