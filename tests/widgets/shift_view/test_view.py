"""The kernel's half: moves, comparisons, answers and accuracies are what the models really give."""

from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn import functional as F
from autograd_lab.widgets import ShiftView
from autograd_lab.widgets.shift_view import picture
from autograd_lab.widgets.shift_view.moving import compared, lost, moved


@pytest.fixture
def models():
    torch.manual_seed(0)
    mlp = nn.Sequential(nn.Flatten(), nn.Linear(144, 3))
    conv = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 5, 3, padding=1),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(5, 3),
    )
    return {"MLP": mlp, "conv": conv}


@pytest.fixture
def images():
    torch.manual_seed(1)
    return F.pad(torch.rand(6, 1, 4, 4), (4, 4, 4, 4))


LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


def look(view, **news):
    message = {
        "do": "look",
        "image": 0,
        "dx": 0,
        "dy": 0,
        "model": 1,
        "layer": 0,
        "channel": 0,
        **news,
    }
    view._hear(None, message, [])
    return view


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (2, 0), (-1, 3), (4, -4)])
def test_a_move_is_a_move(dx, dy):
    x = np.arange(2 * 9 * 9.0).reshape(2, 9, 9)
    expected = np.zeros_like(x)
    for i, j in np.ndindex(9, 9):
        if 0 <= i - dy < 9 and 0 <= j - dx < 9:
            expected[:, i, j] = x[:, i - dy, j - dx]
    assert np.array_equal(moved(x, dx, dy), expected)


def test_more_than_the_image_moves_everything_out():
    assert np.array_equal(moved(np.ones((3, 3)), 5, 0, fill=2.0), np.full((3, 3), 2.0))
    assert lost(np.ones((3, 3)), 0, -7) == 1.0
    assert lost(np.zeros((3, 3)), 1, 1) == 0.0


def test_answers_and_accuracies_are_the_models(models, images):
    view = ShiftView(models, images, LABELS)
    look(view, image=2, dx=1, dy=-2)
    there = torch.tensor(moved(images.numpy(), 1, -2))
    for k, model in enumerate(models.values()):
        expected = F.softmax(model(there[2:3]).detach(), -1)[0].numpy()
        np.testing.assert_allclose(view.seen["after"][k], expected, atol=1e-6)
        before = F.softmax(model(images[2:3]).detach(), -1)[0].numpy()
        np.testing.assert_allclose(view.seen["before"][k], before, atol=1e-6)
        assert view.seen["answers"][k] == [before.argmax(), expected.argmax()]
    right = {
        name: float((model(there).argmax(1) == LABELS).float().mean())
        for name, model in models.items()
    }
    assert view.accuracy(1, -2) == pytest.approx(right)
    view._hear(None, {"do": "measure", "dx": 1, "dy": -2}, [])
    assert view.scores == {"1,-2": pytest.approx(list(right.values()))}
    curve = view.curve()
    assert len(curve["conv"]) == 9 and curve["MLP"][4] == view.accuracy()["MLP"]


def test_an_accuracy_is_measured_once(models, images, monkeypatch):
    view = ShiftView(models, images, LABELS)
    view.curve()
    monkeypatch.setattr(view, "_run", None)
    view.curve()


def test_maps_are_the_layers_and_their_difference(models, images):
    view = look(ShiftView(models, images), dx=2, dy=0, layer=3, channel=2, image=1)
    part = models["conv"][:4]
    before = part(images[1:2]).detach().numpy()[0]
    after = part(torch.tensor(moved(images[1:2].numpy(), 2, 0))).detach().numpy()[0]
    compare = view.comparison
    assert compare["stride"] == [2, 2] and compare["way"] == [0, 1] and compare["whole"]
    np.testing.assert_allclose(compare["moved"], moved(before, 1, 0)[2], atol=1e-6)
    np.testing.assert_allclose(compare["after"], after[2], atol=1e-6)
    here = compare["inside"]
    assert compare["largest"] == pytest.approx(
        np.abs(moved(before, 1, 0) - after).max(0)[here].max()
    )
    sent = np.frombuffer(view.numbers, np.float32)[2 * 144 :].reshape(5, 6, 6)
    np.testing.assert_allclose(sent[2][here], (moved(before, 1, 0)[2] - after[2])[here], atol=1e-6)
    assert not sent[2][~here].any()


def test_a_convolution_is_equivariant_and_a_stride_breaks_it(models, images):
    view = look(ShiftView(models, images), dx=2, dy=-1)
    assert (
        picture.verdict(view.comparison) == "the map moves along exactly: the layer is equivariant"
    )
    look(view, dx=1, dy=0, layer=2)  # after the pooling by 2
    assert "one place of this map is 2 pixels wide" in picture.verdict(view.comparison)
    look(view, dx=2, dy=0, layer=2)
    assert "moves along exactly" in picture.verdict(view.comparison)


@pytest.mark.parametrize("dx", [1, 3])
def test_at_the_border_a_padded_convolution_differs(dx):
    torch.manual_seed(0)
    conv = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1))
    x = torch.rand(1, 1, 12, 12).numpy()  # ink up to the rim
    maps = [conv(torch.tensor(each)).detach().numpy()[0] for each in (x, moved(x, dx, 0))]
    shown, way, whole, inside, deep = compared(*maps, dx, 0, (1, 1), (5, 5))
    size = np.abs(shown - maps[1]).max(0)
    assert way == (0, dx) and whole
    assert size[inside].max() > 1e-3
    assert deep.any() and size[deep].max() < 1e-6


def test_the_page_words_a_verdict_as_the_picture_does(node):
    cases = [
        {
            "whole": whole,
            "stride": [2, 2],
            "way": [0, 0],
            "largest": largest,
            "deepest": deepest,
            "scale": scale,
        }
        for whole in (True, False)
        for largest in (None, 0.0, 0.25)
        for deepest in (None, 0.0, 0.1)
        for scale in (0.0, 2.0)
    ]
    assert node("answers.mjs", cases) == [picture.verdict(case) for case in cases]


def test_a_model_with_maps_is_compared_first(models, images):
    assert ShiftView(models, images).seen["model"] == 1
    view = ShiftView({"MLP": models["MLP"]}, images)
    assert view.seen["compare"] is None and view.seen["layers"] == []


def test_modes_and_gradients_stay(models, images):
    models["conv"].train()
    ShiftView(models, images, LABELS).curve()
    assert models["conv"].training
    assert all(p.grad is None for p in models["conv"].parameters())


def test_a_page_that_asks_leaves_a_model_in_training_alone(models, images):
    view = ShiftView(models, images, LABELS)
    models["conv"].train()
    touched = []
    for part in models["conv"].modules():
        part.register_forward_hook(lambda *_: touched.append(1))
    look(view, dx=1)
    view._hear(None, {"do": "measure", "dx": 1, "dy": 1}, [])
    assert view.seen["dx"] == 1 and "1,1" in view.scores
    assert not touched


def test_refresh_forgets_what_was_measured(models, images):
    view = ShiftView(models, images, LABELS)
    view.curve()
    with torch.no_grad():
        models["MLP"][1].bias.copy_(torch.tensor([100.0, 0.0, 0.0]))
    view.refresh()
    assert view.scores == {}
    assert view.accuracy()["MLP"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "look",
        {},
        {"do": "look"},
        {"do": "look", "dx": 9, "dy": 0, "image": 0, "model": 0},
        {"do": "look", "dx": 0, "dy": 0, "image": 99, "model": 0},
        {"do": "look", "dx": 0, "dy": 0, "image": 0, "model": 7},
        {"do": "measure"},
        {"do": "measure", "dx": 5, "dy": 0},
        {"do": "measure", "dx": "a", "dy": 0},
        {"do": ["look"]},
    ],
)
def test_a_message_that_cannot_be_is_nothing(models, images, message):
    view = ShiftView(models, images, LABELS)
    seen, scores = view.seen, view.scores
    view._hear(None, message, [])
    assert view.seen == seen and view.scores == scores


WRONG = [
    (lambda m, x: ([1], x), {}, TypeError, "is no nn.Module but int"),
    (lambda m, x: (3, x), {}, TypeError, r"a dict such as \{'CNN': cnn"),
    (lambda m, x: ({}, x), {}, TypeError, "models is a dict"),
    (lambda m, x: (m, "x"), {}, TypeError, "images is a tensor, not str"),
    (lambda m, x: (m, torch.ones(3)), {}, ValueError, r"shape \(3,\) are no batch"),
    (lambda m, x: (m, x[:0]), {}, ValueError, "no numbers"),
    (lambda m, x: (m, torch.ones(2, 12, 12, 3)), {}, ValueError, r"permute\(0, 3, 1, 2\)"),
    (lambda m, x: (m, x, [1]), {}, ValueError, "1 labels for 6 images"),
    (lambda m, x: (m, x, LABELS + 5), {}, ValueError, "labels go up to 7, but the models know 3"),
    (lambda m, x: (m, x), {"dx": 9}, ValueError, "moves go from −4 to 4"),
    (lambda m, x: (m, x), {"image": 6}, IndexError, "not among 0 … 5"),
    (lambda m, x: (m, x), {"farthest": 0}, ValueError, "farthest"),
    (lambda m, x: (m, x), {"layer": "conv9"}, KeyError, "no feature maps of a layer 'conv9'"),
    (
        lambda m, x: (nn.Sequential(nn.Conv2d(1, 2, 3)), x),
        {},
        ValueError,
        "one row of class scores",
    ),
    (lambda m, x: (m, torch.ones(2, 3, 12, 12)), {}, RuntimeError, "shapes cannot be multiplied"),
]


@pytest.mark.parametrize(("make", "settings", "error", "words"), WRONG)
def test_what_cannot_be_shown_is_explained(models, images, make, settings, error, words):
    with pytest.raises(error, match=words):
        ShiftView(*make(models, images), **settings)


def test_accuracy_without_labels_is_refused(models, images):
    with pytest.raises(ValueError, match="accuracy needs labels"):
        ShiftView(models, images).accuracy()


def test_the_picture_says_what_it_shows(models, images):
    view = ShiftView(models, images, LABELS, dx=1, dy=2)
    view.curve()
    svg = view.to_svg()
    root = ElementTree.fromstring(svg)
    desc = root.find("{http://www.w3.org/2000/svg}desc").text
    assert "MLP: " in desc and "(right is 0)" in desc
    assert "the layer is equivariant" in desc
    assert "accuracy over all images" in svg
    assert "var(" not in svg and "<script" not in svg
    assert len(svg) < 60_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_strange_pixels_are_drawn(models, value):
    ElementTree.fromstring(ShiftView(models, torch.full((2, 1, 12, 12), value), dx=1).to_svg())
