"""`autograd-lab run`, and the same program under mpiexec: each rank knows its place."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lab.multiprocessing import command
from tests.distributed.ranks import LIMIT
from tests.distributed.test_failures import ended_at_once, gone, wait_for_file

MPIEXEC = Path(sys.executable).with_name("mpiexec")
PROGRAM = """
import os, pathlib, signal, sys, time
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel as DDP

# As nanoGPT's train.py begins.
ddp = int(os.environ.get("RANK", -1)) != -1
assert ddp
dist.init_process_group(backend="mpi")
rank, local_rank = int(os.environ["RANK"]), int(os.environ["LOCAL_RANK"])
assert (rank, local_rank) == (dist.get_rank(), dist.get_rank())
assert int(os.environ["WORLD_SIZE"]) == dist.get_world_size()
master_process = rank == 0
model = DDP(torch.nn.Linear(2, 1))
folder = pathlib.Path(sys.argv[2])
(folder / str(rank)).write_text(str(os.getpid()))
for step in range(3 if sys.argv[1] == "finish" else 10**9):
    model(torch.ones(1, 2)).sum().backward()
    if rank == 1 and step == 1:
        (folder / "when").write_text(str(time.time()))
        if sys.argv[1] == "raise":
            raise ValueError("rank 1 has no data")
        if sys.argv[1] == "exit":
            sys.exit(7)
        if sys.argv[1] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
if master_process:
    print("done", dist.get_world_size(), sys.argv[1:2], flush=True)
dist.destroy_process_group()
"""
LAB = [sys.executable, "-m", "autograd_lab", "run"]
WAYS = {
    "run": [*LAB, "-n", "{n}", "--as-torch"],
    "mpiexec": [str(MPIEXEC), "-n", "{n}", *LAB, "--as-torch"],
}


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    return str(path)


def start(way, size, *rest):
    line = [word.format(n=size) for word in WAYS[way]] + list(rest)
    return subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process):
    try:
        out, err = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, out, err


def test_mpi_is_where_the_tests_look_for_it():
    assert MPIEXEC.exists() and shutil.which(MPIEXEC)


@pytest.mark.parametrize(("way", "size"), [("run", 2), ("run", 4), ("mpiexec", 2)])
def test_a_program_on_several_ranks(way, size, program, tmp_path):
    code, out, err = finish(start(way, size, program, "finish", str(tmp_path)))
    assert (code, out) == (0, f"done {size} ['finish']\n"), err


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["raise", "exit", "kill"])
def test_a_rank_that_fails_ends_the_program(way, how, program, tmp_path):
    code, out, err = finish(start(way, 2, program, how, str(tmp_path)))
    assert (tmp_path / "when").exists(), err
    assert code and ended_at_once(tmp_path)
    if how == "raise":
        assert "rank 1 of 2 failed" in err and "ValueError: rank 1 has no data" in err
        assert f'File "{program}", line' in err
    if how == "kill":
        assert "SIGKILL" in err if way == "run" else "signal 9" in out
    if how == "exit":
        assert "code 7" in err if way == "run" else "rank 1 of 2 ends with 7" in err
    assert gone(tmp_path) == 2


def test_an_interrupt(program, tmp_path):
    process = start("run", 2, program, "wait", str(tmp_path))
    wait_for_file(tmp_path / "when")
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = finish(process)
    assert code == 130 and "interrupted" in err and gone(tmp_path) == 2


PLAIN = """
from autograd_lab import distributed as dist
dist.init_process_group()
assert dist.get_world_size() == 2
if dist.get_rank():
    raise {}
dist.barrier()
"""


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("ValueError('no data here')", ["rank 1 of 2 failed", "ValueError: no data here"]),
        ("SystemExit(3)", ["rank 0 of 2 failed", "rank 1 has ended without taking part"]),
    ],
)
def test_plain_mpiexec(end, says, tmp_path):
    """Python itself under mpiexec: init_process_group sees to it that an error ends all."""
    path = tmp_path / "plain.py"
    path.write_text(PLAIN.format(end))
    WAYS["plain"] = [str(MPIEXEC), "-n", "{n}", sys.executable]
    code, _, err = finish(start("plain", 2, str(path)))
    del WAYS["plain"]
    assert code and all(text in err for text in says), err


def test_what_the_command_refuses(tmp_path, capsys, monkeypatch):
    for name in ("PMI_RANK", "PMI_FD"):
        monkeypatch.delenv(name, raising=False)
    assert command.main(["-n", "2", str(tmp_path / "none.py")]) == 2
    assert "there is no file" in capsys.readouterr().err
    (tmp_path / "a.py").write_text("")
    for wrong in (["-n", "0", "a.py"], [str(tmp_path / "a.py")]):
        with pytest.raises(SystemExit):
            command.main(wrong)
    assert "how many processes?" in capsys.readouterr().err
