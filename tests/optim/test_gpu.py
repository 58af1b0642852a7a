"""Every optimizer takes the same path on the pretend GPU, and a step waits for nothing."""

import numpy as np
import pytest

import autograd_lab as torch
from tests.fake_cupy import no_sync

MODES = {
    "SGD": {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}, "Adam": {"amsgrad": True},
    "AdamW": {}, "Adadelta": {}, "Adafactor": {}, "Adagrad": {}, "Adamax": {}, "ASGD": {"t0": 1},
    "LBFGS": {"line_search_fn": "strong_wolfe"}, "Muon": {}, "NAdam": {}, "RAdam": {},
    "RMSprop": {"centered": True, "momentum": 0.5}, "Rprop": {}, "SparseAdam": {},
}


def walk(name, device):
    array = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    p = torch.tensor(array).to(device).requires_grad_()
    optimizer = getattr(torch.optim, name)([p], **MODES[name])

    def closure():
        optimizer.zero_grad()
        loss = (p * p * p).sum()
        loss.backward()
        return loss

    for _ in range(3):
        if name == "LBFGS":
            optimizer.step(closure)
            continue
        closure()
        with no_sync():
            optimizer.step()
    return p, optimizer


@pytest.mark.parametrize("name", MODES)
def test_same_path(name, pretend_gpu):
    (there, moved), (here, _) = walk(name, "cuda"), walk(name, "cpu")
    assert there.device.type == "cuda"
    np.testing.assert_allclose(there.detach().cpu().numpy(), here.detach().numpy(), rtol=1e-4)
    arrays = [v for v in moved.state[there].values() if isinstance(v, torch.Tensor)]
    assert {v.device.type for v in arrays if v.ndim} == {"cuda"}


def test_a_state_saved_on_the_cpu_goes_on_on_the_gpu(pretend_gpu):
    p, optimizer = walk("NAdam", "cpu")
    q = p.detach().to("cuda").requires_grad_()
    other = torch.optim.NAdam([q])
    other.load_state_dict(optimizer.state_dict())
    for x, each in ((p, optimizer), (q, other)):
        each.zero_grad()
        (x * x).sum().backward()
        each.step()
    np.testing.assert_allclose(q.detach().cpu().numpy(), p.detach().numpy(), rtol=1e-5)


@pytest.mark.parametrize("name", MODES)
def test_same_path_on_the_second_gpu(name, pretend_gpu):
    """The first GPU stays the current one: a step goes to where its parameter lies."""
    (there, _), (here, _) = walk(name, "cuda:1"), walk(name, "cpu")
    assert str(there.device) == "cuda:1" and torch.cuda.current_device() == 0
    np.testing.assert_allclose(there.detach().cpu().numpy(), here.detach().numpy(), rtol=1e-4)
