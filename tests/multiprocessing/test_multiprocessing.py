"""Several processes: PyTorch's names, tensors that travel, memory that is shared."""

import multiprocessing
import subprocess
import sys
import tempfile

import pytest

import autograd_lab as torch
from autograd_lab import multiprocessing as mp
from autograd_lab.multiprocessing import spawning
from tests.core.oracle import oracle
from tests.multiprocessing import functions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
FORK = mp.get_context("fork")


@pytest.fixture(autouse=True)
def nobody_is_left():
    yield
    assert not multiprocessing.active_children()


def test_every_name_of_pytorch_s_is_there():
    from torch import multiprocessing as theirs

    oracle()
    internal = {"reducer", "allow_connection_pickling", "set_forkserver_preload"}
    wanted = {*theirs.__all__, "spawn", "start_processes", "ProcessContext", "SpawnContext",
              "ProcessRaisedException", "ProcessExitedException"} - internal  # fmt: skip
    assert not {name for name in wanted if not hasattr(mp, name)}
    assert mp.Process is multiprocessing.Process


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_tensors_travel_through_queues(method):
    context = mp.get_context(method)
    queue = context.Queue()
    process = context.Process(target=functions.put, args=(3, queue, torch.tensor([1.0, 2.0])))
    process.start()
    number, x = queue.get(timeout=60)
    process.join(60)
    assert (number, x.tolist(), process.exitcode) == (3, [3, 6], 0)


def test_pools():
    with FORK.Pool(2) as pool:
        found = pool.map(functions.doubled, [torch.tensor(i) for i in range(4)])
        pool.close()
        pool.join()
    assert [x.item() for x in found] == [0, 2, 4, 6]


def test_what_is_shared_is_changed_for_all():
    totals, own = torch.zeros(3).share_memory_(), torch.zeros(3)
    for x in (totals, own):
        together = mp.start_processes(functions.add_number, (x,), 3, start_method="fork")
        assert together is None
    assert totals.tolist() == [1, 2, 3] and own.tolist() == [0, 0, 0]


def test_sharing_keeps_what_a_tensor_is():
    x = torch.arange(6.0).reshape(2, 3).t().requires_grad_()
    assert not x.is_shared()
    assert x.share_memory_() is x and x.is_shared() and x[0].is_shared()
    assert x.tolist() == [[0, 3], [1, 4], [2, 5]]
    (x * 2).sum().backward()
    assert x.grad.tolist() == [[2, 2]] * 3
    assert torch.tensor(2).share_memory_().item() == 2
    assert torch.zeros(0, 2).share_memory_().shape == (0, 2)


def test_processes_train_one_model():
    model = torch.nn.Linear(2, 1)
    for parameter in model.parameters():
        parameter.share_memory_()
    workers = [FORK.Process(target=functions.descend, args=(model, 40)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert torch.allclose(model.weight, torch.full((1, 2), 3.0), atol=1e-3)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_spawn_runs_a_function_in_each_process(method):
    queue = mp.get_context(method).Queue()
    args = (queue, torch.tensor(10.0))
    together = mp.spawn(functions.put, args, nprocs=2, join=False, start_method=method)
    found = dict(queue.get(timeout=60) for _ in range(2))
    assert {number: x.tolist() for number, x in found.items()} == {0: [0, 0], 1: [10, 10]}
    assert len(together.pids()) == 2
    assert together.join(60)


def test_an_error_comes_with_its_traceback_and_ends_the_others():
    with pytest.raises(mp.ProcessRaisedException) as said:
        mp.start_processes(functions.fail, (1,), nprocs=2, start_method="fork")
    text = str(said.value)
    assert "-- Process 1 terminated with the following error:" in text
    assert "ValueError: process 1 has no data" in text and said.value.error_index == 1


def test_a_traceback_of_any_length_arrives():
    args = 0, "no data " * 50_000
    together = mp.start_processes(functions.fail, args, 1, False, True, "fork")
    with pytest.raises(mp.ProcessRaisedException, match=r"(no data ){9}") as said:
        together.join(60)
    assert len(str(said.value)) > 400_000


def test_an_interrupt_of_one_process_is_no_success():
    with pytest.raises(mp.ProcessExitedException, match="exit code 130"):
        mp.start_processes(functions.interrupt, nprocs=1, start_method="fork")


def test_a_text_that_a_process_ends_with_is_shown(capfd):
    with pytest.raises(mp.ProcessExitedException, match=r"exit code 1$"):
        mp.start_processes(functions.give_up, ("there is no file",), 1, start_method="fork")
    assert capfd.readouterr().err == "there is no file\n"


def test_a_process_that_cannot_be_started_ends_the_others(monkeypatch):
    places = [spawning.meeting.Place(0, 2, "here")]
    monkeypatch.setattr(spawning.meeting, "Place", lambda *args, **named: places.pop())
    with pytest.raises(IndexError):
        mp.start_processes(functions.fail, (1,), 2, daemon=True, start_method="fork")
    assert not multiprocessing.active_children()


def test_a_long_name_of_the_folder_for_temporary_files(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/" + "long" * 30)
    assert mp.start_processes(functions.nothing, nprocs=1, start_method="fork") is None


@pytest.mark.parametrize(
    ("end", "args", "says"),
    [
        (functions.leave, (3,), "process 0 terminated with exit code 3"),
        (functions.kill, (), "process 0 terminated with signal SIGKILL"),
    ],
)
def test_a_process_that_ends_without_a_word(end, args, says):
    torch_mp = oracle().multiprocessing
    for library in (mp, torch_mp):
        with pytest.raises(library.ProcessExitedException, match=says):
            library.start_processes(end, args, nprocs=1, start_method="fork")


def test_waiting_for_some_time():
    together = mp.start_processes(functions.fail, (5,), 1, join=False, start_method="fork")
    assert together.join(0.1) is False
    together.processes[0].terminate()
    with pytest.raises(mp.ProcessExitedException, match="SIGTERM"):
        together.join()


def test_only_the_first_process_speaks(capfd):
    mp.start_processes(functions.speak, nprocs=2, start_method="fork")
    said, errors = capfd.readouterr()
    assert errors == "interrupted: the model is as it was after step 0\n"
    assert "process 0 remarked 1" in said and "process 1 remarked 0" in said
    assert said.count("epoch 1/1") == 1


def test_a_function_of_a_notebook_is_forked():
    code = (
        "import autograd_lab.multiprocessing as mp\n"
        "def hello(number): print(f'process {number}\\n', end='', flush=True)\n"
        "mp.spawn(hello, nprocs=2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert sorted(done.stdout.split("\n")) == ["", "process 0", "process 1"]
    assert done.stderr == ""


def test_a_gpu_that_is_in_use_cannot_be_forked(monkeypatch):
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setitem(sys.modules, "cupy", object())

    def train(number): ...

    train.__module__ = "__main__"
    with pytest.warns(UserWarning, match="train is defined in a notebook's cell"):
        assert spawning._possible("spawn", train) == "fork"
    assert spawning._possible("fork", train) == "fork"


def test_strategies():
    theirs = oracle().multiprocessing
    assert mp.get_all_sharing_strategies() == theirs.get_all_sharing_strategies()
    assert mp.get_sharing_strategy() == theirs.get_sharing_strategy()
    with pytest.warns(UserWarning, match="by open files"):
        mp.set_sharing_strategy("file_system")
    with pytest.raises(AssertionError):
        mp.set_sharing_strategy("pigeon")
