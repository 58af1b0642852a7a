"""SparseAdam moves the rows that were looked up as PyTorch's does, and no others."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.optim.oracle import check_refusals


def walk(torch, **settings):
    table = torch.tensor(np.random.default_rng(0).standard_normal((6, 3)), requires_grad=True)
    optimizer = torch.optim.SparseAdam([table], lr=0.1, **settings)
    for rows in ([0, 2, 2], [5], [0, 5]):
        optimizer.zero_grad()
        found = torch.nn.functional.embedding(torch.tensor(rows), table, sparse=True)
        (found**2 + found).sum().backward()
        optimizer.step()
    return table.detach().numpy(), optimizer.state_dict()


@pytest.mark.parametrize("settings", [{}, {"betas": (0.5, 0.6), "eps": 0.1}, {"maximize": True}])
def test_path(settings):
    (mine, a), (its, b) = walk(ours, **settings), walk(theirs, **settings)
    np.testing.assert_allclose(mine, its, rtol=1e-9)
    assert list(a["state"][0]) == list(b["state"][0])
    assert a["state"][0]["step"] == b["state"][0]["step"] == 3
    for name in ("exp_avg", "exp_avg_sq"):
        np.testing.assert_allclose(a["state"][0][name].numpy(), b["state"][0][name].numpy())
    assert a["param_groups"] == b["param_groups"]


def test_other_rows_stay():
    before = np.random.default_rng(0).standard_normal((6, 3))
    after, _ = walk(ours)
    assert (after != before).any(1).tolist() == [True, False, True, False, False, True]


def test_refusals():
    check_refusals("SparseAdam", [{"lr": 0}, {"eps": 0}, {"betas": (1, 0)}])
    said = []
    for torch in (theirs, ours):
        with pytest.raises(ValueError, match="complex") as error:
            torch.optim.SparseAdam([torch.ones(2), torch.tensor([1j])])
        said.append(str(error.value))
    assert said[0] == said[1]
