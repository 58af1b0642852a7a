"""What a training step costs a GPU: it waits for nothing, and starts no more kernels than written.

A kernel costs about 5 µs to start, whatever it computes; and where the host waits, the GPU runs
dry. So both are counted here, on the pretend GPU: the numbers are exact on every machine.
"""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.train import train_model
from tests.fake_cupy import counting, no_sync, state
from tests.speed import workloads

nn, F = torch.nn, torch.nn.functional


def small_cnn(optimizer, **options):
    """Make a step of a net that has what most nets for pictures have."""
    (x,), y = workloads.data(torch, (8, 3, 12, 12)), workloads.classes(torch, 10, 8)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(4 * 36, 10),
    )  # fmt: skip
    loss = nn.CrossEntropyLoss()
    return workloads.training(torch, net, lambda net: loss(net(x), y), optimizer, **options)


def clipped():
    """Make a step whose gradients are shortened."""
    net, optimizer, x, y = mlp()

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        nn.utils.clip_grad_value_(net.parameters(), 0.5)
        optimizer.step()

    return step


def mlp():
    """Make a small net with its optimizer, and one batch."""
    (x,), y = workloads.data(torch, (8, 6)), workloads.classes(torch, 3, 8)
    net = workloads.filled(torch, nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)))
    return net, torch.optim.SGD(net.parameters(), 0.1, momentum=0.9), x, y


# name: the workload, and how many kernels one step starts. Lower a number when you can; a number
# that has to rise says that a step became slower on a GPU.
STEPS = {
    "MLP, hinge loss": (lambda: workloads.points(torch), 46),
    "MLP": (lambda: workloads.digits(torch), 77),
    "LeNet": (lambda: workloads.lenet(torch), 163),
    "wide convolutions": (lambda: workloads.wide_convolutions(torch), 125),
    "BiLSTM tagger": (lambda: workloads.tagger(torch), 2616),
    "Transformer block": (lambda: workloads.transformer_block(torch), 156),
    "CNN with batch norm and dropout, SGD": (lambda: small_cnn("SGD", lr=0.1), 128),
    "the same, momentum": (lambda: small_cnn("SGD", lr=0.1, momentum=0.9, weight_decay=0.01), 152),
    "the same, Adam": (lambda: small_cnn("Adam"), 188),
    "the same, AdamW": (lambda: small_cnn("AdamW"), 194),
    "clipped gradients": (clipped, 92),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_waits_for_nothing(name, gpu, monkeypatch):
    make, written = STEPS[name]
    monkeypatch.setattr(state, "DEVICES", 1)
    monkeypatch.setattr(torch.Tensor, "item", lambda loss: loss)  # what is read afterwards
    with torch.device("cuda"):
        step = make()
        step(), step()
        with no_sync(), counting() as cost:
            step()
    assert cost.syncs == cost.d2h == 0
    assert cost.launches <= written


def data(count=12):
    draw = np.random.default_rng(0)
    x = torch.tensor(draw.standard_normal((count, 6)).astype("float32"))
    return torch.utils.data.TensorDataset(x, torch.arange(count) % 3)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loop_over_a_loader_waits_for_nothing(gpu, workers):
    net, optimizer, *_ = mlp()
    net.to("cuda")
    loader = torch.utils.data.DataLoader(
        data(), 4, shuffle=True, pin_memory=True, num_workers=workers
    )
    losses = []
    with no_sync(), counting() as cost:
        for x, y in loader:
            optimizer.zero_grad()
            x, y = x.to("cuda", non_blocking=True), y.to("cuda", non_blocking=True)
            losses.append(F.cross_entropy(net(x), y))
            losses[-1].backward()
            optimizer.step()
    assert (cost.h2d, cost.syncs) == (6, 0)  # the batches, and nothing else
    assert all(loss.item() > 0 for loss in losses)


def test_train_model_waits_once_a_step_to_read_the_loss(gpu):
    net, optimizer, *_ = mlp()
    loader = torch.utils.data.DataLoader(data(), 4)
    train_model(net, loader, optimizer=optimizer, device="cuda", progress=False)  # warm
    with counting() as cost:
        train_model(net, loader, optimizer=optimizer, epochs=2, device="cuda", progress=False)
    assert (cost.syncs, cost.h2d) == (6, 12)


def test_a_scaled_step_waits_once_to_learn_whether_it_counts(gpu):
    net, optimizer, x, y = mlp()
    net, x, y = net.to("cuda"), x.to("cuda"), y.to("cuda")
    scaler = torch.amp.GradScaler()
    for _ in range(2):
        with counting() as cost:
            optimizer.zero_grad()
            scaler.scale(F.cross_entropy(net(x), y)).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
    assert (cost.syncs, cost.d2h, cost.h2d) == (1, 1, 0)  # as in PyTorch
