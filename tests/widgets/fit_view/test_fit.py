"""The fit without a browser: what is read of data and models, how often it draws, the picture."""

import re
import threading
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.train import train_model
from autograd_lab.widgets import _pace, fit_view
from autograd_lab.widgets._model import ModelPace
from autograd_lab.widgets.fit_view import FitView
from autograd_lab.widgets.fit_view.task import GRIDS, LINE, MOST
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until `clock.now` is moved; each model call takes `clock.cost`."""

    class Clock:
        now, cost = 100.0, 0.0

    monkeypatch.setattr(_pace, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(fit_view, "perf_counter", lambda: Clock.now)
    return Clock


CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def answers(view):
    """Unpack what the page gets."""
    size = view.state["size"]
    cells = np.frombuffer(view.fit, "u1")[: 3 * size * size].reshape(3, size, size)
    rest = np.frombuffer(view.fit, "u1")[3 * size * size :].reshape(2, -1)
    return dict(zip(("winner", "chance", "lead"), cells)) | dict(zip(("guesses", "sure"), rest))


@pytest.mark.parametrize("column", [False, True])
def test_a_line_has_its_curve_and_residuals(column):
    x = torch.tensor([0.0, 1.0, 2.0, 4.0])
    x = x[:, None] if column else x
    shapes = []
    view = FitView(lambda x: shapes.append(x.shape) or 3 * x + 1, x, x.reshape(-1) * 3)
    assert shapes[0][1:] == x.shape[1:]
    values = np.frombuffer(view.fit, "<f4")
    left, right = view.scene["window"][:2]
    np.testing.assert_allclose(values[:LINE], 3 * np.linspace(left, right, LINE) + 1, rtol=1e-5)
    np.testing.assert_allclose(values[LINE:], [1, 4, 7, 13])
    assert view.state["score"] == pytest.approx(1.0)
    assert repr(view) == "FitView: 4 points, mean squared error 1"


KINDS = ["logits", "one logit", "one column", "softmax", "sigmoid", "given"]


@pytest.mark.parametrize("kind", KINDS)
def test_regions_of_every_kind_of_model(kind):
    # The chance of class 1 is sigmoid(4 * (x₁ − 0.5)).
    def score(x):
        return 4 * (x[:, 0] - 0.5)

    class Model(nn.Module):
        def __init__(self, last=None):
            super().__init__()
            self.last = last

        def forward(self, x):
            both = torch.stack([torch.zeros(len(x)), score(x)], 1)
            return self.last(both if isinstance(self.last, nn.Softmax) else score(x)[:, None])

    model, more = {
        "logits": (lambda x: torch.stack([torch.zeros(len(x)), score(x)], 1), {}),
        "one logit": (score, {}),
        "one column": (lambda x: score(x)[:, None], {}),
        "softmax": (Model(nn.Softmax(1)), {}),
        "sigmoid": (Model(nn.Sigmoid()), {}),
        "given": (lambda x: score(x).sigmoid(), {"outputs": "probabilities"}),
    }[kind]
    view = FitView(model, CORNERS, [0, 0, 1, 0], **more)
    got, size = answers(view), view.state["size"]
    assert size == GRIDS[-1]
    left, right = view.scene["window"][:2]
    one = 1 / (1 + np.exp(-4 * (np.linspace(left, right, size) - 0.5)))
    np.testing.assert_array_equal(got["winner"][5], one > 0.5)
    np.testing.assert_allclose(got["chance"][5] / 255, np.maximum(one, 1 - one), atol=0.003)
    np.testing.assert_allclose(got["lead"][5] / 255, np.abs(2 * one - 1), atol=0.003)
    assert got["guesses"].tolist() == [0, 0, 1, 1]
    assert view.state["score"] == 0.75
    assert view.state["said"] == "75 % right, 1 of 4 points wrong"


def test_many_classes():
    torch.manual_seed(0)
    x = torch.randn(300, 2)
    y = torch.arange(300) % 20
    view = FitView(nn.Linear(2, 20), x, y)
    assert len(view.scene["classes"]) == 20
    ET.fromstring(view.to_svg())


def test_the_model_is_left_as_it_was():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    model[2].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    chance = torch.get_rng_state()
    view = FitView(model, CORNERS, [0, 1, 1, 0])
    view.update()
    assert model.training and model[1].training and not model[2].training
    assert all(bool((value == before[name]).all()) for name, value in model.state_dict().items())
    assert bool((torch.get_rng_state() == chance).all())
    assert all(p.grad is None for p in model.parameters())

    def broken(x):
        raise ZeroDivisionError

    model.forward = broken
    with pytest.raises(ZeroDivisionError):
        view._look(0)
    assert model.training and model[1].training and not model[2].training


def test_it_draws_at_most_20_times_a_second(clock):
    view = FitView(lambda x: x, [1.0, 2.0], [1.0, 2.0])
    first = view.state["updates"]
    for step in range(1000):                        # five seconds of a loop
        clock.now = 100 + step * 0.005
        view.update()
    assert 95 <= view.state["updates"] - first <= 100
    view.update()
    before = view.state["updates"]
    view.flush()
    assert view.state["updates"] == before + 1
    view.flush()
    assert view.state["updates"] == before + 1      # nothing new: nothing is sent


def test_a_slow_model_takes_a_twentieth_of_the_loop_and_a_coarse_grid(clock):
    sizes = []

    def model(x):
        sizes.append(len(x))
        clock.now += 0.02
        return x[:, 0]

    view = FitView(model, CORNERS, [0, 1, 1, 0])
    start, spent = clock.now, 0.0
    while clock.now < start + 60:
        before = clock.now
        view.update()
        spent += clock.now - before
        clock.now += 0.003                          # the loop's own step
    assert spent / 60 <= 0.05
    assert len(sizes) > 50
    assert sizes[-1] == GRIDS[0] ** 2 + 4
    view.finish()
    assert view.state["size"] == GRIDS[-1]          # the last picture is fine again


def test_a_quick_model_gets_a_finer_grid_while_it_runs(clock):
    view = FitView(lambda x: x[:, 0], CORNERS, [0, 1, 1, 0])
    for _ in range(10):
        clock.now += 1
        view.update()
    assert view.state["size"] == GRIDS[3]


def test_another_threads_model_is_not_touched_at_the_end_of_a_cell():
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout())
    view = FitView(model, [[1.0], [2.0]], [1.0, 2.0])
    trained, ended, calls = threading.Event(), threading.Event(), []
    model.register_forward_pre_hook(lambda *_: calls.append(1))

    def train():
        for _ in range(2):
            view.update()
        trained.set()
        ended.wait(20)

    thread = threading.Thread(target=train)
    thread.start()
    trained.wait(20)
    calls.clear()
    view.finish()                                   # a cell ends while the thread still trains
    assert calls == []
    ended.set()
    thread.join()
    view.flush()
    assert calls == [1]


def test_it_follows_train_model():
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 32)[:, None]
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, 2 * x), batch_size=8)
    model = nn.Linear(1, 1)
    view = FitView(model, x, 2 * x)
    before = view.state["score"]
    train_model(model, data, nn.MSELoss(), torch.optim.SGD(model.parameters(), 0.3), epochs=5,
                callbacks=[view], progress=False)  # fmt: skip
    assert view.state["score"] < before / 10
    want = ((model(x) - 2 * x) ** 2).mean().item()
    assert view.state["score"] == pytest.approx(want, rel=1e-3)


def test_many_points_are_thinned_and_it_is_said():
    x = torch.linspace(0, 1, 5001)
    view = FitView(lambda x: x, x, x)
    assert view.scene["count"] <= MOST < view.scene["total"] == 5001
    assert len(view.points) == 8 * view.scene["count"]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_model_that_broke_is_drawn_and_said(bad):
    view = FitView(lambda x: x * bad, [1.0, 2.0], [1.0, 2.0])
    assert view.state["score"] is None
    assert view.state["bad"] == LINE + 2
    assert "not a number at 258 places" in repr(view)
    drawn = re.sub(r'<(title|desc)>.*?</\1>|aria-label="[^"]*"|<text.*?</text>', "", view.to_svg())
    assert not re.search("nan|inf", drawn)
    view = FitView(lambda x: x * bad, CORNERS, [0, 1, 1, 0])
    assert view.state["bad"] == GRIDS[-1] ** 2 + 4
    ET.fromstring(view.to_svg())


@pytest.mark.parametrize(("make", "error", "words"), [
    (lambda: FitView(3, [1.0], [1.0]), TypeError, "int cannot be called"),
    (lambda: FitView(abs, [1.0], [1.0, 2.0]), ValueError, "one y for each row"),
    (lambda: FitView(abs, torch.ones(2, 3), [1.0, 2.0]), ValueError, "one column .* or two"),
    (lambda: FitView(abs, [], []), ValueError, r"shape \(0,\): there is nothing to draw"),
    (lambda: FitView(abs, 1.0, 1.0), ValueError, r"shape \(\)"),
    (lambda: FitView(abs, [1j], [1.0]), TypeError, "x is complex"),
    (lambda: FitView(abs, [1.0, float("nan")], [1.0, 2.0]), ValueError, "x has 1 NaN"),
    (lambda: FitView(abs, object(), [1.0]), TypeError, "x: FitView needs a tensor"),
    (lambda: FitView(abs, CORNERS, torch.eye(4)), ValueError, r"y.argmax\(1\)"),
    (lambda: FitView(abs, CORNERS, [0.5, 1, 0, 1]), ValueError, "not a class number"),
    (lambda: FitView(abs, CORNERS, [0, 1, 2, 999]), ValueError, "up to 999"),
    (lambda: FitView(abs, CORNERS, [0, 1, 2, 2], classes=["a"]), ValueError, "names 1 classes"),
    (lambda: FitView(lambda x: x.numpy(), [1.0], [1.0]), TypeError, "gave ndarray, not a tensor"),
    (lambda: FitView(lambda x: x.sum(), [1.0], [1.0]), ValueError, r"gave shape \(\)"),
    (lambda: FitView(lambda x: x * 1j, [1.0], [1.0]), TypeError, "gave complex"),
    (lambda: FitView(lambda x: x[:, :1], CORNERS, [0, 1, 2, 0]), ValueError, "as many outputs"),
    (lambda: FitView(lambda x: x, CORNERS, [0, 1, 2, 0]), ValueError, "has 2 outputs, y has"),
    (lambda: FitView(lambda x: x[:5], CORNERS, [0, 1, 1, 0]), ValueError, r"gave shape \(5, 2\)"),
    (lambda: FitView(abs, [1.0], [1.0], outputs="odds"), ValueError, '"logits" or'),
])  # fmt: skip
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_the_picture_is_complete_in_itself():
    names = ['<script>alert("x")</script>', "b&]]>"]
    view = FitView(lambda x: x[:, 0] - 0.5, CORNERS, [0, 1, 1, 0], classes=names, names=names)
    svg = view.to_svg()
    tree = ET.fromstring(svg)
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} <= {
        "svg", "title", "desc", "rect", "path", "text", "circle"
    }  # fmt: skip
    assert "var(" not in svg and svg.count("http") == 1
    assert tree.find(SVG + "title").text == "FitView: 4 points, 50 % right, 2 of 4 points wrong"
    assert svg.count('r="7.5"') == 2                # a ring around each wrong point
    assert view.to_svg() == svg


def test_sticks_and_squares():
    view = FitView(lambda x: 0 * x, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert view.to_svg().count("<rect") == 2        # paper and frame
    view.squares = True
    assert view.to_svg().count("<rect") == 5


def test_a_model_on_the_gpu(pretend_gpu):  # noqa: F811
    torch.manual_seed(0)
    model = nn.Linear(2, 2)
    here = FitView(model, CORNERS, [0, 1, 1, 0])
    corners = CORNERS.to("cuda")
    there = FitView(model.to("cuda"), corners, torch.tensor([0, 1, 1, 0]).to("cuda"))
    assert there.fit == here.fit
    assert FitView(lambda x: 2 * x, corners[:, 0], corners[:, 1]).state["score"] is not None


def test_a_model_that_does_not_take_x_is_told_of_x_and_not_of_our_grid():
    words = r"x of shape \(10,\).*1x10 and 1x1\); try x of shape \(10, 1\)"
    with pytest.raises(ValueError, match=words):
        FitView(nn.Linear(1, 1), torch.randn(10), torch.randn(10))
    with pytest.raises(ValueError, match=r"x of shape \(10, 2\).*10x2 and 4x2\)$"):
        FitView(nn.Linear(4, 2), torch.randn(10, 2), torch.randint(0, 2, (10,)))


def test_what_a_thread_that_does_not_train_has_asked_for_is_drawn_when_it_is_quiet(monkeypatch):
    monkeypatch.setattr(ModelPace, "_patience", 0.2)
    x, net = torch.randn(9, 1), nn.Linear(1, 1)
    view, updated, over = FitView(net, x, x), threading.Event(), threading.Event()

    def control():
        view.update()
        net.weight.data.fill_(5.0)
        view.update()
        updated.set()
        over.wait(30)

    thread = threading.Thread(target=control)
    thread.start()
    updated.wait(30)
    view.finish()
    for _ in range(1000):
        if not view._pace.waits:
            break
        time.sleep(0.01)
    over.set()
    thread.join()
    assert not view._pace.waits and view._updates == 3
