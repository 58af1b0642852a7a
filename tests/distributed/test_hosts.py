"""Several machines: two network namespaces with a cable between them stand for two hosts.

What the README says of a hosts file, of Slurm and of ranks started by hand is done as it stands
there. Small scripts stand for ssh and for srun: they enter the host that is asked for.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import CI
from tests.distributed.ranks import LIMIT, finish
from tests.distributed.test_command import NEVER
from tests.distributed.test_failures import ended_at_once, gone

ADDRESSES = {"ala": "10.213.7.1", "bob": "10.213.7.2"}
SPACES = {host: f"lab-{host}-{os.getpid()}" for host in ADDRESSES}
ENTER = """#!/bin/sh
# What runs on a host sees its name, its network, and a table with the names of both.
case $1 in
    {known}
    *) echo "ssh: Could not resolve hostname $1" >&2; exit 255;;
esac
exec ip netns exec $space unshare --uts sh -c '
    hostname "$0" && mount --bind {folder}/etc-hosts /etc/hosts && exec "$@"' "$@"
"""
SSH = """#!/bin/sh
[ "$1" = -x ] && shift
host=$1; shift
exec {folder}/enter $host sh -c "$*"
"""
SRUN = """#!/bin/sh
while :; do case $1 in -N|-n|--input|--nodelist) shift 2;; *) break;; esac; done
SLURM_NODEID=0 {folder}/enter ala "$@" &
SLURM_NODEID=1 {folder}/enter bob "$@" &
wait
"""
PROGRAM = """
import os, signal, sys, time
from datetime import timedelta
from pathlib import Path
import autograd_lab as torch
from autograd_lab import distributed as dist
dist.init_process_group(timeout=timedelta(seconds=float(sys.argv[3])))
rank, x = dist.get_rank(), torch.ones(100_000)
dist.all_reduce(x)
Path(sys.argv[2], str(rank)).write_text(str(os.getpid()))
place = f"{os.uname().nodename} {rank} {os.environ.get('LOCAL_RANK')} {x.sum().item():.0f}"
Path(sys.argv[2], f"place{rank}").write_text(place)
dist.barrier()
if sys.argv[1] == "kill" and rank == 1:
    Path(sys.argv[2], "when").write_text(str(time.time()))
    os.kill(os.getpid(), signal.SIGKILL)
while sys.argv[1] != "finish":
    dist.all_reduce(x)
"""


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def cable():
    """Make the hosts ala and bob; a cable joins them, and nothing else does."""
    give_up = pytest.xfail if CI else pytest.skip  # CI skips nothing; some machines forbid this
    if sys.platform != "linux" or os.geteuid():
        give_up("network namespaces are Linux's, and root's")
    if shutil.which("ip") is None:
        pytest.skip("no ip: apt-get install iproute2")
    ala, bob = SPACES.values()
    try:
        try:
            ip("netns", "add", ala)
            ip("netns", "exec", ala, "unshare", "--uts", "sh", "-c",
               "hostname ala && mount --bind /etc/hosts /etc/hosts")
        except subprocess.CalledProcessError as error:
            give_up(f"this machine lets nobody make network namespaces: {error.stderr.strip()}")
        ip("netns", "add", bob)
        ip("link", "add", "cable", "netns", ala, "type", "veth", "peer", "name", "cable",
           "netns", bob)
        for host, space in SPACES.items():
            ip("-n", space, "addr", "add", ADDRESSES[host] + "/24", "dev", "cable")
            ip("-n", space, "link", "set", "lo", "up")
            ip("-n", space, "link", "set", "cable", "up")
        wait_for_the_cable()
        yield
    finally:
        for space in SPACES.values():
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


def wait_for_the_cable():
    """Wait until both ends say UP, and their addresses may be used: UCX looks at them only once."""
    end = time.monotonic() + LIMIT
    for space in SPACES.values():
        while "state UP" not in (text := ip("-n", space, "addr", "show", "cable")) or (
            "tentative" in text
        ):
            assert time.monotonic() < end, text
            time.sleep(0.05)


@pytest.fixture
def folder(cable, tmp_path):
    """Lay out what a user has: a program, a hosts file, and the commands ssh and srun."""
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "hosts").write_text("ala:1\nbob:1\n")
    names = [f"{address} {host}\n" for host, address in ADDRESSES.items()]
    (tmp_path / "etc-hosts").write_text("127.0.0.1 localhost\n" + "".join(names))
    known = "\n    ".join(f"{host}) space={space};;" for host, space in SPACES.items())
    for name, text in {"enter": ENTER, "ssh": SSH, "srun": SRUN}.items():
        (tmp_path / name).write_text(text.format(folder=tmp_path, known=known))
        (tmp_path / name).chmod(0o755)
    return tmp_path


def start(host, folder, *line, **more):
    """Type a command on a host. UCX would else find memory that the hosts share, here."""
    path = os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.Popen(
        [folder / "enter", host, *map(str, line)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        env={**os.environ, "PATH": path, "UCX_TLS": "tcp,self", **more}, start_new_session=True,
    )  # fmt: skip


def travelled():
    """Count the bytes that have gone through the cable, from ala."""
    text = ip("-n", SPACES["ala"], "-s", "link", "show", "cable")
    return int(re.search(r"TX:.*\n\s*(\d+)", text)[1])


def places(folder):
    """List what the ranks found: their host, their number, the number there, and a sum."""
    return sorted(path.read_text() for path in folder.glob("place*"))


def test_a_hosts_file_and_a_rank_that_is_killed_on_the_other_host(folder):
    before = travelled()
    run = start("ala", folder, "mpiexec", "-launcher-exec", folder / "ssh", "-n", 2, "-f", "hosts",
                "autograd-lab", "run", "train.py", "kill", folder, 60)  # fmt: skip
    _, err = finish(run)
    assert places(folder) == ["ala 0 0 200000", "bob 1 0 200000"], err
    assert travelled() - before > 400_000
    assert run.returncode and gone(folder) == 2
    assert ended_at_once(folder)


def test_the_lines_for_slurm(folder):
    job = {"SLURM_TASKS_PER_NODE": "2(x2)"}
    for name in ("SLURM_JOB_", "SLURM_"):  # Slurm sets both
        job |= {name + "ID": "1", name + "NODELIST": "ala,bob", name + "NUM_NODES": "2"}
    job |= {"SLURM_JOBID": "1", "SLURM_NNODES": "2"}
    run = start("ala", folder, "mpiexec", "-n", 4, "autograd-lab", "run", "train.py", "finish",
                folder, 60, **job)  # fmt: skip
    _, err = finish(run)
    wanted = ["ala 0 0 400000", "ala 1 1 400000", "bob 2 0 400000", "bob 3 1 400000"]
    assert (run.returncode, places(folder)) == (0, wanted), err


def test_a_rank_on_the_other_host_that_never_joins(folder):
    (folder / "never.py").write_text(NEVER)
    run = start("ala", folder, "mpiexec", "-launcher-exec", folder / "ssh", "-n", 2, "-f", "hosts",
                "python", "never.py", "works", folder, 0.5)  # fmt: skip
    _, err = finish(run)
    assert "rank 0 waits until all processes call init_process_group" in err
    assert run.returncode and "rank 0 ends: it waited 0.5 seconds" in err


def by_hand(folder, rank, master, patience):
    where = {"MASTER_ADDR": master, "MASTER_PORT": "29500", "WORLD_SIZE": "2", "RANK": str(rank)}
    return start(("ala", "bob")[rank], folder, "python", "train.py", "wait", folder, patience,
                 **where)  # fmt: skip


def test_the_network_fails_while_ranks_that_were_started_by_hand_work(folder):
    runs = [by_hand(folder, rank, "ala", 3) for rank in (0, 1)]
    end = time.monotonic() + LIMIT
    while len(list(folder.glob("[01]"))) < 2:
        assert time.monotonic() < end, "the ranks do not meet"
        time.sleep(0.05)
    ip("-n", SPACES["bob"], "link", "set", "cable", "down")
    try:
        said = [finish(run)[1] for run in runs]
    finally:
        ip("-n", SPACES["bob"], "link", "set", "cable", "up")
    for rank, (run, text) in enumerate(zip(runs, said)):
        assert run.returncode and f"all_reduce by rank {rank} did not finish within 3 s" in text
        assert "must reach each other" in text


def test_a_host_that_is_not_there(folder):
    began = time.monotonic()
    _, said = finish(by_hand(folder, 1, "10.213.7.9", 1))
    assert "rank 1 cannot reach rank 0 at 10.213.7.9:29500" in said and "firewall" in said
    assert time.monotonic() - began < LIMIT / 2
