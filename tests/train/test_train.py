"""The training loop: what it measures, how it is steered, and what interrupting leaves."""

import contextlib
import os
import signal
import threading

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.train import ProgressLine, Run, accuracy, test_model, train_model

nn = torch.nn
X = torch.tensor(np.random.default_rng(0).standard_normal((40, 3)).astype("float32"))
Y = X @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


def loader(size=10, **settings):
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), size, **settings)


def setup(rate=0.05, seed=0):
    torch.manual_seed(seed)
    net = nn.Linear(3, 1)
    return net, torch.optim.SGD(net.parameters(), lr=rate)


def quiet(net, optimizer, data=None, **settings):
    data = loader() if data is None else data
    return train_model(net, data, nn.MSELoss(), optimizer, progress=False, **settings)


class Callback:
    """Do something at one of the moments."""

    def __init__(self, **moments):
        for name, do in moments.items():
            setattr(self, name, do)


def values(net):
    return [p.tolist() for p in net.parameters()]


def test_it_is_the_loop_that_one_would_write():
    net, optimizer = setup()
    history = quiet(net, optimizer, epochs=3)
    other, by_hand = setup()
    losses = []
    for _ in range(3):
        for x, y in loader():
            by_hand.zero_grad()
            loss = nn.functional.mse_loss(other(x), y)
            loss.backward()
            by_hand.step()
            losses.append(loss.item())
    assert values(net) == values(other)
    assert history.steps == losses
    np.testing.assert_allclose(history["loss"], np.reshape(losses, (3, 4)).mean(1))


def test_the_mean_counts_examples_not_batches():
    net, optimizer = setup(0.0)
    history = quiet(net, optimizer, loader(32))
    whole = nn.functional.mse_loss(net(X), Y).item()
    assert history["loss"] == [pytest.approx(whole, rel=1e-5)]
    assert test_model(net, loader(32), nn.MSELoss())["loss"] == pytest.approx(whole, rel=1e-5)


def test_it_learns_with_nothing_but_a_model_and_data():
    torch.manual_seed(0)
    net = nn.Linear(3, 1)
    history = train_model(net, torch.utils.data.TensorDataset(X, Y), epochs=200, progress=False)
    assert history["loss"][-1] < 1e-3 < history["loss"][0]


def test_whole_number_targets_mean_classes():
    torch.manual_seed(0)
    data = [(X, (X[:, 0] > 0).long())]
    net = nn.Linear(3, 2)
    history = train_model(net, data, epochs=100, progress=False, metrics={"accuracy": accuracy},
                          optimizer=torch.optim.SGD(net.parameters(), 1.0))  # fmt: skip
    assert history["accuracy"][-1] > 0.95
    assert test_model(net, data, metrics={"right": accuracy})["right"] > 0.95


def test_validation_measures_in_eval_mode_and_learns_nothing():
    modes, net = [], nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5))
    net.register_forward_hook(lambda m, a, y: modes.append((m.training, y.requires_grad)))
    history = quiet(net, torch.optim.SGD(net.parameters(), 0.1), epochs=2,
                    val_loader=loader(20), metrics={"worst": lambda o, t: abs(o - t).max()})
    assert modes == ([(True, True)] * 4 + [(False, False)] * 2) * 2
    assert list(history) == ["loss", "worst", "val_loss", "val_worst"]
    assert all(len(series) == 2 for series in history.values())


@pytest.mark.parametrize("training", [True, False])
def test_every_part_keeps_its_mode(training):
    net = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5)).train(training)
    net[1].eval()
    before = [m.training for m in net.modules()]
    quiet(net, torch.optim.SGD(net.parameters(), 0.1), val_loader=loader())
    assert [m.training for m in net.modules()] == before
    test_model(net, loader(), nn.MSELoss())
    assert [m.training for m in net.modules()] == before


def test_callbacks_hear_of_everything_in_order():
    said = []

    class Listener:
        def on_train_begin(self, run):
            said.append(("begin", run.step, run.epoch, run.loss))

        def on_batch_end(self, run):
            said.append(("batch", run.step, run.epoch, run.loss == run.history.steps[-1]))

        def on_epoch_end(self, run):
            said.append(("epoch", run.step, run.epoch, len(run.history["loss"])))

        def on_train_end(self, run):
            said.append(("end", run.step, run.epoch, run.stop))

    net, optimizer = setup()
    quiet(net, optimizer, loader(20), epochs=2, callbacks=[Listener()])
    assert said == [
        ("begin", 0, 0, None), ("batch", 1, 0, True), ("batch", 2, 0, True), ("epoch", 2, 1, 1),
        ("batch", 3, 1, True), ("batch", 4, 1, True), ("epoch", 4, 2, 2), ("end", 4, 2, False),
    ]  # fmt: skip


def test_a_callback_may_stop_and_change_the_learning_rate():
    def look(run):
        run.learning_rate = 0.0
        run.stop = run.step == 6

    net, optimizer = setup()
    history = quiet(net, optimizer, epochs=9, callbacks=[Callback(on_batch_end=look)])
    assert len(history.steps) == 6
    assert len(history["loss"]) == 1
    assert optimizer.param_groups[0]["lr"] == 0


@pytest.mark.parametrize("moment", ["on_train_begin", "on_batch_end", "on_epoch_end"])
def test_a_callback_that_fails_leaves_the_model_whole(moment):
    def fail(run):
        raise ValueError("broken callback")

    ended = []
    net, optimizer = setup()
    net.eval()
    with pytest.raises(ValueError, match="broken callback"):
        quiet(net, optimizer, val_loader=loader(), callbacks=[
            Callback(**{moment: fail}, on_train_end=ended.append)
        ])  # fmt: skip
    assert not net.training
    assert len(ended) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def interrupted(at, **settings):
    """Interrupt a training: the model, its history, and how far a twin must go to be equal."""
    net, optimizer = setup()
    history = quiet(net, optimizer, epochs=5, **at(net, optimizer), **settings)
    twin, other = setup()
    done = len(history.steps)

    def stop(run):
        run.stop = run.step == done

    if done:
        quiet(twin, other, epochs=5, callbacks=[Callback(on_batch_end=stop)])
    assert values(net) == values(twin)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return history


def in_forward(net, optimizer):
    def hook(m, a, y):
        calls.append(0)
        if len(calls) == 7:
            interrupt()

    calls = []
    net.register_forward_hook(hook)
    return {}


def twice_in_forward(net, optimizer):
    def hook(m, a, y):
        calls.append(0)
        if len(calls) == 7:
            interrupt()
            interrupt()

    calls = []
    net.register_forward_hook(hook)
    return {}


def in_step(net, optimizer):
    """Interrupt, twice, between the first parameter's change and the second's."""
    plain, count = optimizer.update, []

    def update(group):
        count.append(0)
        first, second = group["params"]
        plain(group | {"params": [first]})
        if len(count) == 7:
            interrupt()
            interrupt()
        plain(group | {"params": [second]})

    optimizer.update = update
    return {}


def in_callback(net, optimizer):
    return {"callbacks": [Callback(on_batch_end=lambda run: run.step == 7 and interrupt())]}


def raised(net, optimizer):
    def fail(run):
        if run.step == 7:
            raise KeyboardInterrupt

    return {"callbacks": [Callback(on_batch_end=fail)]}


@pytest.mark.parametrize(("at", "steps"), [
    (in_forward, 7), (twice_in_forward, 6), (in_step, 7), (in_callback, 7), (raised, 7),
])  # fmt: skip
def test_an_interrupt_leaves_whole_steps(at, steps, capsys):
    history = interrupted(at)
    assert len(history.steps) == steps
    assert len(history["loss"]) == 1
    assert f"as it was after step {steps}" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:autocast")      # on the processor it casts nothing
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_step_that_was_broken_off_leaves_nothing_in_the_scaler(error):
    def fail(run):
        raise error

    net, optimizer = setup()
    scaler = torch.amp.GradScaler("cpu")
    with contextlib.suppress(ValueError):
        quiet(net, optimizer, scaler=scaler, callbacks=[Callback(on_backward_end=fail)])
    assert len(quiet(net, optimizer, scaler=scaler).steps) == 4


def test_an_interrupt_ends_a_slow_loader_at_once(capsys):
    def slow():
        yield X, Y
        interrupt()
        raise AssertionError("the loader went on")

    net, optimizer = setup()
    assert len(quiet(net, optimizer, slow()).steps) == 1
    assert "after step 1" in capsys.readouterr().err


def test_it_runs_in_another_thread():
    net, optimizer = setup()
    found = []
    thread = threading.Thread(target=lambda: found.append(quiet(net, optimizer)))
    thread.start()
    thread.join()
    assert len(found[0].steps) == 4


def test_a_scheduler_is_stepped_once_an_epoch():
    class Halving:
        def __init__(self, optimizer):
            self.optimizer, self.told = optimizer, []

        def step(self):
            self.optimizer.param_groups[0]["lr"] /= 2

    class Plateau(Halving):
        def step(self, metrics):
            self.told.append(metrics)

    net, optimizer = setup(0.4)
    quiet(net, optimizer, epochs=2, scheduler=Halving(optimizer))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1)
    plateau = Plateau(optimizer)
    history = quiet(net, optimizer, epochs=2, scheduler=plateau, val_loader=loader())
    assert plateau.told == history["val_loss"]


def test_several_inputs_go_to_the_model():
    class Sum(nn.Module):
        def forward(self, a, b):
            return a + b

    measured = test_model(Sum(), [(X, X, X * 2)], nn.MSELoss())
    assert measured == {"loss": 0.0}


def test_mistakes_are_explained():
    net, optimizer = setup()
    with pytest.raises(TypeError, match=r"a batch must be \(inputs, targets\)"):
        quiet(net, optimizer, [X])
    with pytest.raises(ValueError, match="the loader is empty"):
        quiet(net, optimizer, [])


def test_targets_of_no_tensor_are_explained():
    net, optimizer = setup()
    data = [(X, ["cat", "dog"])]
    with pytest.raises(TypeError, match="targets that are a list, not a tensor"):
        train_model(net, data, None, optimizer, progress=False)
    judged = train_model(net, data, lambda y, words: y.mean() * len(words), progress=False)
    assert len(judged["loss"]) == 1


class Stream(torch.utils.data.IterableDataset):
    """Examples one after the other; nobody knows how many."""

    def __iter__(self):
        return zip(X, Y)


def test_a_stream_is_learned_from_in_its_order(capsys):
    net, optimizer = setup()
    history = train_model(net, Stream(), nn.MSELoss(), optimizer, epochs=2, val_loader=Stream())
    other, by_hand = setup()
    quiet(other, by_hand, loader(32), epochs=2)
    assert values(net) == values(other)
    assert len(history["val_loss"]) == 2
    assert capsys.readouterr().out.startswith("epoch 2/2 ████████████████████")


def test_the_history_reads_as_a_table():
    net, optimizer = setup()
    text = repr(quiet(net, optimizer, epochs=12))
    lines = text.split("\n")
    assert lines[0].split() == ["epoch", "loss"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3", "4", "...", "10", "11", "12"]
    assert len({len(line) for line in lines}) == 1
    assert repr(type(quiet(net, optimizer))()) == "History: no whole epoch, 0 steps"


def test_the_progress_line_tells_no_time_and_is_one_line(capsys):
    def told():
        torch.manual_seed(0)
        model, optimizer = setup()
        train_model(model, loader(), nn.MSELoss(), optimizer, epochs=2)
        return capsys.readouterr().out

    first = told()
    assert first == told()
    assert first.count("\n") == 1
    assert first.startswith("epoch 2/2 ████████████████████  loss ")


def test_the_progress_line_redraws_itself_in_a_terminal(capsys, monkeypatch):
    import sys

    run = Run(nn.Linear(1, 1), None, None, None)
    run.epochs, run.batches = 4, [0, 0]
    line = ProgressLine()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run.step, run.loss = 1, 0.5
    line.draw(run)
    run.step, run.epoch = 8, 4
    line.draw(run, last=True)
    first, second = capsys.readouterr().out.split("\r")[1:]
    assert first == "epoch 0/4 ██░░░░░░░░░░░░░░░░░░  loss 0.5"
    assert second.rstrip(" \n") == "epoch 4/4 ████████████████████"
    assert len(second) - 1 == len(first)


def test_an_optimizer_of_another_model_is_noticed():
    data = [(torch.ones(2, 1), torch.ones(2, 1))]
    model, other = nn.Linear(1, 1), nn.Linear(1, 1)
    optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
    with pytest.warns(UserWarning, match="none of this model's parameters"):
        train_model(model, data, nn.MSELoss(), optimizer, progress=False)


def test_what_is_no_callback_is_refused():
    data = [(torch.ones(2, 1), torch.ones(2, 1))]
    with pytest.raises(TypeError, match="is no callback"):
        train_model(nn.Linear(1, 1), data, nn.MSELoss(), callbacks=[print], progress=False)


def test_one_callback_need_not_stand_in_a_list():
    class Count:
        steps = 0

        def on_batch_end(self, run):
            self.steps += 1

    data = [(torch.ones(2, 1), torch.ones(2, 1))]
    train_model(nn.Linear(1, 1), data, nn.MSELoss(), callbacks=(count := Count()), progress=False)
    assert count.steps == 1
