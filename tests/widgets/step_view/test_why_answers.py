"""What the side panel's parts are answered, live and for a page without a kernel."""

import gc
import json
import weakref
from itertools import pairwise

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.nn import functional as F
from autograd_lab.stepping import walk
from autograd_lab.watching import remember_lines
from autograd_lab.widgets.step_view.answers import ANSWERS, ROOM, entries, scrub, to_record, why


@pytest.fixture(autouse=True)
def watched():
    remember_lines()
    yield
    remember_lines(False)


@pytest.fixture
def net():
    torch.manual_seed(0)
    x, w = torch.randn(8, 3), torch.randn(3, 4, requires_grad=True)
    b, target = torch.zeros(4, requires_grad=True), torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
    loss = F.cross_entropy(F.relu(x @ w + b), target)
    made = walk(loss, {"x": x, "w": w, "b": b, "target": target, "loss": loss})
    return made, {node.name: node.id for node in made.graph.nodes if node.name}


def test_why_is_told_with_the_ids_of_the_graph(net):
    made, ids = net
    found = why(made, {"node": ids["w"], "index": [1, 2]})
    json.dumps(found, allow_nan=False)
    true = float(made.gradients[ids["w"]][1, 2])
    assert found["gradient"] == pytest.approx(true, rel=1e-5)
    for path in found["routes"] + found["paths"]:
        nodes = [node for some, _ in path["steps"] for node in some]
        assert nodes[0] == ids["w"] and nodes[-1] == made.graph.root
        pairs = {(e.source, e.target) for e in made.graph.edges}
        assert all(pair in pairs for pair in pairwise(nodes))
    assert found["routes"][0]["parts"][0]["words"].startswith("by row of matmul (line ")


def test_a_gradient_is_cut_to_a_window_around_the_number():
    w = torch.randn(2, 100, 90, requires_grad=True)
    made = walk((w * w).sum(), {"w": w})
    node = next(n.id for n in made.graph.nodes if n.name == "w")
    told = entries(made, {"node": node, "index": [1, 99, 40], "which": "grad"})
    rows = np.array(told["rows"])
    assert rows.shape == (48, 48) and told["lead"] == [1] and told["dims"] == [2, 100, 90]
    top, left = told["first"]
    assert rows[99 - top, 40 - left] == pytest.approx(2 * w.array[1, 99, 40], rel=1e-3)
    assert entries(made, {"node": node, "index": [0, 0, 0], "which": "value"})["first"] == [0, 0]


def test_a_slider_begins_and_moves(net):
    made, ids = net
    begin = scrub(made, {"node": ids["b"], "index": [1]})
    assert begin["before"] == 0 and begin["low"] == -20 and len(begin["curve"]) == 41
    moved = scrub(made, {"node": ids["b"], "index": [1], "at": 4})
    assert moved["value"] == pytest.approx(4 * begin["step"])
    assert moved["loss"] == pytest.approx(dict(map(tuple, begin["curve"]))[4], rel=1e-3)
    assert moved["predicted"] == pytest.approx(begin["slope"] * moved["value"], rel=1e-3)
    changed = {made.nodes[int(i)].op or made.nodes[int(i)].name for i in moved["nodes"]}
    assert {"b", "add", "relu", "cross_entropy"} <= changed
    assert "value" not in moved["nodes"].get(str(ids["w"]), {})
    typed = scrub(made, {"node": ids["b"], "index": [1], "value": moved["value"]})
    assert typed["loss"] == moved["loss"]


def test_a_label_moves_in_steps_of_one(net):
    made, ids = net
    begin = scrub(made, {"node": ids["target"], "index": [0]})
    assert begin["whole"] and begin["slope"] is None and "steps of 1" in begin["note"]
    assert [place for place, _ in begin["curve"]] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="the computation fails"):
        scrub(made, {"node": ids["target"], "index": [0], "at": 9})


def test_sentences_for_what_cannot_be_answered(net):
    made, ids = net
    inner = next(n.id for n in made.graph.nodes if n.op == "relu")
    for do, message, says in [
        ("why", {"node": ids["x"], "index": [0, 0]}, "x is data that does not require grad"),
        ("why", {"node": 999, "index": []}, "not in the graph"),
        ("why", {"index": []}, "not in the graph"),
        ("why", {"node": ids["w"], "index": [7, 7]}, "outside"),
        ("why", {"node": ids["w"], "index": ["<b>"]}, "whole numbers"),
        ("scrub", {"node": inner, "index": [0, 0]}, "relu was computed"),
        ("scrub", {"node": ids["w"], "index": [9, 9]}, "names no number"),
        ("scrub", {"node": ids["w"], "index": [0, 0], "value": float("nan")}, "finite"),
        ("entries", {"node": ids["w"], "index": []}, "which number"),
    ]:
        with pytest.raises(ValueError, match=says):
            ANSWERS[do](made, message)


def test_a_page_without_a_kernel_gets_what_has_room():
    w, b = torch.tensor(0.5, requires_grad=True), torch.tensor(0.1, requires_grad=True)
    loss = (w * 2 + b - 3) ** 2
    made = walk(loss, {"w": w, "b": b, "loss": loss})
    asked = list(to_record(made))
    ids = {node.name: node.id for node in made.graph.nodes if node.name}
    for name in ("w", "b"):
        mine = [m for m in asked if m["do"] == "scrub" and m["node"] == ids[name]]
        places = {m["at"] for m in mine if "at" in m}
        assert places == set(range(-20, 21))
        assert {"do": "why", "node": ids[name], "index": []} in asked
    size = sum(len(json.dumps(ANSWERS[m["do"]](made, m), allow_nan=False)) for m in asked)
    assert size < 60_000


def test_the_room_is_kept_whatever_the_graph():
    torch.manual_seed(0)
    x = torch.randn(4, 4, requires_grad=True)
    h = x
    for _ in range(12):
        h = (h @ x).tanh() + h
    made = walk(h.sum(), {"x": x})
    asked = list(to_record(made))
    size = sum(len(json.dumps(ANSWERS[m["do"]](made, m), allow_nan=False)) for m in asked)
    assert asked and size <= 2 * ROOM


def test_a_walk_that_was_asked_can_be_forgotten():
    w = torch.ones(2, 2, requires_grad=True)
    made = walk((w * 3).sum(), {"w": w})
    number = next(number for number, tensor in made.tensors.items() if tensor is w)
    why(made, {"node": number, "index": [0, 1]})
    scrub(made, {"node": number, "index": [0, 1]})
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None


def test_names_are_cleaned():
    w = torch.tensor(1.0, requires_grad=True)
    loss = w * 2
    made = walk(loss, {"w\u202e<script>": w, "loss": loss})
    found = why(made, {"node": 0, "index": []})
    assert "\u202e" not in json.dumps(found, ensure_ascii=False)
