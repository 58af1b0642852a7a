"""One learner's server under JupyterHub: `autograd-lab hub` stands where its own command stood."""

import math
import os
import shutil
import sys
from pathlib import Path

# NumPy's matrix products begin one thread for every core they see, and a container shows them all:
# thirty learners on one machine would begin thirty times as many threads as there are cores.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
CONTAINER = Path("/sys/fs/cgroup/cpu.max")  # as a container sees its own
HELP = """usage: autograd-lab hub [OPTIONS OF jupyterhub-singleuser]

JupyterHub starts it, nobody else: it brings the learner's chapters in ~/autograd-lab-chapters
up to date, keeps matrix products to her share of the cores, and becomes her server. In the
hub's settings:

    c.Spawner.cmd = ["autograd-lab", "hub"]

binder/hub/README.md sets up a whole class."""


def become_server(arguments: list[str], environment: dict) -> int:
    """Turn this process into the server that JupyterHub asked for; 2 if there is none."""
    server = shutil.which("jupyterhub-singleuser", path=search_path(environment))
    if server is None:
        print("autograd-lab: there is no jupyterhub-singleuser beside this Python; install it with "
              "`pip install jupyterhub`", file=sys.stderr)  # fmt: skip
        return 2
    os.execve(server, [server, *arguments], {**environment, **threads(environment)})


def search_path(environment) -> str:
    """Look beside this Python first: the server must be the one that sees the lab."""
    return os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])


def threads(environment, group=None) -> dict[str, str]:
    """Give the variables that keep matrix products to the learner's share of the cores.

    JupyterHub tells the share as ``CPU_LIMIT``; a container's limit counts, too. What is set
    already stays as it is.

    >>> threads({"CPU_LIMIT": "1.5", "MKL_NUM_THREADS": "4"})
    {'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'}
    """
    shares = [share for share in (told(environment), contained(group or CONTAINER)) if share > 0]
    if not shares:
        return {}
    count = str(max(1, int(min(shares))))
    return {name: count for name in THREADS if name not in environment}


def told(environment) -> float:
    """Read the share that JupyterHub tells; 0 if it tells none."""
    try:
        share = float(environment.get("CPU_LIMIT", "0"))
    except ValueError:
        return 0
    return share if math.isfinite(share) else 0  # a spawner may say "inf": no limit


def contained(group: Path) -> float:
    """Read a container's limit: so many microseconds of work in so many; 0 if it has none."""
    try:
        work, period = map(int, group.read_text().split())  # "max 100000" is no limit
    except (OSError, ValueError):
        return 0
    return work / period
