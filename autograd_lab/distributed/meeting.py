"""Where the ranks of a run meet: with those that ``mpiexec`` started, MPI does it; else we do.

A process that ``spawn`` or ``autograd-lab run`` started has a ``place``. One that was started by
hand says, by arguments or by the variables RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, which
rank it is and where rank 0 listens: PyTorch's own way.
"""

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .registrar import SHARED

# What a process has in its environment if it was started by mpiexec, srun or their kin.
LAUNCHERS = ("PMI_RANK", "PMI_FD", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
PAUSE = 0.05  # seconds between two tries to reach rank 0
SILENCE = 10  # seconds until a rank says that it waits for the others
NOTICE = 0.3  # seconds between the news that a rank has failed, and MPI's own end of all


@dataclass(frozen=True)
class Place:
    """Which of how many processes this one is, and where they meet.

    ``address`` is a path (all on one machine) or ``(host, port)``. ``watched`` says that the
    process which started them ends them all if one fails.
    """

    rank: int
    size: int
    address: str | tuple[str, int]
    watched: bool = False


class Here:
    """What this process knows of the run that it takes part in."""

    place: Place | None = None  # given by whoever started it
    registrar: subprocess.Popen | None = None  # rank 0 runs it
    wire: int | None = None  # the connection to it: MPI has one end, and this is another
    mpi_of: int | None = None  # the process in which MPI was begun: forks have a broken copy
    guard: socket.socket | None = None  # brings the news that another rank has failed


def by_launcher() -> bool:
    """Say whether mpiexec or its kin started this process."""
    return any(name in os.environ for name in LAUNCHERS)


def place_of(init_method, rank: int, size: int) -> Place:
    """Find out which rank this process is, and where the others are, as PyTorch does."""
    given = Here.place
    if given is not None:
        if rank not in (-1, given.rank) or size not in (-1, given.size):
            raise ValueError(
                f"init_process_group: rank={rank}, world_size={size}, but this process was "
                f"started as rank {given.rank} of {given.size}"
            )
        return given
    url = urlsplit(init_method or "env://")
    if url.scheme == "env":
        rank = int(_variable("RANK")) if rank == -1 else rank
        size = int(_variable("WORLD_SIZE")) if size == -1 else size
        address = "127.0.0.1", 0
        if size > 1:
            address = _variable("MASTER_ADDR"), int(_variable("MASTER_PORT"))
    elif url.scheme == "tcp" and url.hostname and url.port:
        address = url.hostname, url.port
    else:
        raise RuntimeError(
            f"No rendezvous handler for {init_method}: autograd_lab has env:// and tcp://HOST:PORT"
        )
    if not 0 <= rank < size:
        raise ValueError(
            f"init_process_group: rank={rank}, world_size={size}: say both; ranks count from 0"
        )
    return Place(rank, size, address)


def _variable(name):
    try:
        return os.environ[name]
    except KeyError:
        raise ValueError(
            "Error initializing torch.distributed using env:// rendezvous: environment variable "
            f"{name} expected, but not set. A distributed program is started as several processes: "
            "autograd-lab run -n 2 program.py, mpiexec -n 2 python program.py, or in a notebook "
            "torch.multiprocessing.spawn(function, nprocs=2)"
        ) from None


def join(place: Place, patience: float) -> None:
    """Wait until all ranks are there, and leave the connection to the registrar to MPI."""
    if place.rank == 0:
        _open(place)
    end = time.monotonic() + patience
    connection = _reach(place, end)
    _hello(connection, place, end)
    connection.settimeout(None)
    connection.set_inheritable(True)
    os.environ |= {
        "PMI_FD": str(connection.detach()),  # MPI's from now on, to the very end
        "PMI_RANK": str(place.rank),
        "PMI_SIZE": str(place.size),
    }
    if not place.watched:
        _guard(place, end)


def joined() -> None:
    """Tidy up once MPI has begun: programs that a rank starts are no ranks.

    The registrar is told what memory MPI shares, to remove it if the ranks are killed.
    """
    wire = int(os.environ.pop("PMI_FD"))
    del os.environ["PMI_RANK"], os.environ["PMI_SIZE"]
    Here.wire = os.dup(wire)
    for path in shared_memory():
        os.write(wire, f"cmd=memory path={path}\n".encode())


def shared_memory() -> set[str]:
    """List the files through which MPI shares memory, on Linux: they outlive ranks that fail."""
    try:
        return set(SHARED.findall(Path("/proc/self/maps").read_text()))
    except OSError:
        return set()


def remove_shared_memory() -> None:
    """Leave nothing of it behind: a rank that ends at once does not pass MPI's own farewell."""
    for path in shared_memory():
        Path(path).unlink(missing_ok=True)


def close() -> None:
    """Take leave of the registrar, which ends when the last rank has done so."""
    if Here.wire is not None:
        wire, Here.wire = Here.wire, None
        with contextlib.suppress(OSError):
            os.write(wire, b"cmd=finalize\n")
        os.close(wire)
    if Here.registrar is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            Here.registrar.wait(5)


def _open(place):
    """Start the registrar, on a socket that is open before anybody looks for it."""
    family = socket.AF_UNIX if isinstance(place.address, str) else socket.AF_INET
    with socket.socket(family) as listener:
        if family == socket.AF_INET:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(place.address)
        except OSError as error:
            raise RuntimeError(
                f"rank 0 cannot listen at {_shown(place.address)} ({error.strerror}): MASTER_ADDR "
                "must be an address of its own machine, and MASTER_PORT one that nobody uses"
            ) from None
        listener.listen(place.size + 8)
        program = Path(__file__).with_name("registrar.py")
        Here.registrar = subprocess.Popen(
            [sys.executable, "-I", "-S", str(program), str(place.size)], stdin=listener
        )


def _reach(place, end):
    """Connect to the registrar, as soon as rank 0 has opened it."""
    family = socket.AF_UNIX if isinstance(place.address, str) else socket.AF_INET
    quiet = time.monotonic() + SILENCE
    while True:
        connection = socket.socket(family)
        connection.settimeout(max(PAUSE, min(end, quiet) - time.monotonic()))
        try:
            connection.connect(place.address)
            return connection
        except OSError as error:
            connection.close()
            if isinstance(error, socket.gaierror) or time.monotonic() + PAUSE > end:
                raise RuntimeError(
                    f"rank {place.rank} cannot reach rank 0 at {_shown(place.address)} "
                    f"({error.strerror or error}): is rank 0 running there, and do MASTER_ADDR and "
                    "MASTER_PORT agree on all machines? A firewall may be between them"
                ) from None
            if time.monotonic() > quiet:
                _say(f"rank {place.rank} waits for rank 0 at {_shown(place.address)}")
                quiet = end
            time.sleep(PAUSE)


def machine() -> str:
    """Name this machine, together with its start: two may be called alike, and share no memory."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()}-{boot.read_text().strip() if boot.exists() else ''}"


def _hello(connection, place, end):
    hello = f"cmd=hello rank={place.rank} size={place.size} host={machine()}\n"
    connection.sendall(hello.encode())
    if not select.select([connection], [], [], min(SILENCE, max(PAUSE, end - time.monotonic())))[0]:
        _say(f"rank {place.rank} waits until all {place.size} processes call init_process_group")
    connection.settimeout(max(PAUSE, end - time.monotonic()))
    try:
        answer = connection.recv(1024).decode()
    except TimeoutError:
        raise RuntimeError(
            f"rank {place.rank} waited for {place.size} processes at {_shown(place.address)}, and "
            "not all came: were all started, with the same WORLD_SIZE and each its own RANK?"
        ) from None
    if answer != "welcome\n":
        reason = answer.removeprefix("refused: ").strip() or "rank 0 has ended"
        raise RuntimeError(f"rank {place.rank} cannot take part: {reason}")


def _guard(place, end):
    """Listen, in a thread, for the news that another rank has failed; then end this one, too."""
    connection = _reach(place, end)
    connection.settimeout(None)
    connection.sendall(b"cmd=guard\n")
    Here.guard = connection
    threading.Thread(target=_listen, args=(connection, place.rank), daemon=True).start()


def say_failed(rank: int) -> None:
    """Tell the other ranks that this one has failed, and leave them a moment to say so."""
    if Here.guard is not None:
        with contextlib.suppress(OSError):  # the registrar may be gone: this rank ends all the same
            Here.guard.sendall(f"cmd=failed rank={rank}\n".encode())
            time.sleep(NOTICE)


def _listen(connection, rank):
    try:
        news = connection.recv(1024).decode().strip()
    except OSError:
        news = ""
    if news and not news.startswith(f"rank {rank} "):
        _say(f"rank {rank} ends, because {news}")
        remove_shared_memory()
        os._exit(1)
    if not news and Here.guard is connection:
        _say(f"rank {rank} would not hear of it any more if another failed: rank 0's helper ended")


def _say(text):
    print(f"autograd_lab.distributed: {text}", file=sys.stderr, flush=True)


def _shown(address):
    return address if isinstance(address, str) else f"{address[0]}:{address[1]}"
