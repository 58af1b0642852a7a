"""Time the workloads in both libraries, turn about; print the table for the README.

``python tests/speed/table.py`` (``--json`` for the test beside it, ``--threads 2`` for more than
one thread). One thread's times are of the processor, so that they hold on a busy machine; the
ratio is the median of the rounds' ratios. Memory is what ten steps in a fresh process need at most
beyond model and data.
"""

import datetime
import gc
import importlib
import importlib.metadata
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THREADS = sys.argv[sys.argv.index("--threads") + 1] if "--threads" in sys.argv else "1"
COUNTED = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"
PINNED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # choices of NumPy's kernels no learner makes
ROUNDS, SECONDS = 7, 0.15
LIBRARIES = "autograd_lab", "torch"


def environment():
    """Give the environment to measure in."""
    kept = {name: value for name, value in os.environ.items() if name not in PINNED}
    return kept | dict.fromkeys(COUNTED, THREADS)


def seconds(step, count) -> float:
    """Measure one step: the median of some."""
    times, clock = [], time.process_time if THREADS == "1" else time.perf_counter
    for _ in range(count):
        begin = clock()
        step()
        times.append(clock() - begin)
    return statistics.median(times)


def serve(library, pipe):
    """Measure in a process that loads one library only: take a workload's name, then the rounds."""
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    from workloads import WORKLOADS

    torch = importlib.import_module(library)
    torch.set_num_threads(int(THREADS))
    while name := _heard(pipe):
        step = WORKLOADS[name][0](torch)
        pipe.send([step() for _ in range(5)])
        count = max(3, min(2000, int(SECONDS / max(1e-6, seconds(step, 3)))))
        gc.collect()
        while pipe.recv() == "round":
            pipe.send(seconds(step, count))


def _heard(pipe):
    """Take the next name; nothing once the other side has gone."""
    try:
        return pipe.recv()
    except EOFError:
        return None


def memory(library, name) -> float:
    """Measure by how many megabytes a process grows in ten steps. Linux only."""
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    from workloads import WORKLOADS

    step = WORKLOADS[name][0](importlib.import_module(library))
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _status("VmRSS")
    for _ in range(10):
        step()
    return (_status("VmHWM") - before) / 1024


def _status(name) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def ask(pipe, question):
    pipe.send(question)
    return pipe.recv()


def measure_all():
    """Give for each workload the losses, and ours and PyTorch's seconds of each round."""
    sys.path.insert(0, str(Path(__file__).parent))
    from workloads import WORKLOADS

    found, spawn = {}, multiprocessing.get_context("spawn")
    pipes = []
    for library in LIBRARIES:
        here, there = spawn.Pipe()
        spawn.Process(target=serve, args=(library, there), daemon=True).start()
        pipes.append(here)
    for name, (_, goal) in WORKLOADS.items():
        losses = [ask(pipe, name) for pipe in pipes]
        rounds = [[ask(pipe, "round") for pipe in pipes] for _ in range(ROUNDS)]
        found[name] = {"losses": losses, "rounds": rounds, "goal": goal}
        for pipe in pipes:
            pipe.send("end")
    with spawn.Pool(1, maxtasksperchild=1) as fresh:
        for name in found if Path("/proc/self/clear_refs").exists() else ():
            asked = [(library, name) for library in LIBRARIES]
            found[name]["memory"] = fresh.starmap(memory, asked, chunksize=1)
    return found


def ratio(rounds) -> float:
    return statistics.median(ours / theirs for ours, theirs in rounds)


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def markdown(results) -> str:
    """Write the table, with the day and the machine."""
    numpy, torch = (importlib.metadata.version(name) for name in ("numpy", "torch"))
    many = "one thread" if THREADS == "1" else f"{THREADS} threads"
    lines = [
        f"Measured on {datetime.date.today():%d %B %Y}: {processor()}, {many}, "
        f"Python {platform.python_version()}, NumPy {numpy}, PyTorch {torch}.",
        "",
        "| one training step | autograd_lab | PyTorch | ratio | rounds | goal | memory |",
        "| --- | ---: | ---: | ---: | :---: | ---: | ---: |",
    ]
    for name, result in results.items():
        rounds, goal = result["rounds"], result["goal"]
        mine, other = (statistics.median(times) * 1e3 for times in zip(*rounds))
        each = sorted(a / b for a, b in rounds)
        lines.append(
            f"| {name} | {mine:.3g} ms | {other:.3g} ms | {ratio(rounds):.2f} "
            f"| {each[0]:.2f} to {each[-1]:.2f} | {goal:.2f} "
            f"| {' / '.join(f'{megabytes:.0f}' for megabytes in result.get('memory', ()))} MB |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    if any(os.environ.get(name) != THREADS for name in COUNTED) or os.environ.keys() & set(PINNED):
        os.execve(sys.executable, [sys.executable, *sys.argv], environment())
    found = measure_all()
    print(json.dumps(found) if "--json" in sys.argv else markdown(found))
