"""Going back in time: bit for bit, or with a sentence that says why not."""

import itertools
import time

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.train import due, train_model, watch
from tests.train.programs import F, Program, nn

KINDS = [("mlp", "Adam"), ("mlp", "SGD"), ("cnn", "Adam"), ("cnn", "SGD"), ("lstm", "Adam"),
         ("lstm", "SGD")]  # fmt: skip


def jumping(program, epochs, jumps, **settings):
    """Train; after each number of bodies do what is said."""
    batches = program.watched(epochs, **settings)
    for count, batch in enumerate(batches, 1):
        program.step(batch)
        if count in jumps:
            jumps[count](batches.run)
    return batches.run


@pytest.mark.parametrize(("kind", "optimizer"), KINDS)
def test_back_and_forth_ends_where_a_straight_run_ends(kind, optimizer):
    straight = Program(kind, optimizer).plain(8)
    program = Program(kind, optimizer)
    back = {25: lambda run: run.go(13).resume(), 40: lambda run: run.go(2).resume()}
    run = jumping(program, 8, back)
    assert run.steps == 32 and run.state == "finished"
    assert len(program.losses) > 32
    assert list(run.history.losses) == straight.losses
    assert program.state() == straight.state()
    assert not run.events and len(run.branches) == 1


def test_512_steps_with_a_jump_from_400_to_137():
    straight = Program().plain(128)
    program = Program()
    run = jumping(program, 128, {400: lambda run: run.go(137).resume()})
    assert run.steps == 512
    assert list(run.history.losses) == straight.losses
    assert program.state() == straight.state()


@pytest.mark.parametrize(("kind", "optimizer"), KINDS)
def test_after_the_loop_each_step_comes_back(kind, optimizer):
    program, states = Program(kind, optimizer), []
    batches = program.watched(4)
    for batch in batches:
        states.append(program.state())
        program.step(batch)
    states.append(program.state())
    run = batches.run
    for step in (9, 3, 16, 0, 15, 1):
        run.go(step)
        assert (run.steps, run.state) == (step, "finished")
        assert [len(s) for s in program.state()][: len(states[step])]
        here = program.state() if step else program.state()[: len(states[0])]
        assert here == states[step]
    assert not run.events


def test_a_branch_begins_with_the_same_state_and_goes_its_own_way():
    program = Program()
    run = jumping(program, 8, {30: lambda run: run.branch(10, lr=0.5)})
    main, branch = run.branches
    assert (main.name, branch.name, branch.parent, branch.step) == ("main", "lr=0.5", "main", 10)
    new = list(run.history.losses)
    assert len(main.losses) == 30 and run.steps == 32 == len(new)
    assert new[:11] == list(main.losses[:11])  # the loss before the first changed step is the same
    assert new[11] != main.losses[11]
    assert run.lr == 0.5
    twin = Program()
    for count, batch in enumerate(itertools.chain(*[twin.loader] * 0, _epochs(twin, 8))):
        if count == 10:
            twin.optimizer.param_groups[0]["lr"] = 0.5
        twin.step(batch)
    assert twin.losses == new
    assert twin.state() == program.state()


@pytest.fixture
def every_step(monkeypatch):
    """Take a snapshot before each step, however long that takes."""
    monkeypatch.setattr(due, "SHARE", 1e9)


def test_states_of_the_future_that_was_are_not_mistaken_for_those_of_the_branch(monkeypatch):
    monkeypatch.setattr(due, "SHARE", 1e9)  # a snapshot of every step
    program, states = Program(), {}
    batches = program.watched(4)
    for batch in batches:
        states[batches.run.steps] = program.state()
        program.step(batch)
    run, first = batches.run, dict(states)
    monkeypatch.setattr(due, "SHARE", 1e-9)  # from now on hardly any
    run.branch(5, lr=0.5)
    run.go(9)
    assert program.state() != first[9]
    run.go(5)
    assert program.state() == first[5] and run.lr == 0.5
    run.go(16)
    twin = Program()
    for count, batch in enumerate(_epochs(twin, 4)):
        if count == 5:
            twin.optimizer.param_groups[0]["lr"] = 0.5
        twin.step(batch)
    assert program.state() == twin.state()


def test_a_setting_made_at_a_kept_step_is_there_when_one_comes_back(every_step):
    program = Program()
    run = jumping(program, 4, {10: lambda run: run.set(lr=0.2)})
    end = program.state()
    for step, rate in [(10, 0.2), (9, 0.01), (16, 0.2)]:
        run.go(step)
        assert run.lr == rate
    assert program.state() == end


def test_what_was_done_to_the_model_after_the_end_is_undone():
    program = Program()
    run = jumping(program, 4, {})
    end = program.state()
    for step in (16, 7, 7, 8, 16):
        with torch.no_grad():
            program.net[0].weight.fill_(3.0)
        run.go(step)
        assert program.net[0].weight[0, 0].item() != 3.0
    assert program.state() == end and not run.events


def _epochs(program, count):
    for _ in range(count):
        yield from program.loader


def test_a_branch_after_the_loop_runs_to_the_end():
    program = Program()
    batches = program.watched(6)
    for batch in batches:
        program.step(batch)
    run = batches.run
    run.branch(7, name="slow", lr=1e-4)
    run.branch(12, name="slower", lr=1e-5)
    run.branch(3, lr=0.1)
    assert run.state == "finished" and run.steps == 24
    assert [(b.name, b.parent, b.step) for b in run.branches] == [
        ("main", "", 0), ("slow", "main", 7), ("slower", "slow", 12), ("lr=0.1", "main", 3)]
    assert [len(b.losses) for b in run.branches] == [24, 17, 12, 0]
    table = run.compare().split("\n")
    assert table[1].split()[:3] == ["main", "0", "24"]
    assert table[4].split()[-1] == "lr=0.1"
    run.rename("slow", "lr=0.1")
    assert run.branches[1].name == "lr=0.1 (2)"
    with pytest.raises(ValueError, match="there is no branch 'x'; there are 'main'"):
        run.rename("x", "y")


def test_the_way_of_a_branch_that_was_left_can_be_taken_again():
    program = Program()
    run = jumping(program, 4, {})
    end, losses = program.state(), list(run.history.losses)
    run.branch(7, lr=0.5)
    assert program.state() != end
    run.branch(7, lr=0.01, name="as before")
    assert program.state() == end and list(run.history.losses) == losses
    assert run.current.name == "as before" and not [e for e in run.events if e.kind != "branch"]


def test_changes_of_settings_are_made_again_at_their_steps():
    program = Program("mlp", "SGD")
    run = jumping(program, 8, {
        10: lambda run: run.set(lr=0.2), 20: lambda run: run.set(momentum=0.5, lr=0.01),
        28: lambda run: run.go(5).resume(),
    })  # fmt: skip
    twin = Program("mlp", "SGD")
    for count, batch in enumerate(_epochs(twin, 8)):
        group = twin.optimizer.param_groups[0]
        group.update({10: {"lr": 0.2}, 20: {"lr": 0.01, "momentum": 0.5}}.get(count, {}))
        twin.step(batch)
    assert list(run.history.losses) == twin.losses
    assert program.state() == twin.state()
    assert [e.kind for e in run.events] == ["set", "set"] and len(run.branches) == 1


def test_a_setting_changed_in_the_past_begins_a_branch():
    program = Program()
    run = jumping(program, 4, {12: lambda run: run.go(6).set(lr=0.3).resume()})
    assert [(b.name, b.step) for b in run.branches] == [("main", 0), ("lr=0.3", 6)]
    assert len(run.branches[0].losses) == 12


def secrets():
    rng, count = np.random.default_rng(1), itertools.count()
    return {
        "own generator": lambda: float(rng.normal()), "counter": lambda: next(count) % 7,
        "clock": lambda: time.perf_counter_ns() % 1000 * 1e-4,
    }  # fmt: skip


SECRETS = list(secrets())


@pytest.mark.parametrize("secret", [*SECRETS, "numpy", "known"])
def test_another_past_is_noticed(secret):
    program = Program()
    hidden = secrets().get(secret)
    if secret == "numpy":
        hidden = lambda: float(np.random.rand())  # noqa: E731
    known = np.random.default_rng(1)
    batches = program.watched(4, keep="50 MB")
    for count, (x, y) in enumerate(batches, 1):
        program.step((x + 0.1 * (hidden() if hidden else float(known.normal())), y))
        if count == 12:
            batches.run.traveller.shelf.drop_after(0)  # so that there is something to repeat
            batches.run.go(9).resume()
    run = batches.run
    found = [e for e in run.events if e.kind == "other past"]
    if secret in SECRETS:
        assert len(found) == 1
        assert "something outside the model, optimizer, loader and the known" in found[0].text
        assert run.branches[1].name == "another past"
        assert len(run.branches[0].losses) == 12  # what was, is kept
    else:
        assert not found
    assert run.steps == 16 == len(run.history.losses)


def test_a_difference_in_the_last_bit_is_one():
    program, shift = Program(), [0.0]
    batches = program.watched(4)
    for count, (x, y) in enumerate(batches, 1):
        program.optimizer.zero_grad()
        loss = F.cross_entropy(program.net(x), y) + shift[0]
        loss.backward()
        program.optimizer.step()
        if count == 8:
            shift[0] = 2e-7
            batches.run.go(4).resume()
    (event,) = [e for e in batches.run.events if e.kind == "other past"]
    assert "e-07 from the first time" in event.text


def test_what_is_changed_by_hand_while_paused_is_kept_and_not_repeated_across():
    program, log = Program(), []
    batches = program.watched(6)
    run = batches.run

    def edit(run):
        if run.state == "paused" and run.steps == 10 and not log:
            log.append("edited")
            with torch.no_grad():
                program.net[0].weight.zero_()
            run.resume()

    run.listen(edit)
    states = {}
    for count, batch in enumerate(batches, 1):
        states[run.steps] = program.state()
        program.step(batch)
        if count == 10:
            run.pause()
    assert [e.kind for e in run.events] == ["edited"]
    losses = list(run.history.losses)
    for step in (17, 10, 9, 11, 20):
        run.go(step)
        assert program.state() == states[step]
    assert list(run.history.losses) == losses and len(run.branches) == 1
    assert bytes(program.state()[0]).strip(b"\0")  # at 20 it has learned again
    run.go(10)
    assert not program.state()[0].strip(b"\0")
    for step in list(run.traveller.shelf.steps):
        if step >= 10:
            run.traveller.shelf.drop(step)
    with pytest.raises(ValueError, match="the model was changed by hand after step"):
        run.go(12)


def test_gradients_that_add_up_over_steps_belong_to_the_state(every_step):
    def trained(jump):
        program = Program("mlp", "SGD")
        batches = watch(program.loader, program.net, program.optimizer, epochs=8)
        run = batches.run
        for count, (x, y) in enumerate(batches, 1):
            F.cross_entropy(program.net(x), y).backward()
            if run.steps % 3 == 2:
                program.optimizer.step()
                program.optimizer.zero_grad()
            if count == jump:
                for step in list(run.traveller.shelf.steps):
                    if step not in (0, 10):
                        run.traveller.shelf.drop(step)
                run.go(11).resume()
        return program, run

    straight, run = trained(None)
    assert 10 in run.traveller.shelf.steps
    back, again = trained(20)
    assert not again.events
    assert back.state() == straight.state()


def test_schedulers_that_the_loop_names_go_back_too():
    program = Program("mlp", "SGD")
    scheduler = torch.optim.lr_scheduler.OneCycleLR(program.optimizer, 0.1, total_steps=40)
    batches = program.watched(8)
    rates = []
    for count, batch in enumerate(batches, 1):
        rates.append((batches.run.steps, program.optimizer.param_groups[0]["lr"]))
        program.step(batch)
        scheduler.step()
        if count == 20:
            batches.run.go(9).resume()
    assert not batches.run.events
    assert len(dict(rates)) == 32 == len(set(rates))


def test_an_inner_loop_goes_back_to_its_own_beginning_only():
    program = Program()
    told, count = [], 0
    for _ in range(3):
        for batch in (batches := watch(program.loader, program.net, program.optimizer)):
            program.step(batch)
            count += 1
            if count == 7:
                with pytest.raises(ValueError, match="this loop began with step 4") as refusal:
                    batches.run.go(3)
                told.append(str(refusal.value))
                batches.run.go(5).resume()
    run = batches.run
    assert run.steps == 12 and count > 12 - 1
    assert "watch(loader, epochs=10)" in told[0]
    straight = Program().plain(3)
    assert list(run.history.losses) == straight.losses and program.state() == straight.state()
    run.go(10)
    assert run.steps == 10
    run.go(3)
    assert run.steps <= 3
    assert run.steps == 3 or run.events[-1].kind == "jumped"


def test_a_loop_in_a_function_that_it_can_leave_is_not_run_again():
    program = Program()

    def train(batches):
        for batch in batches:
            program.step(batch)
            if batches.run.steps == 100:
                return

    batches = program.watched(4)
    train(batches)
    run = batches.run
    run.traveller.shelf.drop_after(0)
    run.go(5)
    assert run.steps == 0
    assert run.events[-1].text.startswith("only the state after step 0 can be reached, not 5: ")
    with pytest.raises(RuntimeError, match="no branch can begin at step 5"):
        run.branch(5, lr=0.1)


def test_what_cannot_be_is_refused_in_words():
    program = Program()
    once = iter(list(program.loader))
    batches = watch(once, program.net, program.optimizer)
    for batch in batches:
        program.step(batch)
        if batches.run.steps == 2:
            with pytest.raises(ValueError, match="the loader can be gone through only once"):
                batches.run.go(1)
            with pytest.raises(ValueError, match="step 9 was not reached yet: there are 2"):
                batches.run.go(9)
            with pytest.raises(ValueError, match="a whole number from 0 to 2, not -1"):
                batches.run.go(-1)
    nothing = program.watched(1, keep=None)
    for batch in nothing:
        program.step(batch)
    with pytest.raises(ValueError, match=r"nothing is kept \(keep=None\)"):
        nothing.run.go(1)


@pytest.mark.parametrize("metrics", [None, {"right": torch.train.accuracy}])
def test_train_model_goes_back_too(metrics):
    def trained(look=None):
        program = Program("mlp")
        scheduler = torch.optim.lr_scheduler.StepLR(program.optimizer, 2)
        callbacks = [look] if look else []
        history = train_model(
            program.net, program.loader, optimizer=program.optimizer, epochs=6, keep="5 MB",
            scheduler=scheduler, val_loader=program.loader, metrics=metrics, callbacks=callbacks,
            progress=False,
        )  # fmt: skip
        return program, history

    class Back:
        count = 0

        def on_batch_end(self, run):
            self.count += 1
            if self.count == 15:
                run.steering.go(6).resume()

    straight, expected = trained()
    back, history = trained(look := Back())
    assert look.count > 24
    assert dict(history) == dict(expected) and history.steps == expected.steps
    assert back.state() == straight.state()


def test_train_model_is_run_again_after_its_end():
    program, runs = Program("cnn"), []

    class Look:
        def on_train_begin(self, run):
            runs.append(run)

    train_model(program.net, program.loader, optimizer=program.optimizer, epochs=4, keep="5 MB",
                callbacks=[Look()], progress=False)  # fmt: skip
    (run,) = runs
    end, losses = program.state(), list(run.history.steps)
    run.steering.go(7)
    assert run.step == run.steering.steps == 7 and run.history.steps == losses[:7]
    assert program.state() != end
    run.steering.go(16)
    assert program.state() == end and run.history.steps == losses
    run.steering.branch(9, lr=0.2)
    assert run.history.steps[:9] == losses[:9] and len(run.history.steps) == 16
    assert len(run.history["loss"]) == 4
    assert isinstance(program.net, nn.Sequential)
