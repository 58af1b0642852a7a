"""Commands to a running loop: obeyed between two steps, none lost, from any thread."""

import re
import signal
import subprocess
import sys
import threading

import pytest

import autograd_lab as torch
from autograd_lab.train import Series, Steering, start, watch
from autograd_lab.train.interrupts import ONCE
from tests.train.programs import F, Program, nn

PATIENCE = 20  # seconds until something that must happen did not


def looping(program, epochs=10_000, **settings):
    """A background run that goes on until it is told to stop."""
    def train(run):
        for batch in run.watch(program.loader, program.net, program.optimizer, epochs=epochs,
                               **settings):  # fmt: skip
            program.step(batch)

    return start(train, paused=True)


@pytest.fixture
def run():
    run = looping(Program())
    assert run.settle(PATIENCE)
    yield run
    run.stop()
    assert run.wait(PATIENCE)


def test_it_waits_before_its_first_step(run):
    assert (run.state, run.steps, run.loss) == ("paused", 0, None)


def test_no_click_is_lost(run):
    for _ in range(10):
        run.advance()
    assert run.settle(PATIENCE) and (run.steps, run.state) == (10, "paused")
    run.advance(5).advance(2)
    assert run.settle(PATIENCE) and run.steps == 17
    run.resume().pause().settle(PATIENCE)
    there = run.steps
    run.advance_epoch().settle(PATIENCE)
    assert run.steps % 4 == 0 and 0 < run.steps - there <= 4 and run.epoch == run.steps // 4
    there = run.steps
    run.advance_epoch().settle(PATIENCE)
    assert run.steps == there + 4
    run.advance(4).settle(PATIENCE)                     # to the last batch of an epoch
    run.advance_epoch().settle(PATIENCE)
    assert run.steps == there + 12


def test_clicks_from_many_threads(run):
    threads = [threading.Thread(target=lambda: [run.advance() for _ in range(20)])
               for _ in range(5)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.settle(PATIENCE) and run.steps == 100


def test_go_to_and_fro_while_it_is_paused(run):
    run.advance(30).settle(PATIENCE)
    losses = list(run.history.losses)
    for step in (12, 30, 0, 29):
        run.go(step)
    assert run.settle(PATIENCE) and (run.steps, run.state) == (29, "paused")
    run.branch(7, lr=0.5, name="fast").pause()
    assert run.settle(PATIENCE) and run.current.name == "main"
    assert run.events[-1].kind == "given up"
    run.branch(7, lr=0.5, name="fast")
    assert run.settle(PATIENCE)
    run.pause().settle(PATIENCE)
    assert run.current.name == "fast" and run.lr == 0.5
    assert list(run.branches[0].losses) == losses
    assert repr(run).startswith(f"Steering: paused after {run.steps} steps on branch 'fast', loss ")


def test_settings_are_checked_at_once_and_made_between_steps(run):
    run.advance(3).settle(PATIENCE)
    run.lr = 0.25
    run.set(betas=[0.5, 0.9], weight_decay=0.1).settle(PATIENCE)
    assert run.settings("lr", "betas", "weight_decay") == {
        "lr": 0.25, "betas": (0.5, 0.9), "weight_decay": 0.1}
    for settings, sentence in [
        ({"lrr": 1}, "Adam has no setting 'lrr'; it has amsgrad, betas"),
        ({"lr": -1.0}, "Adam refuses lr=-1.0: Invalid learning rate: -1.0"),
        ({"lr": "fast"}, "lr is a number, not 'fast'"), ({"lr": True}, "lr is a number, not True"),
        ({"lr": float("nan")}, "lr must be finite, not nan"),
        ({"betas": 0.9}, "betas is a sequence of 2"), ({"params": []}, "no setting 'params'"),
        ({"betas": (0.9, 1.5)}, "Invalid beta parameter at index 1: 1.5"),
        ({"amsgrad": 1}, "amsgrad is True or False, not 1"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=re.escape(sentence)) as refusal:
            run.set(**settings)
        assert run.events[-1].kind == "refused" and run.events[-1].text == str(refusal.value)
    assert run.lr == 0.25
    with pytest.raises(ValueError, match="1 or more, not 0"):
        run.advance(0)


def test_delay_slows_it_down_and_no_command_waits_for_it(run):
    run.delay = 1000.0
    run.resume()
    run.pause()
    assert run.settle(PATIENCE)
    run.resume()
    run.stop()
    assert run.wait(PATIENCE) and run.state == "stopped"


def test_a_step_that_is_delayed_is_not_done(run):
    run.delay = 1000.0
    run.advance()
    assert not run.settle(0.3) and run.steps == 0
    run.delay = 0
    assert run.settle(PATIENCE) and run.steps == 1


def test_listeners_hear_of_changes_and_pulses_come_between_steps(run):
    states, beats = [], []
    remove = run.listen(lambda run: states.append(run.state))
    run.pulse(lambda run: beats.append(run.steps), seconds=0)
    run.advance(3).settle(PATIENCE)
    assert states[-1] == "paused" and beats == [0, 1, 2]
    remove()
    remove()
    states.clear()
    run.listen(lambda run: 1 / 0)
    with pytest.warns(UserWarning, match="a listener failed and was removed: ZeroDivisionError"):
        run.changed()
    run.changed()
    assert not states


def test_from_inside_the_loop_one_cannot_wait_for_it():
    program = Program()
    batches = program.watched(1)
    for batch in batches:
        program.step(batch)
        with pytest.raises(RuntimeError, match=r"wait\(\) was called inside the loop"):
            batches.run.wait()


def test_what_is_over_takes_no_steps():
    program = Program()
    batches = program.watched(1)
    for batch in batches:
        program.step(batch)
    run = batches.run
    assert run.pause().resume().stop() is run and run.state == "finished"
    with pytest.raises(RuntimeError, match="this run cannot take a step: it has finished"):
        run.advance()
    assert run.wait() and run.settle()


# --- loops of one's own


def test_a_watched_loop_is_the_plain_loop():
    straight, program = Program().plain(3), Program()
    batches = program.watched(3)
    assert len(batches) == 12
    for batch in batches:
        program.step(batch)
    assert program.losses == straight.losses == list(batches.run.history.losses)
    assert program.state() == straight.state()
    run = batches.run
    assert (run.epoch, run.epochs, run.steps_an_epoch, run.steps) == (3, 3, 4, 12)


def test_nested_loops_are_one_run_and_stop_ends_them_all():
    program, bodies = Program(), 0
    for _ in range(5):
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
            bodies += 1
            if bodies == 6:
                batches.run.stop()
    assert bodies == 6 == batches.run.steps
    assert batches.run.state == "stopped"
    assert list(batches.run.history.losses) == program.losses


def test_another_loop_with_the_same_model_is_another_run():
    program = Program()
    first = watch(program.loader, program.net, program.optimizer)
    for batch in first:
        program.step(batch)
        first.run.stop()
    second = watch(program.loader, program.net, program.optimizer)
    for batch in second:
        program.step(batch)
    assert first.run.steps == 1 and second.run.steps == 4


def test_two_models_in_one_loop_are_two_runs():
    runs = []
    for _ in range(2):
        program = Program()
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
        runs.append(batches.run)
    assert runs[0] is not runs[1] and runs[0].steps == runs[1].steps == 4


def test_model_and_optimizer_are_found_by_their_names():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    batches = watch([torch.ones(1, 2)] * 4)
    for x in batches:
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()
    assert batches.run.models == (net,) and batches.run.optimizers == (optimizer,)
    here = net[0].weight.tolist()
    batches.run.go(2)
    assert net[0].weight.tolist() != here


def test_without_an_optimizer_it_says_what_is_missing():
    w = torch.ones(1, requires_grad=True)
    batches = watch([1.0, 2.0, 3.0])
    for x in batches:
        w.grad = None
        (w * x).sum().backward()
        w.data -= 0.1 * w.grad
    run = batches.run
    assert list(run.history.losses) == pytest.approx([1.0, 1.8, 2.1])
    with pytest.raises(RuntimeError, match="optimizer=optimizer"):
        _ = run.lr
    with pytest.raises(ValueError, match="neither model nor optimizer of this run is known"):
        run.go(1)


def test_how_the_loss_is_known():
    w = torch.ones(1, requires_grad=True)

    def losses(body, **settings):
        batches = watch([1.0, 2.0], keep=None, **settings)
        for x in batches:
            body(x, batches.run)
        return list(batches.run.history.losses), batches.run

    def last(x, run):
        (w * 10).sum().backward()
        (w * x).sum().backward()
        torch.autograd.grad((w * 7).sum(), w)
        (w * torch.ones(3)).backward(torch.ones(3))

    assert losses(last)[0] == [1.0, 2.0]
    assert losses(last, loss=lambda: 5)[0] == [5.0, 5.0]
    found, run = losses(lambda x, run: run.note(loss=torch.tensor(x + 1), right=x / 4))
    assert found == [2.0, 3.0]
    steps, values = run.history.metrics["right"]
    assert (list(steps), list(values)) == ([0, 1], [0.25, 0.5])
    found, run = losses(lambda x, run: None)
    assert found != found and run.loss is None or all(x != x for x in found)
    assert run.loss is None


def test_one_loop_in_another_hears_its_own_losses():
    w = torch.ones(1, requires_grad=True)
    outer = watch([1.0, 2.0], keep=None)
    for x in outer:
        inner = watch([5.0], keep=None)
        for y in inner:
            (w * y).sum().backward()
        (w * x).sum().backward()
    assert list(outer.run.history.losses) == [1.0, 2.0]
    assert list(inner.run.history.losses)[-1] == 5.0
    from autograd_lab.backward import listeners
    assert not listeners


def through(batches, error=None):
    for _ in batches:
        if error:
            raise error


def test_break_and_errors_leave_the_loop():
    program = Program()
    batches = program.watched(2)
    for batch in batches:
        program.step(batch)
        break
    assert batches.run.state == "stopped" and batches.run.steps == 1  # it was taken
    with pytest.raises(OSError, match="body"):
        through(program.watched(2), OSError("body"))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def broken():
        yield torch.ones(1)
        raise OSError("the disk is full")

    batches = watch(broken(), program.net, program.optimizer)
    with pytest.raises(OSError, match="the disk is full"):
        through(batches)
    assert batches.run.state == "failed"
    with pytest.raises(OSError, match="the disk is full"):
        batches.run.wait()


@pytest.mark.parametrize("learned", [True, False])
def test_a_body_left_after_many_steps_counts_if_it_has_learned(learned):
    net = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    batches = watch(range(20), net, optimizer)
    for step in batches:
        optimizer.zero_grad()
        net(torch.ones(1)).sum().backward()
        if step == 12 and not learned:
            break
        optimizer.step()
        if step == 12:
            break
    assert batches.run.steps == 12 + learned == len(batches.run.history.losses)


def test_what_cannot_be_watched_is_refused_at_once():
    program = Program()
    with pytest.raises(TypeError, match=r"list of batches, not 5 \(int\)"):
        watch(5)
    with pytest.raises(TypeError, match=r"epochs is a whole number, not 1\.5"):
        program.watched(1.5)
    run = watch([1], program.optimizer, program.net).run      # told the other way round
    assert run.models == (program.net,) and run.optimizers == (program.optimizer,)
    with pytest.raises(TypeError, match="model holds an optimizer"):
        watch([1], [program.net, program.optimizer])
    with pytest.raises(TypeError, match=r"names no model: watch\(loader, net, optimizer\)"):
        watch([1], program.optimizer)
    assert watch([1], optimizer=program.optimizer).run.models == ()
    net = nn.Linear(1, 1)  # named here
    assert watch([1], program.optimizer).run.models == (net,)

    class Broken:
        def __iter__(self):
            raise OSError("no such folder")

    batches = watch(Broken(), program.net, program.optimizer)
    with pytest.raises(OSError, match="no such folder"):
        through(batches)
    assert batches.run.state == "failed"


# --- interrupts


def test_an_interrupt_ends_the_loop_after_the_step_at_hand(capsys):
    program, after = Program(), []
    batches = program.watched(5)
    for batch in batches:
        if batches.run.steps == 6:
            signal.raise_signal(signal.SIGINT)
        program.step(batch)
    after.append("the code after the loop")
    assert after and batches.run.state == "stopped" and batches.run.steps == 7
    assert capsys.readouterr().err == ONCE + "\n"
    twin, count = Program(), 0
    for _ in range(5):
        for batch in twin.loader:
            if count < 7:
                twin.step(batch)
            count += 1
            if count == 7:
                assert program.state() == twin.state()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def interrupted_twice(program):
    for batch in program.watched(2):
        program.step(batch)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the body went on")


def test_a_second_interrupt_breaks_off_the_body_but_not_the_change_of_the_model(monkeypatch):
    program, plain, seen = Program("mlp", "SGD"), torch.optim.SGD.update, []

    def update(self, group):
        half = {**group, "params": group["params"][:1]}
        plain(self, half)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        plain(self, {**group, "params": group["params"][1:]})
        seen.append("whole")

    monkeypatch.setattr(torch.optim.SGD, "update", update)
    batches = program.watched(2)
    for batch in batches:
        program.step(batch)
    assert seen == ["whole"] and batches.run.steps == 1
    monkeypatch.undo()
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice(program)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_ends_a_loop_that_is_paused():
    program = Program()
    batches = program.watched(5)
    run = batches.run
    click = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
    run.listen(lambda run: click.start() if run.state == "paused" and not click.ident else None)
    for batch in batches:
        program.step(batch)
        if run.steps == 2:
            run.pause()
    assert run.state == "stopped" and run.steps == 3
    assert run.events[-1].text == "interrupted: the model is as after step 3"


def test_after_a_pause_an_interrupt_lets_the_step_end_again(capsys):
    program = Program()
    batches = program.watched(5)
    run = batches.run
    run.listen(lambda run: run.resume() if run.state == "paused" else None)
    run.pause()
    for batch in batches:
        if run.steps == 2:
            signal.raise_signal(signal.SIGINT)
        program.step(batch)
    assert run.state == "stopped" and run.steps == 3
    assert capsys.readouterr().err == ONCE + "\n"


def test_an_interrupt_ends_a_loop_that_waits_for_a_batch():
    def slow():
        yield torch.ones(1)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the loader went on")

    batches = watch(slow(), keep=None)
    for _ in batches:
        pass
    assert batches.run.state == "stopped" and batches.run.steps == 1


SCRIPT = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.train import watch
torch.manual_seed(0)
x = torch.randn(32, 2)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, x[:, :1]), 4, shuffle=True)
net = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.5), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
losses = []
for i, (x, y) in enumerate(batches := watch(loader, epochs=2)):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    print("step", i)
run = batches.run
"""


def test_a_script_without_any_front_end(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + "print(run)\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60,
                          check=True, cwd=tmp_path)  # fmt: skip
    assert done.stdout.count("step") == 17
    assert "Steering: finished after 16 steps" in done.stdout and not done.stderr


def test_a_cell_of_its_own_is_run_again_from_its_source():
    import linecache

    source = SCRIPT.replace("enumerate(batches := watch(loader, epochs=2))",
                            "enumerate(watch(loader, epochs=2, show=shown.append))")  # fmt: skip
    source = source.replace("run = batches.run", "")
    names = {"__name__": "__main__", "shown": (shown := [])}
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    exec(compile(source, "<cell>", "exec"), names)
    (run,) = shown
    first, losses = list(run.history.losses), list(names["losses"])
    weight = names["net"][0].weight
    end = weight.tolist()
    run.traveller.shelf.drop_after(0)  # so that there is something to repeat
    run.go(5)
    assert run.steps == 5 and len(names["losses"]) > 16
    assert weight.tolist() != end
    run.go(16)
    assert weight.tolist() == end and not run.events
    run.branch(4, lr=0.5)
    assert list(run.history.losses)[:4] == first[:4] and len(run.history.losses) == 16
    assert "__the_watched_batches__" not in names and len(losses) == 16
    assert len(shown) == 1


def test_it_reads_as_a_sentence():
    assert repr(Steering()) == "Steering: ready after 0 steps"
    assert repr(Steering("first")) == "Steering 'first': ready after 0 steps"
    assert Steering().kept() == "nothing is kept: one cannot go back"
    with pytest.raises(RuntimeError, match="nothing of this run is kept"):
        Steering().go(1)
    assert F is torch.nn.functional


def test_what_watching_costs():
    """What happens between two steps costs no more than some calls of a function."""
    import time

    def spent(batches):
        began = time.thread_time()
        for _ in batches:
            nothing()
        return time.thread_time() - began

    def nothing():
        pass

    data = [0] * 20_000
    call = min(spent(data) for _ in range(9))
    edge = min(spent(watch(data, keep=None)) for _ in range(9)) - call
    print(f"an edge takes {edge / 20e3 * 1e9:.0f} ns, a call {call / 20e3 * 1e9:.0f} ns")
    assert edge < 25 * call


def test_a_click_between_two_rounds_of_an_outer_loop_is_not_lost():
    program, bodies = Program(), 0
    for epoch in range(4):
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
            bodies += 1
        if epoch == 1:
            batches.run.stop()
    assert bodies == 8 == batches.run.steps
    program, paused = Program(), []
    run = None
    for epoch in range(3):
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
        if epoch == 1:
            run = batches.run
            run.pause()
            run.listen(lambda run: (paused.append(run.steps), run.resume())
                       if run.state == "paused" else None)  # fmt: skip
    assert paused == [8] and run.steps == 12


def test_a_running_loop_hears_of_a_delay():
    program, waits = Program(), []
    batches = program.watched(3, keep=None)
    run = batches.run

    def wait(until, timeout):
        waits.append((run.steps, timeout))
        return False  # nothing was asked

    run._wait = wait
    for batch in batches:
        program.step(batch)
        run.delay = 0.5 if run.steps == 3 else 0 if run.steps == 6 else run.delay
    assert waits == [(4, 0.5), (5, 0.5), (6, 0.5)]


def test_steps_and_epochs_go_on_in_the_next_round_of_an_outer_loop():
    program, parked = Program(), []
    asked = iter([lambda run: run.advance(3), lambda run: run.advance_epoch(),
                  lambda run: run.advance(6), lambda run: run.resume()])  # fmt: skip

    def look(run):
        if run.state == "paused" and run.steps not in parked:
            parked.append(run.steps)
            next(asked)(run)

    for epoch in range(5):
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
            if epoch == 0 and batches.run.steps == 2:
                batches.run.listen(look)
                batches.run.pause()
    assert parked == [3, 6, 8, 14] and batches.run.steps == 20


def test_a_branch_that_got_another_name_is_still_found(run):
    run.advance(8).settle(PATIENCE)
    run.branch(5, lr=0.02).settle(PATIENCE)
    run.pause().settle(PATIENCE)
    run.rename("main", "slow")
    run.branch(2, lr=0.03).settle(PATIENCE)
    run.pause().settle(PATIENCE)
    assert [(b.name, b.parent, b.step) for b in run.branches] == [
        ("slow", "", 0), ("lr=0.02", "slow", 5), ("lr=0.03", "slow", 2)]  # fmt: skip
    assert run.state == "paused"


def test_a_branch_that_is_refused_on_arrival_does_not_end_the_run(run, monkeypatch):
    def refuse(name, settings):
        raise ValueError("not here")

    run.advance(4).settle(PATIENCE)
    monkeypatch.setattr(run.traveller, "fork", refuse)
    run.branch(2, lr=0.5)
    assert run.settle(PATIENCE) and (run.state, run.steps) == ("paused", 2)
    assert (run.events[-1].kind, run.events[-1].text) == ("refused", "not here")


def test_a_look_between_two_rounds_ends_nothing():
    program = Program()
    for epoch in range(3):
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
        if epoch == 0:
            batches.run.traveller.shelf.drop_after(0)
            batches.run.go(1)
            assert batches.run.steps == 1
            batches.run.go(4)
    assert (batches.run.steps, batches.run.state) == (12, "finished")
    assert len(program.losses) > 12 and not batches.run.events


LOOP = """
for batch in batches:
    program.step(batch)
    if batches.run.steps == 2:
        batches.run.stop()
"""


def test_after_stop_the_loop_executed_anew_goes_on():
    program = Program()
    batches = program.watched(1)
    names, shown = {"batches": batches, "program": program}, []
    for _ in range(2):  # as a cell is: each time another code object of the same text
        exec(compile(LOOP, "<cell>", "exec"), names)
        shown.append((batches.run.state, batches.run.steps))
    assert shown == [("stopped", 3), ("finished", 7)]
    batches = program.watched(1)
    names = {"batches": batches, "program": program}
    exec(compile("for _ in range(3):" + LOOP.replace("\n", "\n    "), "<cell>", "exec"), names)
    assert (batches.run.state, batches.run.steps) == ("stopped", 3)


def test_where_to_go_asked_for_after_the_last_step_is_answered():
    program, over, go_on = Program(), threading.Event(), threading.Event()

    def train(run):
        for batch in run.watch(program.loader, program.net, program.optimizer):
            program.step(batch)
        over.set()
        go_on.wait(PATIENCE)

    run = start(train)
    assert over.wait(PATIENCE)
    run.go(2).pause()
    go_on.set()
    assert run.wait(PATIENCE) and run.steps == 4
    assert [(e.kind, e.text) for e in run.events] == [
        ("given up", "step 2 was asked for after the last step: ask again")]  # fmt: skip


def test_before_the_first_step_there_is_nowhere_to_go():
    with pytest.raises(ValueError, match="the loop has not begun yet"):
        Program().watched(1).run.go(0)


def test_of_two_who_go_at_once_one_is_refused():
    program, refusals = Program(), []
    batches = program.watched(3)
    for batch in batches:
        program.step(batch)
    run = batches.run
    run.traveller.shelf.drop_after(0)
    plain = run.traveller.loop.ready

    def ready():  # the other comes in just when the first sets off
        other = threading.Thread(target=go, args=[5])
        other.start()
        other.join(PATIENCE)
        return plain()

    def go(step):
        try:
            run.go(step)
        except RuntimeError as refusal:
            refusals.append(str(refusal))

    run.traveller.loop.ready = ready
    go(7)
    assert refusals == ["this run is on its way to another step: ask again when it is there"]
    assert (run.steps, run.state, len(run.branches)) == (7, "finished", 1)
    run.traveller.loop.ready = plain
    run.go(5)
    assert run.steps == 5 and not run.events


BROKEN_OFF = """
import autograd_lab as torch
from autograd_lab.train import watch
batches = iter(watch([torch.ones(1)] * 3, keep=None))
next(batches)
"""


def test_a_loop_that_the_end_of_the_process_leaves_says_nothing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(BROKEN_OFF)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60,
                          check=True, cwd=tmp_path)  # fmt: skip
    assert not done.stderr


def test_who_looks_while_a_number_is_noted_sees_whole_curves():
    class Slow(dict):
        def items(self):
            for pair in super().items():
                yield pair
                late.start()
                late.join(0.2)

    series = Series()
    series.note("a", 0, 1.0)
    series.metrics = Slow(series.metrics)
    late = threading.Thread(target=series.note, args=("b", 0, 2.0))
    assert [*series.since(0)[1]] == ["a"]
    late.join(PATIENCE)
    assert [*series.metrics] == ["a", "b"]


def test_a_last_step_without_a_loss_has_none():
    program = Program()
    batches = program.watched(1)
    for batch in batches:
        if batches.run.steps == 2:
            program.optimizer.step()
            break
        program.step(batch)
    history = batches.run.history
    assert (len(history.losses), history.missing.tolist(), batches.run.steps) == (3, [2], 3)
