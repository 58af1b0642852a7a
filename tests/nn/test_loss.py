"""Losses as layers against PyTorch: settings, words, every reduction."""

import inspect
import re

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import alike_on_the_gpu, entered, numbers, same, same_error

a, b, c = (numbers(4, 3, seed=s) for s in range(3))
chance, other = np.random.default_rng(0).dirichlet(np.ones(3), 4), np.abs(b) / 4
classes, signs = np.array([2, 0, 1, 1]), np.array([1, -1, -1, 1])
picture, labels = numbers(2, 3, 2, 2), np.array([[[0, 1], [2, 2]], [[1, 1], [0, 2]]])
WEIGHT = [0.5, 1.0, 2.0]
CASES = [
    ("MSELoss", {}, a, b), ("L1Loss", {}, a, b), ("SmoothL1Loss", {"beta": 0.5}, a, b),
    ("HuberLoss", {"delta": 0.7}, a, b), ("NLLLoss", {"ignore_index": 1}, a, classes),
    ("NLLLoss", {"weight": WEIGHT}, a, classes), ("NLLLoss2d", {}, picture, labels),
    ("NLLLoss", {}, a[0], np.array(1)),
    ("CrossEntropyLoss", {}, a, classes), ("CrossEntropyLoss", {"weight": WEIGHT}, a, classes),
    ("CrossEntropyLoss", {"label_smoothing": 0.1}, a, classes),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "weight": WEIGHT}, a, classes),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "ignore_index": 1, "weight": WEIGHT}, a, classes),
    ("CrossEntropyLoss", {"ignore_index": 2, "weight": WEIGHT}, picture, labels),
    ("CrossEntropyLoss", {"label_smoothing": 0.2}, picture, labels),
    ("CrossEntropyLoss", {}, a, chance), ("CrossEntropyLoss", {"weight": WEIGHT}, a, chance),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "weight": WEIGHT}, a, chance),
    ("CrossEntropyLoss", {"label_smoothing": 0.1}, a[0], np.array(1)),
    ("BCELoss", {}, chance, other), ("BCELoss", {"weight": WEIGHT}, chance, other),
    ("BCEWithLogitsLoss", {}, a, chance),
    ("BCEWithLogitsLoss", {"weight": WEIGHT, "pos_weight": WEIGHT}, a, chance),
    ("KLDivLoss", {}, a, chance), ("KLDivLoss", {"log_target": True}, a, b),
    ("HingeEmbeddingLoss", {"margin": 0.5}, a[:, 0], signs),
    ("MarginRankingLoss", {"margin": 0.5}, a[:, 0], b[:, 0], signs),
    ("SoftMarginLoss", {}, a[:, 0], signs), ("CosineEmbeddingLoss", {"margin": 0.2}, a, b, signs),
    ("TripletMarginLoss", {"swap": True, "p": 1.0}, a, b, c),
    ("TripletMarginWithDistanceLoss", {"margin": 2.0}, a, b, c),
    ("MultiMarginLoss", {"weight": WEIGHT, "p": 2}, a, classes),
    ("MultiMarginLoss", {}, a, classes),
    ("MultiLabelMarginLoss", {}, a, np.array([[2, -1, 0]] * 4)),
    ("MultiLabelSoftMarginLoss", {"weight": WEIGHT}, a, (b > 0) * 1.0),
    ("PoissonNLLLoss", {"full": True}, a, classes[:, None] + signs[:3] * 0),
    ("PoissonNLLLoss", {"log_input": False}, other, classes[:, None] + signs[:3] * 0),
    ("GaussianNLLLoss", {"full": True}, a, b, other),
    ("CTCLoss", {"zero_infinity": True}, numbers(5, 2, 3), np.array([[1, 2], [2, 1]]), (5, 4),
     (2, 1)),
]  # fmt: skip
REDUCTIONS = ["mean", "sum", "none"]
pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. .mean. divides the total loss"),
    pytest.mark.filterwarnings("ignore:.NLLLoss2d. has been deprecated"),
]


def test_the_old_name_says_what_is_newer():
    for torch in (ours, theirs):
        with pytest.warns(FutureWarning, match="NLLLoss2d. has been deprecated. Please use .NLLL"):
            torch.nn.NLLLoss2d()


def made(torch, name, settings, **more):
    settings = {
        k: torch.tensor(v, dtype=torch.float64) if "weight" in k else v
        for k, v in settings.items()
    }
    return getattr(torch.nn, name)(**settings, **more)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}{sorted(case[1])}")
def test_values_and_gradients(case, reduction):
    name, settings, *args = case
    found = []
    for torch in (ours, theirs):
        layer = made(torch, name, settings, reduction=reduction)
        x, *others = (entered(arg, torch) for arg in args)
        y = layer(x, *[o.detach() if isinstance(o, torch.Tensor) else o for o in others])
        (y * y).sum().backward()
        found.append((repr(layer), list(layer.state_dict()), y.detach().numpy(), x.grad.numpy()))
    (word, state, y, g), (its_word, its_state, its_y, its_g) = found
    assert (word, state) == (its_word, its_state)
    same(np.asarray(y), np.asarray(its_y))
    same(g, its_g)


@pytest.mark.parametrize("case", CASES[::3], ids=lambda case: f"{case[0]}{sorted(case[1])}")
def test_on_the_gpu(gpu, case):
    name, settings, *args = case
    alike_on_the_gpu(made(ours, name, settings), *args)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["NLLLoss", "CrossEntropyLoss"])
def test_the_class_of_one_example_may_be_in_a_list(name, reduction):
    """PyTorch's backward refuses it; the gradient is that of the class as a number."""
    settings, slopes = {"weight": WEIGHT}, []
    values = [
        made(torch, name, settings, reduction=reduction)(torch.tensor(a[0]), torch.tensor([1]))
        for torch in (ours, theirs)
    ]
    same(*[y.numpy() for y in values])
    for target in (1, [1]):
        x = ours.tensor(a[0], requires_grad=True)
        made(ours, name, settings, reduction=reduction)(x, ours.tensor(target)).backward()
        slopes.append(x.grad.numpy())
    same(*slopes)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("settings", [
    {}, {"bias": True}, {"label_smoothing": 0.1, "ignore_index": 1}, {"weight": WEIGHT},
    {"out_features": (2, 2)},
], ids=str)  # fmt: skip
def test_linear_cross_entropy(settings, reduction):
    x, target = numbers(2, 5), labels if "out_features" in settings else classes[:2]
    found = []
    for torch in (ours, theirs):
        named = dict(settings, dtype=torch.float64, reduction=reduction)
        if "weight" in named:
            named["weight"] = torch.tensor(WEIGHT, dtype=torch.float64)
        layer = torch.nn.LinearCrossEntropyLoss(5, 3, **named)
        with torch.no_grad():
            for i, p in enumerate(layer.parameters()):
                p.copy_(torch.tensor(numbers(*p.shape, seed=i)))
        y = layer(torch.tensor(x), torch.tensor(target))
        y.sum().backward()
        found.append((repr(layer), y.detach().numpy(), layer.linear.weight.grad.numpy()))
    assert found[0][0] == found[1][0]
    for mine, its in zip(found[0][1:], found[1][1:]):
        same(np.asarray(mine), np.asarray(its))


def test_linear_cross_entropy_has_second_gradients():
    """PyTorch has none where it works in chunks: its gradients are made with the loss there."""
    target = ours.tensor(classes[:2])
    x, w = (ours.tensor(numbers(n, 5), requires_grad=True) for n in (2, 3))
    assert ours.autograd.gradgradcheck(
        lambda x, w: ours.nn.functional.linear_cross_entropy(x, w, target), (x, w)
    )


@pytest.mark.parametrize("call", [
    lambda t: t.nn.TripletMarginLoss(0), lambda t: t.nn.TripletMarginWithDistanceLoss(margin=-1),
    lambda t: t.nn.MultiMarginLoss(p=3), lambda t: t.nn.MultiMarginLoss(weight=t.ones(1, 2)),
    lambda t: t.nn.LinearCrossEntropyLoss(2, 3, weight=t.ones(2)),
    lambda t: t.nn.LinearCrossEntropyLoss(2, 3, label_smoothing=2.0),
    lambda t: t.nn.LinearCrossEntropyLoss(2, 3)(t.ones(1, 3), t.ones(1).long()),
    lambda t: t.nn.LinearCrossEntropyLoss(2, 3)(t.ones(1, 1, 2), t.ones(1).long()),
    lambda t: t.nn.functional.linear_cross_entropy(t.ones(2), t.ones(2), t.ones(1)),
    lambda t: t.nn.CrossEntropyLoss(label_smoothing=2.0)(t.ones(1, 2), t.zeros(1).long()),
    lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3), t.zeros(3).long()),
    lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3), t.full((2,), 3)),
    lambda t: t.nn.MSELoss(reduction="what")(t.ones(2), t.ones(2)),
])  # fmt: skip
def test_errors(call):
    same_error(call)


def test_a_distance_of_one_s_own():
    def steps(x, y):
        return (x - y).abs().amax(-1)

    found = [
        t.nn.TripletMarginWithDistanceLoss(distance_function=steps)(*map(t.tensor, (a, b, c)))
        for t in (ours, theirs)
    ]
    assert found[0].item() == pytest.approx(found[1].item())


@pytest.mark.parametrize("name", [
    "MSELoss", "SmoothL1Loss", "HuberLoss", "NLLLoss", "CrossEntropyLoss", "BCELoss",
    "BCEWithLogitsLoss", "KLDivLoss", "TripletMarginLoss", "CTCLoss",
])  # fmt: skip
def test_the_loss_explains_all_its_settings_and_shapes(name):
    loss = getattr(ours.nn, name)
    for setting in inspect.signature(loss).parameters:
        assert re.search(rf"^ +.*\b{setting}\b.*:", loss.__doc__, re.MULTILINE), setting
    assert "    Shape:" in loss.__doc__


def test_what_the_divergence_says_of_itself_is_so():
    output, target = ours.randn(4, 3).log_softmax(1), ours.rand(4, 3).softmax(1)
    pair = (ours.distributions.Categorical(p) for p in (target, output.exp()))
    divergence = ours.distributions.kl_divergence(*pair).mean()
    for reduction, divided in {"batchmean": 1, "mean": 3}.items():
        found = ours.nn.KLDivLoss(reduction=reduction)(output, target)
        assert found.item() == pytest.approx(divergence.item() / divided, rel=1e-5)
