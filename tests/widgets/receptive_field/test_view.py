"""The kernel's half: fields are real gradients; answers to the page, refusals, the picture."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets import ReceptiveField


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(12 * 36, 5),
    )


@pytest.fixture
def x():
    torch.manual_seed(1)
    return torch.rand(3, 1, 16, 16)


def real(model, x, layer, unit):
    """The size of one activation's gradient, by plain autograd."""
    model.eval()
    x = x.clone().requires_grad_()
    y = model[: layer + 1](x)
    y.reshape(1, -1)[
        0, np.ravel_multi_index(unit, y.shape[1:] if y.dim() > 2 else (*y.shape[1:], 1, 1))
    ].backward()
    return x.grad[0].abs().sum(0).numpy()


@pytest.mark.parametrize(
    ("layer", "unit"), [(0, (3, 0, 0)), (3, (1, 4, 4)), (5, (2, 3, 1)), (7, (4, 0, 0))]
)
def test_the_effective_field_is_the_real_gradient(model, x, layer, unit):
    view = ReceptiveField(model, x, layer=str(layer), unit=unit, image=1)
    expected = real(model, x[1:2], layer, unit)
    np.testing.assert_allclose(view.field, expected, atol=1e-7)
    sent = np.frombuffer(view.answer, np.float32)
    rows, columns = view.layers[layer].shape[1:]
    np.testing.assert_allclose(
        sent[rows * columns : rows * columns + 256].reshape(16, 16), expected, atol=1e-7
    )
    assert np.array_equal(sent[rows * columns + 256 :].reshape(16, 16), view.region)
    assert not (expected[~view.region] != 0).any()
    assert view.chosen["blocked"] == (view.region & (expected == 0)).sum()


def test_the_map_and_its_value_are_the_layers(model, x):
    view = ReceptiveField(model, x, layer=4, unit=(2, 3, 1))
    y = model.eval()[:5](x[:1])
    sent = np.frombuffer(view.answer, np.float32)[:36].reshape(6, 6)
    np.testing.assert_allclose(sent, y[0, 2].detach().numpy(), atol=1e-6)
    assert view.chosen["value"] == pytest.approx(y[0, 2, 3, 1].item(), abs=1e-6)


def test_a_layer_changed_in_place_afterwards_is_shown_as_it_was(x):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
    view = ReceptiveField(model, x, layer="0")
    expected = model[0](x[:1]).detach().numpy()
    assert (expected < 0).any()
    np.testing.assert_allclose(view.layers[0].output.detach().numpy(), expected, atol=1e-6)


def test_a_message_chooses_a_unit_and_nonsense_is_nothing(model, x):
    view = ReceptiveField(model, x)
    view._hear(None, {"do": "unit", "layer": 3, "unit": [5, 2, 7]}, [])
    assert view.chosen["unit"] == [5, 2, 7]
    np.testing.assert_allclose(view.field, real(model, x[:1], 3, (5, 2, 7)), atol=1e-7)
    chosen = view.chosen
    for bad in (
        None,
        {},
        {"do": "unit"},
        {"do": "unit", "layer": 99, "unit": [0, 0, 0]},
        {"do": "unit", "layer": 0, "unit": [0, 99, 0]},
        {"do": "unit", "layer": 0, "unit": "abc"},
    ):
        view._hear(None, bad, [])
    assert view.chosen == chosen


def test_the_page_may_ask_after_the_model_was_trained_on(model, x):
    view = ReceptiveField(model, x, layer="4", unit=(0, 3, 3))
    field = view.field
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    view._hear(None, {"do": "unit", "layer": 4, "unit": [0, 2, 2]}, [])
    assert view.chosen["unit"] == [0, 2, 2]
    view._hear(None, {"do": "unit", "layer": 4, "unit": [0, 3, 3]}, [])
    np.testing.assert_array_equal(view.field, field)


def test_modes_statistics_and_gradients_stay(model, x):
    model.train()
    before = model[1].running_mean.clone()
    ReceptiveField(model, x)
    assert model.training and model[1].training
    assert torch.equal(model[1].running_mean, before)
    assert all(p.grad is None for p in model.parameters())
    assert not any(getattr(part, "_module_hooks", None) for part in model.modules())


def test_the_table_holds_the_textbook(model, x):
    table = ReceptiveField(model, x).table
    assert [row["field"] for row in table] == [(3, 3)] * 3 + [(4, 4), (8, 8), (8, 8), None, None]
    assert [row["stride"] for row in table][:5] == [(1, 1), (1, 1), (1, 1), (2, 2), (2, 2)]


def test_refresh_shows_the_model_as_it_is_now(model, x):
    view = ReceptiveField(model, x, layer="4")
    with torch.no_grad():
        model[4].weight.mul_(2)
    field = view.field
    view.refresh()
    np.testing.assert_allclose(view.field, 2 * field, rtol=1e-5)


def test_a_module_used_twice_has_two_calls(x):
    same = nn.ReLU()
    view = ReceptiveField(nn.Sequential(nn.Conv2d(1, 2, 3), same, nn.Conv2d(2, 2, 3), same), x)
    assert [row["name"] for row in view.table] == ["0", "1", "2", "1 (call 2)"]


class NoCopy(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return self.conv(x)

    def __deepcopy__(self, memo):
        raise RuntimeError("one of a kind")


def test_a_model_that_cannot_be_copied_shows_what_moves_it(x):
    view = ReceptiveField(NoCopy(), x)
    assert "one of a kind" in view.scene["why"]
    assert view.region.sum() == 9
    assert view.table[0]["field"] is None


WRONG = [
    (lambda m, x: (x, m), {}, TypeError, "model is an nn.Module, not Tensor"),
    (lambda m, x: (m, "cat"), {}, TypeError, "x is a tensor, not str"),
    (lambda m, x: (m, torch.ones(3)), {}, ValueError, r"shape \(3,\) is no image"),
    (lambda m, x: (m, x + 1j), {}, TypeError, "complex"),
    (lambda m, x: (m, x[:0]), {}, ValueError, "no numbers"),
    (lambda m, x: (m, x), {"layer": "conv9"}, KeyError, "no layer 'conv9'; there is 0, 1, 2"),
    (lambda m, x: (m, x), {"layer": "0", "unit": (9, 0, 0)}, IndexError, "8 channels of 16 × 16"),
    (lambda m, x: (m, x), {"image": 3}, IndexError, "image 3 is not among 0 … 2"),
    (lambda m, x: (m, torch.ones(2, 16, 16, 3)), {}, RuntimeError, "channels"),
    (
        lambda m, x: (nn.Sequential(nn.Flatten(), nn.Linear(256, 3)), x),
        {},
        ValueError,
        "makes feature maps",
    ),
]


@pytest.mark.parametrize(("make", "settings", "error", "words"), WRONG)
def test_what_cannot_be_shown_is_explained(model, x, make, settings, error, words):
    with pytest.raises(error, match=words):
        ReceptiveField(*make(model, x), **settings)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_strange_pixels_are_drawn(model, value):
    view = ReceptiveField(model, torch.full((1, 16, 16), value))
    ElementTree.fromstring(view.to_svg())
    assert view.region.any()
    json.dumps([view.scene, view.chosen], allow_nan=False)


def test_the_picture_says_what_it_shows(model, x):
    view = ReceptiveField(model, x, layer="4", unit=(2, 3, 1))
    assert repr(view) == "ReceptiveField: 4[2, 3, 1] of 8 layers sees 8 × 8 of 16 × 16 pixels"
    svg = view.to_svg()
    root = ElementTree.fromstring(svg)
    desc = root.find("{http://www.w3.org/2000/svg}desc").text
    assert desc.startswith("It can be moved by rows 5 to 12, columns 1 to 8: 8 × 8.")
    assert "var(" not in svg and "<script" not in svg
    assert len(svg) < 100_000
