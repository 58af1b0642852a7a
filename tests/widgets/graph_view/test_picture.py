import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lab.widgets._paper import clean, wide
from autograd_lab.widgets.graph_view.fold import folded
from autograd_lab.widgets.graph_view.picture import svg
from autograd_lab.widgets.graph_view.scene import scene_of
from tests.widgets.graph_view.recorded import NAMES, edge, node, recorded

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    '</svg><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='alert(1)",
    "]]><!--", "&amp;&lt;&#60;script&#62;", "javascript:alert(1)", "x" * 10_000,
    "\u202egnp.exe", "שלום עולם", "👩‍👩‍👧‍👦 family", "nul\x00 bell\x07 esc\x1b", "\ud800 lone",
    "\ufffe\uffff",
    "a\nb\tc", "${alert(1)}`", "变量", "e\u0301" * 50, " ", "%s {0} {x}",
]  # fmt: skip
TEXTS = ["op", "name", "dtype", "device", "formula", "gradient"]


def hostile_graph(text):
    given = dict.fromkeys(TEXTS, text)
    source = {"cell": text, "line": text, "column": 0, "text": text}
    numbers = {"values": [text, 1.0], "size": 2, "low": text, "high": 1.0, "mean": None,
               "norm": text, "bad": 1}  # fmt: skip
    more = {**given, "module": [text, "other"], "calls": [0, 0], "source": source,
            "value": numbers, "grad": numbers}  # fmt: skip
    nodes = [
        node(0, "parameter", **{**more, "op": ""}), node(1, "input", **{**more, "op": ""}),
        node(2, **more), node(3, **more), node(4, **{**more, "module": []}),
    ]  # fmt: skip
    edges = [edge(0, 2), edge(1, 2, 1, operand=text), edge(2, 3), edge(3, 4, stretched=True)]
    return {"root": 4, "nodes": nodes, "edges": edges}


def parse(graph, **fold):
    text = svg(scene_of(folded(graph, **fold)), title=str(graph["nodes"][0]["name"]))
    return ET.fromstring(text.encode("utf-8"))


def check(tree):
    allowed = {"svg", "g", "rect", "path", "text", "tspan", "title", "desc"}
    for element in tree.iter():
        assert element.tag.removeprefix(SVG) in allowed
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "var(" not in value
            assert "url(" not in value


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_cannot_break_the_picture(text):
    check(parse(hostile_graph(text)))
    closed = folded(hostile_graph(text)).boxes
    check(parse(hostile_graph(text), closed=list(closed)))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40))
def test_any_text(text):
    check(parse(hostile_graph(text)))


def test_long_names_are_cut_and_stay_inside():
    tree = parse(hostile_graph("x" * 10_000))
    assert float(tree.get("width")) < 2500
    assert all(len(e.text or "") < 400 for e in tree.iter(SVG + "text"))


@pytest.mark.parametrize("name", NAMES)
def test_stands_alone(name):
    tree = parse(recorded(name))
    check(tree)
    assert tree.get("width").isdigit()
    assert tree.get("height").isdigit()
    ground = tree.find(SVG + "rect")
    assert ground.get("fill") == "#ffffff"
    assert ground.get("width") == tree.get("width")
    assert tree.get("role") == "img"
    assert tree.find(SVG + "title") is not None
    assert "shape" in tree.find(SVG + "desc").text


def test_says_what_is_there():
    texts = ["".join(e.itertext()) for e in parse(recorded("mlp")).iter(SVG + "text")]
    assert "linear0" in texts  # the operation, and its module in blue
    assert "Y = X Wᵀ + b" in texts
    assert "weight 8×4" in texts
    assert any(text.startswith("‖∇‖ ") for text in texts)
    assert "loss = cross_entropy" in texts


def test_gradient_words():
    graph = recorded("mlp")
    for each in graph["nodes"]:
        each["grad"] = None
    waiting = svg(scene_of(folded(graph), wait="not yet"))
    assert waiting.count("grad not yet") == 6


def test_what_is_not_a_number_is_said_in_words():
    graph = recorded("line")
    for each in graph["nodes"]:
        if each["name"] == "y":
            each["value"] |= {"values": ["nan", 1.0, "inf"], "bad": 2}
    assert "⚠ 2 NaN/∞" in svg(scene_of(folded(graph)))


def test_clean_keeps_letters_of_all_tongues():
    assert clean("שלום 变量 é 👩‍👧") == "שלום 变量 é 👩‍👧"
    assert "\u202e" not in clean("a\u202eb")


def test_width_of_text():
    assert wide("MMMM", 10) > wide("iiii", 10)
    assert wide("变量", 10) == 21
    assert wide("é", 10) == wide("e\u0301", 10)


def test_small():
    """Ten widgets on a page must not weigh it down."""
    assert len(svg(scene_of(folded(recorded("line"))))) < 13_000
