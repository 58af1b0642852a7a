import copy
import re
import threading
import time

import pytest

import autograd_lab as torch
from autograd_lab.watching import remember, remember_lines, watch_operations
from autograd_lab.widgets import _pace
from autograd_lab.widgets.graph_view import GraphView
from autograd_lab.widgets.step_view import StepView
from tests.widgets.graph_view.recorded import Recorded, chain, recorded


@pytest.fixture
def sent(monkeypatch):
    """What goes to the page: custom messages, and scenes as ("scene", ...)."""
    messages = []
    monkeypatch.setattr(GraphView, "send", lambda self, m, buffers=None: messages.append(m))
    monkeypatch.setattr(
        GraphView, "send_state", lambda self, key=None: messages.append({"kind": key})
    )
    return messages


def changed(graph, by=0.5):
    """The same graph one training step later."""
    graph = copy.deepcopy(graph)
    for node in graph["nodes"]:
        node["id"] += 1000
        if node["value"]:
            node["value"]["values"] = [v + by for v in node["value"]["values"]]
            node["value"]["high"] += by
    for edge in graph["edges"]:
        edge["source"] += 1000
        edge["target"] += 1000
    graph["root"] += 1000
    return graph


def until_quiet(view):
    """Wait until a timer of the view has drawn the last state."""
    end = time.monotonic() + 20
    while view.pace.waits:
        assert time.monotonic() < end, "nobody draws the last state"
        time.sleep(0.01)


def after_pause(view):
    view.pace._due = 0
    return view


class TestUpdate:
    def test_only_values_travel_while_the_structure_stays(self, sent):
        view = GraphView(Recorded("mlp"))
        sent.clear()
        view.update(Recorded(changed(recorded("mlp"))))
        assert [message["kind"] for message in sent] == ["values"]
        root = view.scene["cards"][-1]
        assert sent[0]["cards"][root["key"]]["value"] == root["value"], "late pages see it too"
        assert "x" not in str(sent[0]["cards"][root["key"]].keys())

    def test_chips_are_renewed(self, sent):
        view = GraphView(Recorded("mlp"))
        graph = recorded("mlp")
        for node in graph["nodes"]:
            if node["kind"] == "parameter":
                node["grad"]["norm"] = 7.0
        after_pause(view).update(Recorded(graph))
        norms = [
            chip["grad"]["norm"]
            for card in sent[-1]["cards"].values() for chip in card["chips"] if chip
        ]  # fmt: skip
        assert norms == [7] * 6

    def test_nothing_new_sends_nothing(self, sent):
        view = GraphView(Recorded("mlp"))
        sent.clear()
        view.update(Recorded("mlp"))
        assert sent == []

    def test_another_structure_sends_the_scene(self, sent):
        view = GraphView(Recorded("mlp"))
        sent.clear()
        view.update(Recorded("line"))
        assert [message["kind"] for message in sent] == ["scene"]

    def test_a_gradient_that_appears(self, sent):
        graph = recorded("line")
        bare = copy.deepcopy(graph)
        for node in bare["nodes"]:
            node["grad"] = None
        view = GraphView(Recorded(bare))
        assert view.scene["wait"] == "not yet"
        sent.clear()
        view.update(Recorded(graph))
        assert sent[0]["wait"] == "not kept"
        assert any("grad" in card for card in sent[0]["cards"].values())

    def test_a_fast_loop_sends_at_most_twenty_a_second_and_the_last(self, sent, monkeypatch):
        now = [time.monotonic()]
        view = GraphView(Recorded("line"))
        sent.clear()
        graphs = [changed(recorded("line"), step / 100) for step in range(400)]
        with monkeypatch.context() as patch:
            patch.setattr(_pace, "monotonic", lambda: now[0])
            for graph in graphs:
                now[0] += 0.001
                view.update(Recorded(graph))
        assert 7 <= len(sent) <= 9
        until_quiet(view)
        assert view._graph == graphs[-1], "the last state is shown"

    def test_drawing_takes_at_most_a_twentieth_of_the_time(self, sent, monkeypatch):
        """A record that takes 10 ms is made every 250 ms; the end of the cell draws the last."""
        now = [100.0]
        monkeypatch.setattr(_pace, "monotonic", lambda: now[0])
        view = GraphView(Recorded("line"))
        sent.clear()

        class Slow(Recorded):
            def to_dict(self):
                now[0] += 0.01
                return super().to_dict()

        for step in range(700):
            now[0] += 0.001
            view.update(Slow(changed(recorded("line"), step)))
        assert 2 <= len(sent) <= 4
        view.finish()
        assert view._graph["nodes"] == changed(recorded("line"), 699)["nodes"]

    def test_the_picture_is_the_last_state(self, sent):
        view = GraphView(Recorded("line"))
        view.update(Recorded("line"))
        view.update(Recorded(changed(recorded("line"), 123)))
        assert view.to_svg() == GraphView(Recorded(changed(recorded("line"), 123))).to_svg()

    def test_says_when_a_parameter_changed_since(self, sent):
        view = GraphView(Recorded("line"))
        sent.clear()
        view.update(Recorded({**recorded("line"), "stale": True}))
        words = "weights changed since: values computed again with those of now"
        assert [message["stale"] for message in sent] == [words]
        assert view.scene["stale"] == words and repr(view).endswith(f"; {words}")
        assert words in view.to_svg()

    def test_the_graph_and_the_deck_say_of_which_moment_they_are(self):
        remember_lines()
        w = torch.tensor(2.0, requires_grad=True)
        loss = w * w
        loss.backward()
        assert not GraphView(loss).scene["stale"]
        torch.optim.SGD([w], lr=0.1).step()
        view, deck, again = GraphView(loss), StepView(loss), GraphView(w * w)
        remember_lines(False)
        said = view.scene["stale"]
        assert said == (
            "weights changed since: values computed again with those of now, "
            "grad of the last backward"
        )
        same = " computed again with those of now"
        assert said.partition(same)[0] + " and gradients" == deck.tape["stale"].partition(same)[0]
        card = {card["head"]: card for card in view.scene["cards"]}
        assert card["w"]["value"]["values"] == [1.6] and card["w"]["grad"]["values"] == [4]
        assert card["loss = mul"]["value"]["values"] == [2.56] and "grad" not in card["loss = mul"]
        assert view.scene["wait"] == "not kept"
        assert again.scene["stale"] == "grad of an earlier backward"
        assert again.scene["wait"] == "not yet"

    def test_only_from_one_number_it_can_be_stepped(self):
        w = torch.tensor([2.0, 3.0], requires_grad=True)
        view = GraphView()
        assert not view.scene["steps"]
        for root, steps in [(w * w, False), ((w * w).sum(), True), ((w * w)[:1], True)]:
            view.update(root)
            view.flush()
            assert view.scene["steps"] is steps

    def test_many_threads(self, sent):
        view = GraphView(Recorded("line"))
        graphs = [changed(recorded("line"), k) for k in range(4)]
        failures = []

        def work(graph):
            try:
                for _ in range(50):
                    view.update(Recorded(graph))
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(graph,)) for graph in graphs]
        [t.start() for t in threads]
        [t.join() for t in threads]
        until_quiet(view)
        assert failures == []


class TestTraining:
    @pytest.fixture(autouse=True)
    def notebook(self):
        """Remember lines, as in a notebook: without it nothing is computed again."""
        remember_lines()
        yield
        remember_lines(False)

    def table(self):
        torch.manual_seed(0)
        x = torch.randn(12, 3)
        return [(x[i : i + 4], x[i : i + 4].sum(1, keepdim=True)) for i in (0, 4, 8)]

    def train(self, *callbacks, **more):
        net = torch.nn.Linear(3, 1)
        torch.train_model(net, self.table(), progress=False, callbacks=callbacks, **more)
        return net

    def test_begins_empty(self):
        view = GraphView()
        assert repr(view) == "GraphView: waiting for the first loss"
        assert "waiting for the first loss" in view.to_svg()

    def test_is_a_callback(self, sent):
        losses, view = [], GraphView()

        class Note:
            def on_backward_end(self, run):
                losses.append(run.loss_tensor.item())

        net = self.train(Note(), view, epochs=5)
        cards = {card["head"]: card for card in view.scene["cards"]}
        loss = cards["loss = mse_loss"]
        assert loss["value"]["values"] == [float(f"{losses[-1]:.6g}")], "the last batch"
        assert "grad" in loss
        assert {"input", "target"} <= set(cards), "named as in model.forward"
        assert [chip["label"] for chip in cards["linear"]["chips"]] == ["weight", "bias"]
        assert cards["linear"]["title"] == "model"
        assert not view.scene["stale"]
        assert not view.pace.waits
        assert net.weight.grad is not None

    def test_names_of_the_learner_win(self, sent):
        global mine
        mine = torch.nn.Linear(3, 1)
        view = GraphView()
        torch.train_model(mine, self.table(), progress=False, callbacks=[view])
        assert {card.get("title") for card in view.scene["cards"]} >= {"mine"}

    def test_an_interrupt_keeps_a_picture_with_gradients(self, sent):
        view = GraphView()

        class Stop:
            def on_batch_end(self, run):
                raise KeyboardInterrupt

        self.train(view, Stop())
        assert all("grad" in card for card in view.scene["cards"] if card["kind"] == "op")
        assert not view.pace.waits


class TestFold:
    def test_the_page_asks_and_gets_a_scene(self, sent):
        view = GraphView(Recorded("mlp"))
        box = view.scene["boxes"][0]["key"]
        view._hear(view, {"do": "fold", "box": box, "open": False}, [])
        kinds = [card["kind"] for card in view.scene["cards"]]
        assert "fold" in kinds
        assert view.scene["boxes"] == []
        view._hear(view, {"do": "fold", "box": box, "open": True}, [])
        assert len(view.scene["boxes"]) == 1

    @pytest.mark.parametrize(
        "message", [None, "fold", {}, {"do": "fold"}, {"do": "fold", "box": "b99"},
                    {"do": "other", "box": "b0"}, {"do": "fold", "box": ["b0"]}]
    )  # fmt: skip
    def test_nonsense_is_ignored(self, sent, message):
        view = GraphView(Recorded("mlp"))
        before = view.scene
        view._hear(view, message, [])
        assert view.scene is before

    def test_names_given_at_the_start(self):
        view = GraphView(Recorded("resblocks"), fold=("layer2", "net.layer1"))
        closed = [card["head"] for card in view.scene["cards"] if card["kind"] == "fold"]
        assert sorted(closed) == ["layer1", "layer2"]

    def test_values_of_a_closed_box_are_left_alone(self, sent):
        view = GraphView(Recorded("mlp"), fold="net")
        sent.clear()
        view.update(Recorded(changed(recorded("mlp"))))
        assert [message["kind"] for message in sent] == ["values"]


class TestFallback:
    def test_mimebundle_holds_a_picture_and_words(self):
        view = GraphView(Recorded("mlp"))
        data, _ = view._repr_mimebundle_()
        assert data["image/svg+xml"].startswith("<svg")
        expected = "GraphView: 6 operations, 6 parameters, 2 inputs; the result is loss, a scalar"
        assert data["text/plain"] == expected
        assert "application/vnd.jupyter.widget-view+json" in data

    def test_nothing_differs_between_runs(self):
        one, two = (GraphView(Recorded(g)) for g in ("mlp", changed(recorded("mlp"), 0)))
        assert one.to_svg() == two.to_svg()
        assert repr(one) == repr(two)
        assert not re.search(r"0x[0-9a-f]{4}", one.to_svg())

    def test_save_svg(self, tmp_path):
        view = GraphView(Recorded("line"), direction="LR")
        view.save_svg(tmp_path / "line.svg")
        assert (tmp_path / "line.svg").read_text(encoding="utf-8") == view.to_svg()


def test_direction_is_checked():
    with pytest.raises(ValueError, match="TB"):
        GraphView(Recorded("line"), direction="up")


def test_a_scene_is_plain_data():
    import json

    view = GraphView(Recorded(chain(300)))
    json.dumps(view.scene, allow_nan=False)


def test_what_one_widget_weighs():
    """Ten widgets stay below 450 KB: one weighs below 40, and their code is sent once."""
    import json

    view, other = GraphView(Recorded("mlp")), GraphView(Recorded("line"))
    weight = json.dumps(view.get_state()) + json.dumps(view.to_svg())
    assert len(weight) < 34_000
    assert view.code is other.code
    assert view.code.text not in weight
    assert len(view.code.text) < 24_000


def test_one_tape_deck_at_a_time():
    with watch_operations(remember):
        loss = (torch.ones(2, requires_grad=True) * 2).sum()
    view, decks = GraphView(loss), []
    for _ in range(3):
        view._handle_custom_msg({"do": "step"}, [])
        decks.append(view.deck)
    assert [deck.comm is None for deck in decks] == [True, True, False]
    view.close()
    assert decks[-1].comm is None


def test_a_gradient_that_is_cleared_leaves_a_card_that_waits():
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    with watch_operations(remember):
        loss = (w * w).sum()
    loss.backward()
    view = GraphView(loss)
    assert all(card["grad"] for card in view.scene["cards"])
    w.grad = None
    view.update(loss)
    assert "grad" in view.to_svg() and not any(card["grad"] for card in view.scene["cards"])
