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
import traceback
from pathlib import Path

from ..distributed import farewell, meeting, start
from ..notice import Voice
from .spawning import ProcessException, exit_code, start_processes


def main(arguments: list[str]) -> int:
    """Run a program on several ranks; return the exit code."""
    options = parser().parse_args(arguments)
    program = Path(options.program)
    if not program.is_file():
        print(f"autograd-lab run: there is no file {program}", file=sys.stderr)
        return 2
    job = (str(program), options.arguments, options.as_torch)
    if meeting.by_launcher() and options.n is None:
        return _as_one_of_many(job)
    if options.n is None:
        parser().error("how many processes? autograd-lab run -n 2 program.py")
    return _several(job, options.n)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(
        prog="autograd-lab run",
        description="Run a program as several processes, which torch.distributed."
                    "init_process_group() joins. If one fails, all are ended.",
        epilog="On several machines: mpiexec -hosts a,b -n 8 autograd-lab run program.py",
    )
    command.add_argument("-n", type=_count, metavar="COUNT", help="how many processes")
    command.add_argument("--as-torch", action="store_true",
                         help="`import torch` in the program means autograd_lab")
    command.add_argument("program", help="a Python file")
    command.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program is given")
    return command


def _count(text):
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def _several(job, count):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    threads = str(max(1, (os.cpu_count() or 1) // count))  # all of them share the processors
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, threads)
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


def _rank(rank, count, port, program, arguments, as_torch):
    _announce(rank, rank, count, count)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    _run_program(program, arguments, as_torch)


def _announce(rank, local_rank, size, local_size):
    """Set the variables that programs for PyTorch's launcher read."""
    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(local_rank),
        "WORLD_SIZE": str(size), "LOCAL_WORLD_SIZE": str(local_size),
    }  # fmt: skip


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
    near = comm.Split_type(start.load_mpi().COMM_TYPE_SHARED)
    rank, size = comm.Get_rank(), comm.Get_size()
    _announce(rank, near.Get_rank(), size, near.Get_size())
    near.Free()
    Voice.silent = rank > 0
    farewell.open_book(comm)  # a program that never joins the others takes leave of them, too
    atexit.register(start.leave)
    try:
        _run_program(*job)
    except SystemExit as wish:
        if code := exit_code(wish):
            print(f"rank {rank} of {size} ends with {code}", file=sys.stderr, flush=True)
            start.abort(comm, code)
    except BaseException:
        print(f"rank {rank} of {size} failed:\n{traceback.format_exc()}", file=sys.stderr,
              flush=True)
        start.abort(comm, 1)
    return 0
