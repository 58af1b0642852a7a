"""A rank that raises or is killed ends the run, with its reason, and nothing stays behind."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

import autograd_lab as torch
from autograd_lab import distributed as dist
from autograd_lab import multiprocessing as mp
from autograd_lab.distributed import meeting
from tests.distributed.ranks import LIMIT, finish, free_port

AT_ONCE = 2  # seconds: what the others have to notice it, and to end, on a free machine
BUSY = 10  # seconds that a busy machine may need besides


def ended_at_once(folder):
    """Say whether all ended in time after rank 1 stopped: in 2 s, on a busy machine in its 2 s."""
    elapsed = time.time() - float((folder / "when").read_text())
    return elapsed < AT_ONCE or elapsed < AT_ONCE * slowness()


def slowness():
    """Tell how much longer than its work another process takes here and now: 1 if nobody else."""
    began, before = time.monotonic(), os.times()
    subprocess.run([sys.executable, "-I", "-c", "import email.message, unittest"], check=True)
    after = os.times()
    work = after.children_user - before.children_user
    work += after.children_system - before.children_system
    return min(10, (time.monotonic() - began) / max(work, 0.05))


def stop_in_the_middle(rank, how, folder):
    """Exchange for ever; rank 1 stops."""
    dist.init_process_group()
    Path(folder, str(rank)).write_text(str(os.getpid()))
    x = torch.ones(1)
    for step in range(10**9):
        dist.all_reduce(x)
        if rank == 1 and step == 3:
            Path(folder, "when").write_text(str(time.time()))
            if how == "raise":
                raise ValueError("rank 1 has no data")
            if how == "exit":
                sys.exit(3)
            if how == "leave":
                os._exit(0)
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(1000)


def gone(folder):
    """Wait until no rank that wrote its number is alive."""
    pids = [int(path.read_text()) for path in Path(folder).glob("[0-9]")]
    end = time.monotonic() + BUSY
    while any(map(alive, pids)):
        assert time.monotonic() < end, "a rank is still there"
        time.sleep(0.02)
    return len(pids)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize(
    ("how", "kind", "says"),
    [
        ("raise", mp.ProcessRaisedException, "Process 1 .*ValueError: rank 1 has no data"),
        ("kill", mp.ProcessExitedException, "process 1 terminated with signal SIGKILL"),
        ("exit", mp.ProcessExitedException, "process 1 terminated with exit code 3"),
        ("leave", mp.ProcessExitedException, "process 1 has ended in the middle, and the others"),
    ],
)
def test_a_spawned_rank_that_stops(tmp_path, size, how, kind, says):
    together = mp.start_processes(
        stop_in_the_middle, (how, str(tmp_path)), size, join=False, start_method="fork"
    )
    with pytest.raises(kind, match=f"(?s){says}") as error:
        together.join(LIMIT)
    assert ended_at_once(tmp_path)
    if how == "raise":
        assert 'raise ValueError("rank 1 has no data")' in str(error.value)
    assert gone(tmp_path) == size
    assert not multiprocessing.active_children()


def never_come(rank, folder):
    """Rank 1 ends without the others, who wait for it."""
    if rank == 1:
        Path(folder, "when").write_text(str(time.time()))
        return
    dist.init_process_group()


def test_a_spawned_rank_that_never_comes(tmp_path):
    together = mp.start_processes(
        never_come, (str(tmp_path),), 2, join=False, start_method="fork"
    )
    said = "process 1 has ended without init_process_group, and the others wait for it"
    with pytest.raises(mp.ProcessExitedException, match=said):
        together.join(LIMIT)
    assert ended_at_once(tmp_path)


def give_up_waiting(rank, folder):
    """Rank 0 waits for the other in vain, and goes on alone: nobody is missed any more."""
    if rank == 0:
        with pytest.raises(RuntimeError, match="not all came"):
            dist.init_process_group(timeout=timedelta(seconds=0.2))
        Path(folder, "when").touch()
        time.sleep(0.5)


def test_who_gives_up_waiting_misses_nobody(tmp_path):
    together = mp.start_processes(
        give_up_waiting, (str(tmp_path),), 2, join=False, start_method="fork"
    )
    wait_for_file(tmp_path / "when")
    assert together.join(LIMIT)


def wait_for_one_who_has_left(rank):
    """Rank 1 is done after one exchange; the others have more to do."""
    dist.init_process_group(timeout=timedelta(seconds=20))
    x, said = torch.ones(1), []
    dist.all_reduce(x)
    if rank == 1:
        return
    for begin in (
        lambda: dist.all_reduce(x),
        lambda: dist.all_gather_object([None] * 2, rank),
        lambda: dist.recv(x, 1),
        lambda: dist.recv(x),
        lambda: dist.new_group([0]),
        lambda: dist.monitored_barrier(),
    ):
        try:
            begin()
        except RuntimeError as error:
            said.append(str(error))
    raise ValueError("\n".join(said))


def test_nobody_waits_for_a_rank_that_is_done():
    with pytest.raises(mp.ProcessRaisedException) as error:
        mp.start_processes(wait_for_one_who_has_left, nprocs=2, start_method="fork")
    left = "by rank 0 can never finish: rank 1 has ended without taking part"
    for what in ("all_reduce", "an exchange of objects", "recv", "new_group"):
        assert f"{what} {left}" in str(error.value)
    late = "Rank 1 failed to pass monitoredBarrier: rank 1 has ended without taking part"
    assert late in str(error.value)
    assert str(error.value).count(left) == 5 and "fewer batches" in str(error.value)


def take_what_was_sent(rank):
    """Rank 1 has left long before its message is taken: the message is there all the same."""
    dist.init_process_group(timeout=timedelta(seconds=20))
    x = torch.ones(1)
    if rank == 1:
        dist.isend(x + 1, 0)
        return
    time.sleep(1.5)
    assert dist.recv(x) == 1 and x.item() == 2


def test_a_message_outlives_its_sender_s_farewell():
    mp.start_processes(take_what_was_sent, nprocs=2, start_method="fork")


def test_an_interrupt_ends_all(tmp_path):
    code = (
        "import sys\n"
        "from autograd_lab import multiprocessing as mp\n"
        "from tests.distributed.test_failures import stop_in_the_middle\n"
        "mp.start_processes(stop_in_the_middle, ('wait', sys.argv[1]), 2, start_method='fork')\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )
    wait_for_file(tmp_path / "when")
    parent.send_signal(signal.SIGINT)
    _, said = parent.communicate(timeout=LIMIT)
    assert "KeyboardInterrupt" in said and gone(tmp_path) == 2


def test_nothing_is_left_where_the_parent_is_killed(tmp_path):
    code = (
        "import sys\n"
        "from autograd_lab import multiprocessing as mp\n"
        "from tests.distributed.test_failures import stop_in_the_middle\n"
        "mp.start_processes(stop_in_the_middle, ('wait', sys.argv[1]), 2, start_method='fork')\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], start_new_session=True)
    wait_for_file(tmp_path / "when")
    parent.kill()
    parent.wait(LIMIT)
    assert gone(tmp_path) == 2


def wait_for_file(path):
    end = time.monotonic() + LIMIT
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} does not come"
        time.sleep(0.02)


# --- ranks that were started by hand, each in a terminal of its own

BY_HAND = """
import os, pathlib, signal, sys, time
import autograd_lab as torch
from autograd_lab import distributed as dist
from datetime import timedelta
dist.init_process_group("mpi", timeout=timedelta(seconds=float(os.environ.get("WAIT", 60))))
rank, x = dist.get_rank(), torch.ones(1)
for step in range(10 if sys.argv[1] == "finish" else 10**9):
    dist.all_reduce(x)
    if rank == 1 and step == 3 and sys.argv[1] != "finish":
        pathlib.Path(os.environ["WHEN"]).write_text(str(time.time()))
        if sys.argv[1] == "raise":
            raise ValueError("rank 1 has no data")
        os.kill(os.getpid(), signal.SIGKILL)
print("done", dist.get_world_size())
"""


def by_hand(how, ranks, size, **more):
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(size)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BY_HAND, how], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, **where, **more, "RANK": str(rank)},
            start_new_session=True,
        )
        for rank in ranks
    ]
    try:
        said = [finish(process) for process in started]
    finally:
        for process in started:
            process.kill()
    return [(p.returncode, out, err) for p, (out, err) in zip(started, said)]


def test_ranks_started_by_hand_find_each_other():
    for code, out, err in by_hand("finish", [0, 1], 2, AUTOGRAD_LAB_SECRET="of this run"):
        assert (code, out, err) == (0, "done 2\n", "")


def test_a_rank_started_by_hand_that_raises(tmp_path):
    when = str(tmp_path / "when")
    (code, _, said), (failed, _, error) = by_hand("raise", [0, 1], 2, WHEN=when)
    assert ended_at_once(tmp_path)
    assert code and failed and "rank 0 ends, because rank 1 has" in said
    assert "rank 1 of 2 failed" in error and "ValueError: rank 1 has no data" in error


def test_a_rank_started_by_hand_that_is_killed(tmp_path):
    when = str(tmp_path / "when")
    (code, _, said), (failed, _, _) = by_hand("kill", [0, 1], 2, WHEN=when)
    assert ended_at_once(tmp_path)
    assert code and failed == -signal.SIGKILL
    assert "rank 0 ends, because rank 1 has ended before the others" in said


def test_a_rank_that_does_not_come():
    ((code, _, said),) = by_hand("finish", [0], 2, WAIT="0.5")
    assert code and "rank 0 waited for 2 processes" in said and "not all came" in said


def test_who_waits_long_for_rank_0_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(meeting, "SILENCE", 0.01)
    with pytest.raises(RuntimeError, match="rank 1 cannot reach rank 0"):
        meeting._reach(meeting.Place(1, 2, str(tmp_path / "nobody")), time.monotonic() + 0.3)
    assert capsys.readouterr().err.count("rank 1 waits for rank 0 at ") == 1


def test_who_hears_bad_news_leaves_no_shared_memory(monkeypatch, capsys, tmp_path):
    codes = []
    (tmp_path / "shared").touch()
    monkeypatch.setattr(meeting, "shared_memory", lambda: {str(tmp_path / "shared")})
    monkeypatch.setattr(meeting.os, "_exit", codes.append)
    mine, registrar = socket.socketpair()
    with mine, registrar:
        registrar.sendall(b"rank 1 has failed\n")
        meeting._listen(mine, 0)
    assert codes == [1] and not (tmp_path / "shared").exists()
    assert "rank 0 ends, because rank 1 has failed" in capsys.readouterr().err


def test_a_registrar_that_has_gone(monkeypatch, capsys):
    mine, registrar = socket.socketpair()
    registrar.close()
    monkeypatch.setattr(meeting.Here, "guard", mine)
    with mine:
        meeting.say_failed(0)
        meeting._listen(mine, 0)
        assert "would not hear of it any more" in capsys.readouterr().err
        monkeypatch.setattr(meeting.Here, "guard", None)  # the run is over for this rank
        meeting._listen(mine, 0)
    assert not capsys.readouterr().err


def test_machines_that_are_called_alike(monkeypatch):
    here = meeting.machine()
    assert here.startswith(socket.gethostname()) and len(here.split()) == 1
    monkeypatch.setattr(meeting.Path, "read_text", lambda self: "another start\n")
    assert meeting.machine() != here


def test_a_host_that_cannot_be_reached():
    ((code, _, said),) = by_hand("finish", [1], 2, WAIT="0.5")
    assert code and "rank 1 cannot reach rank 0 at 127.0.0.1:" in said and "firewall" in said
    ((code, _, said),) = by_hand("finish", [1], 2, WAIT="0.5", MASTER_ADDR="no.such.host.invalid")
    assert code and "cannot reach rank 0 at no.such.host.invalid" in said


def test_an_address_that_is_not_ours():
    ((code, _, said),) = by_hand("finish", [0], 2, MASTER_ADDR="192.0.2.1")
    assert code and "rank 0 cannot listen at 192.0.2.1" in said


@pytest.mark.parametrize("name", ["RANK", "WORLD_SIZE", "MASTER_PORT"])
def test_a_place_that_is_no_number(name, monkeypatch):
    for each in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(each, "x" if each == name else "2")
    with pytest.raises(ValueError, match=f"{name}=x in the environment is not a number"):
        meeting.place_of(None, -1, -1)


def test_the_same_rank_twice():
    first, second = by_hand("finish", [0, 0], 2, WAIT="1")
    assert "cannot listen" in first[2] + second[2]


def test_a_fork_of_a_process_that_uses_mpi():
    code = (
        "from autograd_lab import distributed as dist, multiprocessing as mp\n"
        "dist.init_process_group('mpi')\n"
        "assert (dist.get_rank(), dist.get_world_size()) == (0, 1)\n"
        "def train(rank): dist.init_process_group()\n"
        "mp.spawn(train, nprocs=2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode and "restart Python" in done.stderr


def test_no_mpi(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(ImportError, match=r"pip install .*\[distributed\]"):
        dist.init_process_group("mpi")
