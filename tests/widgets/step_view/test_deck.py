"""The deck in Python: what it sends, what it answers, what it refuses."""

import json
from xml.etree import ElementTree

import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn import functional as F
from autograd_lab.watching import remember_lines
from autograd_lab.widgets.graph_view import GraphView
from autograd_lab.widgets.step_view import StepView, key_of, step

EVIL = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def watched():
    torch.manual_seed(0)
    remember_lines()
    yield
    remember_lines(False)


def small():
    x = torch.ones(2, 3)
    w = torch.randn(3, 4, requires_grad=True)
    b = torch.zeros(4, requires_grad=True)
    h = (torch.matmul(x, w) + b).tanh()
    return (h * h + h).mean()


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.cell, self.out = nn.Embedding(20, 6), nn.LSTMCell(6, 8), nn.Linear(8, 3)

    def forward(self, words):
        h = c = torch.zeros(1, 8)
        seen = []
        for word in words:
            h, c = self.cell(self.emb(word).unsqueeze(0), (h, c))
            seen.append(h)
        return self.out(torch.cat(seen))


def tagger(steps=30):
    scores = Tagger()(torch.randint(0, 20, (steps,)))
    return F.cross_entropy(scores, torch.randint(0, 3, (steps,)))


def asked(deck, **message):
    """Ask as the page does; give the reply."""
    heard = []
    deck.send = lambda content, buffers=None: heard.append(content)
    deck._handle_custom_msg({"id": 7, **message}, [])
    (answer,) = heard
    assert answer.pop("answer") == 7
    return json.loads(json.dumps(answer, allow_nan=False))


def test_what_is_sent_is_whole_and_plain():
    deck = step(small())
    parts = deck.tape, deck.scene
    tape, scene = (json.loads(json.dumps(part, allow_nan=False)) for part in parts)
    assert tape["forward"] == 6 and len(tape["steps"]) == 12
    assert set(scene["where"]) == set(tape["nodes"])
    keys = {card["key"] for card in scene["cards"]}
    assert all(key in keys for spots in scene["where"].values() for key, _ in spots)
    assert len(json.dumps(tape)) + len(json.dumps(scene)) < 60_000
    assert repr(deck) == "StepView: 6 steps forward, 6 backward"


def test_every_node_of_a_loop_is_somewhere_and_turns_are_counted():
    deck = step(tagger())
    where = deck.scene["where"]
    assert all(where.values())
    crowd = {}
    for node, spots in where.items():
        for key, chip in spots:
            if chip < 0 and deck.tape["nodes"][node]["kind"] == "op":
                crowd[key] = crowd.get(key, 0) + 1
    assert sorted(crowd.values())[-5:] == [30] * 5
    assert 30 in [box["times"] for box in deck.scene["boxes"]]
    assert len(deck.scene["cards"]) < 25
    merged = next(key for key, count in crowd.items() if count == 30)
    head = next(card["head"] for card in deck.scene["cards"] if card["key"] == merged)
    assert not any(sign in head for sign in "₀₁₂₃₄₅₆₇₈₉")


def test_steps_are_told_on_demand():
    deck = step(tagger())
    told = len(deck.tape["beats"])
    last = len(deck.tape["steps"]) - 1
    beats = asked(deck, do="beats", at=last)["beats"]
    assert str(last) in beats and told > 0
    assert beats[str(last)]["rules"][0]["left"].startswith("∂L/∂")
    assert str(0) in asked(deck, do="beats", at=-5)["beats"]


def test_another_entry_can_be_put_in_play():
    deck = step(small())
    number = next(id for id, node in deck.tape["nodes"].items() if node.get("dims") == [3, 4])
    assert asked(deck, do="pick", node=number, index=[2, 3]) == {}
    beats = asked(deck, do="beats", at=11)["beats"]
    assert beats["11"]["rules"][0]["left"].endswith("[2,3]")
    assert "no entry" in asked(deck, do="pick", node=number, index=[9, 9])["error"]
    assert "error" in asked(deck, do="pick", node=number)


def test_the_wrong_order_is_told():
    deck = step(small())
    found = asked(deck, do="wrong")
    assert "was visited when 1 of its" in found["says"] and len(found["steps"]) == 6
    assert any(not leaf["same"] for leaf in found["leaves"])


def test_boxes_open_and_close():
    deck = step(tagger())
    before = len(deck.scene["cards"])
    box = next(box["key"] for box in deck.scene["boxes"] if box["label"] == "cell")
    assert asked(deck, do="fold", box=box, open=False) == {}
    assert len(deck.scene["cards"]) < before and all(deck.scene["where"].values())
    assert "not in the picture" in asked(deck, do="fold", box="b99", open=True)["error"]


@pytest.mark.parametrize("message", [{"do": "format the disk"}, {"do": ["x"]}, {}, {"do": "beats"}])
def test_nonsense_gets_a_sentence(message):
    assert asked(step(small()), **message)["error"]


def test_names_of_questions():
    assert key_of({"do": "why", "node": 3, "index": [0, 1], "whole": True}) == (
        "do=why&index=0,1&node=3&whole=true"
    )


def test_the_picture_has_all_gradients_and_no_script():
    x = torch.tensor(2.0, requires_grad=True)
    svg = StepView((x * x).exp(), names={EVIL: x}).to_svg()
    ElementTree.fromstring(svg)
    assert "<script" not in svg and "<img" not in svg and "grad not yet" not in svg


def test_a_huge_graph_is_cut():
    y = x = torch.tensor(1.0, requires_grad=True)
    for _ in range(6000):
        y = y * 1.0001
    deck = step(y)
    assert deck.tape["note"].startswith("6,000 operations: the newest 2,000 are played")
    assert len(deck.scene["cards"]) <= 200
    assert x.grad is None


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: 3.0, TypeError, "not a float"),
        (lambda: torch.ones(2), RuntimeError, "requires_grad=True"),
        (lambda: torch.ones(3, requires_grad=True) * 2, RuntimeError, "gradient=torch.ones"),
        (lambda: torch.ones(0, requires_grad=True) * 2, RuntimeError, "one number"),
        (lambda: torch.ones(1, requires_grad=True).sum() * 1j, RuntimeError, "complex"),
    ],
)
def test_what_cannot_be_stepped_through_says_why(make, kind, words):
    with pytest.raises(kind, match=words):
        step(make())


def test_the_leaf_itself_nan_zero_size_and_complex_parts():
    x = torch.tensor(2.0, requires_grad=True)
    assert repr(step(x)) == "StepView: 0 steps forward, 0 backward"
    with_nan = step(torch.tensor([1.0, -1.0], requires_grad=True).log().sum())
    assert "nan" in json.dumps(with_nan.tape["steps"] + [with_nan.tape["nodes"]])
    empty = torch.ones(0, 3, requires_grad=True)
    assert json.dumps(step((empty * 2).sum()).tape)
    z = torch.tensor([1 + 1j, 2.0], requires_grad=True)
    deck = step(torch.abs(z * z).sum())
    assert deck.to_svg() and json.dumps(deck.page_state()["tape"], allow_nan=False)


def test_a_start_can_be_given():
    x = torch.ones(3, requires_grad=True)
    deck = step(x * 2, gradient=torch.tensor([1.0, 0.0, 3.0]))
    assert deck.tape["steps"][-1][1][0][3]["values"] == [2, 0, 6]


def test_weights_that_changed_since_are_told():
    w = torch.tensor(2.0, requires_grad=True)
    loss = w * w
    assert step(loss).tape["stale"] == "" and "changed" not in repr(step(loss))
    loss.backward()
    torch.optim.SGD([w], lr=0.1).step()
    deck = step(loss)
    words = "weights changed since: values and gradients computed again with those of now"
    assert deck.tape["stale"] == words and repr(deck).endswith(words)
    assert "∂L/∂w = 3.2" in repr(deck)  # not the 4 that w.grad still holds
    assert "3.2" in deck.to_svg()


@pytest.mark.parametrize(("show", "name"), [(step, "step"), (StepView, "StepView"),
                                            (GraphView, "GraphView")])  # fmt: skip
def test_the_sentence_names_what_the_learner_called(show, name):
    with pytest.raises(TypeError, match=rf"^{name}\(\) needs the tensor at the end") as told:
        show(5)
    assert "record" not in str(told.value)
    with pytest.raises(TypeError, match="Call it with data first"):
        show(nn.Linear(1, 1))


def test_previews_are_rounded_once():
    x = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    deck = step(torch.sin(x))
    node = deck.tape["nodes"][deck.tape["root"]]
    assert node["value"]["values"] == [0.997495]
    told = asked(deck, do="entries", node=deck.tape["root"], index=[], which="value")
    assert told["rows"] == [[0.997495]]


def test_long_ways_are_told_shortly():
    w, h = torch.tensor(0.9, requires_grad=True), torch.tensor(1.0)
    for _ in range(100):
        h = torch.tanh(w * h)
    deck = step(h * h)
    number = next(n.id for n in deck._walk.graph.nodes if n.name == "w")
    answer = asked(deck, do="why", node=number, index=[])
    assert answer["sure"] == [True, True]
    assert max(len(way["steps"]) for way in answer["routes"]) <= 24


def test_a_single_number_that_was_replaced_counts_as_changed():
    w = torch.tensor(2.0, requires_grad=True)
    loss = w * 3
    with torch.no_grad():
        w -= 0.1
    assert step(loss).tape["stale"] and not step(w * 3).tape["stale"]
