"""Run a widget's JavaScript in node, as it is: its own tests, or questions put by Python."""

import json
import shutil
import subprocess

import pytest

from tests.conftest import ROOT


def runner(room, name):
    """Return ``call("answers.mjs", data)`` and ``call("--test")`` for the tests of a widget."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")
    # A copy with a package.json: older versions of node need it to see that .js is a module.
    for folder in ("widgets", f"tests/widgets/{name}"):
        shutil.copytree(ROOT / folder, room / folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    (room / "package.json").write_text('{"type": "module"}')
    here = room / "tests/widgets" / name

    def call(script, data=None):
        scripts = sorted(here.glob("*.test.mjs")) if script == "--test" else []
        done = subprocess.run(
            [program, script, *scripts],
            cwd=here,
            input=json.dumps(data),
            text=True,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout if script == "--test" else json.loads(done.stdout)

    return call
