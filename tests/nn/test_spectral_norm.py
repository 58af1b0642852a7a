"""The older spectral_norm against PyTorch."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, numbers, same_error


@pytest.mark.parametrize(("kind", "sizes", "shape"), [
    ("Linear", (3, 4), (5, 3)), ("Conv1d", (3, 2, 3), (2, 3, 6)),
    ("ConvTranspose1d", (3, 2, 3), (2, 3, 6)),
])  # fmt: skip
@pytest.mark.parametrize("settings", [{}, {"n_power_iterations": 3}, {"dim": 1}], ids=str)
def test_values_gradients_and_removal(kind, sizes, shape, settings):
    mine, its = (
        t.nn.utils.spectral_norm(getattr(t.nn, kind)(*sizes).double(), **settings)
        for t in (ours, theirs)
    )
    mine.load_state_dict({k: ours.tensor(v.numpy()) for k, v in its.state_dict().items()})
    assert [n for n, _ in mine.named_parameters()] == [n for n, _ in its.named_parameters()]
    for seed in range(2):
        agree(mine, its, numbers(*shape, seed=seed), near=1e-7)
    agree(mine.eval(), its.eval(), numbers(*shape), near=1e-7)
    for t, layer in ((ours, mine), (theirs, its)):
        t.nn.utils.remove_spectral_norm(layer)
    assert list(mine.state_dict()) == list(its.state_dict())
    agree(mine, its, numbers(*shape), near=1e-7)


@pytest.mark.parametrize("call", [
    lambda U, t: U.spectral_norm(U.spectral_norm(t.nn.Linear(1, 1))),
    lambda U, t: U.remove_spectral_norm(t.nn.Linear(1, 1)),
    lambda U, t: U.spectral_norm(t.nn.Linear(1, 1), n_power_iterations=0),
    lambda U, t: U.spectral_norm(t.nn.Linear(1, 1, bias=False), "bias"),
    lambda U, t: U.spectral_norm(t.nn.LazyLinear(1)),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.utils, t))
