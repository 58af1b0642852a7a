"""Calls as published programs write them, which the documentation of PyTorch hardly mentions."""

from itertools import islice

import autograd_lab
from tests.core.oracle import both


@both
def test_sizes_by_keyword(torch):
    made = [torch.rand(size=(2, 3)), torch.randn(size=()), torch.randint(5, size=(3,)),
            torch.randint(high=5, size=(2,)), torch.randint(2, 3, (4,)), torch.zeros(size=(2,))]
    return [tuple(t.shape) for t in made], made[4], [t.dtype for t in made]


def test_an_endless_loader():
    """minGPT and makemore ask for 10**10 numbers and take a few."""
    data = autograd_lab.utils.data
    sampler = data.RandomSampler(range(7), replacement=True, num_samples=int(1e10))
    assert set(islice(sampler, 200)) == set(range(7)) and len(sampler) == 10**10
    assert len(list(data.RandomSampler(range(7), replacement=True, num_samples=70))) == 70
