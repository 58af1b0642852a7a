"""The kernel's half of the monitor: messages, commands, a run without a notebook."""

import gc
import json
import threading
import weakref
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn, optim, watching
from autograd_lab.train import Steering, train_model
from autograd_lab.train.reopened import load_run
from autograd_lab.widgets import monitor as module
from autograd_lab.widgets.loss_curve.series import Journal
from autograd_lab.widgets.monitor import SHOWN, Monitor, hands
from autograd_lab.widgets.monitor.front import start, watch
from autograd_lab.widgets.monitor.record import Record

HOSTILE = "</script><img src=x onerror=alert(1)>\x00\u202e"


class Page:
    """Stands where the page is: keeps what comes, and clicks."""

    def __init__(self, run):
        self.monitor, self.sent = Monitor(run), []
        self.monitor.send = self.take
        self.monitor._shown, self.monitor._publish = True, lambda **settings: None

    def take(self, content, buffers=None):
        json.dumps(content, allow_nan=False)    # as the wire wants it
        self.sent.append((content, list(buffers or ())))

    def click(self, **content):
        self.monitor._handle_custom_msg(content, [])

    @property
    def panel(self):
        return next(c["panel"] for c, _ in reversed(self.sent) if "panel" in c)

    def tables(self):
        return [(c["table"], b[c["table"]["buffer"]]) for c, b in self.sent if "table" in c]


def make(lr=0.1):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1))
    return net, torch.optim.SGD(net.parameters(), lr=lr, momentum=0.5)


def learn(net, optimizer, x):
    optimizer.zero_grad()
    net(x).square().mean().backward()
    optimizer.step()


@pytest.fixture
def loop():
    """A page, and a loop of so many steps under it; ``at`` maps steps to what happens there."""

    def run_loop(steps=30, at=None, **settings):
        net, optimizer = make()
        batches = watch([torch.randn(4, 3) for _ in range(steps)], net, optimizer, **settings)
        page, at_ = Page(batches.run), dict(at or {})
        for x in batches:
            for do in at_.pop(batches.run.steps, ()):
                do(page)
            learn(net, optimizer, x)
        return page, batches.run, net, optimizer

    return run_loop


def test_a_run_is_told_from_its_beginning_to_its_end(loop):
    page, run, *_ = loop()
    states = [content["panel"]["state"] for content, _ in page.sent if "panel" in content]
    assert states[0] == "running" and states[-1] == "finished"
    assert page.panel["step"] == page.panel["last"] == 30 and page.panel["here"] is None
    assert page.panel["settings"][:2] == [["lr", 0.1], ["momentum", 0.5]]
    heading, rows = page.tables()[0]
    assert heading["columns"][0] == ["norms", "0.weight"] and heading["first"] == 0
    assert np.frombuffer(rows, "f4").size == (len(heading["columns"]) + 1) * heading["total"]
    steps, losses = page.monitor.history["loss"]
    assert losses.tolist() == list(run.history.losses) and steps.tolist() == list(range(1, 31))


def test_clicks_are_obeyed_and_answered(loop):
    def clicks(page):
        page.click(do="set", name="lr", value=0.25, id=1)
        page.click(do="delay", value=0.001, id=2)
        page.click(do="set", name="no such setting", value=1, id=3)
        page.click(do="set", name="lr", value="much", id=4)
        page.click(do="go", step=None, id=5)
        page.click(do="stop", id=6)

    page, run, _, optimizer = loop(at={5: [clicks]})
    answers = {c["answer"]: c.get("error", "") for c, _ in page.sent if "answer" in c}
    assert answers[1] == answers[2] == answers[6] == ""
    assert "no such setting" in answers[3] and "no number" in answers[4] and answers[5]
    assert run.state == "stopped" and run.steps == 6
    assert run.delay == 0.001
    page.click(do="hello", id="a")
    assert page.sent[-1][0]["answer"] == "a" and page.monitor.answered
    assert page.panel["state"] == "stopped"
    assert optimizer.param_groups[0]["lr"] in (0.1, 0.25)   # asked for in the last step


@pytest.mark.parametrize("content", [
    {"do": "set", "name": ["lr"], "value": 1}, {"do": "set"}, {"do": "delay", "value": "long"},
    {"do": "branch", "step": 1, "settings": [1]}, {"do": "rename", "run": "x", "name": HOSTILE},
    {"do": "rename", "run": 99, "name": "x"}, {"do": "go", "step": float("inf")}, {"do": {}}, {},
    {"do": "look", "on": [], "deep": "yes"}, {"ask": []}, "text", 7, None,
])  # fmt: skip
def test_nonsense_does_no_harm(loop, content):
    _, run, *_ = loop(at={3: [lambda page: page.monitor._handle_custom_msg(content, [])]})
    assert run.state == "finished" and run.steps == 30


def test_clicks_come_on_another_thread_and_wake_a_loop_that_waits(loop):
    def later(page):
        page.click(do="pause", id=1)

        def clicks():
            for n in range(3):
                page.click(do="step", id=2 + n)
            page.monitor.run.settle(10)
            page.stood = page.monitor.run.steps
            page.click(do="resume", id=9)

        page.thread = threading.Thread(target=clicks)
        page.thread.start()

    page, run, *_ = loop(at={5: [later]})
    page.thread.join(10)
    assert page.stood == 9 and run.steps == 30          # the sixth, and three more
    assert {c["answer"] for c, _ in page.sent if "answer" in c} == {1, 2, 3, 4, 9}


def test_a_branch_is_a_second_curve_beside_the_first(loop):
    def back(page):
        page.click(do="branch", step=10, name=HOSTILE, settings={"lr": 0.01}, id=1)

    page, run, *_ = loop(at={20: [back]})
    assert [b.step for b in run.branches] == [0, 10]
    series = page.sent[-1][0]["series"]
    assert [(s["name"], s["ghost"]) for s in series] == [("loss", False), ("main", True)]
    ghost, present = page.monitor.history["main"], page.monitor.history["loss"]
    assert present[1].tolist() == list(run.history.losses)
    assert ghost[0][0] == 10 and ghost[0][-1] == 21     # from where they leave each other
    told = page.panel["runs"]
    assert [run["now"] for run in told] == [False, True] and told[1]["settings"] == {"lr": 0.01}
    assert "\x00" not in told[1]["name"] and "\u202e" not in told[1]["name"]
    page.click(do="rename", run=0, name="first", id=2)
    assert page.panel["runs"][0]["name"] == "first"
    assert set(page.monitor.history) == {"loss", "first"}


def test_a_page_that_comes_late_is_given_everything(loop):
    page, *_ = loop()
    page.sent.clear()
    page.monitor._answered = -10.0
    page.click(ask="all")
    (content, _), = page.sent
    assert content["series"][0]["exact"] and content["series"][0]["total"] == 30
    assert content["table"]["first"] == 0 and content["panel"]["step"] == 30


def test_messages_are_few_and_a_table_is_sent_once(loop, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(module, "perf_counter", lambda: clock[0])
    tick = {step: [lambda page: clock.__setitem__(0, clock[0] + 0.01)] for step in range(1000)}
    page, *_ = loop(1000, at=tick)
    flushes = [content for content, _ in page.sent if "series" in content]
    assert len(flushes) <= 20 * 10 + 4          # ten seconds
    firsts = [heading["first"] for heading, _ in page.tables()]
    assert firsts.count(0) <= 14                # the first, and once a second the whole


def test_without_a_notebook_nothing_is_sent_and_nobody_is_waited_for():
    net, optimizer = make()
    batches = watch([torch.ones(2, 3)] * 5, net, optimizer)
    for x in batches:
        learn(net, optimizer, x)
    assert batches.run.state == "finished" and batches.run not in SHOWN

    def train(run):
        for x in run.watch([torch.ones(2, 3)] * 5, net, optimizer):
            learn(net, optimizer, x)
        return run.steps

    assert start(train).result(20) == 5


def test_a_number_noted_after_its_step_was_read_is_drawn():
    run, record = Steering(), Record(Journal())
    for step in range(3):
        run.history.add(1.0)
        record.read(run)
        run.history.note("val_loss", step, 0.5)
    record.read(run)
    assert record.journal.series["val_loss"].points()[0].tolist() == [1, 2, 3]
    assert record.journal.series["loss"].points()[0].tolist() == [1, 2, 3]


def test_a_callback_of_train_model():
    net, optimizer = make()
    data = torch.utils.data.TensorDataset(torch.randn(64, 3), torch.randn(64, 1))
    monitor = Monitor()
    history = train_model(net, data, optimizer=optimizer, epochs=3, val_loader=data,
                          callbacks=[monitor], progress=False)
    assert repr(monitor).startswith("Monitor: finished after 6 steps, loss ")
    assert monitor.history["loss"][1].tolist() == history.steps
    assert len(monitor.history["val_loss"][0]) == 3
    assert "0.weight" in [name for _, name in monitor.table.names]


def test_the_run_keeps_no_monitor_and_the_monitor_goes():
    run = Steering()
    monitor = Monitor(run)
    gone = weakref.ref(monitor)
    monitor.close()
    del monitor
    gc.collect()
    assert gone() is None
    run.changed()
    assert run.history.losses.tolist() == []


@pytest.mark.parametrize("wrong", [5, "run", [1.0, 2.0], nn.Linear(1, 1)])
def test_what_is_no_run_is_told_what_one_is(wrong):
    words = r"batches\.run.*start\(\.\.\.\).*not " + type(wrong).__name__
    with pytest.raises(TypeError, match=words):
        Monitor(wrong)


def test_the_batches_of_a_watched_loop_stand_for_its_run():
    batches = watch([torch.ones(1, 3)], *make())
    assert Monitor(batches).run is batches.run


def test_tensors_without_a_module_are_called_as_the_learner_calls_them():
    weight, bias = torch.ones(3, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
    learning = [weight, bias, torch.ones(3, 2, requires_grad=True)]
    batches = watch([torch.ones(4, 3)] * 3, optimizer=torch.optim.SGD(learning, lr=0.1))
    monitor = Monitor(batches.run)
    for x in batches:
        (x @ weight + bias + x @ learning[2]).sum().backward()
        batches.given[1][0].step()
    names = [name for kind, name in monitor.table.names if kind == "norms"]
    assert names == ["weight", "bias", "parameter 2 (3, 2)"]


def test_only_this_comm_is_told_where_its_messages_go():
    class Comm:
        def _reply_subshell_for(self, data, subshell_id):
            return None                         # 7.4.0: back to the thread that wrote last

    comm, other = Comm(), object()
    hands.reach(comm)
    hands.reach(other)
    assert comm._reply_subshell_for({}, "seven") == "seven"
    assert Comm()._reply_subshell_for({}, "seven") is None


def test_a_setting_of_several_numbers():
    net, _ = make()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    batches = watch([torch.ones(2, 3)] * 4, net, optimizer)
    page = Page(batches.run)
    for x in batches:
        if batches.run.steps == 1:
            page.click(do="set", name="betas", value=[0.8, 0.99], id=1)
        learn(net, optimizer, x)
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.99)
    assert ["betas", [0.8, 0.99]] in page.panel["settings"]


def test_the_picture_says_everything_and_is_harmless(loop):
    page, *_ = loop(at={3: [lambda page: page.monitor.run.happened("set", HOSTILE)]})
    picture = page.monitor.to_svg()
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg") and "<script" not in picture and "\x00" not in picture
    text = "".join(root.itertext())
    for words in ("finished", "after 30 steps", "lr 0.1", "gradient size", "at step 30",
                  "0.weight", "1 ReLU"):
        assert words in text
    assert root.find("{http://www.w3.org/2000/svg}desc").text.startswith("Monitor: finished")
    ElementTree.fromstring(Monitor().to_svg())
    ElementTree.fromstring(Monitor(Steering()).to_svg())


def test_the_picture_has_the_colours_of_the_page(node):
    from autograd_lab.widgets.monitor.picture import tone

    values = [0.0, 1e-9, 3e-6, 1e-4, 9e-4, 1e-3, 4e-3, 0.02, 0.1, 0.26, 0.5, 0.74, 1.0, 30.0]
    found = node("answers.mjs", values)
    assert [tone("norms", v, 2.0)[1] for v in values] == found["size"]
    assert [tone("dead", v, 1)[1] for v in values if v <= 1] == found["share"][: len(values) - 1]
    signs = {"#2166ac": -1, "#cf5439": 1}
    assert [signs[c] * d for c, d in (tone("ratios", v, 1) for v in values)] == found["pace"]


def test_a_run_is_saved_by_name_and_opened_again(loop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def clicks(page):
        page.click(do="save", name="in the middle", id=1)
        for n, name in enumerate(["../up", "/tmp/x", "", ".hidden", "a" * 61, None], 2):
            page.click(do="save", name=name, id=n)

    page, run, *_ = loop(at={20: [clicks]})
    refused = {c["answer"]: "error" in c for c, _ in page.sent if "answer" in c}
    assert refused == {1: False} | dict.fromkeys(range(2, 8), True)
    page.click(do="save", name="end", id=9)
    assert [f.name for f in sorted(tmp_path.iterdir())] == [
        "end.safetensors", "in the middle.safetensors"]  # fmt: skip
    assert "saved to end.safetensors" in page.panel["remark"]
    again = Monitor(load_run("end.safetensors"))
    assert again.history["loss"][1].tolist() == list(run.history.losses)
    assert "30" in repr(again) and again.to_svg().startswith("<svg")


def test_a_page_without_a_kernel_has_the_whole_story(loop, tmp_path):
    page, *_ = loop()
    content, _ = page.monitor.page_state()["story"]
    assert content["panel"]["state"] == "finished" and content["series"][0]["exact"]
    page.monitor.save_html(tmp_path / "run.html")
    assert "finished after 30 steps" in (tmp_path / "run.html").read_text("utf-8")


def test_pictures_follow_a_run_back_in_time():
    net = nn.Linear(1, 1)
    optimizer = optim.SGD(net.parameters(), lr=0.1)

    class Picture:
        def update(self):
            self.weight = net.weight.item()

    picture, weights = Picture(), []
    batches = watch([torch.ones(1, 1)] * 6, net, optimizer, views=[picture], show=False)
    for x in batches:
        weights.append(net.weight.item())
        optimizer.zero_grad()
        net(x).square().sum().backward()
        optimizer.step()
    assert picture.weight == net.weight.item()
    batches.run.go(2)
    assert picture.weight == net.weight.item() == weights[2]


def test_the_last_step_is_measured_wherever_the_run_ends(loop):
    page, run, net, _ = loop(40)
    rows, names = page.monitor.table.rows(), page.monitor.table.names
    assert rows[-1, 0] == 40
    assert {kind for (kind, _), v in zip(names, rows[-1, 1:], strict=True) if v == v} == {
        "norms", "ratios", "dead"}  # fmt: skip
    norm = np.linalg.norm(net[0].weight.grad.numpy())
    assert page.monitor.table.column(("norms", "0.weight"))[1, -1] == pytest.approx(norm, rel=1e-5)

    def stop(page):                                     # unforeseen: only what still lies there
        page.monitor.run.stop()

    page, run, *_ = loop(40, at={25: [stop]})
    assert run.steps == 26 and page.monitor.table.rows()[-1, 0] == 26
    assert page.monitor.table.column(("norms", "0.weight"))[0, -1] == 26


@pytest.mark.parametrize(("batches", "times"), [(2, 1), (40, 2)])
def test_the_last_step_is_measured_whole_however_often_the_optimizer_steps(batches, times):
    page = looped(lambda *its: [learn(*its) for _ in range(times)], batches)
    rows, names = page.monitor.table.rows(), page.monitor.table.names
    assert rows[-1, 0] == batches
    assert np.isfinite(rows[-1, 1:]).all()
    assert {kind for kind, _ in names} == {"norms", "ratios", "dead"}


def test_a_monitor_made_while_the_body_works_finds_where_a_nan_was_born():
    net, optimizer = make()
    batches = watch([torch.ones(4, 3)] * 6, net, optimizer)
    with watching.watch_operations(watching.remember):
        for x in batches:
            if batches.run.steps == 1:
                monitor = Monitor(batches.run)
            optimizer.zero_grad()
            loss = net(x).square().mean()
            loss = (loss * 0 - 1).log() if batches.run.steps == 3 else loss
            loss.backward()
            optimizer.step()
    (turn,) = [turn for turn in monitor.turns if turn.kind == "nan"]
    assert (turn.step, turn.words) == (4, "log gave NaN")


def test_a_loop_on_another_thread_is_measured_there_and_nothing_is_left_behind():
    net, optimizer = make()
    batches, before = watch([torch.ones(4, 3)] * 3, net, optimizer), watching.watchers
    monitor = Monitor(batches.run)      # here, and the loop elsewhere

    def loop():
        for x in batches:
            learn(net, optimizer, x)

    nn.ReLU()(torch.ones(2, 6, requires_grad=True))     # not the loop's
    thread = threading.Thread(target=loop)
    thread.start()
    thread.join()
    assert watching.watchers == before
    assert [name for kind, name in monitor.table.names if kind == "dead"] == ["1 ReLU"]


def test_another_run_has_a_record_of_its_own():
    runs = Steering(), Steering()
    for run, losses in zip(runs, ([3.0, 2.0, 1.0], [9.0, 8.0, float("nan"), 6.0]), strict=True):
        for loss in losses:
            run.history.add(loss)
    page = Page(runs[0])
    page.monitor.record.add(2, {"norms": {"a": 1.0}})
    page.monitor.flush()
    page.monitor.follow(runs[1])
    assert page.monitor.history["loss"][1].tolist()[:2] == [9, 8]
    assert page.monitor.history["loss"][0].tolist()[-1] == 4
    assert [turn.step for turn in page.monitor.turns] == [3] and not page.monitor.table.names
    record = page.monitor.record
    page.monitor.follow(runs[1])
    assert page.monitor.record is record


def looped(body, steps=16, **settings):
    torch.manual_seed(0)
    net, optimizer = make()
    batches = watch([torch.randn(4, 3) for _ in range(steps)], net, optimizer, **settings)
    page = Page(batches.run)
    for x in batches:
        body(net, optimizer, x)
    return page


def test_a_loop_without_a_loss_is_told_so_and_missing_is_not_nan():
    page = looped(lambda net, optimizer, x: net(x))
    assert page.panel["remark"] == "no loss was computed in this loop (no backward())"
    assert page.panel["turns"] == [] and page.monitor.journal.marks == []
    assert page.monitor.history["loss"][0].size == 0
    count = iter(range(16))
    page = looped(lambda *its: next(count) % 3 == 1 and learn(*its))
    assert page.panel["remark"] == "" and not page.monitor.turns
    assert page.monitor.history["loss"][0].tolist() == [2, 5, 8, 11, 14]
    assert looped(learn, 0).panel["remark"] == "the loader gave no batch"


def test_what_was_forgotten_is_named():
    def no_step(net, optimizer, x):
        net(x).square().mean().backward()

    def no_zero(net, optimizer, x):
        net(x).square().mean().backward()
        optimizer.step()

    def gathered(net, optimizer, x):
        for part in (x, x):
            net(part).square().mean().backward()
        optimizer.step()

    page = looped(no_step)
    assert [turn.words for turn in page.monitor.turns] == ["no optimizer.step() in this loop"]
    assert page.monitor.table.rows()[-1, 0] == 16
    assert [t["words"] for t in looped(no_zero).panel["turns"]] == ["gradients are never cleared"]
    assert not looped(gathered).monitor.turns and not looped(learn).monitor.turns


def test_an_error_in_the_body_is_the_end_of_the_run():
    class Result:
        error_in_exec = None

    def torn(net, optimizer, x):
        raise KeyError("image")

    net, optimizer = make()
    batches = watch([torch.ones(4, 3)] * 3, net, optimizer)
    page = Page(batches.run)
    try:
        for _ in batches:
            torn(net, optimizer, 1)
    except KeyError as error:
        Result.error_in_exec = error
    page.monitor._shown = False
    page.monitor._cell_ended(Result)
    assert batches.run.state == "failed" and repr(page.monitor) == "Monitor: failed, no step yet"
    assert module.panel.of(batches.run, [], set())["remark"] == "KeyError: 'image'"

    batches = watch([torch.ones(4, 3)] * 3, net, optimizer)
    page = Page(batches.run)
    for x in batches:
        learn(net, optimizer, x)
        break
    try:
        raise OSError("later, elsewhere")
    except OSError as error:
        Result.error_in_exec = error
    page.monitor._shown = False
    page.monitor._cell_ended(Result)
    assert batches.run.state == "stopped" and batches.run.steps == 1


def test_a_setting_made_later_in_a_branch_is_in_the_table(loop):
    page, *_ = loop(at={
        20: [lambda page: page.click(do="branch", step=10, name="slow", settings={}, id=1)],
    })  # fmt: skip
    assert page.panel["runs"][1]["settings"] == {}

    def later(page):
        if len(page.monitor.run.branches) > 1:
            page.click(do="set", name="lr", value=0.02, id=2)

    page, *_ = loop(at={
        20: [lambda page: page.click(do="branch", step=10, name="slow", settings={}, id=1)],
        25: [later],
    })  # fmt: skip
    assert page.panel["runs"][1]["settings"] == {"lr": 0.02}
    assert page.panel["runs"][0]["settings"] == {}


def test_rounds_of_an_outer_loop_are_no_loop_without_a_step():
    net, optimizer = make()
    monitor = None
    for _ in range(3):
        batches = watch([torch.ones(4, 3)] * 70, model=net, optimizer=optimizer, keep=None)
        monitor = monitor or Page(batches.run).monitor
        for x in batches:
            monitor._pulse()
            learn(net, optimizer, x)
    assert batches.run.steps == 210
    assert "still" not in {turn.kind for turn in monitor.turns}


def test_a_loop_that_never_steps_is_told_so_once_it_is_sure():
    net, optimizer = make()
    batches = watch([torch.ones(4, 3)] * 3, model=net, optimizer=optimizer)
    monitor = Page(batches.run).monitor
    for x in batches:
        optimizer.zero_grad()
        net(x).square().mean().backward()
    assert [turn.kind for turn in monitor.turns] == ["still"]
