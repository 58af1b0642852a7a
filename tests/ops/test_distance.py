"""Distances between vectors against PyTorch."""

import numpy as np
import pytest

import autograd_lab as ours
from tests.nn.pairs import numbers, same_error
from tests.ops.calls import agree, alike_on_the_gpu

ORDERS = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, float("inf")]


@pytest.mark.parametrize("p", ORDERS)
def test_cdist(p):
    agree(lambda t, a, b: t.cdist(a, b, p), numbers(2, 4, 3), numbers(2, 5, 3, seed=1))
    agree(lambda t, a, b: t.cdist(a, b, p), numbers(30, 3), numbers(1, 28, 3, seed=1), near=1e-7)


@pytest.mark.parametrize("mode", [
    "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist", "use_mm_for_euclid_dist_if_necessary",
])  # fmt: skip
def test_ways_to_compute(mode):
    agree(lambda t, a, b: t.cdist(a, b, 2.0, mode), numbers(4, 3), numbers(5, 3, seed=1), near=1e-7)


def test_a_point_has_no_distance_from_itself_and_no_slope_there():
    x = numbers(3, 2)
    for count in (1, 15):  # by differences, and by the product of matrices
        many = np.tile(x, (count, 1)) * 4
        a = ours.tensor(many, requires_grad=True)
        ours.cdist(a, a.detach()).sum().backward()
        assert ours.isfinite(a.grad).all()


def test_nothing_to_compare():
    for shapes in [((0, 3), (2, 3)), ((2, 3), (0, 3)), ((2, 0), (3, 0)), ((0, 2, 3), (0, 1, 3))]:
        agree(lambda t, a, b: t.cdist(a, b), *[numbers(*shape) for shape in shapes])


@pytest.mark.parametrize("p", ORDERS)
def test_pdist(p):
    agree(lambda t, x: t.nn.functional.pdist(x, p), numbers(5, 3))


def test_cosine_and_pairs():
    a, b = numbers(4, 3), numbers(4, 3, seed=1)
    agree(lambda t, a, b: t.cosine_similarity(a, b), a, b)
    agree(lambda t, a, b: t.cosine_similarity(a, b, 0, 0.5), a, b[0])
    agree(lambda t, a, b: t.pairwise_distance(a, b), a, b)
    agree(lambda t, a, b: t.pairwise_distance(a, b, 1.0, 0.1, True), a, b)


def test_on_the_gpu(gpu):
    for count in (3, 30):
        alike_on_the_gpu(lambda t, a, b: t.cdist(a, b), numbers(count, 3), numbers(2, 3, seed=1))
    alike_on_the_gpu(lambda t, x: t.nn.functional.pdist(x), numbers(4, 3))
    alike_on_the_gpu(lambda t, a, b: t.cosine_similarity(a, b), numbers(4, 3), numbers(4, 3))


@pytest.mark.parametrize("call", [
    lambda t: t.cdist(t.ones(2), t.ones(2, 2)), lambda t: t.cdist(t.ones(2, 3), t.ones(2, 2)),
    lambda t: t.cdist(t.ones(2, 3), t.ones(2, 3), p=-1),
    lambda t: t.cdist(t.ones(2, 3).long(), t.ones(2, 3)),
    lambda t: t.cdist(t.ones(2, 3), t.ones(2, 3), compute_mode="what"),
    lambda t: t.nn.functional.pdist(t.ones(2)), lambda t: t.nn.functional.pdist(t.ones(2, 2), -1),
    lambda t: t.nn.functional.pdist(t.ones(2, 2).long()),
    lambda t: t.cosine_similarity(t.ones(2, 2).long(), t.ones(2, 2).long()),
])  # fmt: skip
def test_errors(call):
    same_error(call)


def test_stacks_that_do_not_fit():
    with pytest.raises(RuntimeError):
        ours.cdist(ours.ones(4, 2, 3), ours.ones(3, 2, 3))
