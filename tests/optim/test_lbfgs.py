"""L-BFGS walks as PyTorch's does, with and without a line search."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.optim.oracle import check_refusals, moved, same_states

MODES = [{}, {"lr": 0.1}, {"line_search_fn": "strong_wolfe"}, {"max_iter": 3, "history_size": 2},
         {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 30},
         {"line_search_fn": "strong_wolfe", "max_eval": 4},
         {"lr": 8, "line_search_fn": "strong_wolfe"},
         {"tolerance_grad": 1.0}, {"tolerance_change": 0.1}]  # fmt: skip


def begin(torch, dtype, mode, at=(-1.2, 1.0)):
    x = torch.tensor(np.array(at[:1], dtype), requires_grad=True)
    y = torch.tensor(np.array(at[1], dtype), requires_grad=True)
    optimizer = torch.optim.LBFGS([x, y], **mode)

    def closure():  # Rosenbrock's valley
        optimizer.zero_grad()
        loss = (1 - x).square().sum() + 100 * (y - x * x).square().sum()
        loss.backward()
        return loss

    return x, y, optimizer, closure


def walk(x, y, optimizer, closure, times):
    return [(optimizer.step(closure).item(), x.item(), y.item()) for _ in range(times)]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    (*mine, closure), (*its, other) = (begin(t, "float64", mode) for t in (ours, theirs))
    times = 2 if mode.get("lr") == 8 else 4
    np.testing.assert_allclose(
        walk(*mine, closure, times), walk(*its, other, times), rtol=1e-6, atol=1e-9
    )
    a, b = mine[2].state_dict(), its[2].state_dict()
    assert a["param_groups"] == b["param_groups"]
    assert set(a["state"][0]) == set(b["state"][0])
    counts = ["func_evals", "n_iter"]
    assert [a["state"][0][k] for k in counts] == [b["state"][0][k] for k in counts]


def test_it_finds_the_lowest_place():
    x, y, optimizer, closure = begin(ours, "float64", {"line_search_fn": "strong_wolfe"})
    walk(x, y, optimizer, closure, 10)
    assert (x.item(), y.item()) == pytest.approx((1, 1), abs=1e-4)


@pytest.mark.parametrize(("first", "second"), [(theirs, ours), (ours, theirs)])
def test_states_move(first, second):
    mode = {"max_iter": 4, "line_search_fn": "strong_wolfe"}
    x, y, optimizer, closure = begin(first, "float64", mode)
    walk(x, y, optimizer, closure, 1)
    other = begin(second, "float64", mode, at=(x.item(), y.item()))
    state = moved(optimizer.state_dict(), second)
    other[2].load_state_dict(state)
    np.testing.assert_allclose(
        walk(x, y, optimizer, closure, 2), walk(*other, 2), rtol=1e-5
    )


def test_a_saved_state_is_a_copy():
    x, y, optimizer, closure = begin(ours, "float64", {"max_iter": 4})
    walk(x, y, optimizer, closure, 1)
    other = begin(ours, "float64", {})[2]
    other.load_state_dict(optimizer.state_dict())
    same_states(other.state_dict()["state"], optimizer.state_dict()["state"])
    other.state_dict()["state"][0]["old_dirs"].clear()
    assert optimizer.state_dict()["state"][0]["old_dirs"]


def test_a_parameter_without_a_gradient_and_complex_ones():
    ends = []
    for torch in (ours, theirs):
        z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
        unused = torch.ones(2).requires_grad_()
        optimizer = torch.optim.LBFGS([z, unused], lr=0.5, max_iter=5)

        def closure(z=z, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (z - 1j).abs().pow(2).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        assert unused.tolist() == [1, 1]
        ends.append(z.detach().numpy())
    np.testing.assert_allclose(*ends, rtol=1e-4)


def test_hooks_see_the_step_once():
    _x, _y, optimizer, closure = begin(ours, "float64", {})
    seen = []
    optimizer.register_step_pre_hook(lambda *_: seen.append("before"))
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))
    optimizer.step(closure)
    assert seen == ["before", "after"]


def test_refusals():
    check_refusals("LBFGS", [{"lr": -1}])
    for torch in (ours, theirs):
        groups = [{"params": [torch.ones(1).requires_grad_()]} for _ in range(2)]
        with pytest.raises(ValueError, match="doesn't support per-parameter options"):
            torch.optim.LBFGS(groups)
        _x, _y, optimizer, closure = begin(torch, "float64", {"line_search_fn": "other"})
        with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
            optimizer.step(closure)
