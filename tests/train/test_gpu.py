"""A whole training on the pretend GPU: the same numbers as on the CPU, nothing mixed."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import roads
from autograd_lab.train import accuracy, test_model, train_model, watch

nn = torch.nn


def trained(device, optimizer, **settings):
    torch.manual_seed(0)
    x = torch.tensor(np.random.default_rng(0).standard_normal((24, 3)).astype("float32"))
    y = (x[:, 0] > 0).long()
    net = nn.Sequential(nn.Linear(3, 80), nn.ReLU(), nn.Linear(80, 80), nn.Tanh(), nn.Linear(80, 2))
    rule = getattr(torch.optim, optimizer)(net.parameters(), 0.01, **settings)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), 8)
    train_model(net, data, nn.CrossEntropyLoss(), rule, 3, device, progress=False)
    nn.utils.clip_grad_norm_(net.parameters(), 0.01)
    measured = test_model(net, data, nn.CrossEntropyLoss(), {"right": accuracy})
    assert {p.device.type for p in net.parameters()} == {device}
    return [p.detach().cpu().numpy() for p in net.parameters()], list(measured.values())


@pytest.mark.parametrize(("optimizer", "settings"), [
    ("SGD", {}), ("SGD", {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    ("Adam", {"amsgrad": True}), ("AdamW", {}),
])  # fmt: skip
def test_training_there_is_training_here(pretend_gpu, monkeypatch, optimizer, settings):
    monkeypatch.setattr(roads, "special", False)  # afterwards the short roads are taken again
    there = trained("cuda", optimizer, **settings)
    here = trained("cpu", optimizer, **settings)
    for a, b in zip(there[0], here[0]):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(there[1], here[1], rtol=1e-4)


def test_going_back_there(pretend_gpu, monkeypatch):
    monkeypatch.setattr(roads, "special", False)
    torch.manual_seed(0)
    x = torch.randn(24, 3)
    data = torch.utils.data.TensorDataset(x, (x[:, 0] > 0).long())
    net = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    net.to("cuda")
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    batches = watch(torch.utils.data.DataLoader(data, 8, shuffle=True), net, optimizer, epochs=4)
    tensors, states = [*net.parameters(), *net.buffers()], []
    for x, y in batches:
        states.append([t.detach().cpu().numpy().copy() for t in tensors])
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x.to("cuda")), y.to("cuda")).backward()
        optimizer.step()
    run = batches.run
    for step in (5, 2, 11):
        run.go(step)
        now = [t.detach().cpu().numpy() for t in tensors]
        assert all((a == b).all() for a, b in zip(now, states[step]))
        assert {p.device.type for p in net.parameters()} == {"cuda"}
    assert run.steps == 11 and not run.events
