"""One learner's server under JupyterHub: `autograd-lab hub` stands where its own command stood."""

import os
import shutil
import sys
from pathlib import Path

# NumPy's matrix products begin one thread for every core they see, and a container shows them all:
# thirty learners on one machine would begin thirty times as many threads as there are cores.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
