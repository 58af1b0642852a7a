"""One of each widget, for what must hold for all of them."""

import autograd_lab as torch
from autograd_lab import nn, widgets
from autograd_lab.watching import remember, watch_operations

HOSTILE = "</script><img src=x onerror=alert(1)>&\x00\u202e"


def _loss():
    with watch_operations(remember):
        x = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
        weight = torch.ones(3, requires_grad=True)
        return ((x * weight).tanh() ** 2).sum(), {HOSTILE: x, "weight": weight}


def _graph():
    loss, names = _loss()
    return widgets.GraphView(loss, names=names)


def _step():
    loss, names = _loss()
    return widgets.StepView(loss, names=names)


def _curve():
    curve = widgets.LossCurve()
    for step in range(5):
        curve.add(**{"loss": 1 / (step + 1), HOSTILE: step})
    curve.mark(HOSTILE)
    return curve


def _rules():
    loss, names = _loss()
    return widgets.RuleView(loss, names=names)


def _lstm():
    return nn.LSTM(3, 4), torch.randn(5, 3), [*"abcd", HOSTILE]


SAMPLES = {
    "BroadcastView": lambda: widgets.BroadcastView((3, 1), (4,)),
    "ConvolutionView": lambda: widgets.ConvolutionView(torch.randn(1, 6, 6), nn.Conv2d(1, 2, 3)),
    "Descent": lambda: widgets.Descent(lambda w, b: w**2 + 4 * b**2, 2.0, 1.0, lr=0.1, steps=5),
    "FitView": lambda: widgets.FitView(nn.Linear(1, 1), torch.randn(9, 1), torch.randn(9, 1)),
    "GatesView": lambda: widgets.GatesView(*_lstm()),
    "GradientPuzzle": lambda: widgets.GradientPuzzle("ch2.fill_gradients", {"q": -6, "p": HOSTILE}),
    "GraphView": _graph,
    "LossCurve": _curve,
    "Monitor": lambda: widgets.Monitor(),
    "RateGuess": lambda: widgets.RateGuess("ch3.largest_rate", lambda x: 0.1),
    "ReceptiveField": lambda: widgets.ReceptiveField(
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), torch.randn(1, 8, 8)
    ),
    "RuleView": _rules,
    "ShiftView": lambda: widgets.ShiftView(
        models={HOSTILE: nn.Sequential(nn.Flatten(), nn.Linear(64, 3))},
        images=torch.ones(2, 1, 8, 8),
    ),
    "StepView": _step,
    "StrideView": lambda: widgets.StrideView(torch.arange(6).reshape(2, 3)),
    "TensorView": lambda: widgets.TensorView(torch.randn(4, 5)),
    "WordMap": lambda: widgets.WordMap(nn.Linear(3, 2), *_lstm()[1:]),
}
