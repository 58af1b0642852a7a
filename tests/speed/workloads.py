"""The ten workloads of the speed table, each written once, for either library.

Each function takes a library and gives ``step``, which trains once and gives the loss. Both
libraries get the same numbers.
"""

import numpy as np


def data(torch, *shapes, seed=0):
    """Draw tensors of normal numbers."""
    draw = np.random.default_rng(seed)
    return [torch.tensor(draw.standard_normal(shape).astype("float32")) for shape in shapes]


def classes(torch, high, *shape):
    return torch.tensor(np.random.default_rng(2).integers(0, high, shape))


def filled(torch, net):
    """Give the parameters numbers that do not depend on the library's generator."""
    draw = np.random.default_rng(1)
    layers = [m for m in net.modules() if not isinstance(m, torch.nn.LayerNorm)]  # 1 and 0 there
    with torch.no_grad():
        for p in (p for layer in layers for p in layer.parameters(recurse=False)):
            fan_in = p.shape[-1] if p.ndim < 3 else p[0].numel()
            numbers = draw.uniform(-1, 1, tuple(p.shape)) / np.sqrt(fan_in)
            p.copy_(torch.tensor(numbers.astype("float32")))
    return net


def training(torch, net, loss_of, optimizer="SGD", **options):
    net = filled(torch, net)
    optimizer = getattr(torch.optim, optimizer)(net.parameters(), **options)

    def step():
        optimizer.zero_grad()
        loss = loss_of(net)
        loss.backward()
        optimizer.step()
        return loss.item()

    step.model, step.optimizer = net, optimizer
    return step


def scalars(torch):
    numbers = np.random.default_rng(0).uniform(0.5, 1.5, 20).tolist()

    def step():
        x = [torch.tensor(number, requires_grad=True) for number in numbers]
        y = x[0]
        for i in range(190):
            other = x[i % 20]
            match i % 9:
                case 0 | 3 | 6: y = y * other
                case 1 | 4 | 7: y = y + other
                case 2: y = (y - other).tanh()
                case _: y = y * 0.9
        y.backward()
        return y.item() + sum(each.grad.item() for each in x)

    return step


def line(torch):
    (x,) = data(torch, (100, 1))
    mse = torch.nn.MSELoss()
    return training(torch, torch.nn.Linear(1, 1), lambda net: mse(net(x), 3 * x + 1), lr=0.01)


def points(torch):
    nn, (x, y) = torch.nn, data(torch, (100, 2), (100, 1))
    net = nn.Sequential(
        nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    side = y.sign()
    return training(torch, net, lambda net: (1 - side * net(x)).relu().mean(), lr=0.05)


def digits(torch):
    nn, (x,), y = torch.nn, data(torch, (64, 784)), classes(torch, 10, 64)
    net = nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    loss = nn.CrossEntropyLoss()
    return training(torch, net, lambda net: loss(net(x), y), lr=0.01, momentum=0.9)


def lenet(torch):
    nn, (x,), y = torch.nn, data(torch, (100, 3, 32, 32)), classes(torch, 10, 100)
    net = nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84),
        nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    loss = nn.CrossEntropyLoss()
    return training(torch, net, lambda net: loss(net(x), y), lr=0.001, momentum=0.9)


def wide_convolutions(torch):
    nn, (x,), y = torch.nn, data(torch, (64, 1, 28, 28)), classes(torch, 10, 64)
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 10),
    )  # fmt: skip
    loss = nn.CrossEntropyLoss()
    return training(torch, net, lambda net: loss(net(x), y), lr=0.001)


def tagger(torch):
    nn, x, y = torch.nn, classes(torch, 10_000, 32, 40), classes(torch, 9, 32 * 40)

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(10_000, 100)
            self.lstm = nn.LSTM(100, 128, num_layers=2, bidirectional=True, batch_first=True)
            self.tag = nn.Linear(256, 9)

        def forward(self, x):
            return self.tag(self.lstm(self.embedding(x))[0])

    loss = nn.CrossEntropyLoss()
    return training(torch, Tagger(), lambda net: loss(net(x).reshape(-1, 9), y), "Adam")


def transformer_block(torch):
    nn, F, (x, y) = torch.nn, torch.nn.functional, data(torch, (16, 64, 64), (16, 64, 64))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.before, self.between = nn.LayerNorm(64), nn.LayerNorm(64)
            self.ask, self.answer = nn.Linear(64, 3 * 64), nn.Linear(64, 64)
            self.up, self.down = nn.Linear(64, 256), nn.Linear(256, 64)

        def forward(self, x):
            asked = self.ask(self.before(x)).chunk(3, dim=2)
            q, k, v = (part.view(16, 64, 4, 16).transpose(1, 2) for part in asked)
            heads = F.softmax(q @ k.transpose(-2, -1) / 4, dim=-1) @ v
            x = x + self.answer(heads.transpose(1, 2).reshape(16, 64, 64))
            return x + self.down(F.gelu(self.up(self.between(x))))

    mse = nn.MSELoss()
    return training(torch, Block(), lambda net: mse(net(x), y), lr=0.01)


def elementwise(torch, *shapes):
    x, w, b = data(torch, *shapes)
    w.requires_grad_(), b.requires_grad_()

    def step():
        w.grad = b.grad = None
        loss = (x * w + b).tanh().sum()
        loss.backward()
        return loss.item()

    return step


def million(torch):
    return elementwise(torch, 1_000_000, 1_000_000, 1_000_000)


def broadcast(torch):
    return elementwise(torch, (1000, 1000), (1000,), (1000, 1))


WORKLOADS = {  # what it is: the function, and the goal: ours / PyTorch's
    "190 operations on single numbers": (scalars, 0.25),
    "a line through 100 points": (line, 0.25),
    "MLP 2-16-16-1, hinge loss, 100 points": (points, 0.4),
    "MLP 784-128-64-10, 64 pictures": (digits, 0.6),
    "LeNet, 100 pictures of 3 × 32 × 32": (lenet, 1.0),
    "two convolutions of 32 and 64, 64 pictures": (wide_convolutions, 0.9),
    "BiLSTM tagger, 2 layers, 32 × 40 words": (tagger, 0.85),
    "Transformer block, 16 × 64 words of 64": (transformer_block, 0.75),
    "tanh(x w + b), 1,000,000 numbers": (million, 0.35),
    "the same, w and b broadcast": (broadcast, 0.35),
}
