"""Small trainings in which everything takes part that a step may depend on."""

import random

import numpy as np

import autograd_lab as torch

nn = torch.nn
F = torch.nn.functional


class Tagger(nn.Module):
    """A bidirectional LSTM over words, with dropout between."""

    def __init__(self):
        super().__init__()
        self.words, self.drop = nn.Embedding(20, 6), nn.Dropout(0.3)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(10, 4)

    def forward(self, x):
        return self.tags(self.drop(self.lstm(self.drop(self.words(x)))[0])).transpose(1, 2)


def mlp():
    return nn.Sequential(
        nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3)
    )


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(12, 3),
    )  # fmt: skip


def data(kind):
    rng = np.random.default_rng(3)
    if kind == "lstm":
        x = torch.tensor(rng.integers(0, 20, (32, 4)))
        return torch.utils.data.TensorDataset(x, x % 4)
    shape = (32, 6) if kind == "mlp" else (32, 1, 6, 6)
    x = torch.tensor(rng.standard_normal(shape).astype("float32"))
    return torch.utils.data.TensorDataset(x, torch.tensor(rng.integers(0, 3, 32)))


class Program:
    """A model, an optimizer and a shuffling loader, the same for the same arguments."""

    def __init__(self, kind="mlp", optimizer="Adam", size=8):
        torch.manual_seed(1)
        np.random.seed(1)
        random.seed(1)
        self.net = {"mlp": mlp, "cnn": cnn, "lstm": Tagger}[kind]()
        settings = {"momentum": 0.9, "lr": 0.05} if optimizer == "SGD" else {"lr": 0.01}
        self.optimizer = getattr(torch.optim, optimizer)(self.net.parameters(), **settings)
        self.loader = torch.utils.data.DataLoader(data(kind), size, shuffle=True)
        self.losses = []

    def step(self, batch, noise=True):
        x, y = batch
        if noise and x.dtype.is_floating_point:  # every generator that is known takes part
            x = x + 0.1 * torch.randn_like(x) + float(0.1 * np.random.rand() + random.random())
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        self.losses.append(loss.item())

    def plain(self, epochs):
        for _ in range(epochs):
            for batch in self.loader:
                self.step(batch)
        return self

    def watched(self, epochs, **settings):
        from autograd_lab.train import watch

        return watch(self.loader, self.net, self.optimizer, epochs=epochs, **settings)

    def state(self):
        """Every number of model and optimizer, bit for bit."""
        tensors = [*self.net.parameters(), *self.net.buffers()]
        for p in self.net.parameters():
            tensors += [v for v in self.optimizer.state[p].values() if isinstance(v, torch.Tensor)]
        return [t.array.tobytes() for t in tensors]
