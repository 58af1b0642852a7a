"""Constraints say of the same values as PyTorch's that they are allowed."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

NUMBERS = np.array([-1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, np.nan, np.inf])
ROWS = np.array([[0.2, 0.8], [0.5, 0.6], [1.0, 0.0], [-0.5, 1.5], [2.0, 3.0], [0.0, 0.0]])
MATRICES = np.array([[[1.0, 0.0], [0.5, 2.0]], [[1.0, 0.5], [0.5, 2.0]], [[1.0, 2.0], [2.0, 1.0]],
                     [[-1.0, 0.0], [0.0, 1.0]], [[1.0, 0.3], [0.0, 1.0]]])  # fmt: skip
CORRELATIONS = np.array([[[1.0, 0.0], [0.6, 0.8]], [[1.0, 0.0], [0.6, -0.8]], [[1.0, 0], [1, 1]],
                         [[0.8, 0.6], [0.6, 0.8]], [[1.0, 0.0], [0.0, 1.0]]])  # fmt: skip

CONSTRAINTS = {
    "boolean": (lambda c: c.boolean, NUMBERS), "real": (lambda c: c.real, NUMBERS),
    "positive": (lambda c: c.positive, NUMBERS), "nonnegative": (lambda c: c.nonnegative, NUMBERS),
    "greater": (lambda c: c.greater_than(1), NUMBERS),
    "greater or equal": (lambda c: c.greater_than_eq(1), NUMBERS),
    "less": (lambda c: c.less_than(1), NUMBERS), "unit": (lambda c: c.unit_interval, NUMBERS),
    "interval": (lambda c: c.interval(-1, 2), NUMBERS),
    "half open": (lambda c: c.half_open_interval(-1, 2), NUMBERS),
    "whole": (lambda c: c.nonnegative_integer, NUMBERS),
    "whole, positive": (lambda c: c.positive_integer, NUMBERS),
    "whole, between": (lambda c: c.integer_interval(-1, 2), NUMBERS),
    "one hot": (lambda c: c.one_hot, ROWS), "simplex": (lambda c: c.simplex, ROWS),
    "vector": (lambda c: c.real_vector, ROWS),
    "counts": (lambda c: c.multinomial(3), ROWS),
    "independent": (lambda c: c.independent(c.positive, 1), ROWS),
    "side by side": (lambda c: c.cat([c.positive, c.real], 1, [1, 1]), ROWS),
    "triangle": (lambda c: c.lower_triangular, MATRICES),
    "cholesky": (lambda c: c.lower_cholesky, MATRICES),
    "cholesky of correlations": (lambda c: c.corr_cholesky, CORRELATIONS),
    "square": (lambda c: c.square, MATRICES), "not square": (lambda c: c.square, MATRICES[:, :1]),
    "symmetric": (lambda c: c.symmetric, MATRICES),
    "definite": (lambda c: c.positive_definite, MATRICES[1:4]),
    "not symmetric": (lambda c: c.positive_definite, MATRICES),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_check(name):
    make, values = CONSTRAINTS[name]
    mine, its = (make(t.distributions.constraints) for t in (ours, theirs))
    a, b = (c.check(t.tensor(values)).numpy() for c, t in ((mine, ours), (its, theirs)))
    assert a.tolist() == b.tolist()
    assert (mine.is_discrete, mine.event_dim) == (its.is_discrete, its.event_dim)
    if name != "independent":
        assert repr(mine) == repr(its)


@pytest.mark.parametrize("torch", [ours, theirs], ids=["ours", "torch"])
def test_what_cannot_be_checked(torch):
    c = torch.distributions.constraints
    assert c.is_dependent(c.dependent)
    assert not c.is_dependent(c.real)
    with pytest.raises(ValueError, match="Cannot determine validity of dependent constraint"):
        c.dependent.check(torch.ones(1))
    with pytest.raises(ValueError, match="Expected value"):
        c.independent(c.real, 2).check(torch.ones(1))
