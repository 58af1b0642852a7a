"""What once answered as PyTorch does goes on doing so: PyTorch's own test data is the judge."""

import json
import os
import subprocess
import sys

import pytest

from tests.conformance.baseline import fallen, listed, unlisted
from tests.conformance.skipped import SKIPPED, UNSURE

KINDS = ["module", "op", "optim", "scheduler"]
WRITE = "if this is meant: python -m tests.conformance.check --write"

PLANTED = """
import sys
import autograd_lab as torch
from torch.testing._internal import common_methods_invocations  # of PyTorch, before the faults

exp, tanh, schedulers = torch.exp, torch.tanh, torch.optim.lr_scheduler
del torch.cos
torch.exp = lambda x: exp(x).to(torch.float64)
torch.sinh = torch.cosh
torch.tanh = lambda x: tanh(x.detach()) + 0 * x
torch.nn.ReLU.__repr__ = lambda self: "Relu()"
torch.nn.Sigmoid.forward = lambda self, x: tanh(x)
torch.optim.Adam = torch.optim.Adamax
schedulers.StepLR = lambda o, step_size, gamma: schedulers.ExponentialLR(o, gamma)

from tests.conformance.check import main
main(["--json", "--only", sys.argv[1]])
"""
FAULTY = [
    "module nn.ReLU", "module nn.Sigmoid", "op cos", "op exp", "op sinh", "op tanh",
    "optim Adam", "scheduler StepLR",
]  # fmt: skip


def verdicts(root, *command):
    """Run the check in a process of its own: PyTorch's test data changes much at its import."""
    pytest.importorskip("torch", reason="PyTorch is the oracle: pip install torch==2.13.0")
    pytest.importorskip("expecttest", reason="PyTorch's test data needs it: pip install expecttest")
    run = subprocess.run(
        [sys.executable, "-W", "ignore", *command], cwd=root, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def found(root):
    return verdicts(root, "-m", "tests.conformance.check", "--json")


def of(kind, names):
    return [name for name in names if name.startswith(f"{kind} ")]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_falls_back(found, kind):
    lines = fallen(found, of(kind, listed()))
    assert not lines, "\n".join([*lines, WRITE])


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_is_complete(found, kind):
    names = of(kind, unlisted(found, listed()))
    assert not names, "\n".join([*names, WRITE])


def test_the_list_is_sorted_and_of_these_kinds():
    names = listed()
    assert names == sorted(set(names))
    assert len(names) == sum(len(of(kind, names)) for kind in KINDS)
    assert all(of(kind, names) for kind in KINDS)


def test_what_is_skipped_exists_and_is_not_listed(found):
    assert set(SKIPPED) <= set(found)
    assert not set(SKIPPED) & set(listed())
    assert {f"op {name}" for name in UNSURE} <= set(listed())


def test_a_planted_fault_is_seen(root):
    only = "^(" + "|".join(name.split()[1] for name in [*FAULTY, "op sin", "optim SGD"]) + ")$"
    named = [*FAULTY, "op sin", "optim SGD"]
    assert set(named) <= set(listed())
    lines = fallen(verdicts(root, "-c", PLANTED, only), named)
    assert [line.split(":")[0] for line in lines] == FAULTY, "\n".join(lines)


def test_a_name_that_passes_for_the_first_time_is_seen():
    found = {"op new": "", "op old": "", "op wrong": "differs"}
    assert unlisted(found, ["op old"]) == ["op new"]
    assert fallen(found, ["op old", "op wrong", "op gone"]) == [
        "op wrong: differs", "op gone: there is no such name any more"
    ]  # fmt: skip
