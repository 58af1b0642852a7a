"""Run the curve's JavaScript in node, as it is, against the Python half."""

import json
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def node(root, tmp_path_factory):
    """Call ``node("feed.mjs", data)`` for a script's answer; ``node("--test")`` for its tests."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")
    # A copy with a package.json: older versions of node need it to see that .js is a module.
    room = tmp_path_factory.mktemp("javascript")
    for folder in ("widgets", "tests/widgets/loss_curve"):
        shutil.copytree(root / folder, room / folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    (room / "package.json").write_text('{"type": "module"}')
    here = room / "tests/widgets/loss_curve"

    def call(script, data=None):
        scripts = sorted(here.glob("*.test.mjs")) if script == "--test" else []
        done = subprocess.run(
            [program, script, *scripts], cwd=here, input=json.dumps(data), text=True,
            capture_output=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout if script == "--test" else json.loads(done.stdout)

    return call
