"""The profiler counts operations, forward and backward; its parts do not exceed the whole."""

import subprocess
import sys

import pytest

import autograd_lab as torch
from autograd_lab.profiler import ProfilerActivity, profile, record_function, schedule
from tests.core.oracle import both


def counts(prof):
    return {row.key: row.count for row in prof.key_averages()}


def step(model, optimizer):
    optimizer.zero_grad()
    with record_function("the loss"):
        loss = torch.nn.functional.mse_loss(torch.relu(model(torch.ones(2, 3))), torch.ones(2, 1))
    loss.backward()
    optimizer.step()


def test_a_training_loop():
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as prof:
        for _ in range(5):
            step(model, optimizer)
    found = counts(prof)
    assert found["linear"] == found["relu"] == found["mse_loss"] == found["the loss"] == 5
    assert found["AddmmBackward0"] == found["ReluBackward0"] == found["Tensor.backward"] == 5
    assert found["Optimizer.step"] == 5
    rows = {row.key: row for row in prof.key_averages()}
    assert 0 < rows["relu"].self_cpu_time_total <= rows["the loss"].cpu_time_total
    assert rows["relu"].cpu_time == pytest.approx(rows["relu"].cpu_time_total / 5)
    everything = prof.key_averages().total_average().self_cpu_time_total
    assert everything <= 1e6 * prof.seconds


def test_the_table():
    with profile() as prof:
        torch.ones(3).exp().exp().tanh()
    lines = prof.key_averages().table(sort_by="count", row_limit=1).splitlines()
    assert len(lines) == 6 and lines[3].split()[0] == "exp" and lines[3].split()[-1] == "2"
    assert "CPU total" in lines[1] and str(prof.key_averages()).count("tanh") == 1


def test_nothing_is_counted_outside():
    with profile() as prof:
        pass
    torch.ones(1).exp()
    with record_function("unheard"):
        torch.ones(1).exp()
    assert counts(prof) == {}
    with torch.autograd.profiler.profile(enabled=False) as off:
        torch.ones(1).exp()
    assert counts(off) == {}


@both
def test_schedule(torch):
    plans = [torch.profiler.schedule(wait=1, warmup=1, active=2, repeat=2),
             torch.profiler.schedule(wait=0, warmup=1, active=1, skip_first=3)]
    return [[plan(i).name for i in range(12)] for plan in plans]


@pytest.mark.parametrize(("wait", "warmup", "ends"), [(1, 1, (4, 8)), (0, 0, (2, 4))])
def test_a_schedule_is_kept(wait, warmup, ends):
    heard = []
    plan = schedule(wait=wait, warmup=warmup, active=2, repeat=2)

    def hear(prof):
        heard.append((prof.step_num, counts(prof)))

    with profile(schedule=plan, on_trace_ready=hear) as p:
        for _ in range(12):
            torch.ones(1).exp()
            p.step()
    assert heard == [(end, {"exp": 2}) for end in ends]


def test_record_function_decorates():
    @record_function("mine")
    def work():
        return 3

    with profile() as prof:
        assert work() + work() == 6
    assert counts(prof) == {"mine": 2}


def test_no_timeline():
    with profile() as prof:
        pass
    with pytest.raises(NotImplementedError, match="keeps sums, no timeline"):
        prof.export_chrome_trace("trace.json")
    with pytest.warns(UserWarning, match="no trace file is written"):
        torch.profiler.tensorboard_trace_handler("log")(prof)


def test_python_ends_in_silence():
    """What a profiler keeps may be freed after cProfile's types, if it hangs in a ring."""
    program = (
        "import gc, cProfile, autograd_lab as torch\n"
        "gc.collect()\n"
        "with torch.profiler.profile() as prof:\n"
        "    sorted(torch.ones(3).exp().tanh().tolist())\n"
        "ring = [prof.__dict__]\n"
        "ring.append(ring)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
