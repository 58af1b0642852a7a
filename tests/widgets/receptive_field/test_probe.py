"""The region is exact: a pixel that is not a number in a PyTorch model reaches just these units."""

import numpy as np
import pytest

import autograd_lab as lab
from autograd_lab.widgets.receptive_field.probe import Probe

torch = pytest.importorskip("torch")


def plain(nn, F):
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 3, (3, 2), stride=(1, 2)),
        nn.Tanh(),
        nn.AvgPool2d(2, stride=1),
    )


def branches(nn, F):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(2, 4, 3, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(4)
            self.wide = nn.Conv2d(4, 4, 3, dilation=2, padding=2)
            self.short = nn.Conv2d(4, 4, 1)
            self.last = nn.Conv2d(4, 2, 3, stride=2)
            self.drop = nn.Dropout(0.9)
            self.line = nn.Linear(2, 3)

        def forward(self, x):
            x = F.relu(self.norm(self.first(x)))
            x = self.wide(x).sigmoid() + self.short(x)
            x = self.last(F.max_pool2d(x, 3, 1, 1))
            return self.line(self.drop(x.amax((2, 3))))

    return Net()


def groups(nn, F):
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, groups=2),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 4, 3, groups=4),
        nn.LeakyReLU(),
        nn.AdaptiveMaxPool2d((3, 2)),
        nn.Flatten(),
        nn.Linear(24, 2),
    )


def maxima(nn, F):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(2, 3, 3)
            self.two = nn.Conv2d(3, 3, 1)
            self.end = nn.Identity()

        def forward(self, x):
            x = self.conv(x)
            x = F.gelu(self.two(x[:, :, 1:]))
            return self.end(x.max(2)[0].max(-1).values)

    return Net()


@pytest.mark.parametrize("build", [plain, branches, groups, maxima])
def test_the_region_is_what_a_poisoned_pixel_reaches(build):
    size = (9, 10)
    theirs = build(torch.nn, torch.nn.functional).eval()
    lab.manual_seed(0)
    ours = build(lab.nn, lab.nn.functional)
    probe = Probe(ours, lab.randn(1, 2, *size))
    assert probe.exact
    seen = {}
    for name, part in theirs.named_modules():
        if name:
            part.register_forward_hook(
                lambda m, i, y, name=name: seen.__setitem__(name, y.isnan().clone())
            )
    reached = {layer.name: [] for layer in probe.layers}
    for i, j in np.ndindex(size):
        x = torch.zeros(1, 2, *size)
        x[:, :, i, j] = torch.nan
        theirs(x)
        for name, found in reached.items():
            found.append(seen[name][0].numpy().ravel())
    for index, layer in enumerate(probe.layers):
        expected = np.array(reached[layer.name]).T.reshape(*layer.shape, *size)
        for unit in [*np.ndindex(layer.shape)][::3]:
            assert np.array_equal(probe.support(index, *unit), expected[unit]), (layer.name, unit)


@pytest.mark.parametrize("build", [plain, branches])
def test_the_formula_agrees_with_the_region_away_from_the_border(build):
    lab.manual_seed(0)
    probe = Probe(build(lab.nn, lab.nn.functional), lab.randn(1, 2, 40, 44))
    checked = 0
    for index, layer in enumerate(probe.layers):
        if (theory := probe.theory(index)) is None:
            assert layer.name in ("drop", "line")
            continue
        reach, stride = theory
        _, rows, columns = layer.shape
        at, other = (rows // 2, columns // 2), (rows // 2 + 1, columns // 2 + 1)
        for d in (0, 1):
            found, after = (
                np.flatnonzero(probe.support(index, 0, *unit).any(1 - d)) for unit in (at, other)
            )
            assert found[-1] - found[0] + 1 == reach[d], layer.name
            assert after[0] - found[0] == stride[d], layer.name
            checked += 1
    assert checked >= 10


def test_an_operation_that_chooses_makes_it_a_lower_bound():
    class Net(lab.nn.Module):
        def __init__(self):
            super().__init__()
            self.end = lab.nn.Identity()

        def forward(self, x):
            return self.end(x.flatten(2).topk(3, -1)[0])

    probe = Probe(Net(), lab.rand(1, 1, 5, 5))
    assert not probe.exact


def test_the_learners_model_stays_as_it_is():
    model = branches(lab.nn, lab.nn.functional).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    Probe(model, lab.randn(1, 2, 12, 12))
    assert all(lab.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training and model.drop.training
    assert all(p.grad is None for p in model.parameters())
