#!/bin/bash
# Make a fresh Ubuntu server (22.04 or newer, root) a classroom: The Littlest JupyterHub with the lab.
#
#   sudo ./install.sh TEACHER [SOURCE]
#
# TEACHER is the administrator's account; the first run prints its password. Run it again to update
# the lab: accounts and work stay. SOURCE is what pip installs: the folder of this repository (the
# default), or its address.
set -euo pipefail
teacher=${1:?"usage: sudo ./install.sh TEACHER [SOURCE]"}
if ! [[ $teacher =~ ^[a-z][a-z0-9]{0,16}$ ]]; then
    echo "$teacher is not a name for an account: take small letters and digits, first a letter" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
source=${2:-$(cd "$here/../.." && pwd)}
case $source in
    *://*) lab="autograd_lab[distributed] @ $source" ;;
    *) lab="$source[distributed]" ;;
esac
data=/srv/autograd-lab/data
memory=${LAB_MEMORY:-1G} cpus=${LAB_CPUS:-1}

if [ ! -x /opt/tljh/hub/bin/python3 ]; then
    apt-get update -qq && apt-get install -qq curl git python3 python3-venv
    password=$(python3 -c "import secrets; print(secrets.token_hex(8))")
    curl -fsSL https://tljh.jupyter.org/bootstrap.py | python3 - --admin "$teacher:$password"
    echo "The password of $teacher is $password"
fi
/opt/tljh/user/bin/python -m pip install --quiet "$lab" nbgitpuller jupyter-resource-usage

# What the lab fetches (MNIST, CIFAR-10, UD English) lies here once for all. Only root writes;
# README.md beside this file says how it is filled.
install -d -m 755 "$data"

tljh-config set limits.memory "$memory"
tljh-config set limits.cpu "$cpus"
tljh-config set services.cull.enabled true
tljh-config set services.cull.timeout 3600
cat > /opt/tljh/config/jupyterhub_config.d/autograd_lab.py <<CONFIG
c.Spawner.cmd = ["/opt/tljh/user/bin/autograd-lab", "hub"]
c.Spawner.default_url = "/lab/tree/autograd-lab-chapters/00_start.ipynb"
c.Spawner.environment.update({"AUTOGRAD_LAB_DATA": "$data"})
CONFIG
tljh-config reload
echo "The classroom is ready at http://$(hostname -I | cut -d' ' -f1)"
echo "Set up HTTPS before you sign in as $teacher, if you have not done so: see README.md."
