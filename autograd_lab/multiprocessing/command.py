"""`autograd-lab run -n 4 train.py`: run a program as several processes that find each other.

Under ``mpiexec`` or ``srun``, which start the processes themselves, `autograd-lab run train.py` is
one of them. Either way the program finds RANK, LOCAL_RANK and WORLD_SIZE in its environment.
"""

import argparse
import atexit
import os
import runpy
import socket
import sys
from pathlib import Path

from ..distributed import farewell, meeting, start
from ..notice import Voice
from .spawning import ProcessException, exit_code, start_processes

THREADS = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"
NEIGHBOURS = "MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE"  # how many ranks this machine has
SEVERAL_MACHINES = "nnodes", "node_rank", "master_addr", "master_port"


def main(arguments: list[str]) -> int:
    """Run a program on several ranks; return the exit code."""
    options = parser().parse_args(arguments)
    program = Path(options.program)
    if not program.is_file():
        print(f"autograd-lab run: there is no file {program}", file=sys.stderr)
        return 2
    job = (str(program), options.arguments, options.as_torch)
    if meeting.by_launcher() and options.n is None:
        _share_processors()
        return _as_one_of_many(job)
    if options.n is None:
        how_many = "how many processes? autograd-lab run -n 2 program.py"
        parser().error(meeting.missing_others() or how_many)
    return _several(job, options.n)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(
        prog="autograd-lab run",
        description="Run a program as several processes, which torch.distributed."
                    "init_process_group() joins. If one fails, all are ended.",
        epilog="On several machines: mpiexec -hosts a,b -n 8 autograd-lab run program.py",
    )
    command.add_argument("-n", "--nproc_per_node", "--nproc-per-node", type=_count, dest="n",
                         metavar="COUNT", help="how many processes")
    command.add_argument("--standalone", action="store_true", help=argparse.SUPPRESS)
    for name in SEVERAL_MACHINES:  # torchrun's
        names = {f"--{name}", f"--{name.replace('_', '-')}"}
        command.add_argument(*names, dest=name, action=_OnSeveralMachines, help=argparse.SUPPRESS)
    command.add_argument("--as-torch", action="store_true",
                         help="`import torch` in the program means autograd_lab")
    command.add_argument("program", help="a Python file")
    command.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program is given")
    return command


class _OnSeveralMachines(argparse.Action):
    """An option of PyTorch's launcher, in whose place stands mpiexec."""

    def __call__(self, parser, namespace, values, option_string=None):
        if (self.dest, values) not in {("nnodes", "1"), ("node_rank", "0")}:  # this one alone
            parser.error(f"{option_string}: on several machines mpiexec starts the processes: "
                         "mpiexec -hosts alice,bob -n 8 autograd-lab run program.py")


def _count(text):
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def _several(job, count):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _set_threads(count)
    try:
        start_processes(_rank, (count, port, *job), count, start_method="spawn")
    except ProcessException as problem:
        print(f"autograd-lab run: rank {problem.error_index} of {count} failed: "
              f"{str(problem).strip()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("autograd-lab run: interrupted; all processes were ended", file=sys.stderr)
        return 130
    return 0


def _set_threads(count):
    """Let as many processes share the processors that this one may use."""
    known = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    for name in THREADS:
        os.environ.setdefault(name, str(max(1, processors // count)))


def _share_processors():
    """Begin anew with a share of the processors: NumPy, which is there already, counts only once.

    What mpiexec gave this process stays with it, since MPI has not begun.
    """
    count = next((int(os.environ[name]) for name in NEIGHBOURS if name in os.environ), 1)
    if count > 1 and not all(name in os.environ for name in THREADS):
        _set_threads(count)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _rank(rank, count, port, program, arguments, as_torch):
    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    _run_program(program, arguments, as_torch)


def _run_program(program, arguments, as_torch):
    if as_torch:
        from ..importing import as_torch as switch

        switch()
    sys.argv = [program, *arguments]
    sys.path.insert(0, str(Path(program).resolve().parent))
    runpy.run_path(program, run_name="__main__")


def _as_one_of_many(job):
    """Be the rank that mpiexec made this process; a failure ends all."""
    comm = start.load_mpi().COMM_WORLD
    rank, size = comm.Get_rank(), comm.Get_size()
    if size == 1 and (problem := meeting.missing_others()):
        parser().error(problem)
    start.announce(comm)
    Voice.silent = rank > 0
    farewell.open_book(comm)  # a program that never joins the others takes leave of them, too
    atexit.register(start.leave)
    try:
        _run_program(*job)
    except SystemExit as wish:
        if code := exit_code(wish):
            print(f"rank {rank} of {size} ends with {code}", file=sys.stderr, flush=True)
            start.abort(comm, code)
    except BaseException as error:
        start.say_why(error, rank, size)
        start.abort(comm, 1)
    return 0
