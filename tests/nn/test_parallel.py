"""DataParallel: accepted, and run on one device."""

import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, numbers, pair


def test_names_words_and_numbers():
    mine, its = pair("Linear", 3, 2)
    mine, its = ours.nn.DataParallel(mine), theirs.nn.DataParallel(its)
    assert list(mine.state_dict()) == list(its.state_dict())
    assert repr(mine) == repr(its)
    agree(mine, its, numbers(5, 3))


def test_as_a_function():
    x = ours.ones(2)
    assert ours.nn.parallel.data_parallel(ours.nn.Identity(), x) is x
    y = ours.nn.parallel.data_parallel(ours.nn.Bilinear(2, 2, 1), (x, x))
    assert y.shape == (1,)
