"""Our layout beside Graphviz's: the same cards, boxes and edges, after the same reductions."""

import os
import shutil

import pytest

from autograd_lab.widgets.graph_view.fold import folded
from autograd_lab.widgets.graph_view.scene import scene_of
from tests.widgets.graph_view.measure import crossings, dot, polyline
from tests.widgets.graph_view.recorded import recorded

MODELS = ["mlp", "lenet", "resblocks", "transformer", "transformer4", "lstm", "line"]

no_dot = shutil.which("dot") is None
pytestmark = pytest.mark.skipif(
    no_dot and os.environ.get("CI") != "true", reason="Graphviz's dot is not installed"
)


@pytest.mark.parametrize("name", MODELS)
def test_never_more_crossings_than_dot(name):
    sheet = folded(recorded(name))
    scene = scene_of(sheet)
    edges = [edge for edge in sheet.edges if edge not in sheet.loops]
    ours = {(e["from"], e["to"]): polyline(e["d"]) for e in scene["edges"]}
    sizes = {card["key"]: (card["w"], card["h"]) for card in scene["cards"]}
    home = {key: card.path for key, card in sheet.cards.items()}
    theirs = dot(sizes, home, edges)
    assert set(theirs) == set(edges)
    assert crossings({edge: ours[edge] for edge in edges}) <= crossings(theirs)


def test_the_counter_counts():
    cross = {("a", "b"): [(0, 0), (10, 10)], ("c", "d"): [(0, 10), (10, 0)]}
    assert crossings(cross) == 1
    assert crossings({("a", "b"): [(0, 0), (10, 10)], ("a", "d"): [(0, 10), (10, 0)]}) == 0
    wave = {("a", "b"): polyline("M0 0C0 50 40 50 40 100"), ("c", "d"): [(40, 0), (0, 100)]}
    assert crossings(wave) == 1
    thrice = {("a", "b"): [(0, 5), (30, 5)], ("c", "d"): [(1, 0), (5, 10), (9, 0), (13, 10)]}
    assert crossings(thrice) == 3
