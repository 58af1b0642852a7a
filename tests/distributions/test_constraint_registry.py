"""biject_to and transform_to lead to the same values as PyTorch's."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.core.oracle import both, refused

X = np.array([[0.5, -1.0, 2.0], [0.0, 1.5, -0.3], [1.0, 2.0, 3.0]])
CONSTRAINTS = {
    "real": lambda c: c.real, "real_vector": lambda c: c.real_vector,
    "positive": lambda c: c.positive, "nonnegative": lambda c: c.nonnegative,
    "above": lambda c: c.greater_than(2.0), "from": lambda c: c.greater_than_eq(-2),
    "below": lambda c: c.less_than(2.0), "unit": lambda c: c.unit_interval,
    "between": lambda c: c.interval(-2.0, 4.0), "half open": lambda c: c.half_open_interval(0, 3),
    "simplex": lambda c: c.simplex, "triangle": lambda c: c.lower_cholesky,
    "definite": lambda c: c.positive_definite,
    "vector": lambda c: c.independent(c.positive, 1),
}  # fmt: skip


@pytest.mark.parametrize("registry", ["biject_to", "transform_to"])
@pytest.mark.parametrize("name", CONSTRAINTS)
def test_there_and_back(name, registry):
    found = []
    for torch in (ours, theirs):
        d = torch.distributions
        constraint = CONSTRAINTS[name](d.constraints)
        try:
            transform = getattr(d, registry)(constraint)
        except NotImplementedError:
            found.append(())
            continue
        y = transform(torch.tensor(X))
        assert constraint.check(y).all()
        found.append((type(transform).__name__, y.numpy(), transform.inv(y).numpy()))
    mine, its = found
    assert mine[:1] == its[:1]
    for a, b in zip(mine[1:], its[1:]):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_bounds_that_are_tensors():
    for torch in (ours, theirs):
        d = torch.distributions
        low = torch.tensor([0.0, 1.0])
        transform = d.transform_to(d.Uniform(low, low + 1.0).support)
        assert transform(torch.zeros(2)).tolist() == [0.5, 1.5]


@both
def test_a_constraint_of_one_s_own(torch):
    d = torch.distributions

    class Even(d.constraints.Constraint):
        pass

    @d.transform_to.register(Even)
    def to_even(constraint):
        return d.AffineTransform(0.0, 2.0)

    return d.transform_to(Even())(torch.tensor(1.5))


@refused("Cannot transform _Boolean constraints")
def test_what_has_no_transform(torch):
    torch.distributions.biject_to(torch.distributions.constraints.boolean)


@refused("Expected constraint to be either a Constraint subclass or instance, but got 3")
def test_what_is_no_constraint(torch):
    torch.distributions.biject_to.register(3, print)
