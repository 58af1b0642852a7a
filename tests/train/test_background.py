"""Runs in the background: repeatable, each by itself, and no error is lost."""

import contextvars
import threading

import pytest

import autograd_lab as torch
from autograd_lab.train import start, train_model
from tests.train.programs import Program

PATIENCE = 20


def train(program, epochs=4, torn=None):
    def body(run):
        for batch in run.watch(program.loader, program.net, program.optimizer, epochs=epochs):
            program.step(batch)
            if torn and run.steps == torn:
                raise ValueError("torn")
        return run.steps

    return body


def quiet(program):
    """A body whose random numbers are all ours: those of NumPy and Python belong to everybody."""
    def body(run):
        for batch in run.watch(program.loader, program.net, program.optimizer, epochs=6):
            program.step(batch, noise=False)

    return body


def test_it_gives_what_the_function_gives():
    run = start(train(Program()))
    assert run.result(PATIENCE) == 16
    assert (run.state, run.steps) == ("finished", 16)
    assert run.thread.daemon


def test_two_runs_at_once_are_repeatable():
    def both():
        programs = Program("mlp"), Program("lstm")
        torch.manual_seed(7)
        runs = [start(quiet(p)) for p in programs]
        assert all(run.wait(PATIENCE) for run in runs)
        return [p.losses for p in programs]

    first = both()
    torch.rand(100)
    assert both() == first


def test_the_numbers_drawn_here_stay_the_same():
    torch.manual_seed(3)
    run = start(quiet(Program()), paused=True)
    a = torch.manual_seed(5), torch.rand(3)
    run.resume().wait(PATIENCE)
    b = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(a[1], torch.rand(3)) and torch.equal(b, torch.rand(3))


def test_an_error_is_kept_and_raised_where_one_waits(capfd):
    run = start(train(Program(), torn=3))
    with pytest.raises(ValueError, match="torn"):
        run.wait(PATIENCE)
    assert run.state == "failed" and run.steps == 4   # the fourth had changed the model
    with pytest.raises(ValueError, match="torn"):
        run.result()
    assert "the run failed after step 4: ValueError: torn" in capfd.readouterr().err


def test_one_looks_at_the_paused_model_from_elsewhere():
    program = Program()
    run = start(train(program, epochs=1000), paused=True)
    run.advance(5).settle(PATIENCE)
    before = program.state()
    assert program.state() == before
    with torch.no_grad():
        program.net[0].bias.fill_(3.0)
    run.advance().settle(PATIENCE)
    assert [e.kind for e in run.events] == ["edited"]
    run.go(2).settle(PATIENCE)
    assert run.steps == 2 and run.state == "paused"
    run.go(5).settle(PATIENCE)
    assert program.net[0].bias.tolist() == [3.0] * 16
    with pytest.raises(TimeoutError, match=r"after 0 s the run is still paused"):
        run.result(0)
    run.stop().wait(PATIENCE)
    assert run.state == "stopped"


def test_the_same_model_is_not_trained_twice_at_once(capfd):
    program = Program()
    first = start(train(program, epochs=100_000))
    first.advance(2).settle(PATIENCE)
    second = start(train(program), paused=True)
    second.settle(PATIENCE)
    assert first.state == "stopped" and not first.thread.is_alive()
    assert f"the run before was stopped after step {first.steps}" in capfd.readouterr().err
    second.resume().wait(PATIENCE)
    assert second.state == "finished"


def test_the_same_cell_again_stops_the_run_before(monkeypatch, capfd):
    from autograd_lab.train import background

    cells = iter([("a", 1), ("a", 1), ("b", 2), ("a", 3)])
    monkeypatch.setattr(background, "_cell", lambda: next(cells))
    runs = [start(train(Program(), epochs=100_000)) for _ in range(4)]
    for run in runs:
        run.pause()
    assert runs[0].state == runs[1].state == "stopped"
    assert not runs[2].over
    for run in runs:
        run.stop().wait(PATIENCE)
    assert capfd.readouterr().err.count("the run before was stopped") == 2


def test_its_output_finds_its_own_cell():
    cell = contextvars.ContextVar("cell", default=None)
    cell.set("In[1]")
    run = start(lambda run: cell.get())
    cell.set("In[2]")
    assert run.result(PATIENCE) == "In[1]"


def test_after_the_end_one_goes_back_by_running_the_loop_again():
    program = Program()
    run = start(quiet(program))
    run.wait(PATIENCE)
    end = program.state()
    run.go(7)
    assert run.steps == 7 and program.state() != end
    run.go(24)
    assert program.state() == end and not run.events


def test_train_model_in_the_background():
    program = Program()

    def body(run):
        return train_model(program.net, program.loader, optimizer=program.optimizer, epochs=3,
                           steering=run, keep="5 MB", progress=False)  # fmt: skip

    run = start(body, paused=True)
    run.advance(7).settle(PATIENCE)
    state = program.state()
    run.advance(2).go(7).settle(PATIENCE)
    assert program.state() == state
    history = run.resume().result(PATIENCE)
    assert len(history.steps) == 12 and run.state == "finished"
    assert list(run.history.losses) == history.steps
    assert threading.active_count() < 20


@pytest.mark.parametrize("train", [lambda: None, 5, lambda a, b: None])
def test_a_function_that_does_not_take_the_run_is_told_how_to(train):
    with pytest.raises(TypeError, match=r"\(run\):`, and in it `for batch in run\.watch\(loader\)"):
        start(train)
