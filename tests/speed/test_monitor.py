"""A loop that is watched, with a monitor shown, takes less than 3 % more time than a plain one.

``pytest -m speed tests/speed/test_monitor.py -s`` prints what it takes.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ipykernel")
FILE = Path(__file__).with_name("monitor.py")
MOST = 0.03


@pytest.mark.speed
def test_a_watched_loop_takes_hardly_longer():
    run = subprocess.run([sys.executable, str(FILE), "--json"], check=True, capture_output=True)
    found = json.loads(run.stdout)
    spec = importlib.util.spec_from_file_location("monitor", FILE)
    monitor = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(monitor)
    print("\n" + monitor.words(found))
    assert {name: of["shown"][1] for name, of in found.items() if of["shown"][1] >= MOST} == {}
