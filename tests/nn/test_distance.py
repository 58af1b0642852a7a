"""PairwiseDistance and CosineSimilarity against PyTorch."""

import pytest

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair

CASES = [
    ("PairwiseDistance", {}), ("PairwiseDistance", {"p": 1.0, "eps": 0.1, "keepdim": True}),
    ("CosineSimilarity", {}), ("CosineSimilarity", {"dim": 0, "eps": 0.5}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_values_and_gradients(name, settings):
    agree(*pair(name, **settings), numbers(4, 3), numbers(4, 3, seed=1))


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_on_the_gpu(gpu, name, settings):
    layer = getattr(ours.nn, name)(**settings)
    alike_on_the_gpu(layer, numbers(4, 3), numbers(4, 3, seed=1))
