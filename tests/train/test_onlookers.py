"""Those who look on: they come and go on any thread while the loop beats."""

import math
import threading

import autograd_lab as torch
from autograd_lab.train import onlookers, watch
from autograd_lab.train.onlookers import Onlookers


def test_a_pulse_that_comes_while_the_next_beat_is_set_is_not_lost(monkeypatch):
    looking, beats, threads = Onlookers(), [], []

    def late(*given, **settings):
        """Find the next beat; just then another thread comes to look on."""
        monkeypatch.undo()
        threads.append(threading.Thread(target=looking.pulse, args=(beats.append, 1.0)))
        threads[0].start()
        threads[0].join(0.1)            # it comes at once, or waits until the beat is set
        return min(*given, **settings)

    monkeypatch.setattr(onlookers, "min", late, raising=False)
    looking.beat("run", 1.0)
    threads[0].join()
    assert looking.due < math.inf
    looking.beat("run", 2.0)
    assert beats == ["run"] and looking.due == 3.0


def test_those_who_fail_or_leave_are_called_no_more(capsys):
    looking, seen = Onlookers(), []
    leave = looking.listen(seen.append)
    looking.pulse(lambda run: seen[5], 0.0)
    stop = looking.pulse(seen.append, 0.0)
    for now in 1.0, 2.0:
        looking.tell(now)
        looking.beat(-now, now)
    leave()
    stop()
    looking.tell(3.0)
    looking.beat(-3.0, 3.0)
    assert seen == [1.0, -1.0, 2.0, -2.0] and looking.due == math.inf
    assert capsys.readouterr().err.count("a pulse failed and was removed: IndexError") == 1


def test_an_alarm_rings_before_backward_goes_through_the_graph_of_a_broken_loss():
    w, seen = torch.tensor([2.0], requires_grad=True), []
    optimizer = torch.optim.SGD([w], lr=0.1)
    batches = watch([1.0, 0.0, 1.0], optimizer=optimizer)

    def look(run):
        seen.append((run.steps, run.heard.root is loss, w.grad, w.isfinite().all().item()))

    stop = batches.run.alarm(look)
    for x in batches:
        if len(seen) == 1:
            stop()                      # the weight is NaN by now: it would ring in every step
        optimizer.zero_grad()
        loss = (w * x).log().sum()
        loss.backward()
        optimizer.step()
    assert seen == [(1, True, None, True)]
    assert batches.run.history.losses[1] == -math.inf


def test_a_loop_hears_what_is_learned_in_a_loop_within_its_body():
    """Such as a training for each of several rates: its last loss is that of the body."""
    data = [(torch.ones(2, 1), torch.zeros(2, 1))] * 3
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    rounds, found = watch(["once", "again"], optimizer=optimizer, model=net), []
    for _ in rounds:
        history = torch.train.train_model(
            net, data, torch.nn.functional.mse_loss, optimizer, progress=False
        )
        found.append(history.steps[-1])
    assert list(rounds.run.history.losses) == found and len(found) == 2
