"""Run the widgets' JavaScript in node, as it is: its own tests, or questions put by Python."""

import json
import shutil
import subprocess

import pytest

from tests.conftest import ROOT


def copied(room):
    """Copy all JavaScript into a room with a package.json: older versions of node want one."""
    for folder in ("widgets", "tests/widgets"):
        left_out = shutil.ignore_patterns("*.py", "__*", "recorded")
        shutil.copytree(ROOT / folder, room / folder, ignore=left_out)
    (room / "package.json").write_text('{"type": "module"}')
    return room / "tests/widgets"


def run(here, script, data=None):
    """Call ``run(folder, "answers.mjs", data)`` for its answer, or with a test for its report."""
    program = shutil.which("node") or pytest.skip("node is not installed")
    done = subprocess.run(
        [program, script], cwd=here, input=json.dumps(data), text=True,
        capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout if script.endswith(".test.mjs") else json.loads(done.stdout)
