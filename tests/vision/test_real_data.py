"""LeNet on all of MNIST, ResNet-18 and a Transformer: beside PyTorch, in quality and time.

The set must be in the cache (``AUTOGRAD_LAB_DATA``) or the internet at hand:
``pytest -m slow tests/vision/test_real_data.py -s``.
"""

import itertools
import time

import numpy as np
import pytest

import autograd_lab as ours
from autograd_lab.utils.data import DataLoader
from autograd_lab.vision import datasets, transforms
from autograd_lab.vision.models import LeNet, resnet18

theirs = pytest.importorskip("torch")

EPOCHS, BATCH, RATE = 3, 64, 0.002


def batches(train):
    """Give the pictures as a learner loads them, as arrays that either library takes."""
    prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.1307, 0.3081)])
    digits = datasets.MNIST(train=train, transform=prepare, download=True)
    assert len(digits) == (60_000 if train else 10_000)
    for pictures, numbers in DataLoader(digits, batch_size=BATCH, shuffle=train):
        yield pictures.numpy(), numbers.numpy()


def lenet(torch):
    """Build the network of vision.models.LeNet in either library."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def train(torch, net):
    """Train; give the accuracy after each epoch, and the seconds of processor time it took."""
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    slower = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    accuracies, seconds = [], 0.0
    for _ in range(EPOCHS):
        for pictures, numbers in batches(train=True):
            begin = time.process_time()
            optimizer.zero_grad()
            scores = net(torch.tensor(pictures))
            torch.nn.functional.cross_entropy(scores, torch.tensor(numbers)).backward()
            optimizer.step()
            seconds += time.process_time() - begin
        slower.step()
        accuracies.append(accuracy(torch, net))
    return accuracies, seconds


def accuracy(torch, net):
    """Measure the share of the other 10,000 pictures that are told right."""
    with torch.no_grad():
        right = [
            net(torch.tensor(pictures)).argmax(1).numpy() == numbers
            for pictures, numbers in batches(train=False)
        ]
    return np.concatenate(right).mean().item()


@pytest.mark.slow
def test_lenet_learns_mnist():
    theirs.set_num_threads(1)
    ours.manual_seed(0), theirs.manual_seed(0)
    found, seconds = train(ours, LeNet())
    wanted, other = train(theirs, lenet(theirs))
    for name, accuracies, spent in (("ours", found, seconds), ("PyTorch", wanted, other)):
        print(f"\n{name}: {', '.join(f'{a:.4f}' for a in accuracies)} in {spent:.1f} s", end="")
    print(f"\nratio of the times: {seconds / other:.2f}")
    assert max(found) >= 0.985
    assert abs(max(found) - max(wanted)) < 0.005


class Residual(theirs.nn.Module):
    """ResNet's block in PyTorch, its parts in the order of vision.models.BasicBlock."""

    def __init__(self, before, wide, stride):
        super().__init__()
        nn = theirs.nn
        self.change = nn.Sequential(
            nn.Conv2d(before, wide, 3, stride, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU(),
            nn.Conv2d(wide, wide, 3, 1, 1, bias=False), nn.BatchNorm2d(wide),
        )  # fmt: skip
        fits = stride == 1 and before == wide
        fit = [nn.Conv2d(before, wide, 1, stride, bias=False), nn.BatchNorm2d(wide)]
        self.around = nn.Sequential(*([] if fits else fit))

    def forward(self, x):
        return (self.change(x) + self.around(x)).relu()


def pytorch_resnet18(classes):
    nn = theirs.nn
    sizes = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        *[b for i, o, s in sizes for b in (Residual(i, o, s), Residual(o, o, 1))],
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes),
    )  # fmt: skip


def copy_weights(source, target):
    """Give a net of PyTorch the numbers of ours; the parts stand in the same order in both."""
    pairs = list(zip(source.state_dict().values(), target.state_dict().values(), strict=True))
    with theirs.no_grad():
        for ours_, theirs_ in pairs:
            theirs_.copy_(theirs.tensor(ours_.numpy()))


def losses(torch, net, batches, optimizer):
    """Take one training step a batch; give the losses, and the seconds of processor time."""
    found, begin = [], time.process_time()
    for x, y in batches:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found, time.process_time() - begin


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dtype", "rate", "apart"), [("float32", 1e-3, 1e-4), ("float64", 1e-2, 1e-9)]
)
def test_resnet18_takes_the_steps_of_pytorch(dtype, rate, apart):
    """At the rate 0.01 rounding matters: 1e-7 more in a weight is 1e-4 in PyTorch's third loss."""
    theirs.set_num_threads(1)
    ours.manual_seed(0)
    draw = np.random.default_rng(0)
    batches = [
        (draw.standard_normal((32, 3, 32, 32)).astype(dtype), draw.integers(0, 10, 32))
        for _ in range(3)
    ]
    net, twin = resnet18(num_classes=10), pytorch_resnet18(10)
    copy_weights(net, twin)
    results = [
        losses(torch, model.to(getattr(torch, dtype)), batches,
               torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9))
        for torch, model in ((ours, net), (theirs, twin))
    ]  # fmt: skip
    (found, seconds), (wanted, other) = results
    print(f"\nours: {found} in {seconds:.2f} s\nPyTorch: {wanted} in {other:.2f} s")
    assert found == pytest.approx(wanted, rel=apart)


def reader(torch):
    """Build a net in either library that reads a digit row by row, as a sentence of 28 words."""
    nn = torch.nn

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.word = nn.Linear(28, 64)
            self.place = nn.Parameter(torch.zeros(28, 64))
            self.block = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
            self.say = nn.Linear(64, 10)

        def forward(self, x):
            return self.say(self.block(self.word(x.squeeze(1)) + self.place).mean(1))

    return Reader()


@pytest.mark.slow
def test_a_transformer_learns_as_pytorch_does():
    theirs.set_num_threads(1)
    ours.manual_seed(0)
    some = list(itertools.islice(batches(train=True), 100))
    net, twin = reader(ours), reader(theirs)
    copy_weights(net, twin)
    results = [
        losses(torch, model, some, torch.optim.Adam(model.parameters(), lr=RATE))
        for torch, model in ((ours, net), (theirs, twin))
    ]
    (found, seconds), (wanted, other) = results
    print(f"\nours: {found[:5]} ... {found[-1]:.4f} in {seconds:.2f} s")
    print(f"PyTorch: {wanted[:5]} ... {wanted[-1]:.4f} in {other:.2f} s")
    assert found[:5] == pytest.approx(wanted[:5], rel=1e-4)
    assert sum(found[-10:]) < sum(found[:10]) / 2
