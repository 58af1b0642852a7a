"""SGD walks the same way as PyTorch's, in every mode."""

import itertools

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

MODES = [
    {"momentum": m, "dampening": d, "weight_decay": w, "nesterov": n, "maximize": x}
    for m, d, w, n, x in itertools.product(
        (0, 0.9), (0, 0.3), (0, 0.05), (False, True), (False, True)
    )
    if not (n and (m == 0 or d))
]


def walk(torch, dtype, shapes, steps=6, lr=0.05, **mode):
    rng = np.random.default_rng(0)
    ps = [torch.tensor(rng.standard_normal(s).astype(dtype), requires_grad=True) for s in shapes]
    optimizer, path = torch.optim.SGD(ps, lr, **mode), []
    for i in range(steps):
        optimizer.zero_grad()
        sum(((p * p * (i + 1)).sum() + p.sum()) for p in ps).backward()
        optimizer.step()
        path.append([p.detach().numpy().copy() for p in ps])
    return path, optimizer


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_every_mode_takes_pytorch_s_path(mode):
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        mine, a = walk(ours, dtype, [(2, 3), ()], **mode)
        its, b = walk(theirs, dtype, [(2, 3), ()], **mode)
        for x, y in zip(itertools.chain(*mine), itertools.chain(*its)):
            assert x.dtype == y.dtype
            np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)
        for number, state in b.state_dict()["state"].items():
            for name, value in state.items():
                got = a.state_dict()["state"][number][name]
                if value is not None:
                    np.testing.assert_allclose(got.numpy(), value.numpy(), rtol=1e-5, atol=1e-6)


def test_large_parameters_take_the_same_path():
    mode = {"momentum": 0.9, "weight_decay": 0.1}
    mine, _ = walk(ours, "float64", [(700, 200)], 3, **mode)
    its, _ = walk(theirs, "float64", [(700, 200)], 3, **mode)
    np.testing.assert_allclose(mine[-1][0], its[-1][0], rtol=1e-12, atol=1e-14)


def test_parameters_without_a_gradient_stay():
    used, unused = ours.ones(1).requires_grad_(), ours.ones(1).requires_grad_()
    optimizer = ours.optim.SGD([used, unused], 0.5, momentum=0.9, weight_decay=1)
    used.sum().backward()
    optimizer.step()
    assert (used.item(), unused.item()) == (-0.0, 1.0)


@pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])
def test_the_learning_rate_may_be_a_tensor_and_may_change(torch):
    p = torch.ones(1).requires_grad_()
    optimizer = torch.optim.SGD([p], torch.tensor(0.5))
    for rate in (0.5, 0.25):
        optimizer.param_groups[0]["lr"] = torch.tensor(rate)
        p.grad = torch.ones(1)
        optimizer.step()
    assert p.item() == 0.25
