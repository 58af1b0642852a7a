"""The gates without a browser: they are the layer's own, for every kind of layer."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn.utils.rnn import pack_sequence
from autograd_lab.widgets import _pace
from autograd_lab.widgets._paper import LINE
from autograd_lab.widgets.gates_view import GatesView
from autograd_lab.widgets.gates_view.gates import alike, lively, walk
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)

SVG = "{http://www.w3.org/2000/svg}"
WORDS = ["the", "old", "man", "sat", "."]


LAYERS = {
    "lstm": lambda: nn.LSTM(4, 6), "gru": lambda: nn.GRU(4, 6), "rnn": lambda: nn.RNN(4, 6),
    "relu": lambda: nn.RNN(4, 6, nonlinearity="relu"), "no bias": lambda: nn.LSTM(4, 6, bias=False),
    "deep": lambda: nn.LSTM(4, 6, 2, bidirectional=True, batch_first=True),
    "deep gru": lambda: nn.GRU(4, 6, 3, bidirectional=True),
    "projected": lambda: nn.LSTM(4, 6, 2, proj_size=3, bidirectional=True),
}  # fmt: skip


@pytest.mark.parametrize("kind", [*LAYERS])
@pytest.mark.parametrize("start", [False, True])
def test_the_walk_ends_where_the_layer_ends(kind, start):
    torch.manual_seed(3)
    layer, x = LAYERS[kind](), torch.randn(5, 4)
    lstm, ways = layer.mode == "LSTM", layer.num_layers * (1 + layer.bidirectional)
    sizes = [layer.proj_size or 6, 6] if lstm else [6]
    given = [torch.randn(ways, size) for size in sizes] if start else None
    hx = None if not start else tuple(given) if lstm else given[0]
    _, last = layer(x) if hx is None else layer(x, hx)
    found = walk(layer, x.numpy().astype(float), given and [g.numpy().astype(float) for g in given])
    assert len(found) == ways
    for k, parts in enumerate(found):
        end = 0 if layer.bidirectional and k % 2 else -1
        h = parts["h"][end]
        if layer.proj_size:
            suffix = f"l{k // 2}{'_reverse' * (k % 2)}"
            h = getattr(layer, f"weight_hr_{suffix}").detach().numpy() @ h
        want = (last[0] if lstm else last)[k].detach().numpy()
        np.testing.assert_allclose(h, want, atol=1e-6)
        if lstm:
            np.testing.assert_allclose(parts["c"][end], last[1][k].detach().numpy(), atol=1e-6)


def test_the_parts_are_those_of_the_equations():
    torch.manual_seed(0)
    view = GatesView(nn.LSTM(4, 6), torch.randn(5, 4), WORDS)
    p = view.parts
    before = np.vstack([np.zeros(6), p["c"][:-1]])
    np.testing.assert_allclose(p["c"], p["f"] * before + p["i"] * p["g"])
    np.testing.assert_allclose(p["h"], p["o"] * np.tanh(p["c"]))
    for gate in "ifo":
        assert ((p[gate] > 0) & (p[gate] < 1)).all()


def test_the_page_gets_the_units_in_order():
    torch.manual_seed(0)
    view = GatesView(nn.GRU(4, 6, 2, bidirectional=True), torch.randn(5, 4), WORDS)
    values = np.frombuffer(view.values, "<f4").reshape(4, 4, 6, 5)       # view, part, unit, step
    for k, about in enumerate(view.scene["views"]):
        assert (about["layer"], about["way"]) == (k // 2, ["forwards", "backwards"][k % 2])
        assert sorted(about["units"]) == sorted(about["chain"]) == [*range(6)]
        want = view._found[k]["z"][:, about["units"]].T
        np.testing.assert_allclose(values[k, 1], want, rtol=1e-6)
    spread = view._found[0]["h"].std(0)[view.scene["views"][0]["units"]]
    assert spread[0] == spread.max()


def test_similar_units_stand_together():
    t = np.linspace(0, 6, 30)
    h = np.stack([np.sin(t), np.cos(t), np.sin(t) + 0.01, np.cos(t) * 0.99], 1)
    order = alike({"h": h}).tolist()
    assert abs(order.index(0) - order.index(2)) == abs(order.index(1) - order.index(3)) == 1
    assert lively({"h": h * [1, 3, 1, 1]})[0] == 1


def test_a_whole_model_and_a_sentence_of_a_batch():
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.drop = nn.Embedding(9, 4), nn.Dropout(0.5)
            self.lstm = nn.LSTM(4, 6, batch_first=True)

        def forward(self, ids):
            return self.lstm(self.drop(self.embedding(ids)))[0]

    torch.manual_seed(0)
    model, ids = Tagger(), torch.tensor([[1, 2, 3, 4, 5], [5, 6, 7, 8, 0]])
    view = GatesView(model, ids, WORDS, sequence=1)
    assert model.training and not model.lstm._forward_pre_hooks
    direct = GatesView(model.lstm, model.embedding(ids[1]), WORDS)
    np.testing.assert_allclose(view.parts["o"], direct.parts["o"], atol=1e-6)


def test_it_follows_the_weights_but_not_too_often(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(_pace, "monotonic", lambda: now[0])
    layer = nn.LSTM(4, 6)
    view = GatesView(layer, torch.ones(5, 4), WORDS)
    before, drawn = view.values, []
    view.observe(drawn.append, "values")
    for k in range(200):
        now[0] = 1 + k / 100
        with torch.no_grad():
            layer.weight_ih_l0.mul_(1.01)
        view.update()
    assert 30 <= len(drawn) <= 41
    view.finish()
    assert view.values != before
    want = GatesView(layer, torch.ones(5, 4), WORDS)
    assert view.values == want.values


def test_large_layers_are_cut_and_it_is_known():
    view = GatesView(nn.LSTM(4, 600), torch.ones(5, 4), WORDS)
    assert view.scene["shown"] == 256 and view.scene["size"] == 600
    assert len(view.values) == 4 * 6 * 256 * 5


RAGGED = pack_sequence([torch.ones(3, 4), torch.ones(2, 4)])


@pytest.mark.parametrize(("make", "error", "words"), [
    (lambda: GatesView(nn.Linear(2, 2), torch.ones(3, 2)), ValueError, "has none"),
    (lambda: GatesView(nn.ModuleList([nn.GRU(2, 2), nn.GRU(2, 2)]), torch.ones(3, 2)), ValueError,
     r"has 2 \(0, 1\)"),
    (lambda: GatesView("lstm", torch.ones(3, 2)), TypeError, "not into str"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.tensor([1, 2])), TypeError, "give embedding"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(5, 3)), ValueError, "3 features, the layer reads"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(0, 4)), ValueError, r"shape \(0, 4\)"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.tensor(1.0)), ValueError, r"shape \(\)"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(5, 2, 4), sequence=2), IndexError, "2 sequences"),
    (lambda: GatesView(nn.LSTM(4, 6), RAGGED), TypeError, "not the packed one"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(3, 4) * float("nan")), ValueError, "12 NaN"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(3, 4), ["a"]), ValueError, "1 tokens for 3"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(999, 4)), ValueError, "shows 400 at most"),
    (lambda: GatesView(nn.LSTM(4, 6), torch.ones(3, 4) * 1j), TypeError, "complex"),
])  # fmt: skip
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_the_picture_is_complete_in_itself():
    words = ['<script>alert("x")</script>', "b&]]>", "\x00", "损失", "x" * 400]
    view = GatesView(nn.LSTM(4, 6), torch.randn(5, 4), words)
    svg = view.to_svg()
    tree = ET.fromstring(svg)
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} <= {
        "svg", "title", "desc", "rect", "text", "g", "path"
    }  # fmt: skip
    assert "var(" not in svg and svg.count("http") == 1
    cells = [p.get("d") for p in tree.iter(SVG + "path") if p.get("stroke") != LINE]
    assert sum(d.count("M") for d in cells) == 6 * 6 * 5
    long = GatesView(nn.LSTM(4, 60), torch.randn(300, 4))
    assert "the first 24 of 300 words" in long.to_svg()
    assert len(long.to_svg()) < 300_000


def test_a_view_that_does_not_exist_is_not_shown():
    view = GatesView(nn.LSTM(4, 6), torch.ones(5, 4), WORDS)
    view.view = 7
    assert view.view == 0


def test_a_layer_on_the_gpu(pretend_gpu):  # noqa: F811
    torch.manual_seed(0)
    layer, x = nn.LSTM(4, 6, bidirectional=True), torch.randn(5, 4)
    start = torch.randn(2, 6), torch.randn(2, 6)
    here = GatesView(layer, x, WORDS, hx=start)
    there = GatesView(layer.to("cuda"), x.to("cuda"), WORDS, hx=tuple(s.to("cuda") for s in start))
    assert there.values == here.values and there.scene == here.scene
