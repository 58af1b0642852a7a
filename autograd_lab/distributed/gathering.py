"""Wait for the ranks that ``mpiexec`` started, before MPI does so: it would wait in silence.

mpiexec gives each rank a connection, on which MPI asks its questions when it begins (the lines of
``registrar``). We ask first: every rank notes there that it has come, and stops at the barrier
until all have. What MPI asks afterwards has its usual answers. MPICH's mpiexec (Hydra) allows this
where all ranks are on one machine; elsewhere MPI itself waits, and a helper speaks for us.
"""

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from . import meeting
from .registrar import words_of

PROC = Path("/proc")
PAUSE = 0.2  # seconds between two looks at who has ended
HYDRA = ("PMI_FD", "HYDI_CONTROL_FD", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS")


class Desk:
    """Our words with mpiexec; the connection is MPI's, and stays as it was."""

    def __init__(self, wire: int):
        self.wire, self.unread = wire, b""
        self.all_here = False

    def hear(self, patience=None) -> dict[str, str]:
        """Give what mpiexec says next; nothing, if it does not speak in time."""
        while b"\n" not in self.unread:
            if not select.select([self.wire], [], [], patience)[0]:
                return {}
            data = os.read(self.wire, 4096)
            if not data:
                raise RuntimeError("init_process_group: mpiexec has ended")
            self.unread += data
        line, _, self.unread = self.unread.partition(b"\n")
        words = words_of(line.decode())
        self.all_here = self.all_here or words.get("cmd") == "barrier_out"
        return words

    def tell(self, line: str) -> None:
        """Send a line."""
        os.write(self.wire, line.encode() + b"\n")

    def ask(self, line: str) -> dict[str, str]:
        """Send a line, and give the answer; the barrier may open before it comes."""
        self.tell(line)
        while (words := self.hear()).get("cmd") == "barrier_out":
            pass
        return words


@contextlib.contextmanager
def patiently(patience: float):
    """Wait for all ranks before the block, in which MPI begins, or watch how long the block takes.

    Raises if one has ended without coming, or does not come in time.
    """
    given = os.environ
    if "mpi4py.MPI" in sys.modules:
        yield
    elif all(name in given for name in HYDRA) and given["MPI_LOCALNRANKS"] == given["PMI_SIZE"]:
        gather(patience)
        yield
    else:
        rank = next((given[name] for name in meeting.RANKS if name in given), "")
        words = f"rank {rank}", meeting.SILENCE, patience, os.getpid()
        program = Path(__file__).with_name("reminding.py")
        with subprocess.Popen(
            [sys.executable, "-I", "-S", program, *map(str, words)], stdin=subprocess.PIPE
        ):
            yield


def gather(patience: float) -> None:
    """Return once all ranks have come here; raise if one has ended, or does not come in time."""
    rank, size = int(os.environ["PMI_RANK"]), int(os.environ["PMI_SIZE"])
    desk = Desk(int(os.environ["PMI_FD"]))
    desk.ask("cmd=init pmi_version=1 pmi_subversion=1")
    about = f"kvsname={desk.ask('cmd=get_my_kvsname')['kvsname']}"
    desk.ask(f"cmd=put {about} key=lab_{rank} value=here")
    desk.tell("cmd=barrier_in")

    def late():
        absent = [r for r in range(size) if desk.ask(f"cmd=get {about} key=lab_{r}")["rc"] != "0"]
        return f": not yet {meeting.named(absent)}"

    remind = meeting.reminder(
        lambda: f"rank {rank} waits until all {size} processes call init_process_group{late()}"
    )
    end = time.monotonic() + patience
    while not desk.all_here:
        desk.hear(min(PAUSE, patience))
        if (who := ended(size)) and not desk.all_here:
            raise RuntimeError(
                f"rank {rank} cannot take part: {who} ended without calling init_process_group, "
                f"and all {size} processes that mpiexec started must call it"
            )
        if time.monotonic() > end and not desk.all_here:
            raise RuntimeError(
                f"rank {rank} waited {patience:g} seconds until all {size} processes call "
                f"init_process_group, and not all came{late()}"
            )
        remind()


def ended(size: int) -> str:
    """Say which ranks have ended: "rank 1 has"; "" if none has, or where that is not to be known.

    >>> ended(2)
    ''
    """
    living = _living()
    missing = [] if living is None else sorted(set(range(size)) - living)
    return f"{meeting.named(missing)} {'has' if len(missing) == 1 else 'have'}" if missing else ""


def _living():
    """Find the ranks of this machine: mpiexec's helper has started them all before it answers.

    None where the helper is not our parent, or says nothing of its children: then nobody is missed.
    """
    helper = PROC / str(os.getppid())
    try:
        if (helper / "comm").read_text().strip() != "hydra_pmi_proxy":
            return None
        children = (helper / "task" / helper.name / "children").read_text().split()
        return {rank for child in children if (rank := _rank_of(PROC / child)) is not None}
    except (OSError, KeyError, ValueError):  # a child of whom we know nothing may be any rank
        return None


def _rank_of(process):
    """Tell which rank a process is, by its environment; None if it has ended."""
    if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
        return None
    given = dict(
        word.partition(b"=")[::2] for word in (process / "environ").read_bytes().split(b"\0")
    )
    return int(given[b"PMI_RANK"])
