import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lab.widgets.graph_view.fold import folded
from autograd_lab.widgets.graph_view.layout import curve, layout
from autograd_lab.widgets.graph_view.scene import scene_of
from tests.widgets.graph_view.measure import over_cards, overlaps, polyline
from tests.widgets.graph_view.recorded import NAMES, recorded


@st.composite
def graphs(draw, back=0):
    """A random graph with random boxes; ``back`` lets some edges close circles."""
    count = draw(st.integers(1, 22))
    size = st.tuples(st.integers(30, 220), st.integers(20, 120))
    sizes = {f"n{i}": draw(size) for i in range(count)}
    path = st.lists(st.sampled_from("ab"), max_size=3).map(tuple)
    home = {card: draw(path) for card in sizes}
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    pairs = draw(st.lists(pair, max_size=2 * count))
    edges = [(f"n{min(p)}", f"n{max(p)}") for p in pairs if p[0] != p[1]]
    edges += [(f"n{max(p)}", f"n{min(p)}") for p in pairs[:back] if p[0] != p[1]]
    return sizes, home, list(dict.fromkeys(edges))


def check(sizes, home, edges, direction):
    drawn = layout(sizes, home, edges, direction=direction)
    assert {k: place[2:] for k, place in drawn.cards.items()} == sizes
    assert overlaps(drawn.cards) == []
    lines = {edge: polyline(curve(pieces, direction)) for edge, pieces in drawn.lines.items()}
    assert set(lines) == set(edges)
    assert over_cards(lines, drawn.cards) == []
    for path, place in drawn.boxes.items():
        others = {k: p for k, p in drawn.cards.items() if home[k][: len(path)] != path}
        assert overlaps({"box": place, **others}) == []
        for card, at in drawn.cards.items():
            if home[card][: len(path)] == path:
                assert _within(at, place)
    for (a, b), points in lines.items():
        assert _touches(points[0], drawn.cards[a]), "a line starts at its source"
        assert _touches(points[-1], drawn.cards[b]), "and ends at its target"
    for x, y, w, h in [*drawn.cards.values(), *drawn.boxes.values()]:
        assert x >= 0
        assert y >= 0
        assert x + w <= drawn.width + 0.01
        assert y + h <= drawn.height + 0.01
    return drawn


def _within(inner, outer):
    x, y, w, h = inner
    u, v, s, t = outer
    return u <= x and v <= y and x + w <= u + s + 0.01 and y + h <= v + t + 0.01


def _touches(point, card):
    x, y, w, h = card
    return x - 1 <= point[0] <= x + w + 1 and y - 1 <= point[1] <= y + h + 1


@settings(max_examples=60, deadline=None)
@given(graphs(), st.sampled_from(["TB", "LR"]))
def test_any_graph_with_any_boxes(graph, direction):
    check(*graph, direction)


@settings(max_examples=50, deadline=None)
@given(graphs(back=4), st.sampled_from(["TB", "LR"]))
def test_circles_between_cards_and_boxes(graph, direction):
    check(*graph, direction)


def test_lines_point_down_where_no_circle_is():
    drawn = layout(
        dict.fromkeys("abcd", (50, 20)), {"a": (), "b": ("box",), "c": (), "d": ("box",)},
        [("a", "b"), ("b", "c"), ("c", "d")],
    )  # fmt: skip
    assert drawn.cards["a"][1] < drawn.cards["b"][1]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_same_graph_same_picture(graph):
    assert layout(*graph) == layout(*graph)


PRINT = """
from autograd_lab.widgets.graph_view.fold import folded
from autograd_lab.widgets.graph_view.picture import svg
from autograd_lab.widgets.graph_view.scene import scene_of
from tests.widgets.graph_view.recorded import NAMES, recorded
print([svg(scene_of(folded(recorded(name)))) for name in NAMES])
"""


def test_no_dependence_on_hashing():
    """Saved pictures are compared by nbval: every run of Python must write the same bytes."""
    outputs = set()
    for seed in ("0", "1", "12345"):
        path = os.pathsep.join(filter(None, sys.path))
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        ran = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, env=env)
        assert ran.returncode == 0, ran.stderr
        outputs.add(ran.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_recorded_models(name, direction):
    scene = scene_of(folded(recorded(name)), direction)
    cards = {card["key"]: tuple(card[k] for k in "xywh") for card in scene["cards"]}
    lines = {(e["from"], e["to"]): polyline(e["d"]) for e in scene["edges"]}
    assert overlaps(cards) == []
    assert over_cards(lines, cards) == []


def test_the_main_road_is_straight():
    scene = scene_of(folded(recorded("mlp")))
    middles = {card["x"] + card["w"] / 2 for card in scene["cards"] if card["kind"] == "op"}
    assert max(middles) - min(middles) < 1


def test_branches_start_together():
    scene = scene_of(folded(recorded("transformer")))
    tops = {card["y"] for card in scene["cards"] if card.get("title") in ("q", "k", "v")}
    assert len(tops) == 1


def test_equal_boxes_are_solved_once(monkeypatch):
    import autograd_lab.widgets.graph_view.layout as module

    solved = []
    old = module._Level.__init__
    monkeypatch.setattr(
        module._Level, "__init__", lambda self, *a, **k: (solved.append(a), old(self, *a, **k))[1]
    )
    sheet = folded(recorded("transformer4"))
    scene_of(sheet)
    assert len(sheet.boxes) == 14
    assert len(solved) < 2 * 10
