"""init_process_group: become one of several processes that work together."""

import atexit
import os
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path

from ..device import is_available as gpu_is_there
from ..notice import Voice, say_once
from . import farewell, gathering, meeting, work
from .groups import Present, ProcessGroup
from .mpi import Mpi

PATIENCE = timedelta(minutes=30)
A_MOMENT = 0.1  # seconds: mpiexec ends a program at once, what it has not read yet is lost
BACKENDS = ("mpi", "gloo", "nccl")
# Modules through which a learner's program is run.
ROADS = ("runpy", *(f"autograd_lab.multiprocessing.{name}" for name in ("command", "spawning")))
HOW_TO_INSTALL = (
    'torch.distributed exchanges tensors through MPI, which is not there: pip install "autograd_lab'
    '[distributed]", or pip install mpi4py mpich, and restart Python'
)


def is_available() -> bool:
    """Say whether there is a package ``distributed``; MPI itself is loaded when a run begins.

    >>> torch.distributed.is_available()
    True
    """
    return True


def is_mpi_available() -> bool:
    """Say whether MPI is installed."""
    import importlib.util

    return importlib.util.find_spec("mpi4py") is not None


def is_gloo_available() -> bool:
    """Say whether a program that asks for gloo runs: MPI does gloo's work here."""
    return is_mpi_available()


def is_nccl_available() -> bool:
    """Say whether GPUs can exchange tensors by themselves."""
    return gpu_is_there() and nccl_is_there()


def nccl_is_there() -> bool:
    """Say whether CuPy has NCCL."""
    from ..device import cupy

    return bool(getattr(cupy().cuda, "nccl", None)) and cupy().cuda.nccl.available


def init_process_group(
    backend=None, init_method=None, timeout=None, world_size=-1, rank=-1, store=None,
    group_name="", pg_options=None, device_id=None,
) -> None:  # fmt: skip
    """Join the other processes of this run; all of them must call it.

    It finds them by itself where the processes were started by ``autograd-lab run``,
    ``torch.multiprocessing.spawn`` or ``mpiexec``; started by hand, they meet at
    ``MASTER_ADDR:MASTER_PORT``, as PyTorch's do. From then on RANK, LOCAL_RANK, WORLD_SIZE and
    LOCAL_WORLD_SIZE are in the environment of each.

    Args:
        backend: "mpi", "gloo" or "nccl"; tensors on the CPU travel by MPI, whatever is said.
        init_method: "env://" or "tcp://HOST:PORT", where rank 0 listens.
        timeout: how long an exchange may take before it is an error, 30 minutes if None. Those
            by NCCL are not watched: one that a rank does not join lasts until the run is ended.
        world_size: how many processes there are.
        rank: which of them this is.
        store: accepted; the ranks find each other without one.
        group_name: accepted.
        pg_options: accepted.
        device_id: accepted; tensors say on which device they are.
    """
    if Present.world is not None:
        raise ValueError("trying to initialize the default process group twice!")
    name = _checked(backend)
    patience = (timeout or PATIENCE).total_seconds()
    if meeting.Here.place is None and meeting.by_launcher():
        with gathering.patiently(patience):
            comm = world_of_mpi()
        _check_launch(comm, rank, world_size)
    else:
        comm = _met(name, init_method, rank, world_size, patience)
    if comm.Get_size() > 1:
        atexit.register(leave)
        _await_others(comm, patience)
        announce(comm)
    farewell.open_book(comm)
    host = Mpi(comm.Dup())
    Voice.silent = host.rank > 0
    gpu = _nccl(host, wanted=name == "nccl" or backend is None, asked=name == "nccl")
    Present.world = ProcessGroup(list(range(host.size)), host, name, patience, gpu)
    if host.size > 1 and sys.excepthook is sys.__excepthook__:
        sys.excepthook = _end_all


def _await_others(comm, patience):
    """Wait for those in whose processes MPI runs, but who have not yet called this function."""
    rank, size = comm.Get_rank(), comm.Get_size()
    remind = meeting.reminder(
        f"rank {rank} waits until all {size} processes call init_process_group"
    )
    came = comm.Ibarrier()

    def gone():
        remind()
        farewell.hear()
        return list(farewell.Book.left)

    work.await_all(came.Test, patience, f"init_process_group by rank {rank}", gone)


def _checked(backend):
    name = "mpi" if backend is None else str(backend).lower()
    if ":" in name:  # "cpu:gloo,cuda:nccl"
        name = "nccl" if "nccl" in name else name.split(":")[1].split(",")[0]
    if name not in BACKENDS:
        raise ValueError(
            f"Unknown backend {backend!r}: autograd_lab has mpi for the CPU and nccl for GPUs "
            "(gloo means mpi)"
        )
    if name == "gloo":
        say_once("torch.distributed: gloo's work is done by MPI here, with the same results")
    return name


def _nccl(host, wanted, asked):
    """Connect the GPUs if every process has one of its own; all of them do so, or none."""
    gpus = host.comm.allgather(_gpu() if wanted and is_nccl_available() else None)
    if None not in gpus and len(set(gpus)) == len(gpus):
        from .nccl import Nccl

        return Nccl.among(host)
    if asked:
        mine = gpus[host.rank]
        why = "another has none" if None in gpus else "several use the same"
        say_once(
            "torch.distributed: NCCL connects NVIDIA GPUs, one of each process, and "
            f"{why if mine else 'this process has none (or its CuPy has no NCCL)'}: MPI is used"
        )
    return None


def _gpu():
    """Name the GPU that this process uses: its number may mean another one elsewhere."""
    from ..device import cupy

    return meeting.machine(), cupy().cuda.Device().pci_bus_id


def load_mpi():
    """Load MPI, which joins the processes that were started together."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise ImportError(f"{HOW_TO_INSTALL} ({type(error).__name__}: {error})") from None
    here = meeting.Here
    here.mpi_of = here.mpi_of or os.getpid()
    if here.mpi_of != os.getpid():
        raise RuntimeError(
            "MPI was begun in the process that this one was forked from, and cannot be shared: "
            "restart Python (in Jupyter: Kernel, Restart), and call init_process_group only in "
            "the function that spawn runs"
        )
    return MPI


def world_of_mpi():
    """Give all processes that MPI knows; raise if the launcher says that there are more."""
    comm = load_mpi().COMM_WORLD
    if comm.Get_size() == 1 and (problem := meeting.missing_others()):
        raise RuntimeError(f"init_process_group: {problem}")
    return comm


def announce(comm) -> None:
    """Set the variables that programs for PyTorch's launcher read; all ranks do so together."""
    near = comm.Split_type(load_mpi().COMM_TYPE_SHARED)
    os.environ |= {"RANK": str(comm.Get_rank()), "WORLD_SIZE": str(comm.Get_size())}
    os.environ.setdefault("LOCAL_RANK", str(near.Get_rank()))
    os.environ.setdefault("LOCAL_WORLD_SIZE", str(near.Get_size()))
    near.Free()


def _check_launch(comm, rank, size):
    if rank not in (-1, comm.Get_rank()) or size not in (-1, comm.Get_size()):
        raise ValueError(
            f"init_process_group: rank={rank}, world_size={size}, but MPI started this process as "
            f"rank {comm.Get_rank()} of {comm.Get_size()}"
        )


def _met(name, init_method, rank, size, patience):
    """Bring together processes that MPI did not start, and hand them over to it."""
    nothing = init_method is None and (rank, size) == (-1, -1) and "RANK" not in os.environ
    if name == "mpi" and nothing and meeting.Here.place is None:
        return world_of_mpi()  # MPI without a launcher: a run of one process
    place = meeting.place_of(init_method, rank, size)
    began = "mpi4py.MPI" in sys.modules
    if place.size == 1:
        return load_mpi().COMM_SELF
    if began:
        comm = load_mpi().COMM_WORLD
        if (comm.Get_rank(), comm.Get_size()) != (place.rank, place.size):
            raise RuntimeError(
                "init_process_group: MPI runs in this process already, with "
                f"{comm.Get_size()} processes, and cannot join others: restart Python"
            )
        return comm
    _check_mpi_is_there()
    meeting.join(place, patience)
    comm = load_mpi().COMM_WORLD
    meeting.joined()
    if comm.Get_size() != place.size:
        raise RuntimeError(
            "this MPI finds its processes only if mpiexec starts them: mpiexec -n "
            f"{place.size} python program.py; or pip install mpich, which needs no help"
        )
    return comm


def _check_mpi_is_there():
    """Fail before anybody waits for this process."""
    if not is_mpi_available():
        raise ImportError(HOW_TO_INSTALL)


def told(error: BaseException) -> str:
    """Give the traceback of an error from the learner's first line on: how we got there is ours."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__") in ROADS:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def say_why(error: BaseException, rank: int, size: int) -> None:
    """Say why a rank fails: its traceback, or one line if it has only waited for another."""
    sys.stdout.flush()
    text = f" failed:\n{told(error)}"
    steps = traceback.extract_tb(error.__traceback__)
    if steps and steps[-1].filename == work.__file__:
        ours = str(Path(__file__).parents[1]) + os.sep
        line = next((s for s in reversed(steps) if not s.filename.startswith(ours)), steps[0])
        text = f", {Path(line.filename).name}, line {line.lineno}: {error}\n"
    print(f"rank {rank} of {size}{text}", end="", file=sys.stderr, flush=True)


def _end_all(kind, error, trace):
    """Show the error of a rank, and end the others: they would wait for it for ever."""
    world = Present.world
    if world is None or issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    say_why(error, world.rank(), world.size())
    meeting.say_failed(world.rank())
    abort(world.host.comm, 1)


def abort(comm, code: int) -> None:
    """End all ranks at once, and leave nothing in the memory that they share."""
    meeting.remove_shared_memory()
    sys.stderr.flush()
    if meeting.by_launcher():
        time.sleep(A_MOMENT)
        comm.Abort(code)
    os._exit(code)  # the registrar tells the others; MPI's own end may wait for a dead network


def leave() -> None:
    """End this rank's part in MPI, in good order: spawned processes do this when they are done."""
    MPI = getattr(sys.modules.get("mpi4py"), "MPI", None)
    mine = meeting.Here.mpi_of == os.getpid()
    if MPI is not None and mine and MPI.Is_initialized() and not MPI.Is_finalized():
        farewell.say()
        Present.world = meeting.Here.guard = None  # all have gone well: no news can come
        MPI.Finalize()
    if mine:
        meeting.close()
