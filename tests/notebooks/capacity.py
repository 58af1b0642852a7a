"""Measure what one learner needs in each chapter: `python tests/notebooks/capacity.py`.

It prints the table that stands in binder/hub/README.md. Linux only: it reads /proc.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
MEMORY = 2**20  # bytes in a MB
TICKS = os.sysconf("SC_CLK_TCK")


def peak(pid) -> float:
    """Give the most memory that a process held at once, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / MEMORY
    raise LookupError(f"/proc/{pid}/status has no VmHWM")


def busy(pid) -> float:
    """Give the seconds for which a process kept a core busy."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measured(chapter: Path) -> tuple[float, float, float]:
    """Run a chapter from top to bottom; give its kernel's MB, busy seconds, and seconds."""
    client = NotebookClient(nbformat.read(chapter, as_version=4), timeout=600)
    with client.setup_kernel():
        began = time.perf_counter()
        for index, cell in enumerate(client.nb.cells):
            if cell.cell_type == "code":
                client.execute_cell(cell, index)
        seconds = time.perf_counter() - began
        pid = client.km.provisioner.process.pid
        return peak(pid), busy(pid), seconds


def main() -> None:
    """Print the table."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    print("| chapter | memory of its kernel, MB | one core busy, s |")
    print("| --- | ---: | ---: |")
    for chapter in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        memory, cpu, seconds = measured(chapter)
        print(f"| {chapter.stem} | {memory:.0f} | {cpu:.0f} |", flush=True)
        print(f"{chapter.stem}: {seconds:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
