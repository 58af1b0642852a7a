"""The widget without a browser: three ways in, messages, the still picture, bad input."""

import re
import threading
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets.descent import Descent
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)

SVG = "{http://www.w3.org/2000/svg}"


def bowl(w, b):
    return w**2 + 10 * b**2


def test_three_ways_in_agree():
    x = torch.tensor([1.0, 2.0, 4.0])
    y = torch.tensor([1.0, 3.0, 4.0])
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.5)
        model.bias.fill_(-1.0)
    settings = {"lr": 0.05, "steps": 30}
    ways = [
        Descent(lambda w, b: ((w * x + b - y) ** 2).mean(), 0.5, -1.0, **settings),
        Descent.line(x, y, 0.5, -1.0, **settings),
        Descent.of(model, nn.MSELoss(), x[:, None], y[:, None], **settings),
    ]
    for way in ways[1:]:
        np.testing.assert_allclose(way.path, ways[0].path, atol=1e-5)
        assert way.limit == pytest.approx(ways[0].limit, rel=1e-4)
        np.testing.assert_allclose(way.minimum, np.polyfit([1, 2, 4], [1, 3, 4], 1), atol=1e-3)
    assert ways[2].scene["names"] == ["weight", "bias"]
    assert model.weight.item() == 0.5 and model.weight.grad is None     # it stays as it was


def test_training_goes_on_while_the_bowl_stands():
    model = nn.Linear(1, 1)
    x = torch.tensor([[1.0], [2.0]])
    view = Descent.of(model, nn.MSELoss(), x, x, lr=0.1)
    before = view.losses
    with torch.no_grad():
        model.weight.fill_(100.0)
    assert (view.go().losses == before).all()


def test_chosen_parameters_of_a_larger_model():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 1, bias=False), nn.Linear(1, 1))
    x = torch.linspace(-1, 1, 9)[:, None]
    view = Descent.of(model, nn.MSELoss(), x, x**2, params=("3.weight", "3.bias"), steps=10)
    assert view.scene["names"] == ["3.weight", "3.bias"]
    before = view.losses
    with torch.no_grad():
        model[0].weight.fill_(9.0)
    assert (view.go().losses == before).all()               # the rest is held as it was, too
    with pytest.raises(ValueError, match=r"parameters|make 11.*choose with params"):
        Descent.of(model, nn.MSELoss(), x, x**2)
    with pytest.raises(ValueError, match=r"no parameter 'w'; it has 0\.weight"):
        Descent.of(model, nn.MSELoss(), x, x**2, params=("w", "b"))


def test_one_parameter_of_two_numbers():
    model = nn.Linear(2, 1, bias=False)
    x = torch.tensor([[1.0, 0.0], [0.0, 3.0]])
    view = Descent.of(model, nn.MSELoss(), x, torch.ones(2, 1), lr=0.1, scale=True)
    assert view.scene["names"] == ["weight[0]", "weight[1]"]
    np.testing.assert_allclose(view.minimum, [1, 1 / 3], atol=1e-4)
    assert view.curvatures[1] / view.curvatures[0] == pytest.approx(9, rel=1e-3)
    assert len(view._bowls) == 2


def test_scaling_makes_the_valley_round_and_keeps_start_and_share():
    x, y = [20.0, 25.0, 30.0, 40.0], [100.0, 130.0, 160.0, 200.0]
    view = Descent.line(x, y, 1.0, 5.0, lr=1e-4)
    share, loss = 1e-4 / view.limit, view.losses[0]
    assert view.curvatures[1] / view.curvatures[0] > 1e4
    view.go(scaled=True)
    np.testing.assert_allclose(view.curvatures, (2, 2), rtol=1e-3)
    assert view.run["lr"] / view.limit == pytest.approx(share, rel=1e-3)
    assert view.losses[0] == pytest.approx(loss, rel=1e-4)
    with pytest.raises(ValueError, match="no column to scale"):
        Descent(bowl, 1, 1).go(scaled=True)


def test_past_the_limit_it_leaves_and_below_it_learns():
    view = Descent(bowl, 3.0, 1.0, lr=0.099, steps=200)
    assert view.limit == pytest.approx(0.1)
    assert view.losses[-1] < 1e-2
    assert view.go(lr=0.101).losses[-1] > 100
    assert "left the map at step" in view.to_svg()


def test_it_finds_its_slopes_where_gradients_are_off():
    with torch.no_grad():
        view = Descent(bowl, 3.0, 1.0, lr=0.05)
    assert view.limit == pytest.approx(0.1) and view.losses[-1] < 1


def test_the_learners_model_is_not_touched_while_it_is_asked():
    class Model(nn.Linear):
        def forward(self, x):
            threads.append(learner.weight is weight)
            return super().forward(x)

    threads, learner = [], Model(1, 1)
    weight, x = learner.weight, torch.ones(3, 1)
    Descent.of(learner, nn.MSELoss(), x, x, lr=0.1)
    assert threads and all(threads)


def say(view, **content):
    """Ask as the page does; give the answer."""
    sent, view.send = [], lambda found: sent.append(found)
    view._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    return sent[0] if sent else None


def test_the_page_asks_and_is_answered():
    view = Descent(bowl, 3.0, 1.0, lr=0.05)
    told = say(view, id="a", do="walk", start=[1.0, 2.0], lr=0.02, names=["Adam", "SGD"])
    assert told == {"answer": "a"}
    assert [p["name"] for p in view.run["paths"]] == ["Adam", "SGD"]
    assert view.path[0].tolist() == [1.0, 2.0]
    rows = sum(p["rows"] for p in view.run["paths"])
    assert len(view.numbers) == rows * 9 * 8


@pytest.mark.parametrize("content", [
    {"lr": "fast"}, {"lr": -1}, {"lr": float("nan")}, {"start": ["a", 1]}, {"start": [1]},
])  # fmt: skip
def test_a_bad_wish_is_answered_with_words(content):
    view = Descent(bowl, 3.0, 1.0)
    before = view.path
    assert say(view, id="a", do="walk", **content)["error"]
    assert (view.path == before).all()
    assert say(view, id="b", do="walk", lr=0.1) == {"answer": "b"}


def test_unknown_wishes_are_left_alone():
    view = Descent(bowl, 3.0, 1.0)
    before = dict(view.run)
    say(view, do="fly")
    say(view)
    view._hear(view, "walk", [])
    assert "error" not in say(view, id="a", do="walk", world=0.0)
    assert "error" not in say(view, id="b", do="walk", names=["<script>"], world=5)
    assert view.run == before


def test_the_page_may_ask_on_another_thread():
    view = Descent(bowl, 3.0, 1.0)
    wishes = [{"do": "walk", "lr": 0.01 * k} for k in range(1, 9)]
    threads = [threading.Thread(target=say, args=(view,), kwargs=wish) for wish in wishes]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert view.run["lr"] in [wish["lr"] for wish in wishes]


def test_the_map_travels_once_while_the_ways_change():
    view, sent = Descent(bowl, 3.0, 1.0), []
    view.send_state = lambda key=None: sent.append({key} if isinstance(key, str) else {*key})
    say(view, do="walk", lr=0.02)
    assert {"run", "numbers"} <= set().union(*sent)
    assert not {"scene", "outlines"} & set().union(*sent)
    assert len(view.outlines) < 60_000


@pytest.mark.parametrize(("make", "error", "words"), [
    (lambda: Descent(bowl, float("nan"), 1), ValueError, "w: the start must be a finite number"),
    (lambda: Descent(bowl, 1, [1, 2]), TypeError, "b: the start is a number"),
    (lambda: Descent(bowl, 1j, 1), TypeError, "real numbers"),
    (lambda: Descent(bowl, 1, 1, lr=0), ValueError, "length above 0"),
    (lambda: Descent(bowl, 1, 1, steps=0), ValueError, "whole number from 1"),
    (lambda: Descent(bowl, 1, 1, steps=10**6), ValueError, "whole number from 1"),
    (lambda: Descent(bowl, 1, 1, window=(1, 0, 0, 1)), ValueError, "each pair rising"),
    (lambda: Descent(bowl, 1, 1, optimizer="best"), ValueError, "no optimizer is called 'best'"),
    (lambda: Descent.line([1.0, 2.0], [1.0, 2.0, 3.0]), ValueError, "one y for each x"),
    (lambda: Descent.line([1.0], [1.0]), ValueError, "two numbers or more"),
    (lambda: Descent.line([], []), ValueError, r"shape \(0,\)"),
    (lambda: Descent.line([1.0, float("nan")], [1.0, 2.0]), ValueError, "1 NaN or infinite"),
    (lambda: Descent.line(torch.ones(2, 2), [1.0, 2.0]), ValueError, r"shape \(2, 2\)"),
    (lambda: Descent.line([1j, 2j], [1.0, 2.0]), TypeError, "complex"),
    (lambda: Descent(torch.ones(3)), TypeError, "Descent.line"),
])  # fmt: skip
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_the_picture_is_complete_in_itself_and_says_what_it_shows():
    view = Descent(bowl, 3.0, 1.0, lr=0.08, compare=["Adam"])
    svg = view.to_svg()
    tree = ET.fromstring(svg)
    assert tree.find(SVG + "title").text == repr(view)
    assert "Adam ends at" in tree.find(SVG + "desc").text
    assert svg == view.to_svg()
    assert "var(" not in svg and svg.count("http") == 1
    assert len(svg) < 100_000
    words = [e.text for e in tree.iter(SVG + "text")]
    assert {"w", "b", "SGD", "Adam", "lr 0.08", "below 2/λmax = 0.1"} <= set(words)


def test_hostile_names_are_only_words():
    class Model(nn.Module):
        name = '"><script>alert(1)</script>'

        def __init__(self):
            super().__init__()
            self.register_parameter(self.name, nn.Parameter(torch.ones(2)))

        def forward(self, x):
            return x * getattr(self, self.name).sum()

    view = Descent.of(Model(), nn.MSELoss(), torch.ones(2), torch.zeros(2))
    tree = ET.fromstring(view.to_svg())
    assert not [e for e in tree.iter() if e.tag == SVG + "script"]
    assert "<script>" in view.scene["names"][0]       # the page makes text nodes of it


def test_a_far_path_keeps_a_small_picture():
    view = Descent(bowl, 3.0, 1.0, lr=5.0, steps=2000)
    ET.fromstring(view.to_svg())
    drawn = re.sub(r"<(title|desc)>.*?</\1>|aria-label=\"[^\"]*\"", "", view.to_svg())
    assert not re.search(r"nan|inf|e\+", drawn)
    assert len(view.to_svg()) < 200_000


def test_a_model_on_the_gpu(pretend_gpu):  # noqa: F811
    torch.manual_seed(0)
    model, x = nn.Linear(1, 1), torch.tensor([[1.0], [2.0], [4.0]])
    here = Descent.of(model, nn.MSELoss(), x, 3 * x, lr=0.05, compare=["Adam"], scale=True)
    model, x = model.to("cuda"), x.to("cuda")
    there = Descent.of(model, nn.MSELoss(), x, 3 * x, lr=0.05, compare=["Adam"], scale=True)
    np.testing.assert_allclose(there.path, here.path, atol=1e-5)
    np.testing.assert_allclose(there.go(scaled=True).path, here.go(scaled=True).path, atol=1e-5)
    assert repr(Descent.line(x, 3 * x)) == repr(Descent.line(x.cpu(), 3 * x.cpu()))


def test_a_start_where_the_loss_breaks_is_taken_back():
    def loss(w, b):
        if float(w) < -1:
            raise RuntimeError("log of a negative number")
        return (w - 1) ** 2 + b**2

    bowl = Descent(loss, 0.5, 0.5, lr=0.1, steps=5, window=(-1, 3, -2, 2))
    before, sent = bowl.run, []
    bowl.send = lambda message, buffers=None: sent.append(message)
    bowl._handle_custom_msg({"id": 1, "do": "walk", "start": [-3, 0], "lr": 0.3}, [])
    assert sent.pop() == {"answer": 1, "error": "log of a negative number"}
    assert bowl.run == before
    with pytest.raises(RuntimeError, match="negative"):
        bowl.go(-3.0, 0.0, optimizer="Adam")
    bowl._handle_custom_msg({"id": 2, "do": "walk", "lr": 0.2}, [])
    assert sent == [{"answer": 2}]
    assert (bowl.run["start"], bowl.run["lr"]) == ([0.5, 0.5], 0.2)
    assert [path["name"] for path in bowl.run["paths"]] == ["SGD"]
