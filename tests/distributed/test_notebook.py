"""Ranks from a notebook's cell: functions of the cell, prints, a rank's error, an interrupt."""

import time

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from tests.distributed.ranks import LIMIT
from tests.distributed.test_failures import gone, wait_for_file

CELLS = [
    """
import autograd_lab as torch
from autograd_lab import distributed as dist, multiprocessing as mp, nn
scale = 10.0
""",
    """
def train(rank, size, results):
    dist.init_process_group()
    torch.manual_seed(rank)
    model = nn.parallel.DistributedDataParallel(nn.Linear(2, 1))
    model(torch.full((1, 2), scale * (rank + 1))).sum().backward()
    results[rank] = model.module.weight.grad[0, 0]
    if rank == 0:
        print("only once")

results = torch.zeros(2).share_memory_()
mp.spawn(train, args=(2, results), nprocs=2)
results.tolist()
""",
    """
def broken(rank):
    dist.init_process_group()
    if rank == 1:
        raise ValueError("no data here")
    dist.barrier()

mp.spawn(broken, nprocs=2)
""",
    "mp.spawn(train, args=(2, results), nprocs=2); results.tolist()",
    """
def measured(rank, losses, done):
    dist.init_process_group()
    for step in range(losses.shape[1]):
        losses[rank, step] = (rank + 1) / (step + 1)
        done[rank] = step + 1

losses = torch.zeros(2, 4).share_memory_()                     # each rank writes its row
done = torch.zeros(2, dtype=torch.int64).share_memory_()       # and then how many there are
from autograd_lab.widgets import LossCurve
curve = LossCurve()
ranks, step, over = mp.spawn(measured, args=(losses, done), nprocs=2, join=False), 0, False
while not over:
    over = ranks.join(0.1)
    while step < done.min():
        curve.add(**{f"rank {rank}": loss for rank, loss in enumerate(losses[:, step].tolist())})
        step += 1
print(curve)
""",
]


@pytest.fixture(scope="module")
def cells():
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    client = NotebookClient(book, timeout=LIMIT, kernel_name="python3", allow_errors=True)
    return client.execute().cells


def text_of(cell, kind):
    return "".join(out.get("text", "") for out in cell.outputs if out.get("name") == kind)


def test_a_function_of_a_cell_runs_on_all_ranks(cells):
    assert "only once" in text_of(cells[1], "stdout")
    result = next(out for out in cells[1].outputs if out.output_type == "execute_result")
    assert result.data["text/plain"] == "[15.0, 15.0]"


def test_a_rank_s_error_is_shown_with_its_line(cells):
    (error,) = [out for out in cells[2].outputs if out.output_type == "error"]
    assert error.ename == "ProcessRaisedException"
    assert "Process 1 terminated with the following error" in error.evalue
    assert 'raise ValueError("no data here")' in error.evalue
    assert "ValueError: no data here" in error.evalue


def test_the_kernel_goes_on(cells):
    again = next(out for out in cells[3].outputs if out.output_type == "execute_result")
    assert again.data["text/plain"] == "[15.0, 15.0]"


def test_the_ranks_side_by_side(cells):
    assert text_of(cells[4], "stdout") == (
        "LossCurve: 4 steps, rank 0 0.25 (min 0.25), rank 1 0.5 (min 0.5)\n"
    )


def test_an_interrupt_in_a_notebook(tmp_path):
    code = (
        "import os, time, autograd_lab as torch\n"
        "from autograd_lab import distributed as dist, multiprocessing as mp\n"
        "def forever(rank):\n"
        "    dist.init_process_group()\n"
        f"    open({str(tmp_path)!r} + f'/{{rank}}', 'w').write(str(os.getpid()))\n"
        "    dist.barrier()\n"
        f"    open({str(tmp_path)!r} + '/when', 'w').write('now')\n"
        "    while True: dist.all_reduce(torch.ones(1))\n"
        "mp.spawn(forever, nprocs=2)\n"
    )
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        client.execute(code)
        wait_for_file(tmp_path / "when")
        manager.interrupt_kernel()
        said, end = "", time.monotonic() + LIMIT
        while "KeyboardInterrupt" not in said:
            message = client.get_iopub_msg(timeout=end - time.monotonic())
            said += str(message["content"].get("ename", ""))
        assert gone(tmp_path) == 2
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
