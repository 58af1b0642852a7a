"""The kernel's half: what it takes, refuses, answers, and draws for paper."""

from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn import functional as F
from autograd_lab.widgets import ConvolutionView


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return nn.Conv2d(2, 4, 3, padding=1)


@pytest.fixture
def view(layer):
    return ConvolutionView(torch.randn(3, 2, 8, 9), layer)


def hear(view, **message):
    view._hear(None, message, [])
    return view


def test_an_own_layer_and_its_result(view, layer):
    assert repr(view) == (
        "ConvolutionView: Conv2d, 4 filters of 3 × 3 over 3 images of 2 × 8 × 9 gives 4 × 8 × 9"
    )
    x = view.images[:1]
    assert torch.equal(view.output, layer(x).detach())


def test_a_setting_of_the_page_is_computed_by_the_library(view, layer):
    hear(
        view,
        do="plan",
        plan={"stride": [2, 1], "padding": [2, 0, 2, 0], "dilation": [1, 2]},
    )
    expected = F.conv2d(view.images[:1], layer.weight, layer.bias, (2, 1), (2, 0), (1, 2))
    assert torch.allclose(view.output, expected)
    assert view.scene["plan"]["stride"] == [2, 1]


def test_a_number_of_the_page_never_changes_the_layer(view, layer):
    before = layer.weight.detach().clone()
    hear(view, do="number", of="weight", at=[1, 0, 2, 2], value=5.0)
    hear(view, do="number", of="bias", at=[3], value=-1.0)
    assert view.weight[1, 0, 2, 2].item() == 5.0
    assert view.bias[3].item() == -1.0
    assert torch.equal(layer.weight, before)
    assert torch.allclose(
        view.output, F.conv2d(view.images[:1], view.weight, view.bias, padding=1)
    )
    hear(view, do="reset")
    assert torch.equal(view.weight, before)
    assert torch.equal(view.output, layer(view.images[:1]).detach())


def test_another_image(view, layer):
    hear(view, do="image", image=2)
    assert torch.equal(view.output, layer(view.images[2:]).detach())
    assert np.array_equal(np.frombuffer(view.pixels), view.images[2].numpy().ravel().astype(float))


def test_update_takes_the_layers_new_numbers_and_keeps_the_settings(view, layer):
    hear(view, do="plan", plan={"stride": [2, 2]})
    with torch.no_grad():
        layer.weight += 1
    view.update()
    assert torch.equal(view.weight, layer.weight.detach())
    assert view.plan.stride == (2, 2)


@pytest.mark.parametrize(
    "message",
    [
        {"do": "plan", "plan": {"stride": [0, 1]}},
        {"do": "plan", "plan": {"stride": [1]}},
        {"do": "plan", "plan": {"dilation": [9, 9]}},
        {"do": "plan", "plan": {"padding": [-1, 0, 0, 0]}},
        {"do": "plan", "plan": {"stride": ["a", 1]}},
        {"do": "plan"},
        {"do": "image", "image": 3},
        {"do": "number", "at": [9, 0, 0, 0], "value": 1},
        {"do": "number", "at": [0], "value": 1},
        {"do": "number", "at": [0, 0, 0, -1], "value": 1},
        {"do": "number", "at": [0, 0, 0, 0], "value": "x"},
    ],
)
def test_a_message_that_cannot_be_is_answered_in_words(view, message):
    before, output = view.plan, view.output
    hear(view, **message)
    assert view.scene["note"]
    assert view.plan == before and torch.equal(view.output, output)


@pytest.mark.parametrize("message", [None, "plan", {"do": "explode"}, {}, {"do": ["plan"]}])
def test_other_messages_are_nothing(view, message):
    scene = view.scene
    view._hear(None, message, [])
    assert view.scene == scene


WRONG = [
    (lambda: (torch.ones(2, 8, 8, 3), nn.Conv2d(3, 4, 3)), RuntimeError, r"permute\(0, 3, 1, 2\)"),
    (lambda: (torch.ones(8, 8, 3), nn.Conv2d(3, 4, 3)), RuntimeError, r"permute\(2, 0, 1\)"),
    (
        lambda: (torch.ones(1, 8, 8), nn.Conv2d(3, 4, 3)),
        RuntimeError,
        r"weight of size \[4, 3, 3, 3\], expected input\[1, 1, 8, 8\] to have 3 channels",
    ),
    (
        lambda: (torch.ones(1, 2, 2), nn.Conv2d(1, 4, 3)),
        RuntimeError,
        "Kernel size can't be greater",
    ),
    (lambda: (torch.ones(1, 8, 8), nn.Sequential(nn.Conv2d(1, 4, 3))), TypeError, "get_submodule"),
    (lambda: (torch.ones(1, 8, 8), nn.Linear(8, 8)), TypeError, "no window moves in Linear"),
    (lambda: (torch.ones(1, 8, 8), nn.ConvTranspose2d(1, 1, 3)), TypeError, "stamps its filters"),
    (lambda: (torch.ones(1, 8, 8), nn.LazyConv2d(1, 3)), ValueError, "no filters yet"),
    (lambda: (torch.ones(1, 8, 8), None), TypeError, "what moves over the image"),
    (lambda: (torch.ones(1, 8, 8), torch.ones(5)), ValueError, "no set of filters"),
    (lambda: (nn.Conv2d(1, 4, 3), torch.ones(1, 8, 8)), TypeError, r"ConvolutionView\(x, layer\)"),
    (lambda: ("image.png", nn.Conv2d(1, 4, 3)), TypeError, "x is a tensor, not str"),
    (lambda: (torch.tensor(1.0), nn.Conv2d(1, 4, 3)), ValueError, r"shape \(\) is no image"),
    (lambda: (torch.ones(0, 1, 8, 8), nn.Conv2d(1, 4, 3)), ValueError, "no numbers"),
    (lambda: (torch.ones(1, 8, 8) + 1j, nn.Conv2d(1, 4, 3)), TypeError, "complex"),
    (lambda: (torch.ones(1, 1, 2000, 2000), nn.Conv2d(1, 4, 3)), ValueError, "too many"),
]


@pytest.mark.parametrize(("make", "error", "words"), WRONG)
def test_what_cannot_be_shown_is_explained(make, error, words):
    with pytest.raises(error, match=words):
        ConvolutionView(*make())


def test_a_gradient_of_another_shape_and_settings_beside_a_layer_are_refused(layer):
    x = torch.ones(2, 8, 9)
    with pytest.raises(ValueError, match=r"grad has the shape of the result, \(1, 4, 8, 9\)"):
        ConvolutionView(x, layer, grad=torch.ones(3))
    with pytest.raises(TypeError, match="stride is what the Conv2d says"):
        ConvolutionView(x, layer, stride=2)
    with pytest.raises(IndexError, match="filter 4 is not among 0 … 3"):
        ConvolutionView(x, layer, filter=4)


def test_channels_that_seem_to_come_last_are_mentioned_for_a_pool():
    assert (
        "movedim(-1, -3)" in ConvolutionView(torch.ones(28, 28, 3), nn.MaxPool2d(2)).scene["note"]
    )
    assert not ConvolutionView(torch.ones(3, 28, 28), nn.MaxPool2d(2)).scene["note"]


@pytest.mark.parametrize(
    "values",
    [
        torch.full((1, 6, 6), float("nan")),
        torch.ones(1, 6, 6).int(),
        np.ones((6, 6)),
        [[1, 2], [3, 4]],
    ],
)
def test_any_numbers_are_drawn(values):
    svg = ConvolutionView(values, torch.ones(2, 2)).to_svg()
    ElementTree.fromstring(svg)
    assert ("NaN" in svg) == bool(np.isnan(np.asarray(values, float)).any())


def test_the_picture_says_what_it_shows_and_stays_small(layer):
    view = ConvolutionView(torch.randn(2, 64, 64), layer, filter=1, cell=(3, 5))
    svg = view.to_svg()
    root = ElementTree.fromstring(svg)
    title, desc = (
        root.find(f"{{http://www.w3.org/2000/svg}}{name}").text for name in ("title", "desc")
    )
    assert title == repr(view)
    assert desc.startswith("y[1, 3, 5] = ") and "(bias)" in desc
    assert len(svg) < 200_000
    assert "var(" not in svg and "<script" not in svg


def test_a_change_renews_the_saved_picture(view, monkeypatch):
    from autograd_lab.widgets import _kept

    events = SimpleNamespace(register=lambda *a: None, unregister=lambda *a: None)
    published = []
    monkeypatch.setattr(_kept, "get_ipython", lambda: SimpleNamespace(events=events))
    monkeypatch.setattr(_kept, "publish_display_data", lambda data, *a, **k: published.append(data))
    view._ipython_display_()
    hear(view, do="plan", plan={"stride": [2, 2]})
    view._cell_ended()
    assert len(published) == 2
    assert published[0]["image/svg+xml"] != published[1]["image/svg+xml"]
