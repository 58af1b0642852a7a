"""What every JupyterHub needs so that a class can work with the lab on it.

A hub of your own loads it with ``load_subconfig("…/binder/hub/jupyterhub_config.py")``. On one
server (The Littlest JupyterHub) ``install.sh`` says the same in that hub's own settings, which
bring their culler and their limits; on Kubernetes ``values.yaml`` does. Accounts are your hub's own
affair, and not in here.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821, JupyterHub gives it

# The environment of the learners, where the lab is installed: here, unless LAB_ENVIRONMENT says.
environment = Path(os.environ.get("LAB_ENVIRONMENT", sys.prefix))

# Each learner's server first brings her chapters up to date (what she edited stays), and keeps
# matrix products to her share of the cores.
c.Spawner.cmd = [str(environment / "bin/autograd-lab"), "hub"]
c.Spawner.default_url = "/lab/tree/autograd-lab-chapters/00_start.ipynb"
c.Spawner.http_timeout = 120

# One learner's share; `README.md` beside this file says what the chapters need.
c.Spawner.mem_limit = os.environ.get("LAB_MEMORY", "1G")
c.Spawner.cpu_limit = float(os.environ.get("LAB_CPUS", "1"))

# Data that is fetched (MNIST, CIFAR-10, UD English) lies in one folder for all, which learners can
# read and not write.
data = os.environ.get("LAB_DATA", "")
if data:
    c.Spawner.environment.update({"AUTOGRAD_LAB_DATA": data})

# A server in which nothing has happened for an hour ends; the work stays. Added to the services
# and roles that the hub has; under a name of its own, for a hub with two roles of one name does not
# start.
culler = "autograd-lab-culler"
c.JupyterHub.load_roles.append({
    "name": culler,
    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    "services": [culler],
})
c.JupyterHub.services.append({
    "name": culler,
    "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
})
