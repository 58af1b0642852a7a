"""Ten workloads against PyTorch: the same losses, in a share of its time.

``pytest -m speed tests/speed -s`` prints the table that the README shows.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_lab as ours

theirs = pytest.importorskip("torch")
FOLDER = Path(__file__).parent


def load(name):
    """Load a file of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


table, WORKLOADS = load("table"), load("workloads").WORKLOADS


@pytest.fixture(scope="module")
def results():
    """Measure in a process of its own, which alone can say how many threads BLAS has."""
    run = subprocess.run(
        [sys.executable, str(FOLDER / "table.py"), "--json"],
        env=table.environment(), check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = json.loads(run.stdout)
    print("\n" + table.markdown(found))
    return found


@pytest.mark.speed
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_step_reaches_its_goal(results, name):
    assert round(table.ratio(results[name]["rounds"]), 2) <= WORKLOADS[name][1]


@pytest.mark.speed
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_step_needs_no_more_memory_than_pytorchs(results, name):
    if "memory" not in results[name]:
        pytest.skip("only Linux tells how much memory a process has had at most")
    mine, other = results[name]["memory"]
    assert mine <= max(other, 1)


@pytest.mark.parametrize("name", WORKLOADS)
def test_both_libraries_find_the_same_losses(name):
    make, _ = WORKLOADS[name]
    found, wanted = ([step() for _ in range(3)] for step in (make(ours), make(theirs)))
    assert found == pytest.approx(wanted, rel=1e-5)
