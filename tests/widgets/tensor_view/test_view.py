"""The widget on the kernel's side: what it sends, what it answers, what it keeps."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.widgets import GraphView, TensorView, _pace

rng = np.random.default_rng(0)


def numbers(one):
    return np.frombuffer(one["numbers"], np.float64 if one["bytes"] == 8 else np.float32)


def test_what_is_sent():
    w = torch.tensor([[1.0, -2.0], [0.5, 0.0]], requires_grad=True)
    (w**2).sum().backward()
    view = TensorView(w)
    data = view.data
    assert (data["name"], data["shape"], data["dtype"]) == ("w", [2, 2], "float32")
    assert data["stripe"] == "parameter"
    assert numbers(data["value"]).tolist() == [1, -2, 0.5, 0]
    assert numbers(data["grad"]).tolist() == [2, -4, 1, 0]
    assert repr(view).startswith("TensorView: w, 2×2 float32, from −2 to 1")


def test_another_part_is_sent_when_asked():
    x = np.arange(300 * 40 * 40, dtype=np.float32).reshape(300, 40, 40)
    view = TensorView(x)
    assert len(view.data["value"]["numbers"]) <= 4 * 2**16
    view._hear(view, {"do": "part", "first": 123}, [])
    first = view.data["first"]
    assert first <= 123 < first + view.data["count"]
    assert numbers(view.data["value"])[0] == first * 1600


@pytest.mark.parametrize("message", [
    None, [], {}, {"do": "part"}, {"do": "part", "first": "x"}, {"do": "part", "first": -5},
    {"do": "part", "first": 10**30}, {"do": "choose", "tab": 99}, {"do": "choose", "tab": -7},
])  # fmt: skip
def test_strange_messages_change_nothing_bad(message):
    view = TensorView(rng.normal(size=(3, 4, 5)))
    view._hear(view, message, [])
    assert view.data["shape"] == [3, 4, 5]


def test_update_shows_the_newest_at_most_twenty_times_a_second(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(_pace, "monotonic", lambda: now[0])
    w = torch.zeros(8, 8, requires_grad=True)
    view = TensorView(w)
    sent = []
    view.observe(lambda change: sent.append(change), "data")
    for _ in range(500):
        now[0] += 0.001
        with torch.no_grad():
            w += 1
        view.update()
    assert 9 <= len(sent) <= 11
    view.flush()
    assert numbers(view.data["value"])[0] == w[0, 0].item()


def test_update_takes_another_tensor():
    view = TensorView(np.zeros(3))
    view.update(np.ones((2, 2)), grad=np.full((2, 2), 7.0))
    view.flush()
    assert view.data["shape"] == [2, 2]
    assert numbers(view.data["grad"]).tolist() == [7] * 4


def graph_of_a_net(net, x):
    """Draw the graph in a frame of its own: a frame that was looked into keeps its variables."""
    torch.remember_lines()
    try:
        loss = (net(x).tanh() ** 2).mean()
        loss.backward()
    finally:
        torch.remember_lines(False)
    return GraphView(loss, names={"net": net, "x": x}), [loss]


def test_it_follows_a_graph():
    net, x = torch.nn.Linear(4, 3), torch.randn(5, 4)
    graph, kept = graph_of_a_net(net, x)
    view = TensorView(graph)
    assert view.data["empty"] == "click a card of the graph"
    card = next(card for card in graph.scene["cards"] if card["head"].startswith("linear"))
    graph.selected = card["key"]
    assert view.data["shape"] == [5, 3]
    assert np.allclose(numbers(view.data["value"]), net(x).detach().numpy().reshape(-1), atol=1e-6)
    assert view.data["tabs"] == ["linear", "net.weight", "net.bias"]
    view._hear(view, {"do": "choose", "tab": 1}, [])
    assert view.data["name"] == "net.weight"
    view._hear(view, {"do": "choose", "tab": -9}, [])
    assert view.data["name"] == "linear"
    view._hear(view, {"do": "choose", "tab": 1}, [])
    assert np.array_equal(numbers(view.data["grad"]), net.weight.grad.numpy().reshape(-1))
    graph.selected = None
    assert "empty" in view.data
    kept.clear()
    graph.selected = card["key"]
    assert "its graph is gone" in view.data["note"]
    view.close()
    assert graph.after_drawing == []


def test_a_graph_that_is_updated_takes_the_view_along():
    torch.remember_lines()
    try:
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        loss = (w * 3).sum()
        graph = GraphView(loss)
        view = TensorView().follow(graph)
        graph.selected = next(c["key"] for c in graph.scene["cards"] if c["head"].startswith("mul"))
        assert numbers(view.data["value"]).tolist() == [3, 6]
        with torch.no_grad():
            w += 1
        loss = (w * 3).sum()
        graph.update(loss)
        graph.flush()
        view.flush()
    finally:
        torch.remember_lines(False)
    assert numbers(view.data["value"]).tolist() == [6, 9]


INPUTS = {
    "scalar": torch.tensor(3.25), "empty": np.zeros((0, 3)), "vector": rng.normal(size=100),
    "weights": rng.normal(size=(16, 3, 5, 5)), "images": rng.random((4, 3, 20, 20)),
    "bytes": rng.integers(0, 255, (20, 30, 3), np.uint8), "labels": rng.integers(0, 9, 50),
    "truth": [[True, False]], "complex": np.array([[1 + 2j, -1j]]), "nan": [[math.nan] * 3],
    "broken": [[math.inf, -1.0, math.nan]], "large": rng.normal(size=(1000, 500)), "none": None,
}  # fmt: skip


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("look", ["auto", "map", "histogram", "image"])
def test_the_still_picture_is_whole(name, look):
    view = TensorView(INPUTS[name], look=look, name="<b>&\x00name")
    text = view.to_svg()
    root = ElementTree.fromstring(text)
    assert root.attrib["role"] == "img"
    assert len(text) < 120_000
    assert "\x00" not in text
    title = next(root.iter("{http://www.w3.org/2000/svg}title")).text
    assert title == repr(view)
    assert "<b>" not in text


def test_bad_choices_are_refused():
    with pytest.raises(ValueError, match='"map", "histogram", "image", not \'heat\''):
        TensorView([1], look="heat")
    with pytest.raises(ValueError, match='"steps", "wall"'):
        TensorView([1], facets="grid")
    with pytest.raises(ValueError, match="2 axes need as many names, not 1"):
        TensorView(np.zeros((2, 3)), names=("a",))


def test_on_a_gpu(pretend_gpu):
    x = torch.arange(200_000.0).reshape(2, 1000, 100).to("cuda").requires_grad_()
    (x * x).sum().backward()
    view = TensorView(x, name="x")
    assert view.data["device"] == "cuda:0"
    assert numbers(view.data["value"])[1] > 0
    assert "on cuda:0" in repr(view)
    ElementTree.fromstring(view.to_svg())


def test_a_page_without_a_kernel(tmp_path):
    view = TensorView(rng.normal(size=(4, 5)), name="w")
    view.save_html(tmp_path / "w.html")
    text = (tmp_path / "w.html").read_text()
    assert "$bytes" in text
