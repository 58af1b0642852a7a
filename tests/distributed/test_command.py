"""`autograd-lab run`, and the same program under mpiexec: each rank knows its place."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lab.distributed import gathering, meeting, reminding
from autograd_lab.multiprocessing import command
from tests.distributed.ranks import LIMIT, finish
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
    "plain": [str(MPIEXEC), "-n", "{n}", sys.executable],
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


def result(process):
    out, err = finish(process)
    return process.returncode, out, err


def test_mpi_is_where_the_tests_look_for_it():
    assert MPIEXEC.exists() and shutil.which(MPIEXEC)


@pytest.mark.parametrize(("way", "size"), [("run", 2), ("run", 4), ("mpiexec", 2)])
def test_a_program_on_several_ranks(way, size, program, tmp_path):
    code, out, err = result(start(way, size, program, "finish", str(tmp_path)))
    assert (code, out, err) == (0, f"done {size} ['finish']\n", "")


@pytest.mark.parametrize("way", ["run", "mpiexec"])
@pytest.mark.parametrize("how", ["raise", "exit", "kill"])
def test_a_rank_that_fails_ends_the_program(way, how, program, tmp_path):
    code, out, err = result(start(way, 2, program, how, str(tmp_path)))
    assert (tmp_path / "when").exists(), err
    assert code and ended_at_once(tmp_path)
    if how == "raise":
        assert "rank 1 of 2 failed" in err and "ValueError: rank 1 has no data" in err
        said = err.partition("Traceback (most recent call last):\n")[2]
        assert said.startswith(f'  File "{program}", line'), "it begins at the learner's line"
    if how == "kill":
        assert "SIGKILL" in err if way == "run" else "signal 9" in out
    if how == "exit":
        assert "code 7" in err if way == "run" else "rank 1 of 2 ends with 7" in err
    assert gone(tmp_path) == 2


def test_an_interrupt(program, tmp_path):
    process = start("run", 2, program, "wait", str(tmp_path))
    wait_for_file(tmp_path / "when")
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = result(process)
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
        ("SystemExit(3)", ["rank 0 of 2, plain.py, line 7: barrier by rank 0 can never finish: "
                           "rank 1 has ended without taking part"]),
    ],
)
def test_plain_mpiexec(end, says, tmp_path):
    """Python itself under mpiexec: init_process_group sees to it that an error ends all."""
    path = tmp_path / "plain.py"
    path.write_text(PLAIN.format(end))
    code, _, err = result(start("plain", 2, str(path)))
    assert code and all(text in err for text in says), err
    assert err.count("Traceback") == (end[0] == "V"), "who only waits needs one line"


TOLD = """
import os, sys
threads = [os.environ.get(name, "-") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")]
sys.stdout.write(" ".join(threads) + "\\n")  # at once, lest the ranks' words mix
from autograd_lab import distributed as dist
dist.init_process_group()
names = "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"
found = [int(os.environ[name]) for name in names]
assert found == [dist.get_rank(), int(os.environ.get("PIN", dist.get_rank())), 2, 2], found
"""


def test_plain_mpiexec_tells_which_rank_it_is(tmp_path, monkeypatch):
    (tmp_path / "told.py").write_text(TOLD)
    monkeypatch.setenv("PIN", "7")
    monkeypatch.setenv("LOCAL_RANK", "7")  # the learner's own stays
    monkeypatch.setenv("RANK", "9")
    code, _, err = result(start("plain", 2, str(tmp_path / "told.py")))
    assert code == 0, err


def test_ranks_share_the_processors(tmp_path, monkeypatch):
    (tmp_path / "told.py").write_text(TOLD)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    code, out, err = result(start("mpiexec", 2, str(tmp_path / "told.py")))
    processors = len(os.sched_getaffinity(0))
    assert (code, out) == (0, f"{max(1, processors // 2)} 3\n" * 2), err


NEVER = """
import os, pathlib, sys, time
from datetime import timedelta
from autograd_lab import distributed as dist
from autograd_lab.distributed import meeting
meeting.SILENCE = 0.1
if os.environ["PMI_RANK"] == "1":
    pathlib.Path(sys.argv[2], "when").write_text(str(time.time()))
    time.sleep(1000 if sys.argv[1] == "works" else 0)
else:
    dist.init_process_group(timeout=timedelta(seconds=float(sys.argv[3])))
"""


@pytest.mark.parametrize("way", ["plain", "mpiexec"])
def test_a_rank_that_ends_without_joining_the_others(way, tmp_path):
    (tmp_path / "never.py").write_text(NEVER)
    code, _, err = result(start(way, 2, str(tmp_path / "never.py"), "ends", str(tmp_path), "60"))
    assert code and ended_at_once(tmp_path), err
    assert "rank 1 has ended without " in err and "init_process_group" in err


@pytest.mark.parametrize("way", ["plain", "mpiexec"])
def test_a_rank_that_does_not_join_the_others(way, tmp_path):
    (tmp_path / "never.py").write_text(NEVER)
    code, _, err = result(start(way, 2, str(tmp_path / "never.py"), "works", str(tmp_path), "0.5"))
    assert code and "rank 0 waits until all 2 processes call init_process_group" in err
    if way == "plain":
        assert "call init_process_group: not yet rank 1\n" in err
        assert "rank 0 waited 0.5 seconds until all 2" in err
    else:
        assert "init_process_group by rank 0 did not finish within 0.5 seconds" in err


def remind(rank, *times):
    return subprocess.Popen(
        [sys.executable, reminding.__file__, "rank 0", *times, str(rank.pid)],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_helper_speaks_for_who_waits_inside_mpi():
    with subprocess.Popen(["sleep", "1000"]) as rank:
        _, said = remind(rank, "1000", "2000").communicate("", timeout=LIMIT)  # MPI has begun
        assert not said and rank.poll() is None
        helper = remind(rank, "0.01", "0.1")
        assert rank.wait(LIMIT) == -signal.SIGTERM
        _, said = helper.communicate(timeout=LIMIT)
    assert "rank 0 waits until all processes call init_process_group\n" in said
    assert "rank 0 ends: it waited 0.1 seconds" in said


def test_whom_mpiexec_has_started(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "PROC", tmp_path)
    helper = tmp_path / str(os.getppid())
    (helper / "task" / helper.name).mkdir(parents=True)
    assert gathering.ended(2) == ""  # there is no /proc
    (helper / "comm").write_text("hydra_pmi_proxy\n")
    (helper / "task" / helper.name / "children").write_text("11 12 ")
    for rank in (0, 1):
        (tmp_path / str(11 + rank)).mkdir()
        (tmp_path / str(11 + rank) / "stat").write_text("11 (a (b) c) S 1")
        (tmp_path / str(11 + rank) / "environ").write_bytes(b"A=B\0PMI_RANK=%d\0" % rank)
    assert gathering.ended(2) == ""
    (tmp_path / "12" / "environ").write_bytes(b"")  # not yet what it will be
    (tmp_path / "11" / "stat").write_text("11 (a) Z 1")
    assert gathering.ended(2) == ""
    (tmp_path / "12" / "environ").write_bytes(b"PMI_RANK=1\0")
    assert gathering.ended(2) == "rank 0 has"
    assert gathering.ended(3) == "ranks 0 and 2 have"
    (helper / "comm").write_text("sh\n")
    assert gathering.ended(2) == ""


LAUNCHED = [
    ({"SLURM_STEP_NUM_TASKS": "4"}, "srun started this process as one of 4"),
    ({"OMPI_COMM_WORLD_SIZE": "2"}, "Open MPI's mpiexec started this process as one of 2"),
    ({"PMI_SIZE": "2"}, "mpiexec started this process as one of 2"),
    ({"PMI_SIZE": "1", "SLURM_STEP_NUM_TASKS": "2"}, ""),  # srun only brought mpiexec there
    ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, ""),  # a Slurm script, and no step of it
    ({"SLURM_STEP_NUM_TASKS": "1"}, ""),
]


@pytest.mark.parametrize(("given", "says"), LAUNCHED)
def test_a_launcher_that_mpi_does_not_understand(given, says, monkeypatch):
    for name in meeting.COUNTS:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    problem = meeting.missing_others()
    assert problem.startswith(says) and bool(problem) == bool(says)


@pytest.mark.parametrize("line", [[], LAB[1:]])
def test_who_is_one_of_several_does_not_work_alone(line, tmp_path):
    path = tmp_path / "alone.py"
    path.write_text("from autograd_lab import distributed as d\nd.init_process_group()\nprint(1)")
    done = subprocess.run(
        [sys.executable, *line, str(path)], env={**os.environ, "SLURM_STEP_NUM_TASKS": "2"},
        capture_output=True, text=True, timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode and not done.stdout
    assert "srun started this process as one of 2" in done.stderr
    assert f"{MPIEXEC} -n 2 python" in done.stderr


@pytest.mark.parametrize("name", ["run", "launch"])
def test_pytorch_s_launcher_by_its_name(name, tmp_path):
    options = ["--standalone", "--nnodes=1", "--nproc_per_node=1", "--as-torch"]
    module = f"autograd_lab.distributed.{name}"
    (tmp_path / "none.py").write_text("import os; print(os.environ['WORLD_SIZE'])")
    done = subprocess.run(
        [sys.executable, "-m", module, *options, str(tmp_path / "none.py")],
        capture_output=True, text=True, timeout=LIMIT,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


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
    for right in ("-n2", "--nproc_per_node=2", "--nproc-per-node=2"):
        assert command.parser().parse_args([right, "--node-rank=0", "a.py"]).n == 2
    for wrong in ("--nnodes=2", "--node_rank=1", "--node-rank=1", "--master_addr=alice"):
        with pytest.raises(SystemExit):
            command.main([wrong, "-n2", "a.py"])
        assert f"{wrong.partition('=')[0]}: on several machines mpiexec" in capsys.readouterr().err
