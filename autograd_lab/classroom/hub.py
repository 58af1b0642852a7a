"""One learner's server under JupyterHub: `autograd-lab hub` stands where its own command stood."""

import os
import shutil
import sys
from pathlib import Path

from ..chapters import FolderError, copy_chapters, prepare
from ..cli import FOLDER, describe, trust, with_settings

# NumPy's matrix products begin one thread for every core they see, and a container shows them all:
# thirty learners on one machine would begin thirty times as many threads as there are cores.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def serve(arguments: list[str]) -> int:
    """Bring the learner's chapters up to date, then become the server that JupyterHub asked for.

    What the learner edited stays. Chapters that cannot be copied (a full disk, say) are a line in
    the server's log: the server starts anyway.
    """
    try:
        folder = prepare(str(Path.home() / FOLDER))
        report = copy_chapters(folder)
        trust([folder / name for name in (*report.written, *report.beside.values())])
        print(*describe(report, folder), sep="\n", file=sys.stderr, flush=True)
    except (FolderError, OSError) as problem:
        print(f"autograd-lab: {problem}", file=sys.stderr, flush=True)
    server = shutil.which("jupyterhub-singleuser", path=search_path(os.environ))
    if server is None:
        print("autograd-lab: there is no jupyterhub-singleuser beside this Python; install it with "
              "`pip install jupyterhub`", file=sys.stderr)  # fmt: skip
        return 2
    environment = with_settings({**os.environ, **threads(os.environ)})
    os.execve(server, [server, *arguments], environment)


def search_path(environment) -> str:
    """Look beside this Python first: the server must be the one that sees the lab."""
    return os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])


def threads(environment) -> dict[str, str]:
    """Give the variables that keep matrix products to the learner's share of the cores.

    JupyterHub tells the share as ``CPU_LIMIT``. What is set already stays as it is.

    >>> threads({"CPU_LIMIT": "2.0", "MKL_NUM_THREADS": "1"})
    {'OMP_NUM_THREADS': '2', 'OPENBLAS_NUM_THREADS': '2'}
    >>> threads({"CPU_LIMIT": "0.5"})["OMP_NUM_THREADS"], threads({})
    ('1', {})
    """
    try:
        share = float(environment.get("CPU_LIMIT", "0"))
    except ValueError:
        share = 0
    if not share > 0:
        return {}
    return {name: str(max(1, int(share))) for name in THREADS if name not in environment}
