import random

import pytest

from autograd_lab.widgets.graph_view.fold import folded, in_order, structure
from tests.widgets.graph_view.recorded import NAMES, chain, edge, node, recorded


def ops(sheet):
    return [card.node["op"] for card in sheet.cards.values() if card.kind == "op"]


class TestChips:
    def test_parameters_are_chips_on_their_operation(self):
        sheet = folded(recorded("mlp"))
        assert not any(card.kind == "parameter" for card in sheet.cards.values())
        chips = [[chip[0] for chip in c.chips] for c in sheet.cards.values() if c.chips]
        assert chips == [["weight", "bias"]] * 3

    def test_a_shared_parameter_stands_on_each_user(self):
        nodes = [node(0, "parameter", name="w"), node(1, "input", name="x"), node(2), node(3)]
        edges = [edge(1, 2), edge(0, 2, 1), edge(2, 3), edge(0, 3, 1)]
        sheet = folded({"root": 3, "nodes": nodes, "edges": edges})
        assert [len(c.chips) for c in sheet.cards.values() if c.kind == "op"] == [1, 1]

    def test_a_transposed_parameter(self):
        nodes = [
            node(0, "parameter", name="W", shape=[3, 2]),
            node(1, op="transpose", shape=[2, 3]), node(2, op="matmul"), node(3, "input", name="x"),
        ]  # fmt: skip
        edges = [edge(0, 1), edge(3, 2), edge(1, 2, 1)]
        sheet = folded({"root": 2, "nodes": nodes, "edges": edges})
        assert ops(sheet) == ["matmul"]
        assert sheet.cards[sheet.root].chips[0][0] == "Wᵀ"

    def test_a_lone_parameter_stays_a_card(self):
        sheet = folded({"root": 0, "nodes": [node(0, "parameter", name="w")], "edges": []})
        assert [card.kind for card in sheet.cards.values()] == ["parameter"]

    def test_named_data_stay_cards(self):
        nodes = [node(0, "input", name="x"), node(1, "input", requires_grad=False), node(2)]
        sheet = folded({"root": 2, "nodes": nodes, "edges": [edge(0, 2), edge(1, 2, 1)]})
        assert [card.kind for card in sheet.cards.values()] == ["input", "op"]
        assert sheet.cards[sheet.root].chips[0][0] == "data"


class TestTitles:
    def test_a_box_with_one_operation_is_its_title(self):
        sheet = folded(recorded("mlp"))
        titles = [card.title for card in sheet.cards.values() if card.path]
        assert titles == ["0", "1", "2", "3", "4"]
        assert [box["label"] for box in sheet.boxes.values()] == ["net"]


class TestBroadcasts:
    nodes = [
        node(0, "input", name="b"), node(1, op="expand", shape=[4, 2]),
        node(2, "input", name="x", shape=[4, 2]), node(3, shape=[4, 2]),
    ]  # fmt: skip
    graph = {"root": 3, "nodes": nodes, "edges": [edge(2, 3), edge(0, 1), edge(1, 3, 1)]}

    def test_become_a_mark_on_the_line(self):
        sheet = folded(self.graph)
        assert ops(sheet) == ["add"]
        assert [e["mark"] for e in sheet.edges.values()] == ["", "2 → 4×2"]

    def test_can_be_shown(self):
        assert ops(folded(self.graph, expand=True)) == ["expand", "add"]

    def test_an_edge_that_says_so(self):
        nodes = [node(0, "input", name="b", shape=[]), node(3, shape=[4, 2])]
        graph = {"root": 3, "nodes": nodes, "edges": [edge(0, 3, stretched=True)]}
        assert [e["mark"] for e in folded(graph).edges.values()] == ["scalar → 4×2"]


class TestSteps:
    def test_repeated_steps_become_one(self):
        sheet = folded(recorded("lstm"))
        assert [box["times"] for box in sheet.boxes.values()] == [1, 8]
        assert ops(sheet).count("tanh") == 2
        assert len(sheet.loops) == 2
        assert sorted(sheet.pins.values()) == ["first", "first", "last", "last"]
        assert next(c for c in sheet.cards.values() if c.node["op"] == "getitem").times == 8

    def test_can_be_unrolled(self):
        sheet = folded(recorded("lstm"), unroll=True)
        assert ops(sheet).count("tanh") == 16
        assert not sheet.loops

    def test_a_loop_without_modules(self):
        """A hand-written recurrence: h = tanh(x[t] @ W + h @ U), ten times."""
        nodes = [node(0, "parameter", name="W"), node(1, "parameter", name="U")]
        nodes += [node(2, "input", name="x"), node(3, "input", name="h0")]
        edges, h, at = [], 3, 4
        for _ in range(10):
            place = {"cell": "In[1]", "line": 3, "column": 0, "text": ""}
            for op, ins in (("getitem", [2]), ("matmul", [at, 0]), ("matmul", [h, 1]),
                            ("add", [at + 1, at + 2]), ("tanh", [at + 3])):  # fmt: skip
                me = at + len(nodes) - at
                nodes.append(node(me, op=op, source=place))
                edges += [edge(source, me, slot) for slot, source in enumerate(ins)]
            h, at = at + 4, at + 5
        sheet = folded({"root": h, "nodes": nodes, "edges": edges})
        assert [(box["label"], box["times"]) for box in sheet.boxes.values()] == [("step", 10)]
        assert ops(sheet) == ["getitem", "matmul", "matmul", "add", "tanh"]
        start = [b for a, b in sheet.edges if sheet.cards[a].node["name"] == "h0"]
        assert [sheet.cards[key].kind for key in start] == ["step"]

    def test_the_data_of_the_last_step_stands_beside_the_last_step(self):
        nodes, edges, h = [node(0, "input", name="h0")], [], 0
        for step in range(5):
            data, me = len(nodes), len(nodes) + 1
            more = {"name": "x"} if step == 4 else {}
            nodes += [node(data, "input", requires_grad=False, **more), node(me, op="mul")]
            nodes += [node(me + 1, op="tanh"), node(me + 2, op="exp")]
            edges += [edge(h, me), edge(data, me, 1), edge(me, me + 1), edge(me + 1, me + 2)]
            h = me + 2
        sheet = folded({"root": h, "nodes": nodes, "edges": edges})
        shown = [c for c in sheet.cards.values() if c.kind == "input" and c.times == 5]
        assert [card.node["name"] for card in shown] == ["x"]

    def test_layers_with_their_own_parameters_are_no_loop(self):
        sheet = folded(recorded("transformer4"))
        assert not sheet.loops

    def test_a_module_called_here_and_there_is_no_loop(self):
        """One ReLU object used after each convolution: three calls, none feeds the next."""
        names = [c.title for c in folded(recorded("resblocks")).cards.values()]
        assert names.count("relu") == 6


class TestLimit:
    @pytest.mark.parametrize("count", [10, 199, 500, 5000, 30_000])
    def test_never_more_than_200_cards(self, count):
        sheet = folded(chain(count), unroll=True)
        assert 1 < len(sheet.cards) <= 200

    def test_the_reader_opens_and_the_rest_closes(self):
        graph = chain(5000)
        sheet = folded(graph, unroll=True)
        path = next(iter(sheet.closed))
        opened = folded(graph, opened=[path], unroll=True)
        assert path in opened.boxes
        assert path not in opened.closed
        assert len(opened.cards) <= 200
        assert path in folded(graph, opened=[path], closed=[path], unroll=True).closed

    def test_a_closed_box_hides_what_was_opened_in_it(self):
        net, layer = (("net", 0),), (("net", 0), ("layer2", 0))
        sheet = folded(recorded("resblocks"), opened=[layer], closed=[net])
        assert list(sheet.closed) == [net]

    def test_modules_close_together(self):
        graph = recorded("transformer4")
        sheet = folded(graph, limit=60)
        assert len(sheet.cards) <= 60
        labels = [path[-1][0] for path in sheet.closed]
        assert sorted(labels) == sorted(set(labels) | set("0123") if "0" in labels else labels)

    def test_a_closed_box_shows_what_leaves_it(self):
        sheet = folded(recorded("mlp"), closed=[(("net", 0),)])
        box = next(card for card in sheet.cards.values() if card.kind == "fold")
        assert box.node["shape"] == [5, 3]
        assert len(box.inside) == 5


@pytest.mark.parametrize("name", NAMES)
def test_serial_numbers_do_not_matter(name):
    """The next training step makes new tensors: same picture, same structure."""
    graph = recorded(name)
    later = {n["id"]: 1000 + 3 * n["id"] for n in graph["nodes"]}
    moved = {
        "root": later[graph["root"]],
        "nodes": [{**n, "id": later[n["id"]]} for n in graph["nodes"]],
        "edges": [
            {**e, "source": later[e["source"]], "target": later[e["target"]]}
            for e in graph["edges"]
        ],
    }
    random.Random(3).shuffle(moved["nodes"])
    assert structure(graph) == structure(moved)
    assert [n["op"] for n in in_order(graph)] == [n["op"] for n in in_order(moved)]
    one, two = folded(graph), folded(moved)
    assert list(one.cards) == list(two.cards)
    assert list(one.edges) == list(two.edges)


def test_structure_sees_a_change():
    graph = chain(5)
    before = structure(graph)
    graph["nodes"][2]["op"] = "exp"
    assert structure(graph) != before
