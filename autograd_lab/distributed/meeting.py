"""Where the ranks of a run meet: with those that ``mpiexec`` started, MPI does it; else we do.

A process that ``spawn`` or ``autograd-lab run`` started has a ``place``. One that was started by
hand says, by arguments or by the variables RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, which
rank it is and where rank 0 listens: PyTorch's own way.
"""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .registrar import SHARED, proof, words_of

# What a process has in its environment if it was started by mpiexec, srun or their kin.
RANKS = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
LAUNCHERS = (*RANKS, "PMI_FD")
# How many processes a launcher says there are, the innermost first: mpiexec may start its helpers
# by srun. A Slurm script without srun has SLURM_NTASKS, too, but is no step of several tasks.
COUNTS = {
    "PMI_SIZE": "mpiexec", "OMPI_COMM_WORLD_SIZE": "Open MPI's mpiexec",
    "MV2_COMM_WORLD_SIZE": "MVAPICH's mpiexec", "SLURM_STEP_NUM_TASKS": "srun",
}  # fmt: skip
PAUSE = 0.05  # seconds between two tries to reach rank 0
SILENCE = 5  # seconds until a rank says that it waits for the others
NOTICE = 0.3  # seconds between the news that a rank has failed, and MPI's own end of all


@dataclass(frozen=True)
class Place:
    """Which of how many processes this one is, and where they meet.

    ``address`` is a path (all on one machine) or ``(host, port)``. ``watched`` says that the
    process which started them ends them all if one fails; it also made their ``secret``.
    """

    rank: int
    size: int
    address: str | tuple[str, int]
    watched: bool = False
    secret: str = field(default="", repr=False)


class Here:
    """What this process knows of the run that it takes part in."""

    place: Place | None = None  # given by whoever started it
    registrar: subprocess.Popen | None = None  # rank 0 runs it
    wire: int | None = None  # the connection to it
    wire_of_mpi = -1  # the same: MPI takes leave of the registrar there when the process ends
    mpi_of: int | None = None  # the process in which MPI was begun: forks have a broken copy
    guard: socket.socket | None = None  # brings the news that another rank has failed


def by_launcher() -> bool:
    """Say whether mpiexec or its kin started this process."""
    return any(name in os.environ for name in LAUNCHERS)


def missing_others() -> str:
    """Say what is wrong where MPI knows of one process: a launcher may have started several.

    Each of them would take itself for the only one, and write the same files.
    """
    name = next((name for name in COUNTS if name in os.environ), "")
    count = os.environ.get(name, "")
    if not count.isdecimal() or int(count) < 2:
        return ""
    return (
        f"{COUNTS[name]} started this process as one of {count}, but the MPI of this Python cannot "
        "talk to it, and counts one process. Start the program by the mpiexec that belongs to this "
        f"Python: {Path(sys.executable).with_name('mpiexec')} -n {count} python program.py"
    )


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
        rank = _number("RANK") if rank == -1 else rank
        size = _number("WORLD_SIZE") if size == -1 else size
        address = "127.0.0.1", 0
        if size > 1:
            address = _variable("MASTER_ADDR"), _number("MASTER_PORT")
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


def _number(name):
    text = _variable(name)
    if not text.isdecimal():
        raise ValueError(f"init_process_group: {name}={text} in the environment is not a number")
    return int(text)


def join(place: Place, patience: float) -> None:
    """Wait until all ranks are there, and leave the connection to the registrar to MPI."""
    if place.rank == 0:
        _open(place)
    end = time.monotonic() + patience
    connection = _reach(place, end)
    with _waited_for(place):
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


@contextlib.contextmanager
def _waited_for(place):
    """Leave word for the process that started the ranks: who has come waits for all the others."""
    word = Path(place.address).with_name(f"{place.rank}.here") if place.watched else None
    if word:
        word.touch()
    try:
        yield
    except BaseException:
        if word:
            word.unlink()
        raise


def joined() -> None:
    """Tidy up once MPI has begun: programs that a rank starts are no ranks.

    The registrar is told what memory MPI shares, to remove it if the ranks are killed.
    """
    wire = int(os.environ.pop("PMI_FD"))
    del os.environ["PMI_RANK"], os.environ["PMI_SIZE"]
    Here.wire, Here.wire_of_mpi = os.dup(wire), wire
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
        with contextlib.suppress(OSError):  # MPI may have closed its own end
            if os.path.sameopenfile(wire, Here.wire_of_mpi):
                _answer_at_last(Here.wire_of_mpi)
        os.close(wire)
    if Here.registrar is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            Here.registrar.wait(5)


def _answer_at_last(wire):
    """Be the registrar for MPI when the process ends: it takes leave then, of one who has gone."""
    answer, end = socket.socketpair()
    answer.sendall(b"cmd=finalize_ack\n")
    os.dup2(end.fileno(), wire)
    answer.detach()  # open to the very end, when no object of Python's is left


def _open(place):
    """Start the registrar, on a socket that is open before anybody looks for it."""
    with _socket_for(place.address) as listener:
        if listener.family == socket.AF_INET:
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
            [sys.executable, "-I", "-S", str(program), str(place.size), str(os.getpid())],
            stdin=listener,
        )


def _socket_for(address):
    return socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)


def _reach(place, end):
    """Connect to the registrar, as soon as rank 0 has opened it."""
    remind = reminder(f"rank {place.rank} waits for rank 0 at {_shown(place.address)}")
    while True:
        connection = _socket_for(place.address)
        connection.settimeout(max(PAUSE, min(SILENCE, end - time.monotonic())))
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
            remind()
            time.sleep(PAUSE)


def machine() -> str:
    """Name this machine, together with its start: two may be called alike, and share no memory."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()}-{boot.read_text().strip() if boot.exists() else ''}"


def _hello(connection, place, end):
    """Say who this is, and wait for the welcome, which only comes once all are there."""
    nonce = secrets.token_hex(16)
    about = f"rank={place.rank} size={place.size} host={machine()} nonce={nonce}"
    try:
        _introduce(connection, f"cmd=hello {about}", place, end)
        answer = _hear(connection, end, lambda: connection.sendall(b"cmd=late\n"))
        if answer.startswith("cmd=late"):
            _say(
                f"rank {place.rank} waits until all {place.size} processes call init_process_group:"
                f" not yet {named(words_of(answer)['ranks'].split(','))}"
            )
            answer = _hear(connection, end)
    except TimeoutError:
        raise RuntimeError(
            f"rank {place.rank} waited for {place.size} processes at {_shown(place.address)}, and "
            "not all came: were all started, with the same WORLD_SIZE and each its own RANK?"
        ) from None
    if answer != f"cmd=welcome proof={proof('welcome', nonce)}":
        reason = answer.removeprefix("refused: ")
        if not answer.startswith("refused"):
            reason = "what answers there is not rank 0 of this run"
            reason = reason if answer else "rank 0 has ended"
        raise RuntimeError(f"rank {place.rank} cannot take part: {reason}")


def _introduce(connection, line, place, end):
    """Say the first line, signed together with the registrar's riddle."""
    where = f"rank {place.rank} waits for rank 0 at {_shown(place.address)}"
    try:
        riddle = _hear(connection, end, lambda: _say(f"{where}: what listens there says nothing"))
    except TimeoutError:
        raise RuntimeError(_not_rank_0(place, "says nothing")) from None
    if riddle and not riddle.startswith("cmd=challenge "):
        raise RuntimeError(_not_rank_0(place, f"says {riddle[:40]!r}"))
    signature = proof(words_of(riddle).get("nonce", ""), line)
    with contextlib.suppress(ConnectionError):  # why it hung up is heard next
        connection.sendall(f"{line} proof={signature}\n".encode())


def _not_rank_0(place, does):
    return (
        f"rank {place.rank} cannot take part: what listens at {_shown(place.address)} {does}, so "
        "it is not rank 0 of this run: give MASTER_PORT a number that nobody else uses"
    )


def _hear(connection, end, late=list) -> str:
    """Give the next line, and no byte more: what follows is MPI's; call ``late`` if it is late.

    It is empty where the connection has ended.
    """
    line, quiet = b"", time.monotonic() + SILENCE
    while not line.endswith(b"\n"):
        connection.settimeout(max(PAUSE, min(end, quiet) - time.monotonic()))
        try:
            byte = connection.recv(1)
            if not byte:
                return ""
            line += byte
        except ConnectionError:
            return ""
        except TimeoutError:
            if quiet == end or time.monotonic() >= end:
                raise
            quiet = end
            late()
    return line.decode("ascii", "replace").strip()


def _guard(place, end):
    """Listen, in a thread, for the news that another rank has failed; then end this one, too."""
    connection = _reach(place, end)
    _introduce(connection, "cmd=guard", place, end)
    connection.settimeout(None)
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


def reminder(text):
    """Give what says a text once: call it again and again while a rank waits.

    The text may be a function, which is asked for it when the time has come.
    """
    quiet = time.monotonic() + SILENCE

    def remind():
        nonlocal quiet
        if time.monotonic() >= quiet:
            _say(text() if callable(text) else text)
            quiet = float("inf")

    return remind


def named(ranks) -> str:
    """List ranks in words.

    >>> named([1, 2])
    'ranks 1 and 2'
    """
    return f"rank{'s' * (len(ranks) > 1)} {' and '.join(map(str, ranks))}"


def _say(text):
    print(f"autograd_lab.distributed: {text}", file=sys.stderr, flush=True)


def _shown(address):
    return address if isinstance(address, str) else f"{address[0]}:{address[1]}"
